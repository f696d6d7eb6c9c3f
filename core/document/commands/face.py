"""Commands on expression, action units, age, identity and the head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands.base import Command, CommandError, Pairs, changed, refusing
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.identity import seeded_identity
from rhytid.core.document.limits import AGE_PART, IDENTITY_LIMIT, MAX_IDENTITY_MODES, SEED_MAX, clamp
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.files.text import shown
from rhytid.core.head.ageing import AGED_PARTS


@dataclass(frozen=True)
class SetExpressionWeights(Command):
    """Set one or many ARKit weights.

    Attributes
    ----------
    weights : mapping or pairs of ARKit name and weight
        Clamped to 0..1.
    """

    weights: Mapping[str, float] | Pairs

    @property
    def label(self) -> str:
        return _label_of(dict(self.weights), "Set expression")

    def apply(self, state: DocumentState) -> DocumentState:
        values = list(state.expression)
        for name, value in dict(self.weights).items():
            if name not in ARKIT_INDEX:
                raise CommandError(f"{name!r} is not one of the 52 ARKit expression weights")
            values[ARKIT_INDEX[name]] = _clamp(value, (0.0, 1.0), name)
        return changed(state, expression=tuple(values))


@dataclass(frozen=True)
class ApplyExpressionPreset(Command):
    """Take the expression of a preset of `resources/presets/expressions.json`; clears the action units.

    Attributes
    ----------
    name : str
        Name of the preset.
    strength : float
        0..1, scales the preset's weights.
    """

    name: str
    strength: float = 1.0

    @property
    def label(self) -> str:
        preset = expression_presets().get(self.name)
        return f"Expression: {preset.title if preset else self.name}"

    def apply(self, state: DocumentState) -> DocumentState:
        preset = expression_presets().get(self.name)
        if preset is None:
            known = ", ".join(expression_presets())
            raise CommandError(f"there is no expression preset {self.name!r}; there are {known}")
        strength = _clamp(self.strength, (0.0, 1.0), "strength")
        values = [0.0] * N_EXPRESSION
        for name, value in preset.weights:
            values[ARKIT_INDEX[name]] = value * strength
        return changed(state, expression=tuple(values), action_units=())


@dataclass(frozen=True)
class WearExpression(Command):
    """Take a whole expression over, as another face wears it; clears the action units.

    Attributes
    ----------
    name : str
        Whose expression it is, for the label.
    weights : tuple of 52 floats
        By `core.arkit.ARKIT_NAMES`, clamped to 0..1.
    """

    name: str
    weights: tuple[float, ...]

    @property
    def label(self) -> str:
        return f"Expression of {shown(self.name)}"

    def apply(self, state: DocumentState) -> DocumentState:
        if len(self.weights) != N_EXPRESSION:
            raise CommandError(f"an expression has {N_EXPRESSION} weights, not {len(self.weights)}")
        values = tuple(_clamp(value, (0.0, 1.0), "weight") for value in self.weights)
        return changed(state, expression=values, action_units=())


@dataclass(frozen=True)
class SetActionUnits(Command):
    """Set the intensity of one or many FACS action units of the table.

    Attributes
    ----------
    intensities : mapping or pairs of name and intensity
        Names such as "AU12", "AU12L", "AU12R"; clamped to 0..1; 0 takes the unit away.
    """

    intensities: Mapping[str, float] | Pairs

    @property
    def label(self) -> str:
        return _label_of(dict(self.intensities), "Set action units")

    def apply(self, state: DocumentState) -> DocumentState:
        table = action_unit_table()
        units = dict(state.action_units)
        for name, value in dict(self.intensities).items():
            if name not in table.weights:
                raise CommandError(f"{name!r} is not in the table of action units")
            units[name] = _clamp(value, (0.0, 1.0), name)
        return changed(state, action_units=tuple(sorted(pair for pair in units.items() if pair[1] > 0.0)))


@dataclass(frozen=True)
class SetAge(Command):
    """Set the age in years, clamped to 16..80."""

    label = "Set age"

    age: float

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, age=_clamp(self.age, (AGE_MIN, LIFE_MAX), "age"))


@dataclass(frozen=True)
class SetShapeAge(Command):
    """Give the head's shape years of its own, clamped to 16..80, or link them to those of the skin again (None)."""

    age: float | None

    @property
    def label(self) -> str:
        return "Link age of shape and skin" if self.age is None else "Set age of the shape"

    def apply(self, state: DocumentState) -> DocumentState:
        age = None if self.age is None else _clamp(self.age, (AGE_MIN, LIFE_MAX), "age")
        return changed(state, shape_age=age)


@dataclass(frozen=True)
class SetAgePart(Command):
    """Set how much of its ageing a part of the face shows, clamped to 0..2; 1 is what the years bring."""

    name: str
    factor: float

    @property
    def label(self) -> str:
        return f"Set ageing of {self.name.replace('_', ' ')}"

    def apply(self, state: DocumentState) -> DocumentState:
        if self.name not in AGED_PARTS:
            raise CommandError(f"{self.name!r} is no part that ages")
        parts = dict(state.age_parts) | {self.name: _clamp(self.factor, AGE_PART, self.name)}
        return changed(state, age_parts=tuple(sorted(pair for pair in parts.items() if pair[1] != 1.0)))


@dataclass(frozen=True)
class ResetAgeParts(Command):
    """Let every part age as the years bring it."""

    label = "Reset ageing of parts"

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, age_parts=())


@dataclass(frozen=True)
class SetIdentity(Command):
    """Replace all identity weights.

    Attributes
    ----------
    values : tuple of float
        Standard deviations, clamped to -5..5.
    what : str
        What about the person changes with them, for the label.
    """

    values: tuple[float, ...]
    what: str = "identity"

    @property
    def label(self) -> str:
        return f"Set {self.what}"

    def apply(self, state: DocumentState) -> DocumentState:
        if len(self.values) > MAX_IDENTITY_MODES:
            raise CommandError(f"identity has at most {MAX_IDENTITY_MODES} modes, got {len(self.values)}")
        limits = (-IDENTITY_LIMIT, IDENTITY_LIMIT)
        return _with_identity(state, [_clamp(value, limits, "identity") for value in self.values])


@dataclass(frozen=True)
class SetIdentityMode(Command):
    """Set the weight of one identity mode (standard deviations, clamped to -5..5)."""

    index: int
    value: float

    @property
    def label(self) -> str:
        return f"Set identity {self.index + 1}"

    def apply(self, state: DocumentState) -> DocumentState:
        if not 0 <= self.index < MAX_IDENTITY_MODES:
            raise CommandError(f"identity mode must lie in 0..{MAX_IDENTITY_MODES - 1}, got {self.index}")
        values = list(state.identity) + [0.0] * (self.index + 1 - len(state.identity))
        values[self.index] = _clamp(self.value, (-IDENTITY_LIMIT, IDENTITY_LIMIT), "identity")
        return _with_identity(state, values)


@dataclass(frozen=True)
class RandomIdentity(Command):
    """A random but repeatable identity.

    Attributes
    ----------
    seed : int
        0..2**31 - 1.
    n_modes : int
        How many modes of the head to draw (`Head.n_identity`).
    """

    seed: int
    n_modes: int = 30

    @property
    def label(self) -> str:
        return f"Random identity {self.seed}"

    def apply(self, state: DocumentState) -> DocumentState:
        if not 0 <= self.seed <= SEED_MAX:
            raise CommandError(f"the seed must lie in 0..{SEED_MAX}, got {self.seed}")
        if not 0 <= self.n_modes <= MAX_IDENTITY_MODES:
            raise CommandError(f"identity may have at most {MAX_IDENTITY_MODES} modes, got {self.n_modes}")
        return _with_identity(state, list(seeded_identity(self.seed, self.n_modes)))


@dataclass(frozen=True)
class SetHead(Command):
    """Use another head; everything else of the document stays but the colour that the last head's file has."""

    label = "Change head"

    head: HeadReference

    def apply(self, state: DocumentState) -> DocumentState:
        albedo = state.albedo
        if albedo is not None and albedo.head not in ("", self.head.digest):
            albedo = None
        return changed(state, head=self.head, albedo=albedo)


def _clamp(value: float, limits: tuple[float, float], what: str) -> float:
    with refusing():
        return clamp(value, limits, what)


def _label_of(values: Mapping[str, float], several: str) -> str:
    return f"Set {next(iter(values))}" if len(values) == 1 else several


def _with_identity(state: DocumentState, values: list[float]) -> DocumentState:
    while values and values[-1] == 0.0:
        values.pop()
    return changed(state, identity=tuple(values))

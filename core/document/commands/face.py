"""Commands on expression, action units, age, identity and the head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION, linked_name
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands.base import Command, CommandError, Pairs, as_pairs
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.identity import seeded_identity
from rhytid.core.document.limits import IDENTITY_LIMIT, MAX_IDENTITY_MODES, SEED_MAX, clamp
from rhytid.core.document.state import AGE_MAX, AGE_MIN, DocumentState, HeadReference


@dataclass(frozen=True)
class SetExpressionWeights(Command):
    """Set one or many ARKit weights.

    Attributes
    ----------
    weights : mapping or pairs of ARKit name and weight
        Clamped to 0..1.
    linked : bool
        Also set the partner on the other side (`core.arkit.linked_name`), unless it is named itself.
    others_to_zero : bool
        Set every weight that is not named to 0 and clear the action units, as a loaded expression does.
    """

    weights: Mapping[str, float] | Pairs
    linked: bool = False
    others_to_zero: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_pairs(self.weights))

    @property
    def label(self) -> str:
        pairs = as_pairs(self.weights)
        return f"Set {pairs[0][0]}" if len(pairs) == 1 else "Set expression"

    def apply(self, state: DocumentState) -> DocumentState:
        pairs = as_pairs(self.weights)
        values = [0.0] * N_EXPRESSION if self.others_to_zero else list(state.expression)
        named = {name for name, _ in pairs}
        for name, value in pairs:
            if name not in ARKIT_INDEX:
                raise CommandError(f"{name!r} is not one of the 52 ARKit expression weights")
            weight = _clamp(value, (0.0, 1.0), name)
            values[ARKIT_INDEX[name]] = weight
            partner = linked_name(name)
            if self.linked and partner not in named:
                values[ARKIT_INDEX[partner]] = weight
        units = () if self.others_to_zero else state.action_units
        return _with_expression(state, tuple(values), units)


@dataclass(frozen=True)
class ResetExpression(Command):
    """Back to the neutral face: every expression weight and action unit 0."""

    @property
    def label(self) -> str:
        return "Reset expression"

    def apply(self, state: DocumentState) -> DocumentState:
        return _with_expression(state, (0.0,) * N_EXPRESSION, ())


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
        return _with_expression(state, tuple(values), ())


@dataclass(frozen=True)
class SetActionUnits(Command):
    """Set the intensity of one or many FACS action units of the table.

    Attributes
    ----------
    intensities : mapping or pairs of name and intensity
        Names such as "AU12", "AU12L", "AU12R"; clamped to 0..1; 0 takes the unit away.
    """

    intensities: Mapping[str, float] | Pairs

    def __post_init__(self) -> None:
        object.__setattr__(self, "intensities", as_pairs(self.intensities))

    @property
    def label(self) -> str:
        pairs = as_pairs(self.intensities)
        return f"Set {pairs[0][0]}" if len(pairs) == 1 else "Set action units"

    def apply(self, state: DocumentState) -> DocumentState:
        table = action_unit_table()
        units = dict(state.action_units)
        for name, value in as_pairs(self.intensities):
            if name not in table.weights:
                raise CommandError(f"{name!r} is not in the table of action units")
            units[name] = _clamp(value, (0.0, 1.0), name)
        kept = tuple(sorted((name, value) for name, value in units.items() if value > 0.0))
        return _with_expression(state, state.expression, kept)


@dataclass(frozen=True)
class SetAge(Command):
    """Set the age in years, clamped to 16..70."""

    age: float

    @property
    def label(self) -> str:
        return "Set age"

    def apply(self, state: DocumentState) -> DocumentState:
        age = _clamp(self.age, (AGE_MIN, AGE_MAX), "age")
        return state if age == state.age else replace(state, age=age)


@dataclass(frozen=True)
class SetIdentity(Command):
    """Replace all identity weights (standard deviations, clamped to -5..5)."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))

    @property
    def label(self) -> str:
        return "Set identity"

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
    """Use another head; everything else of the document stays."""

    head: HeadReference

    @property
    def label(self) -> str:
        return "Change head"

    def apply(self, state: DocumentState) -> DocumentState:
        return state if self.head == state.head else replace(state, head=self.head)


def _clamp(value: float, limits: tuple[float, float], what: str) -> float:
    try:
        return clamp(value, limits, what)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _with_expression(state: DocumentState, expression: tuple[float, ...], units: Pairs) -> DocumentState:
    if expression == state.expression and units == state.action_units:
        return state
    return replace(state, expression=expression, action_units=units)


def _with_identity(state: DocumentState, values: list[float]) -> DocumentState:
    while values and values[-1] == 0.0:
        values.pop()
    identity = tuple(values)
    return state if identity == state.identity else replace(state, identity=identity)

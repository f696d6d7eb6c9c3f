"""Commands on what colours a person has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rhytid.core.document.commands.base import Command, CommandError, Pairs, changed, refusing
from rhytid.core.document.limits import SEED_MAX, clamp
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.complexion import COMPLEXION_FIELDS, random_colors


@dataclass(frozen=True)
class SetComplexion(Command):
    """Change some strengths of the `Complexion`.

    Attributes
    ----------
    values : mapping or pairs of field and strength
        Clamped to 0..1.
    text : str
        The label, where there is a better one than the names of the fields.
    """

    values: Mapping[str, float] | Pairs
    text: str = ""

    @property
    def label(self) -> str:
        values = dict(self.values)
        single = f"Set {next(iter(values)).replace('_', ' ')}" if len(values) == 1 else "Set skin colour"
        return self.text or single

    def apply(self, state: DocumentState) -> DocumentState:
        given = dict(self.values)
        for name in given:
            if name not in COMPLEXION_FIELDS:
                raise CommandError(f"a complexion has no {name!r}")
        with refusing():
            inside = {name: clamp(value, (0.0, 1.0), name) for name, value in given.items()}
        return changed(state, complexion=replace(state.complexion, **inside))


@dataclass(frozen=True)
class RandomComplexion(Command):
    """Skin, irises and hair of a random but repeatable person; `seed` is 0..2**31 - 1."""

    seed: int

    @property
    def label(self) -> str:
        return f"Random skin colour {self.seed}"

    def apply(self, state: DocumentState) -> DocumentState:
        if not 0 <= self.seed <= SEED_MAX:
            raise CommandError(f"the seed must lie in 0..{SEED_MAX}, got {self.seed}")
        colors = random_colors(self.seed)
        hair = replace(state.hair, melanin=colors.hair_melanin, redness=colors.hair_redness)
        return changed(state, complexion=colors.complexion, hair=hair)

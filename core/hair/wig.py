"""All hair of one head: grown once per seed, worn as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.hair.body_hair import stubble, vellus
from rhytid.core.hair.brows import brows
from rhytid.core.hair.color import strand_colors
from rhytid.core.hair.lashes import lashes
from rhytid.core.hair.lying import Skin, skin_of
from rhytid.core.hair.settings import Hair
from rhytid.core.hair.strands import Strands
from rhytid.core.head.head import Head

Float32 = npt.NDArray[np.float32]
KINDS = ("brows", "lashes", "stubble", "vellus")


@dataclass(frozen=True, eq=False)
class Worn:
    """Strands that are seen.

    Attributes
    ----------
    strands : Strands
    colors : float32 (N, 3)
        Linear.
    """

    strands: Strands
    colors: Float32


class Wig:
    """What grows on a head by a seed; each kind grows when it is first worn."""

    def __init__(self, head: Head, seed: int) -> None:
        self._head = head
        self._seed = seed
        self._grown: dict[str, Strands] = {}

    def worn(self, hair: Hair, age: float) -> Worn:
        """Strands and colours at an age in years."""
        parts = list(self.by_kind(hair, age).values())
        if not parts:
            return Worn(Strands.none(), np.zeros((0, 3), np.float32))
        return Worn(Strands.joined([part.strands for part in parts]), np.concatenate([part.colors for part in parts]))

    def by_kind(self, hair: Hair, age: float) -> dict[str, Worn]:
        """The same, kind by kind; those of which there is none are left out."""
        result = {}
        for kind in KINDS:
            density = getattr(hair, kind)
            if density > 0:
                strands = self._of(kind).worn(density, hair.length, hair.thickness)
                if len(strands):
                    result[kind] = Worn(strands, strand_colors(kind, hair, age, strands.tint, strands.grey_at))
        return result

    def _of(self, kind: str) -> Strands:
        if kind not in self._grown:
            lying: dict[str, Callable[[Skin, int], Strands]] = {"brows": brows, "stubble": stubble, "vellus": vellus}
            own = lashes(self._head, self._seed) if kind == "lashes" else lying[kind](skin_of(self._head), self._seed)
            self._grown[kind] = own
        return self._grown[kind]

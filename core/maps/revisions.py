"""Which texels of a map differ from those that somebody saw of it before."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from rhytid.core.maps.rect import EMPTY, Rect

_KEPT = 64
_numbers = count(1)  # of one process: no two maps share one, so that a foreign number is known for what it is


@dataclass(frozen=True)
class Revisions:
    """The last revisions of a map that changes by rectangles.

    Attributes
    ----------
    steps : tuple of (number, Rect)
        Each revision and where it differs from the one before it, oldest first; no more than 64.
    """

    steps: tuple[tuple[int, Rect], ...]

    @staticmethod
    def first() -> Revisions:
        """Of a map that nobody has seen."""
        return Revisions(((next(_numbers), EMPTY),))

    @property
    def last(self) -> int:
        """Number of the present revision."""
        return self.steps[-1][0]

    def with_change(self, rect: Rect) -> Revisions:
        """One revision more, that differs in `rect`; none where that is empty."""
        return self if rect.empty else Revisions((*self.steps, (next(_numbers), rect))[-_KEPT:])

    def changed_since(self, number: int | None) -> Rect | None:
        """Where the present revision differs from an earlier one; None for everything, where that is not known."""
        changed = EMPTY
        for step, rect in reversed(self.steps):
            if step == number:
                return changed
            changed = changed.union(rect)
        return None

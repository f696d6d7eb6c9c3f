"""Rectangles of texels: what is drawn, what changed, what is uploaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Rect:
    """Half-open rectangle of texels: columns x0..x1, rows y0..y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    @property
    def width(self) -> int:
        """Columns, 0 when empty."""
        return max(self.x1 - self.x0, 0)

    @property
    def height(self) -> int:
        """Rows, 0 when empty."""
        return max(self.y1 - self.y0, 0)

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns) to index a (H, W) array."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def union(self, other: Rect | None) -> Rect:
        """Smallest rectangle that covers both; an empty one adds nothing."""
        if other is None or other.empty:
            return self
        if self.empty:
            return other
        return Rect(min(self.x0, other.x0), min(self.y0, other.y0),
                    max(self.x1, other.x1), max(self.y1, other.y1))  # fmt: skip

    def meets(self, other: Rect) -> bool:
        """Whether there is a texel that both cover."""
        return max(self.x0, other.x0) < min(self.x1, other.x1) and max(self.y0, other.y0) < min(self.y1, other.y1)

    def intersection(self, other: Rect) -> Rect:
        """What both cover; an empty rectangle where they do not meet."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        x1, y1 = min(self.x1, other.x1), min(self.y1, other.y1)
        return Rect(x0, y0, max(x0, x1), max(y0, y1))

    def grown(self, margin: int, resolution: int) -> Rect:
        """This rectangle with `margin` texels more on each side, inside a map of `resolution` texels."""
        if self.empty:
            return self
        return Rect(max(self.x0 - margin, 0), max(self.y0 - margin, 0),
                    min(self.x1 + margin, resolution), min(self.y1 + margin, resolution))  # fmt: skip

    def scaled(self, size: int, other: int) -> Rect:
        """All texels of a map of `other` a side that this one of a map of `size` has a part in."""
        return Rect(self.x0 * other // size, self.y0 * other // size,
                    -(-self.x1 * other // size), -(-self.y1 * other // size))  # fmt: skip

    def relative_to(self, other: Rect) -> Rect:
        """This rectangle in the coordinates of a window that begins where `other` does."""
        return Rect(self.x0 - other.x0, self.y0 - other.y0, self.x1 - other.x0, self.y1 - other.y0)

    @staticmethod
    def around(where: npt.NDArray[np.bool_]) -> Rect:
        """The smallest that covers all that is true in (H, W)."""
        rows, columns = (np.flatnonzero(where.any(axis=axis)) for axis in (1, 0))
        return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1) if rows.size else EMPTY

    @staticmethod
    def whole(resolution: int) -> Rect:
        """All of a square map."""
        return Rect(0, 0, resolution, resolution)


EMPTY = Rect(0, 0, 0, 0)

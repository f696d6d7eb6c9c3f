"""What the straight pieces of a line are to each texel of a window: how far, on which side, and what runs along them.

Every texel's result follows from the pieces whose windows it lies in, whatever the window is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_FAR = np.float32(1e12)
_TOGETHER, _TEXELS_AT_ONCE = 64, 2**15  # pieces, and texels of their windows, that are computed at once


class _Pieces(NamedTuple):
    """Some pieces, each on the texels of its window: [i][:height, :width] of an array is that of piece i."""

    windows: list[tuple[slice, slice]]
    squared: Float32  # distance
    across: Float32
    values: list[Float32]  # what runs along the piece, at its nearest point
    lengths: Float32  # (M, 1, 1)

    def each(self, *arrays: Float32) -> Iterator[tuple[tuple[slice, slice], list[Float32]]]:
        """The window of each piece, and what the arrays have there."""
        for i, window in enumerate(self.windows):
            height, width = (part.stop - part.start for part in window)
            yield window, [array[i, :height, :width] for array in arrays]


def nearest(
    rows: Float64, windows: npt.NDArray[np.int64], rect: Rect, *, sided: bool
) -> tuple[Float32, list[Float32], Float32 | None]:
    """Distance to straight pieces, and the values of the nearest one.

    Parameters
    ----------
    rows : float64 (M, 4 + 2 K)
        x0, y0, x1, y1 in texels and K values at both ends.
    windows : int64 (M, 4)
        As of `core.lines.segments.row_windows`: where each piece counts.
    rect : Rect
    sided : bool
        Whether the side is wanted.

    Returns
    -------
    squared : float32 (rect.height, rect.width)
        Squared distance in texels; very large where no piece counts.
    values : list of K float32 (rect.height, rect.width)
    across : float32 (rect.height, rect.width) or None
        Distance from the nearest piece's line, positive to the left of its direction as seen in the chart.
    """
    shape = (rect.height, rect.width)
    squared = np.full(shape, _FAR, np.float32)
    values = [np.zeros(shape, np.float32) for _ in range((rows.shape[1] - 4) // 2)]
    side = np.zeros(shape, np.float32) if sided else None
    kept = [squared, *values, *([] if side is None else [side])]
    for pieces in _pieces(rows, windows, rect):
        found = [pieces.squared, *pieces.values, pieces.across]
        for window, here in pieces.each(*found[: len(kept)]):
            closer = here[0] < squared[window]
            for array, new in zip(kept, here, strict=True):
                np.copyto(array[window], new, where=closer)
    return squared, values, side


def blended(
    rows: Float64, windows: npt.NDArray[np.int64], rect: Rect, *, reach_px: float, core_px: float
) -> tuple[Float32, list[Float32], Float32]:
    """Distance to straight pieces, and the values of all of them, nearer ones counting more.

    Beside a bend what runs along a broad line does not jump where the nearest point does.

    Parameters
    ----------
    rows, windows, rect
        As for `nearest`.
    reach_px : float
        Distance at which a piece has no say any more.
    core_px : float
        Distance within which pieces count alike.

    Returns
    -------
    squared, values
        As of `nearest`.
    side : float32 (rect.height, rect.width)
        From -1 to the right of the line to 1 to the left of it, continuous beyond its ends.
    """
    shape = (rect.height, rect.width)
    squared = np.full(shape, _FAR, np.float32)
    values = [np.zeros(shape, np.float32) for _ in range((rows.shape[1] - 4) // 2)]
    side, total = np.zeros(shape, np.float32), np.full(shape, 1e-20, np.float32)
    sums = (total, *values, side)
    for pieces in _pieces(rows, windows, rect):
        weight = pieces.squared * np.float32(-1 / reach_px**2)
        weight += np.float32(1)
        np.maximum(weight, 0, out=weight)
        weight /= pieces.squared + np.float32(core_px**2)
        weight *= weight
        weight *= pieces.lengths
        sided = weight * pieces.across
        sided /= np.sqrt(pieces.squared) + np.float32(1e-6)
        weighted = [value * weight for value in pieces.values]
        for window, (here, *parts) in pieces.each(pieces.squared, weight, *weighted, sided):
            np.minimum(squared[window], here, out=squared[window])
            for array, part in zip(sums, parts, strict=True):
                array[window] += part
    for value in (*values, side):
        value /= total
    return squared, values, side


def _pieces(rows: Float64, windows: npt.NDArray[np.int64], rect: Rect) -> Iterator[_Pieces]:
    clipped = np.clip(windows - np.array([rect.x0, rect.y0] * 2), 0, [rect.width, rect.height] * 2)
    there = (clipped[:, 2] > clipped[:, 0]) & (clipped[:, 3] > clipped[:, 1])
    rows, clipped = rows[there], clipped[there]
    sizes = clipped[:, 2:] - clipped[:, :2]
    start = 0
    while start < len(rows):
        # Small windows together: what numpy takes to begin is more than the work on one of them.
        largest = np.maximum.accumulate(sizes[start : start + _TOGETHER], axis=0)
        texels = largest.prod(axis=1) * np.arange(1, len(largest) + 1)
        part = slice(start, start + max(int(np.searchsorted(texels, _TEXELS_AT_ONCE, "right")), 1))
        yield _together(rows[part], clipped[part], rect)
        start = part.stop


def _together(rows: Float64, clipped: npt.NDArray[np.int64], rect: Rect) -> _Pieces:
    """Pieces that are computed at once, on windows as large as the largest of theirs."""
    width, height = (clipped[:, 2:] - clipped[:, :2]).max(axis=0).tolist()
    lengths = np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1])
    ux, uy = ((rows[:, 2:4] - rows[:, 0:2]) / lengths[:, None]).astype(np.float32).T[:, :, None, None]
    x0, y0 = rows[:, :2].astype(np.float32).T[:, :, None, None]
    dx = (rect.x0 + clipped[:, 0, None, None] + np.arange(width)).astype(np.float32) - x0
    dy = (rect.y0 + clipped[:, 1, None, None] + np.arange(height)[:, None]).astype(np.float32) - y0
    along = dx * ux + dy * uy
    across = dx * uy - dy * ux
    passed = np.clip(along, 0, lengths.astype(np.float32)[:, None, None])
    along -= passed
    along *= along
    squared = across * across
    squared += along
    values = []
    for start, end in zip(rows[:, 4::2].T, rows[:, 5::2].T, strict=True):
        here = passed * ((end - start) / lengths).astype(np.float32)[:, None, None]
        here += start.astype(np.float32)[:, None, None]
        values.append(here)
    slices = [(slice(cy0, cy1), slice(cx0, cx1)) for cx0, cy0, cx1, cy1 in clipped.tolist()]
    return _Pieces(slices, squared, across, values, lengths.astype(np.float32)[:, None, None])

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


class _Piece(NamedTuple):
    """A piece on the texels of its window."""

    window: tuple[slice, slice]
    squared: Float32  # distance
    across: Float32
    passed: Float32  # length along the piece to the nearest point
    length: float
    ends: list[float]

    def values(self) -> Iterator[Float32]:
        """What runs along the piece at its nearest point."""
        for start, end in zip(self.ends[::2], self.ends[1::2], strict=True):
            here = self.passed * ((end - start) / self.length)
            here += start
            yield here


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
    for piece in _pieces(rows, windows, rect):
        closer = piece.squared < squared[piece.window]
        np.copyto(squared[piece.window], piece.squared, where=closer)
        for value, here in zip(values, piece.values(), strict=True):
            np.copyto(value[piece.window], here, where=closer)
        if side is not None:
            np.copyto(side[piece.window], piece.across, where=closer)
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
    for piece in _pieces(rows, windows, rect):
        np.minimum(squared[piece.window], piece.squared, out=squared[piece.window])
        weight = piece.squared * np.float32(-1 / reach_px**2)
        weight += np.float32(1)
        np.maximum(weight, 0, out=weight)
        weight /= piece.squared + np.float32(core_px**2)
        weight *= weight
        weight *= np.float32(piece.length)
        total[piece.window] += weight
        for value, here in zip(values, piece.values(), strict=True):
            here *= weight
            value[piece.window] += here
        weight *= piece.across
        weight /= np.sqrt(piece.squared) + np.float32(1e-6)
        side[piece.window] += weight
    for value in (*values, side):
        value /= total
    return squared, values, side


def _pieces(rows: Float64, windows: npt.NDArray[np.int64], rect: Rect) -> Iterator[_Piece]:
    columns, lines = np.arange(rect.x0, rect.x1, dtype=np.float32), np.arange(rect.y0, rect.y1, dtype=np.float32)
    clipped = np.clip(windows - np.array([rect.x0, rect.y0] * 2), 0, [rect.width, rect.height] * 2)
    lengths = np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1])
    direction = (rows[:, 2:4] - rows[:, 0:2]) / lengths[:, None]
    for (x0, y0, _, _, *ends), (ux, uy), length, (cx0, cy0, cx1, cy1) in zip(
        rows.tolist(), direction.tolist(), lengths.tolist(), clipped.tolist(), strict=True
    ):
        if cx1 <= cx0 or cy1 <= cy0:
            continue
        dx, dy = columns[cx0:cx1] - x0, lines[cy0:cy1, None] - y0
        along = dx * ux + dy * uy
        across = dx * uy - dy * ux
        passed = np.maximum(along, 0)
        np.minimum(passed, length, out=passed)
        along -= passed
        along *= along
        squared = across * across
        squared += along
        yield _Piece((slice(cy0, cy1), slice(cx0, cx1)), squared, across, passed, length, ends)

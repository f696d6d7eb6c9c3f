"""Lines as single furrows run: closed cells of a thin picture opened, hooks parted at their corner.

A furrow ends or branches, only the net of fine texture closes; and it does not turn back.

What a line encloses may be large: a nostril, the lips, an eye. Small cells are skin between the finest furrows, or
two readings of one broad valley.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Int32 = npt.NDArray[np.int32]
_ROUNDS = 12
_OPENING_PX = 1.2  # to either side of the weakest place
_CORNER_PX = 5  # points to either side of a corner that tell how sharp it is
_SHARP = 0.35  # cosine of the turn: 70 degrees
_AROUND = np.ones((3, 3), np.uint8)


def opened(thin: Bool, strength: Float32, largest_px: int) -> Bool:
    """The skeleton with every small cell open at the weakest place of its weakest side.

    Parameters
    ----------
    thin : bool (H, W)
        Skeleton, one pixel wide.
    strength : float32 (H, W)
        Of the valley; the side with the least on average gives way.
    largest_px : int
        Cells of more texels stay closed.

    Returns
    -------
    bool (H, W)
        Within `thin`. Cells may be left where more than twelve nest in each other.
    """
    thin = thin.copy()
    for _ in range(_ROUNDS):
        gone = _openings(thin, strength, largest_px)
        if not gone.any():
            break
        thin &= ~gone
    return thin


def _openings(thin: Bool, strength: Float32, largest_px: int) -> Bool:
    """Pixels of the skeleton without which each small cell is open, bool (H, W)."""
    count, face, stats, _ = cv2.connectedComponentsWithStats((~thin).astype(np.uint8), connectivity=4)
    small = np.flatnonzero(stats[:count, cv2.CC_STAT_AREA] <= largest_px)
    gone = np.zeros_like(thin)
    n_sides, side = _sides(thin)
    size = np.bincount(side.ravel(), minlength=n_sides)
    mean = np.bincount(side.ravel(), strength.ravel(), n_sides) / np.maximum(size, 1)
    for number in small[small > 0]:
        x, y, width, height = stats[number, :4]
        window = slice(max(y - 1, 0), y + height + 1), slice(max(x - 1, 0), x + width + 1)
        near = cv2.dilate((face[window] == number).astype(np.uint8), _AROUND) > 0
        around = np.unique(side[window][near])
        around = around[around > 0]
        if not len(around):  # a cell of junctions alone
            gone[window] |= near & thin[window]
            continue
        row, column = np.nonzero(near & (side[window] == around[np.argmin(mean[around])]))
        weakest = np.argmin(strength[window][row, column])
        within = np.hypot(row - row[weakest], column - column[weakest]) <= _OPENING_PX
        gone[window][row[within], column[within]] = True
    return gone


def _sides(thin: Bool) -> tuple[int, Int32]:
    """Pieces of the skeleton between its junctions, numbered from 1; 0 elsewhere."""
    neighbours = cv2.filter2D(thin.astype(np.uint8), cv2.CV_8U, _AROUND, borderType=cv2.BORDER_CONSTANT)
    inner = thin & (neighbours <= 3)
    count, label = cv2.connectedComponents(inner.astype(np.uint8), connectivity=8)
    return count, np.asarray(label, np.int32)


def parted_at_corners(paths: Sequence[Float64]) -> list[Float64]:
    """Paths (N, 2) of pixels cut at their sharp turns; both parts keep the pixel at the corner."""
    return [part for path in paths for part in _parts(path)]


def _parts(path: Float64) -> list[Float64]:
    if len(path) < 2 * _CORNER_PX + 1:
        return [path]
    before = path[_CORNER_PX:-_CORNER_PX] - path[: -2 * _CORNER_PX]
    after = path[2 * _CORNER_PX :] - path[_CORNER_PX:-_CORNER_PX]
    size = np.hypot(*before.T) * np.hypot(*after.T)
    cosine = (before * after).sum(1) / np.maximum(size, 1e-9)
    parts, first = [], 0
    sharp = np.flatnonzero(cosine < _SHARP)
    for run in np.split(sharp, np.flatnonzero(np.diff(sharp) > 1) + 1):
        if len(run):
            corner = int(run[np.argmin(cosine[run])]) + _CORNER_PX
            parts.append(path[first : corner + 1])
            first = corner
    return [*parts, path[first:]]

"""Arithmetic on many polylines at once, lying one after the other in one array.

A scan has a hundred and more lines of thirty points; one call for all of them is what makes extraction fast.
`inner` is False at the first and the last point of each line; those never move.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]


def inner_points(lengths: npt.NDArray[np.int64]) -> Bool:
    """False at both ends of lines with `lengths` points, bool (sum of lengths,)."""
    inner = np.ones(int(lengths.sum()), bool)
    last = np.cumsum(lengths) - 1
    inner[last] = False
    inner[last - lengths + 1] = False
    return inner


def smoothed(values: Float64, inner: Bool, passes: int) -> Float64:
    """`values` (N, C) after some binomial averages (1 2 1) / 4 along each line; variance 0.5 points each."""
    values = values.copy()
    here = np.flatnonzero(inner)
    for _ in range(passes):
        values[here] = 0.25 * (values[here - 1] + values[here + 1]) + 0.5 * values[here]
    return values


def normals(points: Float64, inner: Bool) -> Float64:
    """Unit vectors (N, 2) at right angles to the lines; those of the ends come from the point beside them."""
    here = np.flatnonzero(inner)
    along = np.zeros_like(points)
    along[here] = points[here + 1] - points[here - 1]
    ends = np.flatnonzero(~inner).reshape(-1, 2)
    along[ends[:, 0]] = points[ends[:, 0] + 1] - points[ends[:, 0]]
    along[ends[:, 1]] = points[ends[:, 1]] - points[ends[:, 1] - 1]
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.stack([-along[:, 1], along[:, 0]], axis=1)


def thinned_out(values: Float64, inner: Bool, tolerance: float, rounds: int) -> npt.NDArray[np.int64]:
    """Points to keep so that each line stays close to what it was.

    Every round drops from every second place the points that lie within `tolerance` of the chord between
    their neighbours, so at most `rounds` times the tolerance is lost.

    Parameters
    ----------
    values : float64 (N, C)
        All columns count towards the distance.

    Returns
    -------
    int64 (M,)
        Sorted indices.
    """
    kept = np.arange(len(values))
    for _ in range(rounds):
        candidate = np.flatnonzero(inner[kept] & (np.arange(len(kept)) % 2 == 1))
        start, end = values[kept[candidate - 1]], values[kept[candidate + 1]]
        offset, chord = values[kept[candidate]] - start, end - start
        t = (offset * chord).sum(1) / np.maximum((chord * chord).sum(1), 1e-12)
        off = offset - np.clip(t, 0, 1)[:, None] * chord
        kept = np.delete(kept, candidate[(off * off).sum(1) <= tolerance**2])
    return kept

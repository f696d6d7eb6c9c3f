"""Charts without triangles that are turned over, each of their places moved as little as that takes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Int32

Float64 = npt.NDArray[np.float64]

_STEPS = 200
# Double area of a triangle that is the right way round again, chart units squared: a third of a texel of 256.
_OPEN = 5e-6
_ROUNDING = -1e-9


def unfolded(chart: Float64, triangles: Int32, weight: Float64) -> Float64:
    """Chart (n, 2) whose triangles on the face are the right way round, as far as that can be had.

    Coarse triangles bridge folds of the skin (corners of the mouth, lids, nostrils), where a chart that is true at
    their corners turns some over. Each of these is opened along the gradient of its area, the shortest way, in turn
    with its neighbours, until none is left (position-based dynamics, Müller et al. 2007).

    Parameters
    ----------
    chart : float64 (n, 2)
        y runs down, so triangles have negative areas.
    triangles : int32 (T, 3)
    weight : float64 (n,)
        Triangles without any stay as they are.
    """
    chart = chart.copy()
    triangles = triangles[(weight[triangles] > 0).any(axis=1)]
    for _ in range(_STEPS):
        corner = chart[triangles]
        one, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
        double = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
        turned = np.flatnonzero(double > _ROUNDING)
        if not len(turned):
            break
        opposite = np.roll(corner[turned], -1, axis=1) - np.roll(corner[turned], -2, axis=1)
        gradient = np.stack([opposite[..., 1], -opposite[..., 0]], axis=-1)
        square = np.maximum((gradient**2).sum(axis=(1, 2)), _OPEN)
        moves = (-(double[turned] + _OPEN) / square)[:, None, None] * gradient
        at = triangles[turned].ravel()
        total = np.zeros_like(chart)
        np.add.at(total, at, moves.reshape(-1, 2))
        chart += total / np.maximum(np.bincount(at, minlength=len(chart)), 1)[:, None]
    return chart

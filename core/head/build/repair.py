"""Takes folds out of expression shapes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rhytid.core.head.head import Int32
from rhytid.core.head.quality import degenerate_triangles, flipped_triangles

Float64 = npt.NDArray[np.float64]

_MAX_STEPS = 160
_SMOOTHING_PER_STEP = 4


def unfold(skin: Float64, triangles: Int32, shapes: Float64, scales: tuple[float, ...] = (1.0, 0.97, 1.03)) -> None:
    """Smooth each shape's motion, in place, round triangles that it flips or flattens, until it does so no more.

    Parameters
    ----------
    skin : float (n_skin, 3), mm
        Without such triangles.
    shapes : float (52, n_skin, 3), mm
    scales : tuple of float
        Weights at which the shape is tried; a little beyond 1 leaves room for rounding.

    Raises
    ------
    ValueError
        A shape that stays folded.
    """
    n = len(skin)
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    adjacency = sparse.csr_matrix((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), (n, n))
    adjacency = ((adjacency + adjacency.T) > 0).astype(float)
    mean = sparse.diags(1 / np.asarray(adjacency.sum(axis=1)).ravel()) @ adjacency
    for number, shape in enumerate(shapes):
        for step in range(_MAX_STEPS):
            bad = np.unique(np.concatenate([_folded(skin + scale * shape, triangles) for scale in scales]))
            if bad.size == 0:
                break
            near = np.zeros(n)
            near[triangles[bad]] = 1
            for _ in range(1 + step // 8):
                near = np.maximum(near, (adjacency @ near > 0) * 0.999)
            chosen = near > 0
            for _ in range(_SMOOTHING_PER_STEP):
                shape[chosen] = 0.5 * shape[chosen] + 0.5 * (mean @ shape)[chosen]
        else:
            raise ValueError(f"expression shape {number} stays folded")


def _folded(vertices: Float64, triangles: Int32) -> npt.NDArray[np.intp]:
    single = vertices.astype(np.float32)
    return np.union1d(flipped_triangles(single, triangles), degenerate_triangles(single, triangles))

"""A mesh with fewer vertices: those of a cell become their mean (Rossignac and Borrel 1993)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Int32
from rhytid.core.head.normals import triangle_normals

Float64 = npt.NDArray[np.float64]
_PER_CELL = 1.5  # cells that a surface crosses per area of a cell's side


def thinned(vertices: npt.NDArray[np.float32], triangles: Int32, wanted: int) -> tuple[Float64, Int32]:
    """About so many vertices (N, 3), and the triangles (T, 3) that are left of a mesh.

    A mesh that has no more comes back as it is.
    """
    if len(vertices) <= wanted:
        return vertices.astype(np.float64), triangles
    area = float(np.linalg.norm(triangle_normals(vertices, triangles), axis=1).sum()) / 2
    cell = max(np.sqrt(_PER_CELL * area / wanted), float(np.ptp(vertices, axis=0).max()) / (1 << 20), 1e-30)
    place = np.floor((vertices - vertices.min(axis=0)) / cell).astype(np.int64)
    _, of = np.unique((place[:, 0] << 42) | (place[:, 1] << 21) | place[:, 2], return_inverse=True)
    of = of.ravel()
    count = np.bincount(of)
    points = np.stack([np.bincount(of, vertices[:, axis]) / count for axis in range(3)], axis=1)
    corner = of[triangles]
    is_left = (corner[:, 0] != corner[:, 1]) & (corner[:, 1] != corner[:, 2]) & (corner[:, 2] != corner[:, 0])
    corner = corner[is_left]
    _, first = np.unique(np.sort(corner, axis=1), axis=0, return_index=True)
    return points, corner[np.sort(first)].astype(np.int32)

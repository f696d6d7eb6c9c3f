"""Cutting a triangle mesh along the zero line of a function of its vertices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

Float64 = npt.NDArray[np.float64]
_SNAP = 1e-2


def clip(
    rows: sparse.csr_matrix, triangles: npt.NDArray[np.integer], values: Float64
) -> tuple[sparse.csr_matrix, npt.NDArray[np.int64], Float64]:
    """Part of a mesh where `values` are positive.

    Parameters
    ----------
    rows : sparse (N, M)
        The mesh's vertices as combinations of something else; new vertices get their rows by interpolation.
    triangles : int (T, 3)
    values : float (N,)
        Vertices within a hundredth of the median step to zero are taken as zero, so that no slivers arise.

    Returns
    -------
    rows : sparse (N', M)
    triangles : int (T', 3)
    values : float (N',)
        0 along the cut.
    """
    values = values.copy()
    step = np.median(np.abs(values[triangles[:, 0]] - values[triangles[:, 1]]))
    values[np.abs(values) < _SNAP * step] = 0.0
    signs = np.sign(values)[triangles]
    whole = (signs >= 0).all(axis=1) & (signs > 0).any(axis=1)
    crossed = (signs > 0).any(axis=1) & (signs < 0).any(axis=1)
    cut: dict[tuple[int, int], int] = {}
    pieces = []
    for triangle in triangles[crossed].tolist():
        polygon = []
        for a, b in zip(triangle, triangle[1:] + triangle[:1], strict=True):
            if values[a] >= 0:
                polygon.append(a)
            if values[a] * values[b] < 0:
                polygon.append(cut.setdefault((min(a, b), max(a, b)), len(values) + len(cut)))
        pieces += [[polygon[0], polygon[i], polygon[i + 1]] for i in range(1, len(polygon) - 1)]
    ends = np.array(list(cut), np.int64).reshape(-1, 2)
    share = values[ends[:, 0]] / (values[ends[:, 0]] - values[ends[:, 1]])
    index = np.arange(len(ends))
    between = sparse.csr_matrix(
        (np.concatenate([1 - share, share]), (np.tile(index, 2), ends.T.ravel())), (len(ends), len(values))
    )
    rows = sparse.vstack([rows, between @ rows]).tocsr()
    all_values = np.concatenate([values, np.zeros(len(ends))])
    kept = np.concatenate([triangles[whole], np.array(pieces, np.int64).reshape(-1, 3)])
    used, kept = np.unique(kept, return_inverse=True)
    return rows[used], kept.reshape(-1, 3), all_values[used]

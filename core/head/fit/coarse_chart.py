"""Chart of triangles that are large: right over their area, not at their corners alone.

Between the vertices of a coarse mesh the chart goes on straight where the true one bends. Its values at the vertices
are moved so that the straight pieces lie nearest to the true chart in the mean over their area (least squares), which
halves what is left between them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rhytid.core.head.fit.free_field import factors
from rhytid.core.head.head import Int32

Float64 = npt.NDArray[np.float64]
Asked = Callable[[Float64, Float64], tuple[Float64, Float64]]

_COARSE_MM = 5.0  # triangles whose sides are shorter tell nothing new
# Where triangles are asked: six points and shares of the area, exact for polynomials of degree 4 (Dunavant 1985).
_A, _B = 0.445948490915965, 0.091576213509771
_AT = np.array([
    [1 - 2 * _A, _A, _A], [_A, 1 - 2 * _A, _A], [_A, _A, 1 - 2 * _A],
    [1 - 2 * _B, _B, _B], [_B, 1 - 2 * _B, _B], [_B, _B, 1 - 2 * _B],
])  # fmt: skip
_SHARES = np.repeat([0.223381589678011, 0.109951743655322], 3)
_AT_CORNERS = 0.1  # how much the place of the vertex itself counts beside the area around it
_JUMP = 0.06  # chart units between what is asked and what the corners say: another lip, the lining of a mouth


def over_area(chart: Float64, points: Float64, normals: Float64, triangles: Int32, asked: Asked) -> Float64:
    """A chart (n, 2) whose straight pieces are right in the mean.

    Parameters
    ----------
    chart : float64 (n, 2)
        True at the vertices.
    points, normals : float64 (n, 3)
        mm.
    triangles : int32 (T, 3)
    asked : callable
        True chart (N, 2) at points of the skin with normals (N, 3), and how far it is to be trusted, 0..1 (N,).
    """
    corner = points[triangles]
    longest = np.linalg.norm(corner - np.roll(corner, 1, axis=1), axis=2).max(axis=1)
    large = triangles[longest > _COARSE_MM]
    if not len(large):
        return chart
    corner = points[large]
    double = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)

    def inside(values: Float64) -> Float64:
        return np.einsum("sk,tkc->tsc", _AT, values[large]).reshape(-1, values.shape[1])

    true, trust = asked(inside(points), inside(normals))
    trust = trust * (np.linalg.norm(true - inside(chart), axis=1) < _JUMP)
    weights = trust * (double[:, None] / 2 * _SHARES).ravel()
    n, rows = len(chart), np.repeat(np.arange(len(weights)), 3)
    mean = sparse.csr_matrix((np.tile(_AT, (len(large), 1)).ravel(), (rows, np.repeat(large, 6, axis=0).ravel())),
                             (len(weights), n))  # fmt: skip
    around = np.bincount(large.ravel(), np.repeat(double / 6, 3), minlength=n)
    moved = around > 0
    hold = sparse.diags(_AT_CORNERS * around + (~moved))
    weighted = sparse.diags(weights) @ mean
    system = mean.T @ weighted + hold
    found: Float64 = factors(system).solve(weighted.T @ true + hold @ chart)
    found[~moved] = chart[~moved]
    return found

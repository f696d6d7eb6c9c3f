"""The skin that a reference is laid onto: its nearest point, and whether that point can be trusted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Int32
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]

_CANDIDATES = 12
_AT_EDGE = 0.97  # share of a nearest point's corners that lie on an edge of the mesh


class Nearest(NamedTuple):
    """Points of the target: places and normals (N, 3), distances (N,), and weights (N,), 0 where not to be trusted."""

    points: Float64
    normals: Float64
    distance: Float64
    weights: Float64


class Target:
    """A skin in the reference's frame.

    Parameters
    ----------
    points : float64 (n, 3)
        mm.
    triangles : int32 (T, 3)
    """

    def __init__(self, points: Float64, triangles: Int32) -> None:
        self.points, self.triangles = points, triangles
        self.normals = vertex_normals(points.astype(np.float32), triangles).astype(np.float64)
        self._surface = Surface(points, triangles)
        self._on_edge = edge_vertices(triangles, len(points)).astype(np.float64)

    def nearest(self, points: Float64, normals: Float64, reach_mm: float, least_cosine: float = 0.5) -> Nearest:
        """Nearest points of the skin to points with normals (N, 3).

        A point counts for less the farther it is (Geman and McClure), and for nothing where the skin ends, for there
        the reference may go on, or where it faces another way.
        """
        where = self._surface.nearest(points, normals, _CANDIDATES)
        found = self._surface.at(where)
        their = self._surface.at(where, self.normals)
        their /= np.maximum(np.linalg.norm(their, axis=1, keepdims=True), 1e-9)
        cosine = np.einsum("ij,ij->i", their, normals)
        edge = self._surface.at(where, self._on_edge)
        weights = (1 + (where.distance / reach_mm) ** 2) ** -2.0
        weights *= np.clip((cosine - least_cosine) / (0.9 - least_cosine), 0, 1) * (edge < _AT_EDGE)
        weights[where.distance > 3 * reach_mm] = 0
        return Nearest(found, their, where.distance, weights)


def edge_vertices(triangles: Int32, n_vertices: int) -> npt.NDArray[np.bool_]:
    """Vertices where the mesh ends, bool (n_vertices,): those on sides that one triangle alone has."""
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    sides, count = np.unique(pairs[:, 0].astype(np.int64) * n_vertices + pairs[:, 1], return_counts=True)
    at_edge = np.zeros(n_vertices, bool)
    at_edge[np.concatenate(np.divmod(sides[count == 1], n_vertices))] = True
    return at_edge

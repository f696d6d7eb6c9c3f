"""Nearest points on a triangle mesh."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


class SurfacePoints(NamedTuple):
    """Points on a mesh: triangle (N,), weights of its corners (N, 3), distance to the query (N,)."""

    triangle: Index
    barycentric: Float64
    distance: Float64


class Surface:
    """A triangle mesh that answers which of its points is nearest.

    Parameters
    ----------
    vertices : (V, 3)
    triangles : int (T, 3)
    """

    def __init__(self, vertices: npt.NDArray[np.floating], triangles: npt.NDArray[np.integer]) -> None:
        self.vertices = np.asarray(vertices, np.float64)
        self.triangles = np.asarray(triangles)
        corner = self.vertices[self.triangles]
        self._corner = corner
        self._tree = cKDTree(corner.mean(axis=1))
        edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
        normal = np.cross(edge1, edge2)
        self.normals = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)

    def nearest(
        self,
        points: npt.NDArray[np.floating],
        normals: npt.NDArray[np.floating] | None = None,
        n_candidates: int = 24,
    ) -> SurfacePoints:
        """Nearest points of the mesh.

        Parameters
        ----------
        points : (N, 3)
        normals : (N, 3), optional
            Only triangles that face the same way (positive dot product) are taken, where any candidate
            does: lips and lids do not catch points of their opposite.
        n_candidates : int
            Triangles tried per point, those with the nearest centroids.
        """
        queries: Float64 = np.asarray(points, np.float64)
        n_candidates = min(n_candidates, len(self.triangles))
        _, candidates = self._tree.query(queries, k=n_candidates)
        candidates = candidates.reshape(len(queries), n_candidates)
        best = np.full(len(queries), np.inf)
        triangle = candidates[:, 0].copy()
        weights = np.zeros((len(queries), 3))
        weights[:, 0] = 1
        for column in range(n_candidates):
            tried = candidates[:, column]
            barycentric = closest_barycentric(queries, self._corner[tried])
            offset = queries - np.einsum("ij,ijk->ik", barycentric, self._corner[tried])
            distance = np.linalg.norm(offset, axis=1)
            score = distance
            if normals is not None:
                against = np.einsum("ij,ij->i", self.normals[tried], normals) <= 0
                score = distance + 1e6 * against
            better = score < best
            best[better] = score[better]
            triangle[better], weights[better] = tried[better], barycentric[better]
        return SurfacePoints(triangle, weights, np.where(best > 1e5, best - 1e6, best))

    def at(self, where: SurfacePoints, values: npt.NDArray[np.floating] | None = None) -> Float64:
        """Positions, or values per vertex (V, ...), at points of the mesh."""
        corners = (self.vertices if values is None else values)[self.triangles[where.triangle]]
        return np.einsum("ij,ij...->i...", where.barycentric, corners)


def closest_barycentric(points: Float64, corner: Float64) -> Float64:
    """Weights (N, 3) of the point of each triangle (N, 3, 3) that is nearest to each point (N, 3).

    Ericson, Real-Time Collision Detection, section 5.1.5.
    """
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    ab, ac, ap, bp, cp = b - a, c - a, points - a, points - b, points - c
    d1, d2 = _dot(ab, ap), _dot(ac, ap)
    d3, d4 = _dot(ab, bp), _dot(ac, bp)
    d5, d6 = _dot(ab, cp), _dot(ac, cp)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    total = va + vb + vc
    scale = 1.0 / np.where(np.abs(total) < 1e-30, 1.0, total)
    v, w = vb * scale, vc * scale
    on_ab = (vc <= 0) & (d1 >= 0) & (d3 <= 0)
    on_ac = (vb <= 0) & (d2 >= 0) & (d6 <= 0)
    on_bc = (va <= 0) & (d4 - d3 >= 0) & (d5 - d6 >= 0)
    t_bc = (d4 - d3) / _nonzero((d4 - d3) + (d5 - d6))
    v, w = np.where(on_bc, 1 - t_bc, v), np.where(on_bc, t_bc, w)
    v, w = np.where(on_ac, 0, v), np.where(on_ac, d2 / _nonzero(d2 - d6), w)
    v, w = np.where(on_ab, d1 / _nonzero(d1 - d3), v), np.where(on_ab, 0, w)
    at_c = (d6 >= 0) & (d5 <= d6)
    v, w = np.where(at_c, 0, v), np.where(at_c, 1, w)
    at_b = (d3 >= 0) & (d4 <= d3)
    v, w = np.where(at_b, 1, v), np.where(at_b, 0, w)
    at_a = (d1 <= 0) & (d2 <= 0)
    v, w = np.where(at_a, 0, v), np.where(at_a, 0, w)
    return np.stack([1 - v - w, v, w], axis=1)


def _dot(a: Float64, b: Float64) -> Float64:
    product: Float64 = np.einsum("ij,ij->i", a, b)
    return product


def _nonzero(values: Float64) -> Float64:
    return np.where(np.abs(values) < 1e-30, 1e-30, values)


def spread_points(vertices: Float64, triangles: npt.NDArray[np.integer], count: int) -> Float64:
    """Points (count, 3) spread evenly over the area of a mesh, always the same ones."""
    corner = vertices[triangles]
    area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1).cumsum()
    chosen = np.searchsorted(area, (np.arange(count) + 0.5) / count * area[-1]).clip(max=len(triangles) - 1)
    along = np.random.default_rng(0).random((count, 2))
    along = np.where(along.sum(axis=1, keepdims=True) > 1, 1 - along, along)
    first = corner[chosen, 0]
    spread: Float64 = first + along[:, :1] * (corner[chosen, 1] - first) + along[:, 1:] * (corner[chosen, 2] - first)
    return spread

"""Normals of a mesh and the tangents of the skin along the chart's axes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Head, Int32
from rhytid.core.head.weighted_sums import WeightedSums

_TINY = 1e-20
_AT_ONCE = 1 << 18  # triangles: a fine mesh has millions


def triangle_normals(vertices: Float32, triangles: Int32) -> Float32:
    """Normals of triangles with twice the area as their length, float32 (T, 3), in mm^2."""
    normals = np.empty((len(triangles), 3), np.float32)
    for start in range(0, len(triangles), _AT_ONCE):
        corner = vertices[triangles[start : start + _AT_ONCE]]
        normals[start : start + _AT_ONCE] = _cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    return normals


def vertex_normals(vertices: Float32, triangles: Int32) -> Float32:
    """Area-weighted unit normals.

    Parameters
    ----------
    vertices : float32 (V, 3)
    triangles : int32 (T, 3)

    Returns
    -------
    float32 (V, 3)
        Outward for counter-clockwise triangles; zero where no triangle of any area meets the vertex.
    """
    face = triangle_normals(vertices, triangles)
    total = np.empty((len(vertices), 3), np.float32)
    corners = triangles.ravel()
    for axis in range(3):
        total[:, axis] = np.bincount(corners, np.repeat(face[:, axis], 3), minlength=len(vertices))
    return _unit(total)


class VertexNormals:
    """`vertex_normals` of one mesh in many shapes, bit for bit, at a third of the time.

    Parameters
    ----------
    triangles : int32 (T, 3)
    n_vertices : int
    """

    def __init__(self, triangles: Int32, n_vertices: int) -> None:
        self._corners = [np.ascontiguousarray(triangles[:, k]) for k in range(3)]
        n = len(triangles)
        # Sums in double precision and in the order of the triangles, as `bincount` has them.
        self._sum = WeightedSums(np.ones(3 * n), triangles.ravel(), np.repeat(np.arange(n), 3), (n_vertices, n))

    def of(self, vertices: Float32) -> Float32:
        """Area-weighted unit normals, float32 (V, 3), of vertices (V, 3)."""
        a, b, c = (vertices.take(corner, axis=0) for corner in self._corners)
        return _unit((self._sum @ _cross(b - a, c - a)).astype(np.float32))


def chart_tangents(head: Head, vertices: Float32) -> tuple[Float32, Float32]:
    """How the skin's position changes along the chart: dP/dx and dP/dy per skin vertex.

    The derivative is constant on a triangle; a vertex takes the mean of its triangles weighted by their
    area in the chart.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Current shape in mm.

    Returns
    -------
    tangent, bitangent : float32 (n_skin, 3)
        mm per chart unit, along x (to the subject's left) and along y (down the face). Not normalised.
    """
    operator = _chart_gradient(head)
    both = operator @ vertices[: head.n_skin]
    return both[: head.n_skin], both[head.n_skin :]


def _chart_gradient(head: Head) -> WeightedSums:
    """Sparse (2 n_skin, n_skin): derivative along x above, along y below. Kept with the head."""
    kept: WeightedSums | None = head.__dict__.get("_chart_gradient")
    if kept is not None:
        return kept
    triangles = head.skin_triangles
    corner = head.chart[triangles].astype(np.float64)
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area2 = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    # Area-weighted mean: derivative * area / sum(area); the triangle's own area cancels against its
    # inverse, so thin triangles need no guard.
    sign = np.sign(area2)
    weight = np.bincount(triangles.ravel(), np.repeat(np.abs(area2), 3), minlength=head.n_skin)
    inverse = 1.0 / np.maximum(weight, _TINY)
    rows, columns = np.repeat(triangles, 3, axis=1).ravel(), np.tile(triangles, (1, 3)).ravel()
    order, starts = _places(rows, columns, head.n_skin)
    joined = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(rows)))
    weights = []
    for axis in range(2):
        other = 1 - axis
        turn = 1.0 if axis == 0 else -1.0
        by_p1 = sign * turn * edge2[:, other]
        by_p2 = -sign * turn * edge1[:, other]
        values = np.stack([-(by_p1 + by_p2), by_p1, by_p2], axis=1)
        weights.append(np.bincount(joined, (np.tile(values, (1, 3)).ravel() * inverse[rows])[order]))
    rows, columns = rows[order[starts]], columns[order[starts]]
    operator = WeightedSums(
        np.concatenate(weights).astype(np.float32), np.concatenate([rows, rows + head.n_skin]), np.tile(columns, 2),
        (2 * head.n_skin, head.n_skin),
    )  # fmt: skip
    head.__dict__["_chart_gradient"] = operator
    return operator


def _places(
    rows: npt.NDArray[np.integer], columns: npt.NDArray[np.integer], n_columns: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Order of entries by row and column, and where in it the entries of each place begin."""
    # Sorted as numbers that hold place and entry, which is several times faster than `argsort`.
    bits = len(rows).bit_length()
    both = np.sort((rows.astype(np.int64) * n_columns + columns) << bits | np.arange(len(rows)))
    return both & ((1 << bits) - 1), np.flatnonzero(np.diff(both >> bits, prepend=-1))


def _cross(a: Float32, b: Float32) -> Float32:
    # np.cross is several times slower on (N, 3).
    return np.stack(
        [
            a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1],
            a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2],
            a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0],
        ],
        axis=1,
    )


def _unit(vectors: npt.NDArray[np.float32]) -> Float32:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    unit: Float32 = vectors / np.maximum(length, np.float32(1e-20))[:, None]
    return unit

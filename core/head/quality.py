"""What is wrong with triangles of a face."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Int32
from rhytid.core.head.normals import triangle_normals, vertex_normals

Index = npt.NDArray[np.intp]

# Height of a triangle over its longest side, relative to that side.
_LEAST_HEIGHT = 0.005


def flipped_triangles(vertices: Float32, triangles: Int32) -> Index:
    """Triangles that face away from the surface around them.

    A triangle is flipped when its normal makes 90 degrees or more with the mean of the normals at its
    corners, each the area-weighted mean of the triangles there. A sharp fold of the skin is none; a
    triangle that has turned over within a sheet is one.

    Parameters
    ----------
    vertices : float32 (V, 3)
    triangles : int32 (T, 3)

    Returns
    -------
    intp (n,), indices of triangles
    """
    around = vertex_normals(vertices, triangles)[triangles].sum(axis=1)
    own = triangle_normals(vertices, triangles)
    return np.flatnonzero(np.einsum("ij,ij->i", own, around) <= 0)


def degenerate_triangles(vertices: Float32, triangles: Int32) -> Index:
    """Triangles without area: their height is below half a percent of their longest side."""
    corner = vertices[triangles]
    longest = ((corner - np.roll(corner, 1, axis=1)) ** 2).sum(axis=2).max(axis=1)
    double_area = np.linalg.norm(triangle_normals(vertices, triangles), axis=1)
    return np.flatnonzero(double_area <= _LEAST_HEIGHT * longest)


def flipped_in_chart(chart: Float32, triangles: Int32) -> Index:
    """Triangles of the skin that the chart turns over (or leaves without area); y runs down in the chart."""
    corner = chart[triangles].astype(np.float64)
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    return np.flatnonzero(edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0] >= 0)

"""Where the vertices of a scan lie over its base."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.head import Float32, Head, Int32, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.subdivide import subdivide
from rhytid.core.head.surface import Surface, SurfacePoints

Bool = npt.NDArray[np.bool_]

_LEVELS = 2  # of the base, so that its facets do not show in the height
_AT_ONCE = 1 << 16
_CANDIDATES = 8
# What is farther from the base is no skin of the face: hair, collars, the other side of a lid.
_FARTHEST_MM = 6.0


class Placed(NamedTuple):
    """Of each vertex of a scan: place in the chart (V, 2), height over the base in mm (V,), whether it lies on it."""

    chart: Float32
    height: Float32
    is_on: Bool


def placed(vertices: Float32, triangles: Int32, head: Head, control: Control) -> Placed:
    """Where the vertices of a scan (V, 3) lie over the neutral of a head, mm."""
    skin = head.faces[head.parts == Part.SKIN]
    finer = subdivide(skin, head.n_skin, _LEVELS)
    base = finer.apply(head.neutral[: head.n_skin])
    chart = finer.apply(np.concatenate([head.chart, head.detail_weight[:, None]], axis=1))
    quads = finer.faces
    corners = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    normals = vertex_normals(base, corners)
    surface = Surface(base, corners[(chart[corners, 2] > 0).any(axis=1)])
    own = vertex_normals(vertices, triangles)
    result = Placed(np.zeros((len(vertices), 2), np.float32), np.zeros(len(vertices), np.float32),
                    np.zeros(len(vertices), bool))  # fmt: skip
    shown = surface.vertices[surface.triangles]
    low, high = shown.min(axis=(0, 1)), shown.max(axis=(0, 1))
    near = ((vertices > low - _FARTHEST_MM) & (vertices < high + _FARTHEST_MM)).all(axis=1)
    chosen = np.flatnonzero(near)
    for start in range(0, len(chosen), _AT_ONCE):
        control(start / len(chosen))
        part = chosen[start : start + _AT_ONCE]
        where = surface.nearest(vertices[part], own[part], _CANDIDATES)
        normal = surface.at(where, normals)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        found = surface.at(where, chart)
        result.chart[part] = found[:, :2]
        result.height[part] = np.einsum("nk,nk->n", vertices[part] - surface.at(where), normal)
        faces_out = np.einsum("nk,nk->n", own[part], normal) > 0
        result.is_on[part] = (where.distance < _FARTHEST_MM) & faces_out & _inside(where)
    return result


def _inside(where: SurfacePoints) -> Bool:
    """Not on a corner, as what lies beyond the edge of the surface is."""
    return np.asarray(where.barycentric.max(axis=1) < 1 - 1e-9)

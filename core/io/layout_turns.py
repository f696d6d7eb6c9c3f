"""How the chart's tangent frame and that of a head's own layout are turned against each other."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from rhytid.core.head.head import Float32, Head, Int32
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import chart_tangents, vertex_normals


class TangentTurns:
    """See the module.

    Parameters
    ----------
    head : Head
    corners, uv_corners : int32 (T, 3)
        Of the skin's triangles, into vertices and into ``head.uv``.
    """

    def __init__(self, head: Head, corners: Int32, uv_corners: Int32) -> None:
        self._head, self._corners, self._uv_corners = head, corners, uv_corners

    def of(self, vertices: Float32) -> Float32:
        """From the chart's frame to the layout's for vertices (V, 3) in mm: float32 (T, 2, 2), the mean of a triangle.

        Both frames have x along u, y up the picture and z outward.
        """
        head, frames, corners = self._head, self._frames, self._corners
        normals = vertex_normals(vertices, head.triangles)
        own = frames.of(vertices, normals)[frames.of_corner].sum(axis=1)
        normal = _unit(normals[corners].sum(axis=1))
        across = _unit(own[:, :3] - normal * (own[:, :3] * normal).sum(axis=1, keepdims=True))
        up = np.cross(normal, across) * np.sign(own[:, 3:])
        along_x, along_y = (tangent[corners].sum(axis=1) for tangent in chart_tangents(head, vertices))
        x = _unit(along_x - normal * (along_x * normal).sum(axis=1, keepdims=True))
        y = np.cross(normal, x)
        y *= np.where((y * along_y).sum(axis=1, keepdims=True) > 0, np.float32(-1), np.float32(1))
        rows = [np.stack([(to * of).sum(axis=1) for of in (x, y)], axis=1) for to in (across, up)]
        return np.stack(rows, axis=1).astype(np.float32)

    @cached_property
    def _frames(self) -> TangentFrames:
        return TangentFrames(self._head.uv, self._corners, self._uv_corners)


def _unit(vectors: Float32) -> Float32:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))

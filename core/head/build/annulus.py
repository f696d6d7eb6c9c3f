"""Skin between an eye's lids and the ellipse round it, as heights and angles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve

from rhytid.core.head.build.polyline import arc_length, project_on_arc
from rhytid.core.head.build.remesh import point_rows
from rhytid.core.head.build.source import Source, boundary_loops
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.surface import SurfacePoints

Float64 = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]


class Annulus:
    """Skin between the lid's edge and the ellipse, with a height 0..1 and an angle (a discrete conformal map)."""

    def __init__(self, rows: sparse.csr_matrix, triangles: Faces, field: Float64, source: Source) -> None:
        self._rows = rows
        self._triangles = triangles
        points = rows @ source.cage
        loops = boundary_loops(triangles)
        is_rim = [bool((np.abs(field[loop]) < 1e-9).all()) for loop in loops]
        self._rim = np.array(loops[is_rim.index(True)])
        edge = np.array(loops[is_rim.index(False)])
        stiffness, area, gradient = _finite_elements(points, triangles)
        height = np.zeros(len(points))
        height[self._rim] = 1
        free = np.setdiff1d(np.arange(len(points)), np.concatenate([self._rim, edge]))
        height[free] = spsolve(stiffness[free][:, free].tocsc(), -(stiffness @ height)[free])
        # The angle's gradient is the height's, turned by 90 degrees and scaled to close after one turn. It
        # starts from the angle round the edge's centre, which has the jump, and gets a correction that has
        # none.
        start = np.arctan2(*(points[:, :2] - points[edge, :2].mean(axis=0)).T[::-1])
        corner = start[triangles]
        corner = corner[:, :1] + np.angle(np.exp(1j * (corner - corner[:, :1])))
        start_gradient = np.einsum("tkj,tk->tj", gradient, corner)
        slope = np.einsum("tkj,tk->tj", gradient, height[triangles])
        normal = np.cross(
            points[triangles[:, 1]] - points[triangles[:, 0]], points[triangles[:, 2]] - points[triangles[:, 0]]
        )
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        turned = np.cross(slope, normal)
        energy = (area * (slope**2).sum(axis=1)).sum()
        turned *= -np.sign((area * (turned * start_gradient).sum(axis=1)).sum()) * -1 * 2 * np.pi / energy
        rest = (turned - start_gradient) * area[:, None]
        load = np.zeros(len(points))
        for k in range(3):
            np.add.at(load, triangles[:, k], (gradient[:, k] * rest).sum(axis=1))
        correction = np.zeros(len(points))
        correction[1:] = spsolve(stiffness[1:, 1:].tocsc(), load[1:])
        self._angle = start + correction
        self._points = points
        radius = 1 + height
        plane = radius[:, None] * np.stack([np.cos(self._angle), np.sin(self._angle)], axis=1)
        self._locator = ChartLocator(plane, triangles.astype(np.int32))

    def angle_at_rim(self, points: Float64) -> Float64:
        """Angles of points on the ellipse."""
        closed = np.append(self._rim, self._rim[0])
        along = arc_length(self._points[closed])
        at = project_on_arc(self._points[closed], along, points)
        return np.interp(at, along, np.unwrap(self._angle[closed]))

    def rows(self, height: Float64, angle: Float64) -> sparse.csr_matrix:
        """Points at heights and angles as rows."""
        # A hair off the rims, where the planar annulus is a polygon.
        radius = 1 + height
        plane = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        triangle, weights = self._locator.locate(plane)
        where = SurfacePoints(triangle, weights, np.zeros(len(triangle)))
        picked = point_rows(where, np.arange(len(angle)), self._triangles, (len(angle), self._rows.shape[0]))
        return (picked @ self._rows).tocsr()


def _finite_elements(points: Float64, triangles: Faces) -> tuple[sparse.csr_matrix, Float64, Float64]:
    """Stiffness matrix, areas (T,) and gradients (T, 3, 3) of the corners' hat functions."""
    corner = points[triangles]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    double = np.linalg.norm(normal, axis=1)
    normal /= double[:, None]
    gradient = np.stack([np.cross(normal, corner[:, (k + 2) % 3] - corner[:, (k + 1) % 3]) for k in range(3)], axis=1)
    gradient /= double[:, None, None]
    area = double / 2
    local = np.einsum("tki,tli,t->tkl", gradient, gradient, area)
    rows = np.repeat(triangles, 3, axis=1).ravel()
    columns = np.tile(triangles, (1, 3)).ravel()
    return sparse.csr_matrix((local.ravel(), (rows, columns)), (len(points),) * 2), area, gradient

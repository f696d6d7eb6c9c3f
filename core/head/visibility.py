"""How much of its surroundings each vertex of a head sees, without a graphics card.

Depth maps from directions spread over the sphere, as the viewport's bake has them, of points strewn over the surface.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Int32

Float64 = npt.NDArray[np.float64]
N_DIRECTIONS = 48
_CELL_MM = 2.0
_POINTS_PER_MM2 = 1.0
_OFFSET_MM = 1.6  # start of a ray above the surface
_SLACK_MM = 0.8


def ambient_visibility(vertices: Float32, normals: Float32, triangles: Int32) -> Float32:
    """Part of the surroundings that is seen, weighted by the cosine.

    Parameters
    ----------
    vertices, normals : float32 (V, 3)
        mm, and unit vectors.
    triangles : int32 (T, 3)

    Returns
    -------
    float32 (V,)
        0 closed in .. 1 open.
    """
    points = _strewn(vertices[triangles].astype(np.float64))
    start = vertices + normals * np.float32(_OFFSET_MM)
    seen, possible = np.zeros(len(vertices)), np.zeros(len(vertices))
    for direction in _sphere(N_DIRECTIONS):
        weight = np.maximum(normals @ direction, 0)
        across = np.linalg.svd(direction[None])[2][1:]
        low = (points @ across.T).min(axis=0) - 2 * _CELL_MM
        n = np.ceil(((points @ across.T).max(axis=0) - low) / _CELL_MM).astype(int) + 3
        depth = np.full(n[0] * n[1], -np.inf)
        np.maximum.at(depth, _cells(points, across, low, n), points @ direction)
        open_here = start @ direction + _SLACK_MM >= depth[_cells(start, across, low, n)]
        seen += weight * open_here
        possible += weight
    return np.where(possible > 0, seen / np.maximum(possible, 1e-9), 1).astype(np.float32)


def _cells(points: npt.NDArray[np.floating], across: Float64, low: Float64, n: npt.NDArray[np.int_]) -> Int32:
    at = np.clip(((points @ across.T - low) / _CELL_MM).astype(np.int32), 0, n - 1)
    return np.asarray(at[:, 0] * n[1] + at[:, 1], np.int32)


def _strewn(corners: Float64) -> Float64:
    """Points spread evenly over triangles (T, 3, 3), one at least on each."""
    edge = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.linalg.norm(np.cross(*edge), axis=1) / 2
    count = np.maximum(np.ceil(area * _POINTS_PER_MM2), 1).astype(int)
    owner = np.repeat(np.arange(len(corners)), count)
    number = np.arange(len(owner))
    # A lattice of the plastic number is even in every stretch of it.
    u, v = (number * 0.7548776662466927) % 1, (number * 0.5698402909980532) % 1
    folded = u + v > 1
    u, v = np.where(folded, 1 - u, u), np.where(folded, 1 - v, v)
    return np.asarray(corners[owner, 0] + u[:, None] * edge[0][owner] + v[:, None] * edge[1][owner], np.float64)


def _sphere(n: int) -> Float64:
    """Evenly spread unit vectors (a Fibonacci lattice), (n, 3)."""
    i = np.arange(n) + 0.5
    y, angle = 1 - 2 * i / n, np.pi * (1 + np.sqrt(5)) * i
    radius = np.sqrt(1 - y * y)
    return np.stack([radius * np.cos(angle), y, radius * np.sin(angle)], axis=1)

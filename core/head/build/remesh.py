"""Quads over a triangulated surface, and evening them out on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pynanoinstantmeshes  # type: ignore[import-untyped, import-not-found, unused-ignore]
from scipy import sparse

from rhytid.core.head.build.source import boundary_loops
from rhytid.core.head.surface import Surface, SurfacePoints

Float64 = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]

_N_COARSE = 1740
# Corners (sine of the angle) that relaxing may not make worse.
_MIN_CORNER = 0.3


def instant_mesh(points: Float64, triangles: Faces) -> tuple[Float64, Faces, list[list[int]]]:
    """Quads over a surface with two boundaries: vertices, faces and the boundary loops, the longer first."""
    for attempt in range(12):
        vertices, faces = pynanoinstantmeshes.remesh(
            np.ascontiguousarray(points, np.float32),
            np.ascontiguousarray(triangles, np.uint32),
            _N_COARSE + 10 * attempt,
            align_to_boundaries=True,
            deterministic=True,
            smooth_iter=2,
        )
        vertices, faces = _without_doublets(vertices.astype(np.float64), faces.astype(np.int64))
        try:
            loops = sorted(boundary_loops(faces), key=len, reverse=True)
        except ValueError:
            continue
        # The remesher now and then leaves a hole in a fold of the ear; another size does not.
        if len(loops) == 2:
            return vertices, faces, loops
    raise ValueError("the remesher found no mesh without holes; change _N_COARSE")


def _without_doublets(vertices: Float64, faces: Faces) -> tuple[Float64, Faces]:
    """Merge pairs of quads that share two sides: the vertex between them can have no area round it."""
    while True:
        valence = np.bincount(faces.ravel(), minlength=len(vertices))
        for vertex in np.flatnonzero(valence == 2):
            first, second = np.flatnonzero((faces == vertex).any(axis=1))
            a = np.roll(faces[first], -int(np.flatnonzero(faces[first] == vertex)[0]))
            b = np.roll(faces[second], -int(np.flatnonzero(faces[second] == vertex)[0]))
            if a[1] == b[3] and a[3] == b[1]:
                faces[first] = [a[1], a[2], a[3], b[2]]
                faces = np.delete(faces, second, axis=0)
                break
        else:
            break
    used, faces = np.unique(faces, return_inverse=True)
    return vertices[used], faces.reshape(-1, 4)


def relaxed(
    vertices: Float64, faces: Faces, free: npt.NDArray[np.int64], surface: Surface, n_steps: int
) -> SurfacePoints:
    """Where free vertices come to rest when each moves to the middle of its neighbours along the surface."""
    n = len(vertices)
    sides = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    edges = np.unique(sides, axis=0)
    adjacency = sparse.csr_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (n, n))
    adjacency = adjacency + adjacency.T
    mean = sparse.diags(1 / np.asarray(adjacency.sum(axis=1)).ravel()) @ adjacency
    where = surface.nearest(vertices[free], _quad_normals(vertices, faces)[free])
    normal = _quad_normals(vertices, faces)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    vertices[free] = surface.at(where)
    worst = _worst_corner(vertices, faces, normal)
    for _ in range(n_steps):
        normal[free] = surface.normals[where.triangle]
        step = 0.5 * (mean @ vertices - vertices)[free]
        # Only along the surface: a step off it would drag vertices down from the ridges of the ear.
        step -= (step * normal[free]).sum(axis=1, keepdims=True) * normal[free]
        target = surface.nearest(vertices[free] + step, normal[free])
        moved = vertices.copy()
        moved[free] = surface.at(target)
        moved_normal = normal.copy()
        moved_normal[free] = surface.normals[target.triangle]
        for _ in range(4):
            corners = _worst_corner(moved, faces, moved_normal)
            spoilt = np.unique(faces[(corners < _MIN_CORNER) & (corners <= worst)])
            moved[spoilt], moved_normal[spoilt] = vertices[spoilt], normal[spoilt]
        kept = (moved[free] == vertices[free]).all(axis=1)
        where = SurfacePoints(
            np.where(kept, where.triangle, target.triangle),
            np.where(kept[:, None], where.barycentric, target.barycentric),
            where.distance,
        )
        vertices[free] = moved[free]
        worst = _worst_corner(vertices, faces, moved_normal)
    return where


def _worst_corner(vertices: Float64, faces: Faces, normals: Float64) -> Float64:
    """Least area of each quad's corners as seen along the surface's normal, relative to its sides; 1 is square."""
    corner = vertices[faces]
    following, before = np.roll(corner, -1, axis=1) - corner, np.roll(corner, 1, axis=1) - corner
    area = (np.cross(following, before) * normals[faces]).sum(axis=2)
    length = np.linalg.norm(following, axis=2) * np.linalg.norm(before, axis=2)
    return (area / np.maximum(length, 1e-20)).min(axis=1)


def _quad_normals(vertices: Float64, faces: Faces) -> Float64:
    corner = vertices[faces]
    normal = np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1])
    total = np.zeros_like(vertices)
    for k in range(4):
        np.add.at(total, faces[:, k], normal)
    return total


def point_rows(
    where: SurfacePoints, rows: npt.NDArray[np.int64], triangles: Faces, shape: tuple[int, int]
) -> sparse.csr_matrix:
    """Points on a surface as combinations of its vertices, in given rows of a matrix of `shape`."""
    return sparse.csr_matrix(
        (where.barycentric.ravel(), (np.repeat(rows, 3), triangles[where.triangle].ravel())), shape
    )

"""One fit of a known face to a mesh: points of the face laid onto it by a similarity, and how near they come.

Iterated nearest points (Besl and McKay 1992, Umeyama 1991), first over points spread on the mesh, then over its
triangles, at last with identity modes, which say whether it can be the right place.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from rhytid.core.head.fit.modes import fit_modes
from rhytid.core.head.fit.target import Target
from rhytid.core.head.head import Head, Int32
from rhytid.core.head.register import similarity
from rhytid.core.head.surface import Surface, spread_points

Float64 = npt.NDArray[np.float64]

# 95 of 100 points of the known face lie within this of a face: measured 1 to 7 mm for people of the model, 14 mm and
# more for faces that lie wrongly, eggs, cylinders and boxes, which have no nose.
WORST_MM = 10.0
_MEASURED = 0.95
_TRUSTED = 0.8
_FACE_POINTS = 400
_COARSE_STEPS, _FINE_STEPS = 8, 30
# Identity modes reach much, so their residual counts for more. People in the right turn come to 1.8 to 2.8, where a
# re-meshed one has holes to 6.7 (and is told to be uncertain), in a wrong one to 8 and more.
_REACHED_BY_MODES = 3.0
_SURE_MM = 4.5
_STILL = 2e-4
_MOVED_RAD = 0.05
_MEASURED_WEIGHT = 0.5
RIGHT_ANGLES = np.stack([r for r in Rotation.create_group("O").as_matrix().round()])


class FaceFit(NamedTuple):
    """`reference ~ scale * mesh @ rotation.T + shift`, and how far 95 of 100 points of the face stay away.

    It is sure where a person of the model lies so near that no other turn can be meant.
    """

    residual_mm: float
    scale: float
    rotation: Float64
    shift: Float64
    is_inside_out: bool = False
    is_sure: bool = False


def coarse(fit: FaceFit, face: Float64, mesh: Float64, tree: cKDTree) -> FaceFit:
    """A fit moved to where points of the face (N, 3) come nearest to points of a mesh (M, 3), which a tree has."""
    for _ in range(_COARSE_STEPS):
        distance, index = tree.query(in_mesh(fit, face))
        near = distance <= np.quantile(distance, _TRUSTED)
        fit = FaceFit(math.inf, *similarity(mesh[index[near]], face[near]))
    distance = np.asarray(tree.query(in_mesh(fit, face))[0])
    return fit._replace(residual_mm=float(np.quantile(distance, _MEASURED)) * fit.scale)


def fine(fit: FaceFit, face: Float64, surface: Surface) -> FaceFit:
    """A fit moved to where points of the face (N, 3) come nearest to a mesh."""
    some = face[::2]
    for _ in range(_FINE_STEPS):
        where = surface.nearest(in_mesh(fit, some), n_candidates=4)
        near = where.distance <= np.quantile(where.distance, _TRUSTED)
        found = FaceFit(math.inf, *similarity(surface.at(where)[near], some[near]))
        still = np.abs(found.rotation - fit.rotation).max() < _STILL
        fit = found
        if still:
            break
    distance = surface.nearest(in_mesh(fit, face), n_candidates=8).distance
    return fit._replace(residual_mm=float(np.quantile(distance, _MEASURED)) * fit.scale)


def with_modes(fit: FaceFit, points: Float64, triangles: Int32, reference: Head) -> FaceFit:
    """The fit of the person that the mesh most likely shows, where it is nearer.

    Modes that begin in a turn that is somewhat wrong bend to it; what they moved is fitted once more from there.
    """
    moved = _by_modes(fit, points, triangles, reference)
    if not moved.is_sure and Rotation.from_matrix(moved.rotation @ fit.rotation.T).magnitude() > _MOVED_RAD:
        moved = min(moved, _by_modes(moved, points, triangles, reference), key=lambda one: one.residual_mm)
    return moved if moved.residual_mm <= fit.residual_mm or moved.is_sure else fit


def _by_modes(fit: FaceFit, points: Float64, triangles: Int32, reference: Head) -> FaceFit:
    """A fit of a person of the reference; its residual counts for more, as modes reach much."""
    used, corners = np.unique(triangles, return_inverse=True)
    near = points[used] @ fit.rotation.T + fit.shift / fit.scale
    target = Target(fit.scale * near, corners.reshape(-1, 3).astype(np.int32))
    found = fit_modes(target, reference, 1.0)
    face = reference.detail_weight > _MEASURED_WEIGHT
    distance = Surface(target.points, target.triangles).nearest(found.skin[face], n_candidates=8).distance
    residual_mm = _REACHED_BY_MODES * float(np.quantile(distance, _MEASURED))
    scale = fit.scale / found.scale
    shift = (fit.shift - found.shift) @ found.rotation / found.scale
    return FaceFit(residual_mm, scale, found.rotation.T @ fit.rotation, shift, is_sure=residual_mm <= _SURE_MM)


def in_mesh(fit: FaceFit, points: Float64) -> Float64:
    """Points (..., 3) of the reference in the mesh's own unit and axes."""
    return (points - fit.shift) / max(fit.scale, 1e-12) @ fit.rotation


def is_inside_out(fit: FaceFit, reference: Head, surface: Surface) -> bool:
    """Whether the mesh shows its back where the face lies."""
    triangles = face_triangles(reference)
    known = Surface(reference.neutral, triangles)
    points = points_on(reference, triangles, 1)
    own = known.normals[known.nearest(points).triangle]
    there = surface.normals[surface.nearest(in_mesh(fit, points)).triangle] @ fit.rotation.T
    return float((own * there).sum()) < 0


def nearest_right_angle(rotation: Float64) -> tuple[Float64, float]:
    """The turn by right angles that is nearest to a rotation, and how far that is in degrees."""
    away = Rotation.from_matrix(np.einsum("ij,nkj->nik", rotation, RIGHT_ANGLES)).magnitude()
    return RIGHT_ANGLES[int(away.argmin())], float(np.degrees(away.min()))


def face_triangles(reference: Head) -> Int32:
    """Those of the skin that take detail, (T, 3)."""
    triangles = reference.skin_triangles
    return triangles[(reference.detail_weight[triangles] > _MEASURED_WEIGHT).all(axis=1)]


def points_on(reference: Head, triangles: Int32, every: int) -> Float64:
    """Points spread over triangles of a reference, each so-manieth of them."""
    return spread_points(reference.neutral.astype(np.float64), triangles, _FACE_POINTS)[::every]


def radius(points: Float64) -> float:
    """How far points (N, 3) are from their middle, root of the mean square."""
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))

"""Where on a mesh a face lies: fits from many starts, until one is near enough that no other can be meant."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from rhytid.core.head.ends import ends, is_long
from rhytid.core.head.face_fit import (
    RIGHT_ANGLES,
    WORST_MM,
    FaceFit,
    coarse,
    face_triangles,
    fine,
    in_mesh,
    is_inside_out,
    nearest_right_angle,
    points_on,
    radius,
    with_modes,
)
from rhytid.core.head.head import Head, Int32
from rhytid.core.head.surface import Surface, spread_points

Float64 = npt.NDArray[np.float64]

_MESH_POINTS = 3000
_REFINED, _LIKELY, _LAST_ASKED = 4, 6, 3
# What fits so well without modes and stands so nearly upright needs no further word.
_PLAIN_MM, _PLAIN_TILT_DEG = 5.0, 4.0
_SAME_RAD = 0.05
# Of ends of bodies: how finely they are asked, how many turns about their length, and how much mesh is a head's.
_END_POINTS, _END_YAWS, _END_LIKELY, _AROUND_MM = 1500, 8, 3, 280.0
# Of the skull: what lies above a plane below the chin, slanting as necks are cut. Heads in the right turn come to 11 to
# 19 mm, in a wrong one to 32 and more.
_CHIN, _UP, _BELOW_CHIN_MM = 8, np.array([0.0, 1.0, -0.25], np.float32), 32.0
_SKULL_POINTS, _SKULL_MM = 320, 25.0
_EVERY_WAY = Rotation.create_group("I").as_matrix()
# Between those, so that none is farther than about 20 degrees away.
_BETWEEN = Rotation.random(240, np.random.default_rng(0)).as_matrix()
# First as heads stand, then turned by right angles, at last every way and with more or less than a head around them.
_FIRST_STARTS = ((np.eye(3)[None], (1.0,)), (RIGHT_ANGLES, (1.0,)))
_LAST_STARTS = (
    (_EVERY_WAY, (0.9,)),
    (_BETWEEN, (0.8,)),
    (RIGHT_ANGLES, (0.45, 0.7, 1.5)),
)


def find_face(points: Float64, triangles: Int32, reference: Head) -> FaceFit | None:
    """The nearest fit of a reference's face to a mesh, None where the mesh has no extent.

    Parameters
    ----------
    points : float64 (n, 3)
        In any unit and axes.
    triangles : int32 (T, 3)
    reference : Head
    """
    size = float(np.ptp(points[triangles.ravel()], axis=0).max())
    if not 1e-9 < size < 1e9:
        return None
    face = points_on(reference, face_triangles(reference), 2)
    whole = spread_points(reference.neutral.astype(np.float64), reference.skin_triangles, _MESH_POINTS)
    mesh = spread_points(points, triangles, _MESH_POINTS)
    surface, tree = Surface(points, triangles), cKDTree(mesh)
    mesh_radius = radius(mesh)
    tried: list[FaceFit] = []
    asked: list[tuple[FaceFit, FaceFit]] = []
    at_end = _at_ends(points, triangles, reference) if is_long(mesh) else None
    if at_end is not None and at_end.is_sure:
        return at_end._replace(is_inside_out=is_inside_out(at_end, reference, surface))
    wholes = [(whole, *start) for start in (*_FIRST_STARTS, *_LAST_STARTS)]
    # Before the rarest: a mesh that was cut to the face lies on the face, not on the head.
    for number, (like, rotations, factors) in enumerate((*wholes[:2], (face, RIGHT_ANGLES, (1.0,)), *wholes[2:])):
        if number == 1:
            by_skull = _by_skull(mesh, tree, reference)
            if by_skull.residual_mm <= _SKULL_MM:
                asked.append((by_skull, with_modes(by_skull, points, triangles, reference)))
                if asked[-1][1].is_sure:
                    found = asked[-1][1]
                    break
        starts = []
        for rotation, factor in itertools.product(rotations, factors):
            scale = radius(like) / max(mesh_radius, 1e-9 * size) * factor
            start = FaceFit(math.inf, scale, rotation, like.mean(axis=0) - scale * rotation @ mesh.mean(axis=0))
            starts.append(coarse(start, face[::2], mesh, tree))
        for start in sorted(starts, key=lambda start: start.residual_mm)[:_REFINED]:
            tried.append(fine(start, face, surface))
        tried.sort(key=lambda found: found.residual_mm)
        # Faces are so alike that a person may lie well askew on another: a fit that could be wrong has to be confirmed.
        if tried[0].residual_mm <= _PLAIN_MM and nearest_right_angle(tried[0].rotation)[1] <= _PLAIN_TILT_DEG:
            found = tried[0]._replace(is_sure=True)
            break
        likely = [one for one in tried[:_LIKELY] if one.residual_mm <= WORST_MM]
        sure = _confirmed(likely, asked, points, triangles, reference)
        if sure is not None:
            found = sure
            break
    else:
        found = _confirmed(tried[:_LAST_ASKED], asked, points, triangles, reference) or min(
            [*tried[:1], *(fit for _, fit in asked), *([at_end] if at_end else [])], key=lambda one: one.residual_mm
        )
    return found._replace(is_inside_out=is_inside_out(found, reference, surface))


def _by_skull(mesh: Float64, tree: cKDTree, reference: Head) -> FaceFit:
    """The nearest fit of a skull to points of a mesh, by the longest axes of both."""
    skull = _skull(reference)
    rotations = _axes(skull) @ RIGHT_ANGLES @ _axes(mesh).T
    return min((_on_skull(skull, mesh, tree, one) for one in rotations), key=lambda fit: fit.residual_mm)


def _at_ends(points: Float64, triangles: Int32, reference: Head) -> FaceFit | None:
    """The fit of a head at one end of a body: one that identity modes confirm, else the nearest face there, or None."""
    skull, starts = _skull(reference)[::2], []
    for end in ends(points, triangles):
        mesh = spread_points(points, end.triangles, _END_POINTS)
        tree = cKDTree(mesh)
        upright = Rotation.align_vectors([[0.0, 1.0, 0.0]], [end.up])[0]
        for yaw in np.arange(_END_YAWS) * (2 * np.pi / _END_YAWS):
            turn = Rotation.from_rotvec([0.0, yaw, 0.0]) * upright
            starts.append(_on_skull(skull, mesh, tree, turn.as_matrix()))
    starts.sort(key=lambda start: start.residual_mm)
    middles = points[triangles].mean(axis=1)
    found: list[FaceFit] = []
    for start in starts[:_END_LIKELY]:
        near = np.linalg.norm(middles - in_mesh(start, np.zeros(3)), axis=1) < _AROUND_MM / start.scale
        if near.any() and start.residual_mm <= _SKULL_MM:
            found.append(with_modes(start, points, triangles[near], reference))
            if found[-1].is_sure:
                return found[-1]
    return min(found, key=lambda one: one.residual_mm, default=None)


def _skull(reference: Head) -> Float64:
    """Points of all that a reference has above its neck.

    Faces alone lie nearly as well on much of a skull, and on hands; a skull on a skull, whose neck may be cut off
    anywhere, does not.
    """
    triangles = reference.skin_triangles
    neck = reference.neutral[reference.landmarks[_CHIN]] @ _UP - _BELOW_CHIN_MM
    above = (reference.neutral[triangles] @ _UP > neck).all(axis=1)
    return spread_points(reference.neutral.astype(np.float64), triangles[above], _SKULL_POINTS)


def _on_skull(skull: Float64, mesh: Float64, tree: cKDTree, rotation: Float64) -> FaceFit:
    scale = radius(skull) / max(radius(mesh), 1e-30)
    start = FaceFit(math.inf, scale, rotation, skull.mean(axis=0) - scale * rotation @ mesh.mean(axis=0))
    return coarse(start, skull, mesh, tree)


def _confirmed(
    likely: list[FaceFit], asked: list[tuple[FaceFit, FaceFit]], points: Float64, triangles: Int32, reference: Head
) -> FaceFit | None:
    """The first fit that identity modes confirm; `asked` gets each that was tried, and what became of it."""
    for one in likely:
        if not _is_among(one, asked):
            asked.append((one, with_modes(one, points, triangles, reference)))
            if asked[-1][1].is_sure:
                return asked[-1][1]
    return None


def _is_among(fit: FaceFit, asked: list[tuple[FaceFit, FaceFit]]) -> bool:
    """Whether a fit that lies nearly the same was asked already."""
    return any(Rotation.from_matrix(fit.rotation @ one.rotation.T).magnitude() < _SAME_RAD for one, _ in asked)


def _axes(points: Float64) -> Float64:
    """Principal axes (3, 3) of points as the columns of a rotation, the longest first."""
    axes: Float64 = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2].T
    return axes * np.array([1, 1, np.sign(np.linalg.det(axes)) or 1])

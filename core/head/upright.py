"""How a head of another file stands: which way it faces, in which unit, and whether it is a face at all.

Points of the face of a head that is known are laid onto the mesh by iterated nearest points with a similarity
(Besl and McKay 1992, Umeyama 1991), from many starts. The fit says the turn and the size; the mesh is then turned
by right angles and scaled by a known unit where that is what the fit says, so that what stands as it should keeps
its coordinates to the last bit.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from rhytid.core.head.fit.modes import fit_modes
from rhytid.core.head.fit.target import Target
from rhytid.core.head.head import Head, Int32
from rhytid.core.head.register import similarity
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]

MM_PER_CM = 10.0
_UNITS_MM = {
    "millimetres": 1.0,
    "centimetres": MM_PER_CM,
    "inches": 25.4,
    "decimetres": 100.0,
    "feet": 304.8,
    "metres": 1000.0,
}
# Heads of grown people differ by 15 %; inches and centimetres by a factor of 2.5.
_UNIT_TOLERANCE = 1.3
# A head that tilts by less stands as its author meant it; where the fit is sure of the tilt, by much less.
_LARGEST_TILT_DEG, _LARGEST_SURE_TILT_DEG = 15.0, 8.0
_FARTHEST_MM = 100.0

# 95 of 100 points of the known face lie within this of a face: measured 1 to 7 mm for people of the model, 14 mm and
# more for faces that lie wrongly, eggs, cylinders and boxes, which have no nose.
_WORST_MM = 10.0
_MEASURED = 0.95
_TRUSTED = 0.8
_FACE_POINTS = 400
_MESH_POINTS = 3000
_COARSE_STEPS, _FINE_STEPS, _REFINED, _LIKELY = 8, 30, 4, 6
# What fits so well without modes and stands so nearly upright needs no further word.
_PLAIN_MM, _PLAIN_TILT_DEG = 5.0, 4.0
# Identity modes reach much, so their residual counts for more. People in the right turn come to 1.8 to 2.8, where a
# re-meshed one has holes to 6.7 (and is told to be uncertain), in a wrong one to 8 and more.
_REACHED_BY_MODES = 3.0
_SURE_MM = 4.5
_SAME_RAD = 0.05
_STILL = 2e-4
_MEASURED_WEIGHT = 0.5


class NoFaceError(ValueError):
    """No part of the mesh is like a human face."""


@dataclass(frozen=True, eq=False)
class Stance:
    """The way from a file's coordinates to a head's: centimetres, Y up, facing +Z.

    Attributes
    ----------
    turn : float64 (3, 3) or None
        Rotation to apply first; None for none.
    unit_mm : float
        Size of the file's unit.
    shift_cm : float64 (3,) or None
        To be added last.
    is_inside_out : bool
        The faces show their back.
    notes : tuple of str
        What is done, to be told.
    start : (scale, rotation, shift), optional
        Lays the points that stand upright, in mm, onto the reference.
    """

    turn: Float64 | None
    unit_mm: float
    shift_cm: Float64 | None
    is_inside_out: bool
    notes: tuple[str, ...]
    start: tuple[float, Float64, Float64] | None = None

    def offsets(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Offsets (..., 3) of the file in cm; the same array where nothing is to be done."""
        if self.turn is not None:
            values = values @ self.turn.T.astype(values.dtype)
        return values if self.unit_mm == MM_PER_CM else values * (self.unit_mm / MM_PER_CM)

    def points(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Points (..., 3) of the file in cm; the same array where nothing is to be done."""
        values = self.offsets(values)
        return values if self.shift_cm is None else values + self.shift_cm


UPRIGHT_CM = Stance(None, MM_PER_CM, None, False, ())


def stance(vertices: npt.NDArray[np.floating], triangles: Int32, reference: Head) -> Stance:
    """Find how the skin of a head stands.

    Parameters
    ----------
    vertices : float (V, 3)
        In the file's own unit and axes.
    triangles : int32 (T, 3)
        The skin.
    reference : Head
        A head that stands as it should.

    Raises
    ------
    NoFaceError
        The mesh is like no human face, however it is turned and scaled.
    """
    points = np.asarray(vertices, np.float64)
    with np.errstate(all="ignore"):
        fit = _fit(points, triangles, reference)
    if fit is None or not fit.residual_mm <= _WORST_MM:
        raise NoFaceError(
            "the mesh is like no human face, however it is turned and scaled; choose the neutral mesh of a realistic "
            "head, without the body, and turn it upright in another program where it lies askew"
        )
    notes = []
    turn, told = _whole_turn(fit.rotation, _LARGEST_SURE_TILT_DEG if fit.is_sure else _LARGEST_TILT_DEG)
    if told:
        notes.append(told)
    if not fit.is_sure and turn is not None and _nearest_right_angle(turn)[1] > 1:
        notes.append("how the head lies is not certain; turn it upright in another program if it stands askew")
    unit_mm, told = _known_unit(fit.scale)
    if told:
        notes.append(told)
    face = _points_on(reference, _face_triangles(reference), 1)
    moved = unit_mm * ((face - fit.shift) / fit.scale @ fit.rotation)
    center = (moved if turn is None else moved @ turn.T).mean(axis=0)
    shift = None
    away = float(np.linalg.norm(face.mean(axis=0) - center))
    if away > _FARTHEST_MM:
        shift = (face.mean(axis=0) - center).round() / MM_PER_CM
        notes.append(f"moved by {away / 1000:.2g} m to where heads are")
    # From upright mm back to the file's coordinates, and on as the fit says.
    scale = fit.scale / unit_mm
    rotation = fit.rotation if turn is None else fit.rotation @ turn.T
    moved_mm = np.zeros(3) if shift is None else MM_PER_CM * shift
    start = (scale, rotation, fit.shift - scale * rotation @ moved_mm)
    return Stance(turn, unit_mm, shift, fit.is_inside_out, tuple(notes), start)


class _Fit(NamedTuple):
    """`reference ~ scale * mesh @ rotation.T + shift`, and how far 95 of 100 points of the face stay away.

    It is sure where a person of the model lies so near that no other turn can be meant.
    """

    residual_mm: float
    scale: float
    rotation: Float64
    shift: Float64
    is_inside_out: bool = False
    is_sure: bool = False


def _fit(points: Float64, triangles: Int32, reference: Head) -> _Fit | None:
    size = float(np.ptp(points[triangles.ravel()], axis=0).max())
    if not 1e-9 < size < 1e9:
        return None
    face = _points_on(reference, _face_triangles(reference), 2)
    whole = _sampled(reference.neutral.astype(np.float64), reference.skin_triangles, _MESH_POINTS)
    mesh = _sampled(points, triangles, _MESH_POINTS)
    surface, tree = Surface(points, triangles), cKDTree(mesh)
    mesh_radius = _radius(mesh)
    tried: list[_Fit] = []
    asked: list[tuple[_Fit, _Fit]] = []
    by_axes = _axes(whole) @ _RIGHT_ANGLES @ _axes(mesh).T
    wholes = [(whole, *start) for start in (*_FIRST_STARTS, (by_axes, (1.0,)), *_LAST_STARTS)]
    # Before the rarest: a mesh that was cut to the face lies on the face, not on the head.
    for like, rotations, factors in (*wholes[:2], (face, _RIGHT_ANGLES, (1.0,)), *wholes[2:]):
        starts = []
        for rotation, factor in itertools.product(rotations, factors):
            scale = _radius(like) / max(mesh_radius, 1e-9 * size) * factor
            start = _Fit(math.inf, scale, rotation, like.mean(axis=0) - scale * rotation @ mesh.mean(axis=0))
            starts.append(_coarse(start, face[::2], mesh, tree))
        for start in sorted(starts, key=lambda start: start.residual_mm)[:_REFINED]:
            tried.append(_fine(start, face, surface))
        tried.sort(key=lambda found: found.residual_mm)
        # Faces are so alike that a person may lie well askew on another: a fit that could be wrong has to be confirmed.
        if tried[0].residual_mm <= _PLAIN_MM and _nearest_right_angle(tried[0].rotation)[1] <= _PLAIN_TILT_DEG:
            found = tried[0]._replace(is_sure=True)
            break
        likely = [one for one in tried[:_LIKELY] if one.residual_mm <= _WORST_MM]
        sure = _confirmed(likely, asked, points, triangles, reference)
        if sure is not None:
            found = sure
            break
    else:
        found = _confirmed(tried[:_LIKELY], asked, points, triangles, reference) or min(
            [tried[0], *(fit for _, fit in asked)], key=lambda one: one.residual_mm
        )
    return found._replace(is_inside_out=_is_inside_out(found, reference, surface))


def _confirmed(
    likely: list[_Fit], asked: list[tuple[_Fit, _Fit]], points: Float64, triangles: Int32, reference: Head
) -> _Fit | None:
    """The first fit that identity modes confirm; `asked` gets each that was tried, and what became of it."""
    for one in likely:
        if not _is_among(one, asked):
            asked.append((one, _with_modes(one, points, triangles, reference)))
            if asked[-1][1].is_sure:
                return asked[-1][1]
    return None


def _is_among(fit: _Fit, asked: list[tuple[_Fit, _Fit]]) -> bool:
    """Whether a fit that lies nearly the same was asked already."""
    return any(Rotation.from_matrix(fit.rotation @ one.rotation.T).magnitude() < _SAME_RAD for one, _ in asked)


_RIGHT_ANGLES = np.stack([r for r in Rotation.create_group("O").as_matrix().round()])
_EVERY_WAY = Rotation.create_group("I").as_matrix()
# Between those, so that none is farther than about 20 degrees away.
_BETWEEN = Rotation.random(240, np.random.default_rng(0)).as_matrix()
# First as heads stand, then turned by right angles, then by their own longest axes, at last every way and with more
# or less than a head around them.
_FIRST_STARTS = ((np.eye(3)[None], (1.0,)), (_RIGHT_ANGLES, (1.0,)))
_LAST_STARTS = (
    (_EVERY_WAY, (0.9,)),
    (_BETWEEN, (0.8,)),
    (_RIGHT_ANGLES, (0.45, 0.7, 1.5)),
)


def _coarse(fit: _Fit, face: Float64, mesh: Float64, tree: cKDTree) -> _Fit:
    for _ in range(_COARSE_STEPS):
        distance, index = tree.query(_in_mesh(fit, face))
        near = distance <= np.quantile(distance, _TRUSTED)
        fit = _Fit(math.inf, *similarity(mesh[index[near]], face[near]))
    distance = np.asarray(tree.query(_in_mesh(fit, face))[0])
    return fit._replace(residual_mm=float(np.quantile(distance, _MEASURED)) * fit.scale)


def _fine(fit: _Fit, face: Float64, surface: Surface) -> _Fit:
    some = face[::2]
    for _ in range(_FINE_STEPS):
        where = surface.nearest(_in_mesh(fit, some), n_candidates=4)
        near = where.distance <= np.quantile(where.distance, _TRUSTED)
        found = _Fit(math.inf, *similarity(surface.at(where)[near], some[near]))
        still = np.abs(found.rotation - fit.rotation).max() < _STILL
        fit = found
        if still:
            break
    distance = surface.nearest(_in_mesh(fit, face), n_candidates=8).distance
    return fit._replace(residual_mm=float(np.quantile(distance, _MEASURED)) * fit.scale)


def _with_modes(fit: _Fit, points: Float64, triangles: Int32, reference: Head) -> _Fit:
    """A fit of the person that the mesh most likely shows; its residual counts for more, as modes reach much."""
    used, corners = np.unique(triangles, return_inverse=True)
    near = points[used] @ fit.rotation.T + fit.shift / fit.scale
    target = Target(fit.scale * near, corners.reshape(-1, 3).astype(np.int32))
    found = fit_modes(target, reference, 1.0)
    face = reference.detail_weight > _MEASURED_WEIGHT
    distance = Surface(target.points, target.triangles).nearest(found.skin[face], n_candidates=8).distance
    residual_mm = _REACHED_BY_MODES * float(np.quantile(distance, _MEASURED))
    if residual_mm > fit.residual_mm:
        return fit
    turned = found.rotation.T
    scale = fit.scale / found.scale
    shift = (fit.shift - found.shift) @ found.rotation / found.scale
    return _Fit(residual_mm, scale, turned @ fit.rotation, shift, is_sure=residual_mm <= _SURE_MM)


def _in_mesh(fit: _Fit, points: Float64) -> Float64:
    return (points - fit.shift) / max(fit.scale, 1e-12) @ fit.rotation


def _is_inside_out(fit: _Fit, reference: Head, surface: Surface) -> bool:
    triangles = _face_triangles(reference)
    known = Surface(reference.neutral, triangles)
    points = _points_on(reference, triangles, 1)
    own = known.normals[known.nearest(points).triangle]
    there = surface.normals[surface.nearest(_in_mesh(fit, points)).triangle] @ fit.rotation.T
    return float((own * there).sum()) < 0


def _whole_turn(rotation: Float64, largest_tilt_deg: float) -> tuple[Float64 | None, str]:
    """The turn by right angles that a rotation nearly is, else itself; None for none; and words for it."""
    nearest, tilt_deg = _nearest_right_angle(rotation)
    if tilt_deg <= largest_tilt_deg:
        rotation = nearest
    vector = Rotation.from_matrix(rotation).as_rotvec(degrees=True)
    angle = float(np.linalg.norm(vector))
    if angle < 1:
        return None, ""
    axis = vector / angle
    names = [name for name, part in zip("XYZ", axis, strict=True) if abs(part) > 0.99]
    sign = -1 if names and axis["XYZ".index(names[0])] < 0 else 1
    about = names[0] if names else "({:.2f}, {:.2f}, {:.2f})".format(*axis)
    return rotation, f"turned by {sign * angle:.0f} degrees about {about}"


def _nearest_right_angle(rotation: Float64) -> tuple[Float64, float]:
    """The turn by right angles that is nearest to a rotation, and how far that is in degrees."""
    away = Rotation.from_matrix(np.einsum("ij,nkj->nik", rotation, _RIGHT_ANGLES)).magnitude()
    return _RIGHT_ANGLES[int(away.argmin())], float(np.degrees(away.min()))


def _known_unit(scale_mm: float) -> tuple[float, str]:
    """Unit in mm that makes the head about as large as heads are, and words for it; centimetres go unsaid."""
    name, unit = min(_UNITS_MM.items(), key=lambda item: abs(math.log(scale_mm / item[1])))
    if max(scale_mm / unit, unit / scale_mm) <= _UNIT_TOLERANCE:
        return unit, "" if unit == MM_PER_CM else f"scaled from {name}"
    return scale_mm, "scaled to the size of a head, for its own unit is not known"


def _face_triangles(reference: Head) -> Int32:
    triangles = reference.skin_triangles
    return triangles[(reference.detail_weight[triangles] > _MEASURED_WEIGHT).all(axis=1)]


def _points_on(reference: Head, triangles: Int32, every: int) -> Float64:
    return _sampled(reference.neutral.astype(np.float64), triangles, _FACE_POINTS)[::every]


def _sampled(vertices: Float64, triangles: Int32, count: int) -> Float64:
    """Points (count, 3) spread evenly over the area of a mesh, always the same ones."""
    corner = vertices[triangles]
    area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1).cumsum()
    chosen = np.searchsorted(area, (np.arange(count) + 0.5) / count * area[-1]).clip(max=len(triangles) - 1)
    along = np.random.default_rng(0).random((count, 2))
    along = np.where(along.sum(axis=1, keepdims=True) > 1, 1 - along, along)
    first = corner[chosen, 0]
    sampled: Float64 = first + along[:, :1] * (corner[chosen, 1] - first) + along[:, 1:] * (corner[chosen, 2] - first)
    return sampled


def _axes(points: Float64) -> Float64:
    """Principal axes (3, 3) of points as the columns of a rotation, the longest first."""
    axes: Float64 = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2].T
    return axes * np.array([1, 1, np.sign(np.linalg.det(axes)) or 1])


def _radius(points: Float64) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))

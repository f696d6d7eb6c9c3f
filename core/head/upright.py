"""How a head of another file stands: which way it faces, in which unit, and whether it is a face at all.

A known face that is laid onto the mesh says the turn and the size; the mesh is then turned by right angles and scaled
by a known unit where that is what the fit says, so that what stands as it should keeps its coordinates to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from rhytid.core.head.face_fit import WORST_MM, face_triangles, nearest_right_angle, points_on
from rhytid.core.head.face_search import find_face
from rhytid.core.head.head import Head, Int32

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
        fit = find_face(points, triangles, reference)
    if fit is None or not fit.residual_mm <= WORST_MM:
        raise NoFaceError(
            "the mesh is like no human face, however it is turned and scaled; choose the neutral mesh of a realistic "
            "head, and turn it upright in another program where it lies askew: what lies somewhat wrong once it opens, "
            "the pins of Head > Fit This Head put in place"
        )
    notes = []
    turn, told = _whole_turn(fit.rotation, _LARGEST_SURE_TILT_DEG if fit.is_sure else _LARGEST_TILT_DEG)
    if told:
        notes.append(told)
    if not fit.is_sure and turn is not None and nearest_right_angle(turn)[1] > 1:
        notes.append("how the head lies is not certain; turn it upright in another program if it stands askew")
    unit_mm, told = _known_unit(fit.scale)
    if told:
        notes.append(told)
    face = points_on(reference, face_triangles(reference), 1)
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


def _whole_turn(rotation: Float64, largest_tilt_deg: float) -> tuple[Float64 | None, str]:
    """The turn by right angles that a rotation nearly is, else itself; None for none; and words for it."""
    nearest, tilt_deg = nearest_right_angle(rotation)
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


def _known_unit(scale_mm: float) -> tuple[float, str]:
    """Unit in mm that makes the head about as large as heads are, and words for it; centimetres go unsaid."""
    name, unit = min(_UNITS_MM.items(), key=lambda item: abs(math.log(scale_mm / item[1])))
    if max(scale_mm / unit, unit / scale_mm) <= _UNIT_TOLERANCE:
        return unit, "" if unit == MM_PER_CM else f"scaled from {name}"
    return scale_mm, "scaled to the size of a head, for its own unit is not known"

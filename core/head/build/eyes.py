"""Eyeballs with a cornea, turned by the eyeLook shapes.

ICT-FaceKit Light's eyeballs do not turn in its shapes, its lids do follow them; the angles here are common
limits of comfortable gaze.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.head.build.pieces import Piece, fan, strip
from rhytid.core.head.head import Part
from rhytid.core.head.model import HeadModel

Float64 = npt.NDArray[np.float64]

# Sphere through the left lids' innermost loops in neutral, mm of the ICT model; the ball is a little
# smaller, so that lids half way of a blink, which move along chords, stay in front of it.
CENTRE = np.array([30.99, 36.33, 79.95])
RADIUS = 14.4
LIMBUS_DEG = 24.0
_CORNEA_MM = 0.85
_RING_DEG = (2.5, 5, 7.5, 10, 13, 16, 19, 22, 24, 26, 29, 33, 38, 44, 52, 62, 74, 88, 104, 124, 148)
_N_SECTORS = 36
ANGLE_DEG = {"Down": 28.0, "Up": 26.0, "In": 32.0, "Out": 32.0}


def eyeball(model: HeadModel, part: Part) -> tuple[Piece, Float64]:
    """One eyeball and its centre (3,)."""
    side = 1.0 if part == Part.EYE_LEFT else -1.0
    centre = CENTRE * [side, 1, 1]
    polar = np.radians(_RING_DEG)
    around = np.arange(_N_SECTORS) / _N_SECTORS * 2 * np.pi
    angle, azimuth = np.meshgrid(polar, around, indexing="ij")
    directions = np.stack(
        [np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth), np.cos(angle)], axis=-1
    ).reshape(-1, 3)
    angle = np.concatenate([angle.ravel(), [0.0, np.pi]])
    azimuth = np.concatenate([azimuth.ravel(), [0.0, 0.0]])
    directions = np.concatenate([directions, [[0, 0, 1], [0, 0, -1]]])
    local = directions * radius_towards(directions[:, 2])[:, None]
    rows = np.arange(len(polar) * _N_SECTORS).reshape(len(polar), _N_SECTORS)
    front, back = len(directions) - 2, len(directions) - 1
    faces = np.concatenate([strip(rows[:, ::-1], closed=True), fan(rows[0], front), fan(rows[-1, ::-1], back)])
    # Lambert's equal-area disc, the iris in its middle; right and left side by side.
    uv = 0.24 * np.sin(angle / 2)[:, None] * np.stack([np.cos(azimuth), np.sin(azimuth)], axis=1)
    uv += [0.5 - 0.25 * -side, 0.5]
    vertices = centre + local
    expression = np.zeros((N_EXPRESSION, len(vertices), 3))
    for name in ANGLE_DEG:
        turned = gaze_turn(name, side)
        index = ARKIT_INDEX[f"eyeLook{name}{'Left' if side > 0 else 'Right'}"]
        expression[index] = local @ (turned - np.eye(3)).T
    identity = np.stack([_mode(model, part, mode, centre, local) for mode in model.identity])
    return Piece.alone(vertices, faces, part, uv, identity, expression), centre


def radius_towards(cosine: Float64) -> Float64:
    """Radius of the eyeball in mm in directions of this cosine with the gaze: the cornea bulges."""
    angle = np.arccos(np.clip(cosine, -1, 1))
    return RADIUS + _CORNEA_MM * np.clip(1 - (angle / np.radians(LIMBUS_DEG + 2)) ** 2, 0, 1) ** 1.5


def gaze_turn(name: str, side: float) -> Float64:
    """Rotation (3, 3) of the left (side 1) or the right eyeball (-1) by the shape eyeLook`name` at weight 1."""
    a = np.radians(ANGLE_DEG[name])
    c, s = np.cos(a), np.sin(a)
    if name in ("Up", "Down"):
        s = s if name == "Down" else -s
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    s *= side if name == "Out" else -side
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def _mode(model: HeadModel, part: Part, mode: npt.NDArray[np.float16], centre: Float64, local: Float64) -> Float64:
    """A mode shifts the ball and scales it, as it does on average to ICT's ball."""
    faces = model.faces[model.parts == part]
    chosen = np.unique(faces[faces >= 0])
    points = model.neutral[chosen].astype(np.float64) - centre
    offsets = mode[chosen].astype(np.float64)
    middle = points - points.mean(axis=0)
    growth = (middle * (offsets - offsets.mean(axis=0))).sum() / (middle**2).sum()
    shift = offsets.mean(axis=0) - growth * points.mean(axis=0)
    return shift + growth * local

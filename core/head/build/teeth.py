"""Crowns of single teeth: rings from the root to the edge, closed by an occlusal surface with its cusps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.build.dental_arch import CANINE, LATERAL, MOLAR, PREMOLAR, Arch
from rhytid.core.head.build.pieces import facing_out, fan, strip, turned_over

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

N_AROUND = 16
# Heights of the rings as shares of the crown; the first stands in the gum.
_HEIGHT = np.array([0.0, 0.2, 0.45, 0.7, 0.88, 0.97])
_CAP = (0.72, 0.36)  # rings of the occlusal surface, as shares of the last ring
_GAP_MM, _TAPER = 0.16, 0.2
_SEED = 28
# Natural teeth are never quite in line: standard deviations of turn and lean, and of place along two axes.
_TURN_DEG, _LEAN_DEG, _INSET_MM, _LENGTH_MM = 1.6, 0.6, 0.12, 0.14


@dataclass(frozen=True)
class Form:
    """Outline of a class of teeth over the rings' heights.

    Attributes
    ----------
    mesial, distal : tuple of 6 float
        Half width towards the middle of the arch and away from it, as shares of half the tooth's width.
    labial, lingual : tuple of 6 float
        Extent outwards and inwards, as shares of half its thickness; a negative one lies on the other side.
    squareness : float
        Exponent of the cross-section: 1 is an ellipse, less is squarer.
    """

    mesial: tuple[float, ...]
    distal: tuple[float, ...]
    labial: tuple[float, ...]
    lingual: tuple[float, ...]
    squareness: float


_INCISOR = Form(
    (0.72, 0.84, 0.94, 1.0, 0.99, 0.93), (0.70, 0.82, 0.93, 0.99, 0.96, 0.86),
    (0.93, 1.0, 0.98, 0.90, 0.80, 0.72), (0.97, 1.0, 0.48, 0.02, -0.24, -0.36), 0.72,
)  # fmt: skip
_CANINE = Form(
    (0.74, 0.86, 0.97, 1.0, 0.92, 0.78), (0.74, 0.88, 1.0, 0.98, 0.87, 0.70),
    (0.94, 1.0, 0.98, 0.88, 0.74, 0.64), (0.96, 1.0, 0.62, 0.22, -0.10, -0.26), 0.82,
)  # fmt: skip
_PREMOLAR = Form(
    (0.78, 0.90, 0.98, 1.0, 0.90, 0.78), (0.78, 0.90, 0.98, 1.0, 0.90, 0.78),
    (0.92, 1.0, 0.98, 0.86, 0.70, 0.56), (0.92, 1.0, 1.0, 0.90, 0.72, 0.56), 0.80,
)  # fmt: skip
_MOLAR = Form(
    (0.84, 0.93, 0.99, 1.0, 0.93, 0.82), (0.84, 0.93, 0.99, 0.99, 0.90, 0.80),
    (0.93, 1.0, 0.97, 0.88, 0.76, 0.64), (0.93, 1.0, 0.99, 0.91, 0.78, 0.66), 0.62,
)  # fmt: skip


def form_of(number: int) -> Form:
    """Form of a tooth by its number from the middle."""
    if number < CANINE:
        return _INCISOR
    return _CANINE if number == CANINE else _PREMOLAR if number < MOLAR else _MOLAR


def labial_extent(arch: Arch, number: int, height: float) -> tuple[float, float]:
    """How far a tooth reaches out and in from its middle at a share of its crown, in mm."""
    form, half = form_of(number), arch.thickness[number] / 2
    return (
        half * float(np.interp(height, _HEIGHT, form.labial)),
        half * float(np.interp(height, _HEIGHT, form.lingual)),
    )


def teeth(arch: Arch) -> tuple[Float64, Int64, Float64]:
    """All teeth of a jaw: vertices, faces, and texture coordinates within 0..1 x 0..0.2."""
    random = np.random.default_rng([_SEED, int(arch.up > 0)])
    vertices, faces, uv = [], [], []
    count = 0
    for number in range(len(arch.widths)):
        for side in (1.0, -1.0):
            v, f, t = _tooth(arch, number, side, random.normal(size=4).clip(-2, 2))
            slot = number + (7 if side < 0 else 0)
            faces.append(np.where(f >= 0, f + count, f))
            vertices.append(v)
            uv.append((t * 0.9 + 0.05) * [1 / 14, 0.2] + [slot / 14, 0.0])
            count += len(v)
    return np.concatenate(vertices), np.concatenate(faces), np.concatenate(uv)


def _tooth(arch: Arch, number: int, side: float, chance: Float64) -> tuple[Float64, Int64, Float64]:
    """One tooth; `chance` (4,) moves it a little."""
    form, thick, crown = form_of(number), arch.thickness[number], arch.crown[number]
    angle = np.arange(N_AROUND) / N_AROUND * 2 * np.pi
    cosine, sine = (np.sign(c) * np.abs(c) ** form.squareness for c in (np.cos(angle), np.sin(angle)))
    distal = (arch.widths[number] - _GAP_MM) / 2 * np.where(cosine > 0, 1.0, 0.0)
    mesial = (arch.widths[number] - _GAP_MM) / 2 - distal
    # Towards the tongue the arch leaves less room.
    narrower = 1 - _TAPER * np.clip(-sine, 0, 1)
    rings = []
    for k, height in enumerate(_HEIGHT):
        across = cosine * (distal * form.distal[k] + mesial * form.mesial[k]) * narrower
        out = sine * thick / 2 * np.where(sine > 0, form.labial[k], form.lingual[k])
        if form.lingual[k] < 0:  # An edge: both faces lie before the tooth's middle.
            labial, lingual = thick / 2 * form.labial[k], thick / 2 * form.lingual[k]
            out = (labial - lingual + sine * (labial + lingual)) / 2
        share = np.clip((height - 0.35) / 0.62, 0, 1) ** 2
        rings.append(np.stack([across, height * crown - share * _worn(number, angle, across, arch), out], axis=1))
    last = rings[-1]
    centre = np.array([last[:, 0].mean(), 0.0, last[:, 2].mean()])
    for scale in _CAP:
        ring = centre + (last - centre) * scale
        ring[:, 1] = crown - _occlusal(number, angle, scale) - _worn(number, angle, ring[:, 0], arch)
        rings.append(ring)
    tip = centre + np.array([0.0, crown - _occlusal(number, angle, 0.0).mean(), 0.0])
    local = np.concatenate([*rings, [tip]])
    return _placed(arch, number, side, chance, local), *_faces(local, len(rings), side * arch.up)


def _worn(number: int, angle: Float64, across: Float64, arch: Arch) -> Float64:
    """By how much the edge lies below the crown's height, mm (N_AROUND,): corners, a canine's tip, grooves."""
    u = 2 * across / arch.widths[number]
    if number <= LATERAL:
        # The corner away from the middle is rounder; upper teeth keep a trace of the three lobes they grew from.
        corner = np.where(u > 0, 1.1 + 0.35 * number, 0.45 + 0.35 * number) * (0.75 if arch.up > 0 else 1.0)
        return np.asarray(corner * np.abs(u) ** 3.5 + 0.06 * (1 - np.cos(3 * np.pi * u)))
    if number == CANINE:
        return np.asarray(np.where(u > 0, 1.5, 1.0) * (np.sqrt(u**2 + 0.09) - 0.3))  # a tip that has met others
    if number < MOLAR:  # Two cusps; the inner one is the lower.
        return np.asarray(1.5 * np.cos(angle) ** 2 + 0.8 * np.clip(-np.sin(angle), 0, 1))
    return np.asarray(0.42 * (1 + np.cos(4 * angle)) + 0.35 * np.clip(-np.sin(angle), 0, 1))


def _occlusal(number: int, angle: Float64, scale: float) -> Float64:
    """Depth of the occlusal surface below the crown's height on a ring of the cap, mm (N_AROUND,)."""
    if number <= CANINE:
        return np.full(len(angle), -0.04 * (1 - scale))
    depth = 1.7 if number < MOLAR else 1.9
    grooves = 0.22 * (1 + np.cos(2 * angle if number < MOLAR else 4 * angle)) * scale
    return np.asarray(depth * (1 - scale) ** 0.8 + grooves - 0.35 * scale)


def _placed(arch: Arch, number: int, side: float, chance: Float64, local: Float64) -> Float64:
    """Local (along the arch, up the crown, outwards) to the model's millimetres."""
    turn, lean = np.radians([_TURN_DEG, _LEAN_DEG]) * chance[:2]
    inset, length = _INSET_MM * chance[2], _LENGTH_MM * chance[3] * (number <= LATERAL)
    along, up, out = local.T
    along, out = along * np.cos(turn) - out * np.sin(turn), along * np.sin(turn) + out * np.cos(turn)
    along = along + np.tan(lean) * (up - arch.crown[number] * 0.75) * (number <= PREMOLAR)
    point, normal = arch.point(np.array([side * arch.middles[number]]), arch.thickness[number] / 2 + inset)
    tangent = np.array([normal[0, 1], -normal[0, 0]]) * side  # away from the middle on either side
    xz = point[0] + along[:, None] * tangent + out[:, None] * normal[0]
    y = arch.neck_y[number] + arch.up * (up + length)
    return np.stack([xz[:, 0], y, xz[:, 1]], axis=1)


def _faces(local: Float64, n_rings: int, handed: float) -> tuple[Int64, Float64]:
    grid = np.arange(n_rings * N_AROUND).reshape(n_rings, N_AROUND)
    faces = np.concatenate([strip(grid, closed=True), fan(grid[-1], len(local) - 1)])
    faces = facing_out(local, faces, local.mean(axis=0))
    if handed < 0:  # The placing mirrors.
        faces = turned_over(faces)
    u = np.tile(np.abs(np.arange(N_AROUND) / N_AROUND * 2 - 1), n_rings)
    v = np.repeat(np.linspace(0, 0.98, n_rings), N_AROUND)
    return faces, np.concatenate([np.stack([u, v], axis=1), [[0.5, 1.0]]])

"""What a scanner adds: the edge of the cap over the hair, hair at the temples, a ragged border, nothing beyond.

The outline is the chart's usual one, drawn for this project; it strays with the person, and a little with
each capture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.noise import drawn_out, normalised, white
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only
from rhytid.core.synthesis.drift import drift_field, drifted

Float32 = npt.NDArray[np.float32]
_MIDDLE = 127.5
_SLIP_PX, _NEW_NOISE = 1.6, 0.45
_CAP_SKIN = 0.3  # share of the texture that shows on a cap
_SOFT_X_PX, _SOFT_Y_PX = 0.47, 0.6  # standard deviations of what resampling to the chart blurs
# Right half of the border, from the top downwards, in texels.
_OUTLINE = ((82, -6), (66, 16), (50, 33), (30, 60), (14, 82), (10, 100), (10, 122), (15, 152), (24, 185), (34, 216),
            (42, 240), (48, 262))  # fmt: skip
_ARCH = ((16, 82), (30, 62), (48, 42), (66, 32), (84, 22), (104, 13), (127, 10))
_STEEP = ((14, 84), (30, 64), (50, 42), (64, 26), (76, 8), (82, -6))


@dataclass(frozen=True, eq=False)
class Border:
    """What the scans of a person have about the face, float32 (256, 256) each, read-only.

    Attributes
    ----------
    inside : 1 on the face, 0 beyond the border.
    rough : mm, strong noise along the border and the hair at the temples.
    cap : mm, ridges of the cap's edge.
    amount : mm, RMS of `rough`.
    bare : 1 on skin, less where the cap covers it, which is smoother.
    """

    inside: Float32
    rough: Float32
    cap: Float32
    amount: Float32
    bare: Float32


def _course(points: tuple[tuple[float, float], ...], stray: npt.NDArray[np.float64], side: int) -> Float32:
    course = np.array(points, np.float64) + stray
    if side:
        course[:, 0] = 2 * _MIDDLE - course[:, 0]
    return course.astype(np.float32)


@lru_cache(maxsize=6)
def border(seed: int) -> Border:
    """The border of the person's scans."""
    rng = np.random.default_rng([seed, 911])
    arched = rng.random() < 0.45
    inward = float(rng.uniform(-3, 4))
    halves, caps = [], []
    for side in (0, 1):
        stray = rng.normal(0, 1.3, (len(_OUTLINE), 2)) + np.array([inward, 0.0])
        halves.append(_course(_OUTLINE, stray, side))
        shape = _ARCH if arched else _STEEP
        lift = np.array([rng.uniform(-2, 5), rng.uniform(-3, 6)])
        caps.append(_course(shape, rng.normal(0, 1.4, (len(shape), 2)) + lift, side))
    polygon = np.concatenate([halves[0], halves[1][::-1]])
    inside = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillPoly(inside, [np.round(polygon * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    covered = np.pad((inside > 0).astype(np.uint8), 1, "edge")
    distance = np.asarray(cv2.distanceTransform(covered, cv2.DIST_L2, 3)[1:-1, 1:-1], np.float32)
    ragged = low_pass(white(seed, 401, SIDE), 1.8) * np.float32(1.8 * 2 * np.sqrt(np.pi) * 0.5)
    rows = np.arange(SIDE, dtype=np.float32)[:, None]
    ramp = 2 + 4 * np.clip((rows - 50) / 30, 0, 1)  # px; scans end sharply at the cap and fade out at the cheeks
    soft = np.clip((distance + ragged - 2.5) / ramp, 0, 1) * np.clip(distance, 0, 1)
    amount = _rough_amount(seed, rng, distance)
    strands = _strands(seed) * amount
    rough = np.asarray(strands - low_pass(strands, 5), np.float32) * np.float32(1 - _NEW_NOISE)
    values = Border(soft.astype(np.float32), rough, _cap(seed, rng, caps, arched), amount, _bare(caps, arched))
    for array in (values.inside, values.rough, values.cap, values.amount, values.bare):
        read_only(array)
    return values


def _bare(courses: list[Float32], arched: bool) -> Float32:
    """1 below an arched cap's edge and `_CAP_SKIN` above it, float32 (256, 256); a steep cap is no part of the scan."""
    if not arched:
        return np.ones((SIDE, SIDE), np.float32)
    ends = np.array([[270, 82], [270, 270], [-14, 270], [-14, 82]], np.float32)
    polygon = np.concatenate([courses[0], courses[1][::-1], ends])
    bare = np.full((SIDE, SIDE), _CAP_SKIN, np.float32)
    cv2.fillPoly(bare, [np.round(polygon * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    return low_pass(bare, 1.5)


def _strands(seed: int) -> Float32:
    """Noise of unit RMS drawn out along the hair: from the crown down and outwards at the temples, down the cheeks."""
    axis = np.arange(SIDE, dtype=np.float32)
    x, y = axis[None, :], axis[:, None]
    lean = np.where(x < _MIDDLE, -1, 1) * np.clip((110 - y) / 110, 0, 1) * np.float32(0.8)
    wander = low_pass(white(seed, 402, SIDE), 5) * np.float32(5 * 2 * np.sqrt(np.pi) * 0.45)
    angle = np.float32(np.pi / 2) - lean + wander
    steps = (np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32))
    noise = white(seed, 403, SIDE)
    return normalised(drawn_out(low_pass(noise, 0.75) - low_pass(noise, 2.8), *steps, 3))


def _rough_amount(seed: int, rng: np.random.Generator, distance: Float32) -> Float32:
    """How strong the noise is: most along the border, some in the hair of the temples; patchy."""
    y = np.arange(SIDE, dtype=np.float32)[:, None]
    width = float(rng.uniform(16, 28))
    hair = float(np.exp(rng.normal(0, 0.5)))
    beside = np.exp(-((distance / width) ** 2)) * np.clip((y - 25) / 55, 0.12, 1)
    falling = np.where(y > 190, 0.75, 1.0).astype(np.float32)
    temple = np.exp(-((distance / np.float32(width * 1.4)) ** 2)) * np.clip((86 - y) / 20, 0, 1) * np.clip(y / 20, 0, 1)
    broad = low_pass(white(seed, 404, SIDE), 6) * np.float32(6 * 2 * np.sqrt(np.pi))
    amount = np.float32(0.155) * beside * falling + np.float32(0.055 * hair) * temple
    return np.asarray(amount * np.exp(np.float32(0.5) * broad), np.float32)


def _cap(seed: int, rng: np.random.Generator, courses: list[Float32], arched: bool) -> Float32:
    """A double edge: the rim that the cap presses into skin and hair, and folds of the cap outside it."""
    strokes = []
    strength = float(np.exp(rng.normal(0, 0.4))) * (1.0 if arched else 0.8)
    lines = [np.concatenate([courses[0], courses[1][::-1][1:]])] if arched else courses
    for index, course in enumerate(lines):
        offsets = [(0.0, -0.26, 3.8), (3.8, 0.2, 3.6)]
        for _ in range(int(rng.integers(1, 4))):
            offsets.append((float(rng.uniform(8, 20)), float(rng.normal(0, 0.06)), 4.6))
        if rng.random() < 0.6:
            offsets.append((-float(rng.uniform(5, 14)), float(rng.normal(0, 0.05)), 4.2))
        for number, (outwards, depth, width) in enumerate(offsets):
            slack = rng.normal(0, 0.8, course.shape)
            away = course - np.array([_MIDDLE, 130.0])
            away /= np.hypot(away[:, :1], away[:, 1:])
            points = (course + away * outwards + slack + 0.5) / SIDE
            pressure = np.clip(0.75 + 0.35 * rng.standard_normal(len(points)), 0.15, 1)
            strokes.append(
                Stroke(
                    f"cap-{index}-{number}", points.astype(np.float32), pressure.astype(np.float32),
                    width / SIDE, depth * strength, Profile.WRINKLE,
                )
            )  # fmt: skip
    drawn = relief([(stroke, 1.0) for stroke in strokes], SIDE)
    roughened = 1 + np.float32(0.2) * normalised(low_pass(white(seed, 405, SIDE), 2))
    drawn = drawn * roughened
    return np.asarray(drawn - low_pass(drawn, 4.5), np.float32)


def capture_marks(seed: int, capture: int) -> Float32:
    """Seams and smears of one capture in mm, float32 (256, 256): scratches near the jaw, a stitching seam."""
    rng = np.random.default_rng([seed, capture, 921])
    strokes = []
    for number in range(int(rng.poisson(0.7))):
        side = rng.random() < 0.5
        x, y = float(rng.uniform(22, 60)), float(rng.uniform(90, 240))
        length, angle = float(rng.uniform(6, 22)), float(rng.normal(np.pi / 2, 0.4))
        s = np.linspace(-0.5, 0.5, 6) * length
        points = np.stack([x + s * np.cos(angle), y + s * np.sin(angle)], 1) + rng.normal(0, 0.4, (6, 2))
        if side:
            points[:, 0] = 2 * _MIDDLE - points[:, 0]
        strokes.append(
            Stroke(
                f"seam-{number}", ((points + 0.5) / SIDE).astype(np.float32), np.ones(6, np.float32),
                float(rng.uniform(3, 5)) / SIDE, float(rng.normal(0, 0.08)), Profile.WRINKLE,
            )
        )  # fmt: skip
    return relief([(stroke, 1.0) for stroke in strokes], SIDE)


@dataclass(frozen=True, eq=False)
class Edge:
    """What one capture has about the face, float32 (256, 256) each.

    Attributes
    ----------
    inside : 1 on the face, 0 beyond the border.
    relief : mm, all that the scanner adds but its noise.
    bare : factor of the texture, less than 1 on the cap.
    """

    inside: Float32
    relief: Float32
    bare: Float32


def edge(seed: int, capture: int) -> Edge:
    """The border in one capture: hair and cap slip a little between captures, and the noise there is new."""
    known = border(seed)
    field = drift_field(_SLIP_PX, 10, seed, capture, 7)
    noise = white(capture, 406, SIDE)
    blobs = normalised(low_pass(noise, 0.75) - low_pass(noise, 2.2))
    slipped = drifted(known.rough + known.cap, field)
    inside = np.clip(drifted(known.inside, field), 0, 1)
    relief_mm = slipped + blobs * known.amount * np.float32(_NEW_NOISE) * known.bare + capture_marks(seed, capture)
    return Edge(inside, relief_mm, known.bare)


def softened(values: Float32) -> Float32:
    """A map (256, 256) as soft as scans: their finest octave falls off, more along the chart's y than along x."""
    columns, rows = _taps(_SOFT_X_PX), _taps(_SOFT_Y_PX)
    return np.asarray(cv2.sepFilter2D(values, cv2.CV_32F, columns, rows, borderType=cv2.BORDER_REFLECT), np.float32)


def _taps(sigma_px: float) -> Float32:
    """Kernel with the spectrum of a Gaussian narrower than a texel, which its samples do not have; float32 (5,)."""
    frequency = (np.arange(64) + 0.5) * (np.pi / 64)
    spectrum = np.exp(-0.5 * (sigma_px * frequency) ** 2)
    taps = np.array([(spectrum * np.cos(k * frequency)).mean() for k in range(-2, 3)])
    return np.asarray(taps / taps.sum(), np.float32)

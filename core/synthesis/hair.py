"""Hair and marks: brows, stubble, moles and scars, as far as a scanner turns them into relief."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail import anatomy
from rhytid.core.detail.noise import drawn_out, normalised, white
from rhytid.core.detail.pores import mole_map
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only
from rhytid.core.synthesis.fading import faded

Float32 = npt.NDArray[np.float32]
# Where a brow's hairs lie, in the subject's right half: (x, y) of its middle from the nose outwards, half height.
_BROW = ((113.0, 46.0, 6.0), (104.0, 43.5, 6.0), (92.0, 44.0, 5.5), (80.0, 46.5, 5.0), (70.0, 51.0, 4.0),
         (60.0, 58.0, 2.5))  # fmt: skip


@lru_cache(maxsize=6)
def hair_map(seed: int) -> Float32:
    """Brows, lashes and stubble of a person in mm, float32 (256, 256), read-only."""
    rng = np.random.default_rng([seed, 901])
    brow = _brows(seed, rng)
    strength = 0.12 * float(np.exp(0.3 * rng.standard_normal()))
    total = brow * np.float32(strength)
    if rng.random() < 0.4:
        total += _stubble(seed, rng)
    lids = anatomy.both(anatomy.EYE_RIGHT, 0.009)
    noise = white(seed, 320, SIDE)
    lashes = normalised(low_pass(noise, 0.6) - low_pass(noise, 2.0)) * (4 * lids * (1 - lids)) ** 2
    total += lashes * np.float32(rng.uniform(0.0, 0.03))
    total -= low_pass(total, 6)
    return read_only(total)


def _brows(seed: int, rng: np.random.Generator) -> Float32:
    """Hairs as noise drawn out along them: rising at the nose, lying flat outwards; about unit RMS."""
    axis = np.arange(SIDE, dtype=np.float32)
    mask = np.zeros((SIDE, SIDE), np.float32)
    fullness = float(rng.uniform(0.95, 1.6))
    lift, arch = rng.normal(0, 2.0), rng.normal(0, 1.5)
    course = np.array(_BROW)
    for side in (0, 1):
        tilt = rng.normal(0, 0.8)
        x = course[::-1, 0] if side == 0 else 2 * anatomy.AXIS_X * SIDE - 1 - course[:, 0]
        y, half = (course[::-1, i] if side == 0 else course[:, i] for i in (1, 2))
        bow = arch * np.sin(np.linspace(0, np.pi, len(y)))
        middle = np.interp(axis, x, y + lift + tilt + bow)
        thick = np.interp(axis, x, half * fullness, left=0.3, right=0.3)
        along = np.clip(np.minimum(axis - x[0] + 3, x[-1] + 5 - axis) / 5, 0, 1)
        distance = (axis[:, None] - middle[None, :]) / thick[None, :]
        mask = np.maximum(mask, np.exp(-(distance**4)) * along[None, :])
    from_nose = np.clip(np.abs(axis - anatomy.AXIS_X * SIDE) / 70, 0, 1)
    angle = np.deg2rad(-80 + 72 * from_nose).astype(np.float32)
    sign = np.where(axis < anatomy.AXIS_X * SIDE, -1, 1).astype(np.float32)
    wander = low_pass(white(seed, 301, SIDE), 4) * np.float32(4 * 2 * np.sqrt(np.pi) * 0.35)
    turned = angle[None, :] + wander
    steps = (np.cos(turned) * sign[None, :], np.sin(turned))
    fine = white(seed, 302, SIDE)
    hairs = normalised(drawn_out(low_pass(fine, 0.6) - low_pass(fine, 2.2), *steps, 2))
    hairs += np.float32(0.25) * (hairs * hairs - 1)  # hairs stand out; the skin between them is less deep
    ragged = np.clip(mask * (1.3 + 0.5 * low_pass(white(seed, 303, SIDE), 1.5) * 5), 0, 1)
    return (hairs * ragged).astype(np.float32)


def _stubble(seed: int, rng: np.random.Generator) -> Float32:
    """Bright grains on the chin and above the lip."""
    where = anatomy.blob(0.47, 0.87, 0.09, 0.06) + 0.6 * anatomy.blob(0.42, 0.62, 0.07, 0.03)
    where = where + float(rng.uniform(0, 0.6)) * anatomy.blob(0.3, 0.85, 0.08, 0.08)
    noise = white(seed, 310, SIDE)
    grains = normalised(low_pass(noise, 0.55) - low_pass(noise, 1.6))
    grains = np.maximum(grains - np.float32(0.6), 0) * where * np.float32(rng.uniform(0.006, 0.035))
    return grains.astype(np.float32)


@lru_cache(maxsize=6)
def mark_map(seed: int) -> Float32:
    """Moles of a person in mm, float32 (256, 256), read-only."""
    moles = resample(mole_map(seed, SIDE * 4), SIDE) * np.float32(0.6)
    rng = np.random.default_rng([seed, 902])
    for _ in range(int(rng.poisson(4.0))):  # pimples and pits, smaller and fainter than moles
        x, y = float(rng.uniform(40, 216)), float(rng.uniform(30, 236))
        size, height = float(rng.uniform(0.8, 2.0)), float(rng.normal(0.01, 0.035))
        axis = np.arange(SIDE, dtype=np.float32)
        bump = np.exp(-((axis - x) ** 2)[None, :] / (2 * size**2) - ((axis - y) ** 2)[:, None] / (2 * size**2))
        moles = moles + np.float32(height) * bump.astype(np.float32)
    return read_only(np.asarray(moles - cv2.GaussianBlur(moles, (0, 0), 6), np.float32))


def scar_strokes(seed: int) -> tuple[Stroke, ...]:
    """Scars: most people have none; short, straight, anywhere."""
    rng = np.random.default_rng([seed, 903])
    strokes = []
    for number in range(int(rng.choice(4, p=(0.6, 0.25, 0.1, 0.05)))):
        x, y = float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.08, 0.9))
        angle, length = float(rng.uniform(0, np.pi)), float(rng.uniform(0.03, 0.09))
        s = np.linspace(-0.5, 0.5, 6) * length
        bow = float(rng.normal(0, 0.1)) * length * np.cos(np.linspace(-1.5, 1.5, 6))
        points = np.stack([x + s * np.cos(angle) - bow * np.sin(angle), y + s * np.sin(angle) + bow * np.cos(angle)], 1)
        depth_mm = float(rng.uniform(0.04, 0.12)) * (1 if rng.random() < 0.7 else -0.6)
        width = float(rng.uniform(3, 5)) / SIDE
        strokes.append(
            Stroke(
                f"p{seed}-scar-{number + 1}", points.astype(np.float32), faded(np.ones(6), points, width), width,
                depth_mm, Profile.WRINKLE, name="scar",
            )
        )  # fmt: skip
    return tuple(strokes)

"""Colour of the eyes: the one formula that viewport, pictures and exported textures show.

A point of the eyeball is told by its direction from the ball's centre, in the axes of the resting eye: z looks ahead.
The viewport looks up both pictures, the iris where the cornea's refraction shows it; a texture has the iris as it is
seen from straight ahead.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]
Color = tuple[float, float, float]

IRIS_COLOR: Color = (0.17, 0.125, 0.075)
"""Linear; of a head whose irises nobody gave a colour."""
IRIS_SIZE = 0.43
"""Sine of the limbus' angle: 6.2 mm on an eyeball of 14.5 mm, which is larger than real ones."""
SIDE = 512
"""Texels a side of both pictures."""
_PUPIL_SIZE = 0.33  # of the iris
_COLLARETTE = 0.52
_EDGE = 0.035
_CORNEA_CURVATURE = 1.5  # eyeball radius / cornea radius
_WATER = 1.336  # refractive index
_IRIS_PLANE = 0.80  # of the eyeball's radius
_WHITE, _CORNER = (0.63, 0.59, 0.55), (0.54, 0.34, 0.28)
_VEINS = (0.92, 0.45, 0.42)


@lru_cache(maxsize=4)
def iris_picture(color: Color) -> UInt8:
    """An iris with its pupil, uint8 (512, 512, 3) sRGB, read-only; row 0 is its lower end.

    The limbus touches the sides. Fibres run from the dark limbus to the collarette, the ragged ring at a third of the
    way from the pupil; within it the colour is warmer.

    Parameters
    ----------
    color : 3 floats
        Linear.
    """
    x, y = _plane()
    radius = np.asarray(np.hypot(x, y), np.float32)
    angle = np.asarray(np.arctan2(y, x), np.float32)
    # Fibres repeat after a whole turn: the noise runs on a circle. They bend a little on their way.
    bend = 0.10 * (_noise(np.cos(angle) * 5 + radius * 3, np.sin(angle) * 5 + radius * 3) - 0.5)
    ring_x, ring_y = np.cos(angle + bend), np.sin(angle + bend)
    broad = _noise(ring_x * 9 + radius * 1.1, ring_y * 9 + radius * 1.1)
    fine = _noise(ring_x * 24 + radius * 1.8, ring_y * 24 + radius * 1.8)
    finest = _noise(ring_x * 52 + radius * 2.5, ring_y * 52 + radius * 2.5)
    # Fibres are thin and bright between broader gaps.
    threads = 0.45 * (1 - np.abs(2 * fine - 1)) + 0.35 * (1 - np.abs(2 * finest - 1)) + 0.30 * broad
    ragged = _COLLARETTE + 0.10 * (broad - 0.5) + 0.05 * (fine - 0.5)
    collarette = np.exp(-(((radius - ragged) / 0.045) ** 2))
    within = _step(0.03, -0.03, radius - ragged)
    crypts = _step(0.68, 0.86, _noise(ring_x * 6 + radius * 6, ring_y * 6 - radius * 6)) * _step(0.85, 0.6, radius)
    shown = np.array(color, np.float32) * (0.30 + 1.30 * threads * (1 - 0.25 * within))[..., None]
    warmth = (0.75 * within + 0.2 * _step(0.8, 0.5, radius))[..., None]
    shown = shown * (1 + warmth * (np.array([1.35, 1.05, 0.70], np.float32) - 1))
    limbus = 1 - 0.85 * _step(0.78, 0.98, radius)
    # A thin dark ruff rims the pupil.
    ruff = 1 - 0.6 * np.exp(-(((radius - _PUPIL_SIZE - 0.02) / 0.03) ** 2))
    shown *= ((1 + 0.35 * collarette) * (1 - 0.45 * crypts) * limbus * ruff)[..., None]
    return _srgb(shown * _step(_PUPIL_SIZE - _EDGE, _PUPIL_SIZE + _EDGE, radius)[..., None])


@lru_cache(maxsize=1)
def sclera_picture() -> UInt8:
    """What is round the iris, uint8 (512, 512, 4), read-only: sRGB over x and y of the front's directions.

    Warm white, redder to the corners, with veins that branch from there and a dark limbus; the fourth is the share of
    the iris.
    """
    x, y = _plane()
    radius = np.asarray(np.hypot(x, y), np.float32)
    corner = _step(0.45, 0.95, np.abs(x))
    mottled = _noise(x * 9 + 3, y * 9 + 3)
    white, red = np.array(_WHITE, np.float32), np.array(_CORNER, np.float32)
    color = white + (0.55 * corner + 0.10 * mottled)[..., None] * (red - white)
    color *= 1 + _veins()[..., None] * (np.array(_VEINS, np.float32) - 1)
    inside = _step(IRIS_SIZE + _EDGE, IRIS_SIZE - _EDGE, radius)
    # The limbus is a soft band: sclera grows clear, bluish grey before the iris.
    limbus = np.exp(-(((radius - IRIS_SIZE - 0.01) / 0.045) ** 2)).astype(np.float32)
    color *= 1 - (0.55 * limbus)[..., None] * np.array([1.0, 0.95, 0.88], np.float32)
    share = np.round(inside * 255).astype(np.uint8)
    return read_only(np.concatenate([_srgb(color), share[..., None]], axis=2))


def _veins() -> Float32:
    """Opacity of the vessels, 0..1: they wander from the corners towards the iris, branch and thin out."""
    rng = np.random.default_rng(5)
    drawn = np.zeros((SIDE, SIDE), np.float32)
    open_ends = [(side * rng.uniform(0.80, 0.98), rng.uniform(-0.5, 0.5), 1.0) for side in (-1, 1) for _ in range(16)]
    while open_ends:
        at_x, at_y, strength = open_ends.pop()
        heading = np.arctan2(-0.4 * at_y, -at_x)
        way = [(at_x, at_y)]
        for _ in range(int(rng.integers(14, 34))):
            heading += rng.normal(0, 0.28)
            heading += 0.12 * np.sin(np.arctan2(-0.2 * at_y, -at_x) - heading)
            at_x, at_y = at_x + 0.014 * np.cos(heading), at_y + 0.014 * np.sin(heading)
            if np.hypot(at_x, at_y) < IRIS_SIZE + 0.05:
                break
            way.append((at_x, at_y))
            if strength > 0.35 and rng.random() < 0.07:
                open_ends.append((at_x, at_y, 0.6 * strength))
        line = np.zeros((SIDE, SIDE), np.uint8)
        points = np.round(((np.array(way) + 1) * SIDE / 2 - 0.5) * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(line, [points], False, 255, 1, cv2.LINE_AA, shift=4)
        drawn = np.maximum(drawn, line * np.float32(0.8 * strength / 255))
    near, wide = (cv2.GaussianBlur(drawn, (0, 0), sigma) for sigma in (0.7, 2.5))
    return np.asarray(0.75 * near + 0.6 * wide, np.float32)


def eye_color(direction: Float32, iris: Color | None) -> UInt8:
    """Colour of an eyeball as a texture has it.

    Parameters
    ----------
    direction : float32 (H, W, 3)
        Unit vectors.
    iris : 3 floats or None
        Linear; None for that of a head without one.

    Returns
    -------
    uint8 (H, W, 3)
        sRGB.
    """
    x, y, z = (np.ascontiguousarray(direction[..., k], np.float32) for k in range(3))
    around = _looked_up(sclera_picture(), x, y)
    # The ray from straight ahead, bent by the cornea (Snell), meets the iris nearer to the middle.
    nx, ny, nz = x * _CORNEA_CURVATURE, y * _CORNEA_CURVATURE, np.maximum(z, np.float32(0.2))
    length = np.sqrt(nx * nx + ny * ny + nz * nz)
    cosine = nz / length
    along = cosine / _WATER - np.sqrt(1 - (1 - cosine * cosine) / _WATER**2)
    depth = (z - _IRIS_PLANE) / np.maximum(1 / _WATER - along * cosine, np.float32(0.2))
    sideways = along / length * depth
    seen = _looked_up(
        iris_picture(IRIS_COLOR if iris is None else iris),
        (x + nx * sideways) / IRIS_SIZE,
        (y + ny * sideways) / IRIS_SIZE,
    )
    share = np.where(z > 0, around[..., 3], np.float32(0))[..., None] / np.float32(255)
    mixed = around[..., :3] + share * (seen - around[..., :3])
    return np.asarray(np.round(mixed), np.uint8)


def _looked_up(picture: UInt8, x: Float32, y: Float32) -> Float32:
    """A picture of the plane -1..1 at points, its edge beyond."""
    columns, rows = ((c + 1) * np.float32(SIDE / 2) - np.float32(0.5) for c in (x, y))
    found = cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def _plane() -> tuple[Float32, Float32]:
    at = (2 * (np.arange(SIDE, dtype=np.float32) + np.float32(0.5)) / SIDE - 1).astype(np.float32)
    x, y = np.meshgrid(at, at)
    return x, y


def _step(low: float, high: float, values: Floats) -> Float32:
    """Rises smoothly from 0 at `low` to 1 at `high`, or falls where `low` is the larger."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _noise(x: Floats, y: Floats) -> Float32:
    """Value noise, 0..1: random numbers on a lattice, smooth between."""
    column, row = np.floor(x), np.floor(y)
    u, v = x - column, y - row
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    upper = _hash(column, row) * (1 - u) + _hash(column + 1, row) * u
    lower = _hash(column, row + 1) * (1 - u) + _hash(column + 1, row + 1) * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)


def _hash(x: Floats, y: Floats) -> Float32:
    """A random number of each cell, 0..1."""
    x, y = _fraction(x * np.float32(123.34)), _fraction(y * np.float32(456.21))
    more = x * (x + np.float32(45.32)) + y * (y + np.float32(45.32))
    return _fraction((x + more) * (y + more))


def _fraction(values: Floats) -> Float32:
    return np.asarray(values - np.floor(values), np.float32)


def _srgb(linear: Floats) -> UInt8:
    return read_only(np.round(srgb_from_linear(np.clip(linear, 0, 1)) * 255).astype(np.uint8))

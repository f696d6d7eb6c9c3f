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
IRIS_SIZE = 0.485
"""Sine of the limbus' angle: 5.8 mm on a 12 mm eyeball."""
SIDE = 512
"""Texels a side of both pictures."""
_PUPIL_SIZE = 0.31  # of the iris
_EDGE = 0.035
_CORNEA_CURVATURE = 1.5  # eyeball radius / cornea radius
_WATER = 1.336  # refractive index
_IRIS_PLANE = 0.80  # of the eyeball's radius
_WHITE, _CORNER = (0.53, 0.495, 0.46), (0.48, 0.30, 0.25)
_VEINS = (1.0, 0.86, 0.84)


@lru_cache(maxsize=4)
def iris_picture(color: Color) -> UInt8:
    """An iris with its pupil, uint8 (512, 512, 3) sRGB, read-only; row 0 is its lower end.

    The limbus touches the sides.

    Parameters
    ----------
    color : 3 floats
        Linear.
    """
    x, y = _plane()
    radius = np.asarray(np.hypot(x, y), np.float32)
    angle = np.asarray(np.arctan2(y, x), np.float32)
    # Fibres repeat after a whole turn: the noise runs on a circle.
    ring_x, ring_y = np.cos(angle), np.sin(angle)
    broad = _noise(ring_x * 11 + radius * 1.4, ring_y * 11 + radius * 1.4)
    fine = _noise(ring_x * 27 + radius * 2.2, ring_y * 27 + radius * 2.2)
    fibres = broad * 0.6 + fine * 0.4
    collarette = _step(0.12, 0.0, np.abs(radius - 0.55 - 0.06 * (fibres - 0.5)))
    shown = np.array(color, np.float32) * (0.55 + 0.9 * fibres)[..., None]
    warmth = 0.5 * _step(0.75, 0.35, radius)[..., None]
    shown = shown * (1 + warmth * (np.array([1.5, 1.15, 0.7], np.float32) - 1))
    shown *= ((1 + 0.25 * collarette) * (1 - 0.75 * _step(0.78, 1.0, radius)))[..., None]
    return _srgb(shown * _step(_PUPIL_SIZE - _EDGE, _PUPIL_SIZE + _EDGE, radius)[..., None])


@lru_cache(maxsize=1)
def sclera_picture() -> UInt8:
    """What is round the iris, uint8 (512, 512, 4), read-only: sRGB over x and y of the front's directions.

    Warm white, redder to the corners, with faint veins and a dark limbus; the fourth is the share of the iris.
    """
    x, y = _plane()
    radius = np.asarray(np.hypot(x, y), np.float32)
    corner = _step(0.45, 0.95, np.abs(x))
    veins = _noise(x * 7 + 3, y * 16 + 3) * _noise(y * 23 + 11, x * 23 + 11)
    white, red = np.array(_WHITE, np.float32), np.array(_CORNER, np.float32)
    color = white + (0.6 * corner)[..., None] * (red - white)
    color *= 1 + (corner * _step(0.25, 0.6, veins))[..., None] * (np.array(_VEINS, np.float32) - 1)
    inside = _step(IRIS_SIZE + _EDGE, IRIS_SIZE - _EDGE, radius)
    limbus = _step(0.09, 0.0, np.abs(radius - IRIS_SIZE - 0.01))
    color *= (1 - 0.35 * limbus * (1 - inside))[..., None]
    share = np.round(inside * 255).astype(np.uint8)
    return read_only(np.concatenate([_srgb(color), share[..., None]], axis=2))


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

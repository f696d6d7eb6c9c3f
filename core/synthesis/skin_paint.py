"""Colours of skin that are no relief: tones, mottling, freckles, moles, stubble, make-up, strands of hair."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.load import default_head
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

N_BASES = 96
# Linear colours between which skin lies, and what pigments take of red, green and blue.
_LIGHTEST, _DARKEST = np.array([0.78, 0.55, 0.43]), np.array([0.075, 0.040, 0.025])
_MELANIN, _HAEMOGLOBIN = np.array([0.55, 1.0, 1.25], np.float32), np.array([0.15, 1.0, 0.9], np.float32)
_SHIFT = 4  # fractional bits of OpenCV's places
_RIGHT_EYE, _LEFT_EYE, _LIPS = slice(36, 42), slice(42, 48), slice(48, 60)


def painted_skin(rng: np.random.Generator, amount: float = 1.0) -> tuple[Float32, Float32]:
    """Random skin in the chart.

    Parameters
    ----------
    rng : Generator
    amount : float
        0..1 of everything but the tone; 0 is one even colour.

    Returns
    -------
    albedo : float32 (256, 256, 3)
        Linear, 0..1.
    hair : float32 (256, 256)
        0..1, where strands of hair lie over the skin.
    """
    tone = np.exp(_between(np.log(_LIGHTEST), np.log(_DARKEST), rng.random()) + rng.normal(0, (0.05, 0.03, 0.06)))
    no_hair = np.zeros((SIDE, SIDE), np.float32)
    if amount <= 0:
        return np.broadcast_to(tone.astype(np.float32), (SIDE, SIDE, 3)).copy(), no_hair
    pattern = _base(int(rng.integers(N_BASES)))
    if rng.random() < 0.5:
        pattern = pattern[:, ::-1]
    logarithm = np.float32(amount * rng.uniform(0.5, 1.2)) * pattern + np.log(tone).astype(np.float32)
    logarithm = logarithm - amount * _pigment(rng)
    for chance, layer in ((0.5, _moles), (0.35, _stubble), (0.05, _lines), (0.35, _lipstick), (0.3, _powder)):
        if rng.random() < chance:
            logarithm = logarithm + np.float32(amount) * layer(rng)
    albedo = np.exp(np.clip(logarithm, -7, 0))
    if rng.random() > 0.3:
        return albedo, no_hair
    hair = np.float32(amount) * (_strands if rng.random() < 0.6 else _sideburns)(rng)
    grey = rng.uniform(0, 1, 1) ** 2  # white hair is as bright as the fairest skin
    color = np.exp(rng.uniform(-5, -0.4)) * (np.array([1, 0.8, 0.6]) * (1 - grey) + grey).astype(np.float32)
    return np.asarray(albedo + hair[..., None] * (color - albedo), np.float32), hair


def smooth_noise(rng: np.random.Generator, cells: int) -> Float32:
    """Noise of about unit variance with so many cells a side, float32 (256, 256)."""
    field = rng.standard_normal((cells, cells), np.float32)
    return np.asarray(cv2.resize(field, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.float32)


@lru_cache(maxsize=N_BASES)
def _base(number: int) -> Float32:
    """Logarithm of one of the program's own skins over its mean colour, float32 (256, 256, 3)."""
    rng = np.random.default_rng([SIDE, number])
    stubble = max(0.0, float(rng.uniform(-1, 1)))
    skin = procedural_albedo(SIDE, seed=50 + number, age=float(rng.uniform(20, 70)), stubble=stubble)
    logarithm = np.log(np.maximum(linear_from_srgb(skin / 255.0), 1e-3))
    return read_only((logarithm - logarithm.mean((0, 1))).astype(np.float32))


def _between(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.float64]:
    return one + share * (other - one)


def _pigment(rng: np.random.Generator) -> Float32:
    """Unevenness of melanin and blood from blotches down to single texels, and freckles."""
    melanin = _octaves(rng, ((12, 0.5), (36, 0.5), (90, 0.5), (200, 0.45)))
    blood = _octaves(rng, ((10, 0.6), (30, 0.5), (80, 0.4), (180, 0.3)))
    freckles = np.maximum(smooth_noise(rng, 230) - np.float32(1.9), 0) * np.float32(0.35 * rng.random() ** 2)
    # Even skin as often as blotched: where colours are even, faint shading is to be trusted.
    brown = np.float32(np.exp(rng.uniform(*np.log((0.004, 0.08))))) * melanin + freckles
    red = np.float32(np.exp(rng.uniform(*np.log((0.004, 0.07))))) * blood
    return np.asarray(brown[..., None] * _MELANIN + red[..., None] * _HAEMOGLOBIN, np.float32)


def _octaves(rng: np.random.Generator, shares: Sequence[tuple[int, float]]) -> Float32:
    """Noise of several numbers of cells a side with a share of each."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for cells, share in shares:
        total += np.float32(share) * smooth_noise(rng, cells)
    return total


def _moles(rng: np.random.Generator) -> Float32:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(int(rng.integers(1, 25))):
        centre, radius = _fixed(rng.uniform(0.05, 0.95, 2)), int(rng.uniform(0.5, 2.4) * (1 << _SHIFT))
        cv2.circle(mask, tuple(centre.tolist()), radius, int(rng.integers(60, 256)), -1, cv2.LINE_AA, _SHIFT)
    pigment = _HAEMOGLOBIN if rng.random() < 0.4 else _MELANIN
    return -np.float32(rng.uniform(0.2, 1.2)) * _soft(mask, rng.uniform(0.3, 1.2))[..., None] * pigment


def _stubble(rng: np.random.Generator) -> Float32:
    """Dots of shaved hairs round mouth and chin, or short hairs."""
    dots = np.maximum(rng.standard_normal((SIDE, SIDE), np.float32) - np.float32(rng.uniform(0, 1.5)), 0)
    dots = cv2.GaussianBlur(dots, (0, 0), rng.uniform(0.35, 0.8), sigmaY=rng.uniform(0.35, 1.4))
    area = low_pass(_beard(), 8.0) * np.clip(1 + 0.5 * smooth_noise(rng, 8), 0, 2)
    grey = np.array([1.0, 0.95, 0.85], np.float32)
    return -np.float32(rng.uniform(0.1, 1.2)) * (dots * area)[..., None] * grey


@lru_cache(maxsize=1)
def _beard() -> Float32:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    outline = [(0.05, 0.6), (0.3, 0.66), (0.38, 0.6), (0.62, 0.6), (0.7, 0.66), (0.95, 0.6), (0.93, 1.0), (0.07, 1.0)]
    cv2.fillPoly(mask, [_fixed(np.array(outline))], 255, cv2.LINE_AA, _SHIFT)
    cv2.fillPoly(mask, [_fixed(_landmarks()[_LIPS])], 0, cv2.LINE_AA, _SHIFT)
    return read_only(mask.astype(np.float32) / np.float32(255))


def _lines(rng: np.random.Generator) -> Float32:
    """Dark or red lines without relief: veins, pigment in creases, eye-liner that ran."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(int(rng.integers(1, 12))):
        _curve(mask, rng.uniform(0.05, 0.95, 2), rng.uniform(-0.12, 0.12, (2, 2)), 1, int(rng.integers(80, 256)))
    pigment = _HAEMOGLOBIN if rng.random() < 0.5 else _MELANIN
    return -np.float32(rng.uniform(0.05, 0.45)) * _soft(mask, rng.uniform(0.4, 1.5))[..., None] * pigment


def _lipstick(rng: np.random.Generator) -> Float32:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    lips = _landmarks()[_LIPS]
    lips = lips.mean(0) + (lips - lips.mean(0)) * rng.uniform(0.95, 1.1)
    cv2.fillPoly(mask, [_fixed(lips)], 255, cv2.LINE_AA, _SHIFT)
    color = rng.uniform((-0.3, -1.2, -1.0), (0.3, 0.0, 0.0)).astype(np.float32)
    return _soft(mask, rng.uniform(0.3, 1.5))[..., None] * color


def _powder(rng: np.random.Generator) -> Float32:
    """Eye shadow, eye-liner and blush."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for eye in (_RIGHT_EYE, _LEFT_EYE):
        points = _landmarks()[eye]
        wide = points.mean(0) + (points - points.mean(0)) * rng.uniform(1.1, 1.6) - (0, rng.uniform(0, 0.02))
        cv2.fillPoly(mask, [_fixed(wide)], 255, cv2.LINE_AA, _SHIFT)
    shadow = _soft(mask, rng.uniform(1, 5))[..., None] * rng.uniform(-0.9, 0.1, 3).astype(np.float32)
    liner = np.zeros((SIDE, SIDE), np.uint8)
    for eye in (_RIGHT_EYE, _LEFT_EYE):
        cv2.polylines(liner, [_fixed(_landmarks()[eye])], True, 255, int(rng.integers(1, 4)), cv2.LINE_AA, _SHIFT)
    blush = np.exp(-((smooth_noise(rng, 4) - 1.5) ** 2))[..., None] * np.array([0, -0.2, -0.15], np.float32)
    return np.asarray(shadow + blush - np.float32(rng.uniform(0, 1.5)) * _soft(liner, 0.5)[..., None], np.float32)


def _strands(rng: np.random.Generator) -> Float32:
    """Strands that hang from the hairline, and brows or a beard drawn hair by hair, float32 (256, 256)."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    root = np.array([rng.uniform(0, 1), rng.uniform(-0.05, 0.15)])
    if rng.random() < 0.5:
        root = np.array([rng.choice([0.02, 0.98]), rng.uniform(0, 0.8)])
    course = rng.normal((0, 0.12), 0.12, (2, 2))
    for _ in range(int(rng.integers(3, 90))):
        start = rng.normal(root, (0.08, 0.03))
        _curve(mask, start, course + rng.normal(0, 0.03, (2, 2)), int(rng.integers(1, 3)), int(rng.integers(90, 256)))
    return _soft(mask, rng.uniform(0.3, 0.8))


def _sideburns(rng: np.random.Generator) -> Float32:
    """Short hairs side by side at the temples, before the ears or on the jaw, thinner towards the face."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    right = rng.random() < 0.5
    low, high = np.sort(rng.uniform(0.05, 0.95, 2))
    reach, length = rng.uniform(0.04, 0.16), rng.uniform(0.02, 0.09)
    turn = rng.normal(np.pi / 2, 0.5)  # most hang down
    for _ in range(int(rng.integers(40, 320))):
        x = 0.02 + abs(rng.normal(0, reach))
        angle = turn + rng.normal(0, 0.15)
        along = length * rng.uniform(0.5, 1.3) * np.array([np.cos(angle), np.sin(angle)])
        start = np.array([1 - x if right else x, rng.uniform(low, high)])
        _curve(mask, start, np.stack([along / 2 + rng.normal(0, 0.004, 2), along / 2]), 1, int(rng.integers(60, 256)))
    return _soft(mask, rng.uniform(0.3, 0.7))


def _curve(
    mask: npt.NDArray[np.uint8], start: npt.ArrayLike, steps: npt.NDArray[np.float64], width: int, value: int
) -> None:
    """Draw a parabola through `start` and the two points that `steps` lead to."""
    t = np.linspace(0, 1, 12)[:, None]
    bend, end = steps[0], steps[0] + steps[1]
    points = np.asarray(start) + 2 * t * (1 - t) * bend + t * t * end
    cv2.polylines(mask, [_fixed(points)], False, value, width, cv2.LINE_AA, _SHIFT)


def _fixed(chart: npt.NDArray[np.floating]) -> npt.NDArray[np.int32]:
    """Chart coordinates as OpenCV's places with `_SHIFT` fractional bits."""
    return np.round((np.asarray(chart, np.float64) * SIDE - 0.5) * (1 << _SHIFT)).astype(np.int32)


def _soft(mask: npt.NDArray[np.uint8], sigma_px: float) -> Float32:
    return low_pass(mask.astype(np.float32) * np.float32(1 / 255), float(sigma_px))


@lru_cache(maxsize=1)
def _landmarks() -> npt.NDArray[np.float64]:
    head = default_head()
    return read_only(head.chart[head.landmarks].astype(np.float64))

"""Fine relief of skin that goes on where the chart ends: over neck, ears and scalp.

No chart lies there without stretching, so that the relief is a tile that repeats in space, laid on the skin of the head
at rest from three sides and mixed by how the skin faces them. A millimetre of it is a millimetre of skin everywhere.
How strong it is follows from the relief at the nearest border of the chart: whatever made that goes on.
The viewport does the same in `shaders/include/around.glsl`, exported maps here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.resample import resample
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

TILE_MM = 64.0
TILE_PX = 1024
CHART_MM = 200.0
"""Skin under a side of the chart: turns its slopes into mm per mm."""
STRENGTH_CELLS = 16
"""Squares a side in which the chart's relief is averaged."""
INSIDE = 0.08
"""How far within the border the strength is read."""
MOST_SLOPE = 0.10
"""Where the border has wrinkles the skin outside has not."""
BLOTCHES_PER_TILE = 0.19
MOTTLING = (0.22, 0.80, 0.72)
"""How much brighter skin with less blood is where blood lies most unevenly: logarithm of linear red, green and blue."""
RIM, RIM_FADE = 0.13, 0.03
"""How far within the chart's border it begins: lips and lids, which end inside the chart, have none of it."""
_SHARPNESS = 4.0  # of the passage between the three sides
_LINES_DEG = (28.0, -34.0, 80.0)
_DRAWN_OUT = 2.0
_SEEN_PX = 320
_SHOWN_PX = 1024  # of the map that the viewport shows
_LAST_LEVEL = 7  # of the tile's halved pictures: one of eight texels
_ROW = 4096  # points that OpenCV takes in a row


class AroundRelief(NamedTuple):
    """Relief outside the chart at points (...).

    Attributes
    ----------
    slope : float32 (..., 3)
        Gradient of the height on the skin, mm per mm, in head space.
    height : float32 (...)
        mm.
    roughening : float32 (...)
        Variance of slopes, mm per mm, that are too small to see.
    """

    slope: Float32
    height: Float32
    roughening: Float32


@lru_cache(maxsize=1)
def skin_tile() -> Float32:
    """Relief as shading reads it, float32 (1024, 1024, 4), read-only.

    Slope along x and y in mm per mm, height in mm, length of the slope; seen at a fifth of a millimetre slopes have a
    mean length of 1.
    """
    rng = np.random.default_rng(11)
    wave = _waves_per_mm()
    height = np.zeros((TILE_PX, TILE_PX), np.float32)
    for degrees, share in zip(_LINES_DEG, (1.0, 1.0, 0.5), strict=True):
        # Narrow furrows that run on, branch and end: where noise that is drawn out crosses zero.
        noise = _band(rng, wave, 0.35, 1.1, degrees)
        height -= np.float32(share) * np.exp(-((noise / np.float32(0.5)) ** 2))
    pits = _band(rng, wave, 0.5, 1.0, None)
    height -= np.float32(1.3) * np.maximum(pits - np.float32(1.7), 0)
    height += np.float32(0.9) * _band(rng, wave, 0.15, 0.4, None)
    height -= height.mean()
    step = np.float32(TILE_PX / TILE_MM / 2)
    slopes = [(np.roll(height, -1, axis) - np.roll(height, 1, axis)) * step for axis in (1, 0)]
    # As steep as a map of the chart says skin is, which sees nothing finer than its texels.
    seen = np.hypot(*(resample(slope.astype(np.float32), _SEEN_PX) for slope in slopes))
    texels = np.stack([*slopes, height, np.hypot(*slopes)], axis=-1) / seen.mean()
    return read_only(texels.astype(np.float32))


def _waves_per_mm() -> tuple[Float32, Float32]:
    from scipy import fft  # slow to import

    step = TILE_MM / TILE_PX
    across, down = fft.rfftfreq(TILE_PX, step), fft.fftfreq(TILE_PX, step)
    return across[None].astype(np.float32), down[:, None].astype(np.float32)


def _band(
    rng: np.random.Generator, waves: tuple[Float32, Float32], low: float, high: float, degrees: float | None
) -> Float32:
    """Noise without seams of `low` to `high` waves per mm and unit variance, drawn out along a direction if given."""
    from scipy import fft

    x, y = waves
    if degrees is not None:
        cosine, sine = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))
        x, y = np.float32(_DRAWN_OUT) * (cosine * x + sine * y), cosine * y - sine * x
    square = x * x + y * y
    keep = np.exp(-square / (2 * high * high)) - np.exp(-square / (2 * low * low))
    white = rng.standard_normal((TILE_PX, TILE_PX), np.float32)
    noise = fft.irfft2(fft.rfft2(white) * keep, (TILE_PX, TILE_PX))
    return np.asarray(noise / noise.std(), np.float32)


def border_slopes(displacement: Float32) -> Float32:
    """How steep a displacement map (R, R) in mm is, as the viewport finds it: root mean square, float32 (16, 16)."""
    displacement = resample(displacement, min(len(displacement), _SHOWN_PX))
    side = len(displacement)
    total = np.empty((side, side), np.float32)
    for y in range(0, side, 512):
        rect = Rect(0, y, side, min(y + 512, side))
        total[rect.slices] = np.square(gradient(displacement, rect)).sum(axis=-1)
    return np.asarray(np.sqrt(resample(total, STRENGTH_CELLS)) / np.float32(CHART_MM), np.float32)


def relief_around(
    rest_mm: Float32, normals: Float32, chart: Float32, slopes: Float32, seen_mm: npt.ArrayLike = 0.0
) -> AroundRelief:
    """Relief of skin outside the chart.

    Parameters
    ----------
    rest_mm : float32 (..., 3)
        Points of the head at rest.
    normals : float32 (..., 3)
        Smooth unit normals there.
    chart : float32 (..., 2)
        Their places in the plane of the chart.
    slopes : float32 (16, 16)
        `border_slopes`, mm per mm.
    seen_mm : (...) or scalar
        What is smaller is not seen: mm on the skin from texel to texel.
    """
    levels = np.log2(np.maximum(np.asarray(seen_mm, np.float32) * np.float32(TILE_PX / TILE_MM), 1))
    shape = rest_mm.shape[:-1]
    levels = np.broadcast_to(np.minimum(levels, np.float32(_LAST_LEVEL)), shape)
    slope, height, steep = np.zeros_like(rest_mm), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for level in range(int(levels.min()), int(np.ceil(levels.max())) + 1):
        share = np.maximum(1 - np.abs(levels - np.float32(level)), 0)
        seen = share > 0
        if not seen.any():
            continue
        for one, other, weight, texel in _from_three_sides(rest_mm[seen], normals[seen], level):
            weight = weight * share[seen]
            slope[..., one][seen] += weight * texel[..., 0]
            slope[..., other][seen] += weight * texel[..., 1]
            height[seen] += weight * texel[..., 2]
            steep[seen] += weight * texel[..., 3]
    slope -= normals * (slope * normals).sum(axis=-1, keepdims=True)
    inside = np.clip(chart, np.float32(INSIDE), np.float32(1 - INSIDE)) * np.float32(STRENGTH_CELLS) - np.float32(0.5)
    strength = np.minimum(_sampled(slopes, inside[..., 0], inside[..., 1]), np.float32(MOST_SLOPE))
    beyond = np.maximum(-chart, chart - 1).max(axis=-1)
    strength *= np.clip((beyond + np.float32(RIM)) / np.float32(RIM_FADE), 0, 1)
    unseen = np.maximum(steep - np.linalg.norm(slope, axis=-1), 0) * strength
    return AroundRelief(slope * strength[..., None], np.asarray(height * strength, np.float32), unseen * unseen)


def outside(weight: Float32) -> Float32:
    """Share of this relief where the chart's has a weight 0..1: mixed they are as rough as each alone."""
    return np.sqrt(np.maximum(1 - weight * weight, np.float32(0)))


def pale_blotches(rest_mm: Float32, normals: Float32) -> Float32:
    """Where blood lies thinner than around, about -1..1, of points as of `relief_around`: float32 (N, M).

    Linear colour there is exp(mottling * this) times as bright, see `MOTTLING`.
    """
    total = np.zeros(rest_mm.shape[:2], np.float32)
    for _, _, weight, texel in _from_three_sides(rest_mm * np.float32(BLOTCHES_PER_TILE), normals, 0):
        total += weight * texel[..., 2]
    return total


def _from_three_sides(
    place: Float32, normals: Float32, level: int
) -> Iterator[tuple[int, int, Float32, Float32]]:
    """For each axis the two others, its weight (...), and the tile (..., 4), so often halved, laid across it."""
    weight = np.abs(normals) ** np.float32(_SHARPNESS)
    weight /= np.maximum(np.linalg.norm(weight, axis=-1, keepdims=True), np.float32(1e-6))
    per_mm = np.float32((TILE_PX >> level) / TILE_MM)
    for axis in range(3):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        columns, rows = (
            np.mod(place[..., k] * per_mm - np.float32(0.5), np.float32(TILE_PX >> level)) for k in (one, other)
        )
        yield one, other, weight[..., axis], _sampled(_closed_tile(level), columns, rows)


@lru_cache(maxsize=_LAST_LEVEL + 1)
def _closed_tile(level: int) -> Float32:
    """The tile, so often halved, with one more row and column: sampling replicates at the far edge."""
    return read_only(np.pad(resample(skin_tile(), TILE_PX >> level), ((0, 1), (0, 1), (0, 0)), "wrap"))


def _sampled(picture: Float32, columns: Float32, rows: Float32) -> Float32:
    """A picture (H, W) or (H, W, C), bilinear, at places in texels (...)."""
    width = min(columns.size, _ROW)
    beyond = -columns.size % max(width, 1)
    x, y = (np.pad(np.ravel(at).astype(np.float32), (0, beyond)).reshape(-1, width) for at in (columns, rows))
    found = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    found = found.reshape(-1, *picture.shape[2:])[: columns.size]
    return np.asarray(found.reshape(*columns.shape, *picture.shape[2:]), np.float32)

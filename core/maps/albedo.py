"""A procedural skin colour in the chart: what the viewport shows when a head brings no texture.

Regional tones follow what is known of facial skin (Jimenez et al. 2010, "A Practical Appearance Model for
Dynamic Facial Color": haemoglobin in cheeks, nose, lips and chin, little at the forehead; thin, cool skin
under the eyes), with mottling, freckles, brows, lash lines and, with age, spots and unevenness.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.maps.border import border_fade
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

MEAN_SRGB = (201, 156, 135)
"""Colour of skin without regional variation: that of the chart's border, and of skin outside the chart."""

MEAN_GLOSS = 0.40
"""Gloss (0..1) of skin without regional variation."""

RESOLUTION_MIN, RESOLUTION_MAX = 64, 8192
_BROWS_DRAWN_AT = 2048
_BAND_ROWS = 256
_LIPS_BLUR, _LIPS_SHARE = 0.0065, 0.82

# Features of the right half in the chart (x right, y down); the left half is the mirror image about the axis.
_AXIS = 0.499
_BROW = (
    (0.236, 0.229), (0.262, 0.213), (0.299, 0.199), (0.345, 0.192), (0.390, 0.195), (0.425, 0.203),
    (0.454, 0.215),
)  # fmt: skip
_UPPER_LID = ((0.2885, 0.3105), (0.318, 0.3025), (0.355, 0.3015), (0.383, 0.3035), (0.404, 0.311))
_LOWER_LID = ((0.2885, 0.3105), (0.315, 0.338), (0.347, 0.3495), (0.384, 0.341), (0.414, 0.3175))
_LIPS_OUTER = (
    (0.361, 0.698), (0.398, 0.674), (0.434, 0.654), (0.475, 0.649), (0.499, 0.654), (0.523, 0.649),
    (0.564, 0.654),
    (0.600, 0.674), (0.637, 0.698), (0.595, 0.716), (0.551, 0.727), (0.518, 0.732), (0.499, 0.733),
    (0.480, 0.732),
    (0.447, 0.727), (0.403, 0.716),
)  # fmt: skip
_LIPS_PARTING = (
    (0.361, 0.698), (0.42, 0.690), (0.475, 0.687), (0.499, 0.689), (0.523, 0.687), (0.578, 0.690),
    (0.637, 0.698),
)  # fmt: skip

# Soft spots of other colour: x, y, radius x, radius y, offset of sRGB. Mirrored unless on the axis.
_TONES: tuple[tuple[float, float, float, float, tuple[float, float, float]], ...] = (
    (0.25, 0.50, 0.095, 0.085, (3, -8, -7)),  # cheek
    (0.33, 0.47, 0.06, 0.06, (2, -5, -4)),  # beside the nose
    (0.445, 0.535, 0.03, 0.035, (0, -14, -12)),  # nostril wing
    (_AXIS, 0.495, 0.045, 0.045, (4, -10, -8)),  # tip of the nose
    (_AXIS, 0.845, 0.085, 0.045, (3, -8, -7)),  # chin
    (_AXIS, 0.61, 0.05, 0.03, (0, -4, -4)),  # philtrum
    (0.36, 0.378, 0.062, 0.020, (-13, -13, -5)),  # below the eye
    (0.405, 0.335, 0.022, 0.025, (-12, -15, -9)),  # inner corner
    (0.345, 0.283, 0.065, 0.020, (-9, -14, -11)),  # upper lid
    (_AXIS, 0.08, 0.26, 0.075, (0, 1, -2)),  # forehead, sallow
    (0.12, 0.34, 0.06, 0.10, (-3, -1, -3)),  # temple
    (0.36, 0.79, 0.07, 0.05, (0, 1, -3)),  # beside the chin
)
_SPOT_REGIONS = (
    (0.13, 0.36, 0.05, 0.11),
    (0.87, 0.36, 0.05, 0.11),
    (0.5, 0.09, 0.22, 0.05),
    (0.5, 0.5, 0.3, 0.1),
)
_GLOSS: tuple[tuple[float, float, float, float, float], ...] = (
    (_AXIS, 0.11, 0.17, 0.075, 0.20), (_AXIS, 0.44, 0.05, 0.11, 0.28), (_AXIS, 0.50, 0.04, 0.04, 0.16),
    (0.29, 0.44, 0.07, 0.05, 0.12), (_AXIS, 0.84, 0.06, 0.03, 0.12), (0.36, 0.375, 0.06, 0.02, 0.10),
    (0.345, 0.285, 0.055, 0.015, 0.14),
)  # fmt: skip


def procedural_albedo(
    resolution: int, seed: int = 1, age: float = 30.0, stubble: float = 0.0, brows: float = 1.0
) -> UInt8:
    """Skin colour in the chart.

    Parameters
    ----------
    resolution : int
        Texels per side, 64..8192.
    seed : int
        Mottling, freckles, spots and brow hairs; the mean tone is the same for all.
    age : float
        Years, 16..70: spots and unevenness grow, the tone turns a little sallow.
    stubble : float
        0..1, shadow of a shaved beard.
    brows : float
        0..1, opacity of the painted brows: less where strands are drawn over them.

    Returns
    -------
    uint8 (R, R, 3)
        sRGB; row 0 is the forehead.

    Raises
    ------
    ValueError
        Resolution out of range.
    """
    _check(resolution)
    rng = np.random.default_rng(seed)
    years = float(np.clip(age, AGE_MIN, AGE_MAX)) - 30.0
    # Tones are soft: half a thousand texels hold them, hairs and freckles are drawn at full size.
    coarse = min(resolution, 256)
    offset: Float32 = np.zeros((coarse, coarse, 3), np.float32)
    for x, y, rx, ry, tone in _TONES:
        spot = _spot(coarse, x, y, rx, ry)
        offset += spot[..., None] * np.array(tone, np.float32)
    uneven = 1.0 + max(years, 0.0) / 110.0
    red, brown = _noise(rng, coarse, (14, 32, 70, 120)), _noise(rng, coarse, (12, 40, 90, 150))
    offset += (red * uneven)[..., None] * np.array((0.8, -2.2, -1.8), np.float32)
    offset += (brown * uneven)[..., None] * np.array((-1.7, -1.9, -1.6), np.float32)
    offset += np.array((-0.04, -0.05, -0.09), np.float32) * max(years, 0.0)
    if stubble > 0:
        offset += (stubble * _beard(coarse))[..., None] * np.array((-34, -20, -10), np.float32)
    layers = [
        _Layer(_lips_mask(resolution), _LIPS_BLUR * resolution, _LIPS_SHARE, (180, 106, 101)),
        _line(resolution, _LIPS_PARTING, 0.004, 0.0018, 0.62, (96, 46, 44)),
        _Layer(_freckles(rng, resolution), 0.0009 * resolution, 0.30, (150, 98, 72)),
    ]
    if years > 8:
        spots = _age_spots(np.random.default_rng((seed, 1)), resolution)
        layers.append(_Layer(spots, 0.0016 * resolution, min((years - 8) / 40.0, 0.85) * 0.75, (146, 100, 74)))
    for mirrored in (False, True):
        layers.append(_line(resolution, _side(_UPPER_LID, mirrored), 0.0048, 0.0014, 0.72, (58, 36, 30)))
        layers.append(_line(resolution, _side(_LOWER_LID, mirrored), 0.0045, 0.0016, 0.34, (112, 66, 58)))
    grey = float(np.clip((years - 22) / 40.0, 0.0, 0.5))
    hair = tuple(float(c) for c in (1 - grey) * np.array((62, 45, 36)) + grey * np.array((150, 142, 135)))
    # The same hairs at every age.
    layers.append(_Layer(_brows(np.random.default_rng((seed, 2)), resolution), 0.0, brows, hair))

    # In bands of rows: the colours of a whole map in floating point would take gigabytes.
    result = np.empty((resolution, resolution, 3), np.uint8)
    fade = border_fade(coarse)
    for row_from, row_to in _bands(resolution, coarse):
        color = _enlarged_rows(offset, resolution, row_from, row_to) + np.array(MEAN_SRGB, np.float32)
        for layer in layers:
            _mix(color, layer.alpha(row_from, row_to), layer.target)
        # Skin outside the chart has the mean tone: fade to it before the border.
        share = _enlarged_rows(fade, resolution, row_from, row_to)[..., None]
        color = share * color + (1 - share) * np.array(MEAN_SRGB, np.float32)
        result[row_from:row_to] = np.clip(np.round(color), 0, 255)
    return result


@lru_cache(maxsize=2)  # colours of one size share it, and it takes longer than to show one
def procedural_gloss(resolution: int) -> UInt8:
    """How oily the skin is in the chart.

    Returns
    -------
    uint8 (R, R), read-only
        0 matt .. 255 oily: forehead, nose and lips shine more than cheeks.
    """
    _check(resolution)
    coarse = min(resolution, 256)
    gloss: Float32 = np.full((coarse, coarse), MEAN_GLOSS, np.float32)
    for x, y, rx, ry, value in _GLOSS:
        gloss += value * _spot(coarse, x, y, rx, ry)
    gloss += 0.03 * _noise(np.random.default_rng(7), coarse, (30, 80))
    gloss += 0.42 * _lips(coarse)
    gloss = MEAN_GLOSS + (gloss - MEAN_GLOSS) * border_fade(coarse)
    return read_only(np.clip(np.round(_enlarged(gloss, resolution) * 255), 0, 255).astype(np.uint8))


def _check(resolution: int) -> None:
    if not RESOLUTION_MIN <= resolution <= RESOLUTION_MAX:
        raise ValueError(f"an albedo has {RESOLUTION_MIN}..{RESOLUTION_MAX} texels a side, got {resolution}")


def _enlarged(image: Float32, resolution: int) -> Float32:
    return np.asarray(cv2.resize(image, (resolution, resolution), interpolation=cv2.INTER_LINEAR), np.float32)


def _bands(resolution: int, coarse: int) -> Iterator[tuple[int, int]]:
    """Rows from and to; whole rows of the coarse map, where that is a power of two smaller."""
    scale, rest = divmod(resolution, coarse)
    step = max(scale, _BAND_ROWS) if rest == 0 and scale & (scale - 1) == 0 else resolution
    for row in range(0, resolution, step):
        yield row, min(row + step, resolution)


def _enlarged_rows(image: Float32, resolution: int, row_from: int, row_to: int) -> Float32:
    """Rows of `_enlarged`, bit for bit, for the ranges that `_bands` gives."""
    side = image.shape[0]
    if row_to - row_from == resolution:
        return _enlarged(image, resolution)
    scale = resolution // side
    low, high = max(row_from // scale - 1, 0), min(row_to // scale + 1, side)
    size = (resolution, (high - low) * scale)
    part = np.asarray(cv2.resize(image[low:high], size, interpolation=cv2.INTER_LINEAR), np.float32)
    return part[row_from - low * scale : row_to - low * scale]


def _side(points: tuple[tuple[float, float], ...], mirrored: bool) -> tuple[tuple[float, float], ...]:
    return tuple((2 * _AXIS - x, y) for x, y in points) if mirrored else points


def _spot(resolution: int, x: float, y: float, rx: float, ry: float) -> Float32:
    """A Gaussian spot and, off the axis, its mirror image."""
    t = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    row = np.exp(-(((t - x) / rx) ** 2))
    if x != _AXIS:
        row = np.maximum(row, np.exp(-(((t - (2 * _AXIS - x)) / rx) ** 2)))
    spot: Float32 = np.exp(-(((t - y) / ry) ** 2))[:, None] * row
    return spot


def _noise(rng: np.random.Generator, resolution: int, cells: tuple[int, ...]) -> Float32:
    """Smooth noise of unit variance, a sum of octaves with the given numbers of cells a side."""
    total = np.zeros((resolution, resolution), np.float32)
    for n in cells:
        field = rng.standard_normal((n, n)).astype(np.float32)
        total += cv2.resize(field, (resolution, resolution), interpolation=cv2.INTER_CUBIC) / np.sqrt(len(cells))
    return total


def _mix(color: Float32, alpha: Float32, target: tuple[float, ...]) -> None:
    """Blend towards a colour where alpha is not 0, in place."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    a = alpha[window][..., None]
    color[window] += a * (np.array(target, np.float32) - color[window])


def _fixed(points: npt.ArrayLike, resolution: int) -> npt.NDArray[np.int32]:
    """OpenCV's fixed-point pixels (4 fractional bits, integer at texel centres)."""
    return np.round((np.asarray(points, np.float64) * resolution - 0.5) * 16).astype(np.int32).reshape(-1, 1, 2)


def _blurred(mask: UInt8, sigma_texels: float) -> Float32:
    soft: Float32 = np.asarray(mask / np.float32(255), np.float32)
    if sigma_texels > 0.3:
        soft = np.asarray(cv2.GaussianBlur(soft, (0, 0), sigma_texels), np.float32)
    return soft


class _Layer:
    """A colour that is mixed in where a mask is not 0.

    Parameters
    ----------
    mask : uint8 (R, R)
    sigma_texels : float
        By which it is blurred.
    share : float
        0..1, how much of `target` shows where the mask is 255.
    target : sRGB colour
    """

    def __init__(self, mask: UInt8, sigma_texels: float, share: float, target: tuple[float, ...]) -> None:
        rows = np.flatnonzero(mask.any(axis=1))
        self._first = int(rows[0]) if len(rows) else 0
        self._mask = mask[self._first : int(rows[-1]) + 1 if len(rows) else 0].copy()
        self._side = len(mask)
        self._sigma = sigma_texels
        self._share = share
        self.target = target

    def alpha(self, row_from: int, row_to: int) -> Float32:
        """Share of the colour in some rows, float32 (row_to - row_from, R); bit for bit those of the whole."""
        reach = int(np.ceil(4 * self._sigma)) + 2  # OpenCV's kernel ends at 4 standard deviations
        low, high = max(row_from - reach, 0), min(row_to + reach, self._side)
        inside = np.arange(max(low, self._first), min(high, self._first + len(self._mask)))
        if not inside.size:
            return np.zeros((row_to - row_from, self._side), np.float32)
        near = np.zeros((high - low, self._side), np.uint8)
        near[inside - low] = self._mask[inside - self._first]
        return np.float32(self._share) * _blurred(near, self._sigma)[row_from - low : row_to - low]


def _line(
    resolution: int,
    points: tuple[tuple[float, float], ...],
    width: float,
    blur: float,
    share: float,
    target: tuple[float, ...],
) -> _Layer:
    mask = np.zeros((resolution, resolution), np.uint8)
    curve = _smooth_curve(np.array(points), 40)
    thickness = max(round(width * resolution), 1)
    cv2.polylines(mask, [_fixed(curve, resolution)], False, 255, thickness, cv2.LINE_AA, shift=4)
    return _Layer(mask, blur * resolution, share, target)


def _smooth_curve(points: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.float64]:
    """Catmull-Rom curve through points, (n, 2)."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, len(points) - 1 - 1e-9, n)
    k = t.astype(int)
    u = (t - k)[:, None]
    p0, p1, p2, p3 = (padded[k + j] for j in range(4))
    curve: npt.NDArray[np.float64] = 0.5 * (
        2 * p1 + (p2 - p0) * u + (2 * p0 - 5 * p1 + 4 * p2 - p3) * u**2 + (3 * p1 - p0 - 3 * p2 + p3) * u**3
    )
    return curve


def _lips(resolution: int) -> Float32:
    return _LIPS_SHARE * _blurred(_lips_mask(resolution), _LIPS_BLUR * resolution)


def _lips_mask(resolution: int) -> UInt8:
    mask = np.zeros((resolution, resolution), np.uint8)
    outline = _smooth_curve(np.array((*_LIPS_OUTER, _LIPS_OUTER[0])), 120)
    cv2.fillPoly(mask, [_fixed(outline, resolution)], 255, cv2.LINE_AA, shift=4)
    return mask


def _beard(resolution: int) -> Float32:
    mask = np.zeros((resolution, resolution), np.uint8)
    area = ((0.07, 0.62), (0.16, 0.66), (0.30, 0.66), (0.38, 0.61), (0.46, 0.605))
    outline = (*area, *reversed(_side(area, True)), (0.93, 0.99), (0.07, 0.99))
    cv2.fillPoly(mask, [_fixed(outline, resolution)], 255, cv2.LINE_AA, shift=4)
    beard: Float32 = np.clip(_blurred(mask, 0.028 * resolution) - _lips(resolution), 0, 1)
    return beard


def _freckles(rng: np.random.Generator, resolution: int) -> UInt8:
    """Small faint dots, most on cheeks and nose."""
    mask = np.zeros((resolution, resolution), np.uint8)
    n = 420
    centres = np.concatenate([
        rng.normal((0.26, 0.46), (0.10, 0.08), (n // 3, 2)),
        rng.normal((0.74, 0.46), (0.10, 0.08), (n // 3, 2)),
        rng.normal((0.5, 0.42), (0.20, 0.16), (n // 3, 2)),
    ])  # fmt: skip
    radii = rng.uniform(0.0008, 0.0022, n) * resolution
    strength = rng.integers(60, 255, n)
    for centre, radius, value in zip(_fixed(centres, resolution)[:, 0], radii, strength, strict=True):
        cv2.circle(mask, centre.tolist(), max(int(radius * 16), 8), int(value), -1, cv2.LINE_AA, shift=4)
    return mask


def _age_spots(rng: np.random.Generator, resolution: int) -> UInt8:
    """Lentigines: a few larger flat spots at temples, cheeks and forehead."""
    mask = np.zeros((resolution, resolution), np.uint8)
    for _ in range(46):
        region = rng.choice(4)
        x, y, rx, ry = _SPOT_REGIONS[region]
        x, y = rng.normal((x, y), (rx, ry))
        axes = (rng.uniform(0.0025, 0.0095, 2) * resolution * 16).astype(int)
        centre = _fixed([[x, y]], resolution)[0, 0].tolist()
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(mask, centre, axes.tolist(), angle, 0, 360, int(rng.integers(70, 255)), -1, cv2.LINE_AA, shift=4)
    return mask


def _brows(rng: np.random.Generator, resolution: int) -> UInt8:
    """Hairs that stand up at the inner end and lie along the brow further out; the same at any resolution."""
    size = _BROWS_DRAWN_AT
    hairs = np.zeros((size, size), np.uint8)
    body = np.zeros((size, size), np.uint8)
    thickness = max(round(size / 1400), 1)
    for mirrored in (False, True):
        spine = _smooth_curve(np.array(_BROW), 200)[::-1]  # inner end first
        along = np.gradient(spine, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        if across[:, 1].mean() > 0:
            across = -across  # towards the forehead
        t = rng.beta(1.1, 1.35, 900)
        index = (t * 199).astype(int)
        half = 0.0155 * np.clip(1.15 - 0.9 * t, 0.2, 1.0) * np.clip(t / 0.05 + 0.55, 0, 1)
        offset = rng.uniform(-1, 1, len(t)) * half
        roots = spine[index] + across[index] * offset[:, None]
        rise = np.clip(1.25 - 2.0 * t, 0.12, 1.0) * np.where(offset > 0.3 * half, 0.35, 1.0)
        direction = along[index] + across[index] * (rise + rng.normal(0, 0.12, len(t)))[:, None]
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        length = rng.uniform(0.012, 0.022, len(t))[:, None]
        middle = roots + 0.5 * length * direction
        tips = roots + length * (0.8 * direction + 0.25 * along[index])
        strands = np.stack([roots, middle, tips], axis=1)
        if mirrored:
            strands[..., 0] = 2 * _AXIS - strands[..., 0]
            spine = np.stack([2 * _AXIS - spine[:, 0], spine[:, 1]], axis=1)
        for strand, value in zip(strands, rng.integers(120, 255, len(t)), strict=True):
            cv2.polylines(hairs, [_fixed(strand, size)], False, int(value), thickness, cv2.LINE_AA, shift=4)
        cv2.polylines(body, [_fixed(spine[8:150], size)], False, 255, round(0.017 * size), cv2.LINE_AA, shift=4)
    near = slice(round(0.14 * size), round(0.27 * size)), slice(round(0.20 * size), round(0.80 * size))
    alpha = np.maximum(0.85 * _blurred(hairs[near], 0.0), 0.46 * _blurred(body[near], 0.006 * size))
    hairs[near] = np.round(alpha * 255)
    way = cv2.INTER_AREA if resolution < size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(hairs, (resolution, resolution), interpolation=way), np.uint8)

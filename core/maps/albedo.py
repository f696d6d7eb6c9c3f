"""A procedural skin colour of one mean tone: that of synthetic photos, and how a colour that was brought in ages.

Networks were trained on it, so that it stays as it is; `complexion_map` makes the skin that the program shows.
Regional tones follow what is known of facial skin (Jimenez et al. 2010, "A Practical Appearance Model for
Dynamic Facial Color": haemoglobin in cheeks, nose, lips and chin, little at the forehead; thin, cool skin
under the eyes), with mottling, freckles, brows, lash lines and, with age, spots and unevenness.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.maps.border import border_fade
from rhytid.core.maps.face_marks import (
    AXIS,
    LIPS_BLUR,
    LIPS_PARTING,
    LIPS_SHARE,
    LOWER_LID,
    UPPER_LID,
    beard,
    blurred,
    brow_hairs,
    fixed_point,
    lips_mask,
    noise,
    on_side,
    smooth_curve,
    spot,
)
from rhytid.core.maps.lip_border import lip_lines, lip_share
from rhytid.core.maps.row_bands import bands, enlarged, enlarged_rows
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

MEAN_SRGB = (201, 156, 135)
"""Colour of skin without regional variation: that of the chart's border, and of skin outside the chart."""

MEAN_GLOSS = 0.40
"""Gloss (0..1) of skin without regional variation."""
_MOIST = 0.46  # what lips have beyond

RESOLUTION_MIN, RESOLUTION_MAX = 64, 8192

# Soft spots of other colour: x, y, radius x, radius y, offset of sRGB. Mirrored unless on the axis.
_TONES: tuple[tuple[float, float, float, float, tuple[float, float, float]], ...] = (
    (0.25, 0.50, 0.095, 0.085, (3, -8, -7)),  # cheek
    (0.33, 0.47, 0.06, 0.06, (2, -5, -4)),  # beside the nose
    (0.445, 0.535, 0.03, 0.035, (0, -14, -12)),  # nostril wing
    (AXIS, 0.495, 0.045, 0.045, (4, -10, -8)),  # tip of the nose
    (AXIS, 0.845, 0.085, 0.045, (3, -8, -7)),  # chin
    (AXIS, 0.61, 0.05, 0.03, (0, -4, -4)),  # philtrum
    (0.36, 0.378, 0.062, 0.020, (-13, -13, -5)),  # below the eye
    (0.405, 0.335, 0.022, 0.025, (-12, -15, -9)),  # inner corner
    (0.345, 0.283, 0.065, 0.020, (-9, -14, -11)),  # upper lid
    (AXIS, 0.08, 0.26, 0.075, (0, 1, -2)),  # forehead, sallow
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
    (AXIS, 0.11, 0.17, 0.075, 0.20), (AXIS, 0.44, 0.05, 0.11, 0.28), (AXIS, 0.50, 0.04, 0.04, 0.16),
    (0.29, 0.44, 0.07, 0.05, 0.12), (AXIS, 0.84, 0.06, 0.03, 0.12), (0.36, 0.375, 0.06, 0.02, 0.10),
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
        offset += spot(coarse, x, y, rx, ry)[..., None] * np.array(tone, np.float32)
    uneven = 1.0 + max(years, 0.0) / 110.0
    red, brown = noise(rng, coarse, (14, 32, 70, 120)), noise(rng, coarse, (12, 40, 90, 150))
    offset += (red * uneven)[..., None] * np.array((0.8, -2.2, -1.8), np.float32)
    offset += (brown * uneven)[..., None] * np.array((-1.7, -1.9, -1.6), np.float32)
    offset += np.array((-0.04, -0.05, -0.09), np.float32) * max(years, 0.0)
    if stubble > 0:
        offset += (stubble * beard(coarse))[..., None] * np.array((-34, -20, -10), np.float32)
    layers = [
        _Layer(lips_mask(resolution), LIPS_BLUR * resolution, LIPS_SHARE, (180, 106, 101)),
        _line(resolution, LIPS_PARTING, 0.004, 0.0018, 0.62, (96, 46, 44)),
        _Layer(_freckles(rng, resolution), 0.0009 * resolution, 0.30, (150, 98, 72)),
    ]
    if years > 8:
        spots = _age_spots(np.random.default_rng((seed, 1)), resolution)
        layers.append(_Layer(spots, 0.0016 * resolution, min((years - 8) / 40.0, 0.85) * 0.75, (146, 100, 74)))
    for mirrored in (False, True):
        layers.append(_line(resolution, on_side(UPPER_LID, mirrored), 0.0048, 0.0014, 0.72, (58, 36, 30)))
        layers.append(_line(resolution, on_side(LOWER_LID, mirrored), 0.0045, 0.0016, 0.34, (112, 66, 58)))
    grey = float(np.clip((years - 22) / 40.0, 0.0, 0.5))
    hair = tuple(float(c) for c in (1 - grey) * np.array((62, 45, 36)) + grey * np.array((150, 142, 135)))
    # The same hairs at every age.
    layers.append(_Layer(brow_hairs(np.random.default_rng((seed, 2)), resolution), 0.0, brows, hair))

    # In bands of rows: the colours of a whole map in floating point would take gigabytes.
    result = np.empty((resolution, resolution, 3), np.uint8)
    fade = border_fade(coarse)
    for row_from, row_to in bands(resolution, coarse):
        color = enlarged_rows(offset, resolution, row_from, row_to) + np.array(MEAN_SRGB, np.float32)
        for layer in layers:
            _mix(color, layer.alpha(row_from, row_to), layer.target)
        # Skin outside the chart has the mean tone: fade to it before the border.
        share = enlarged_rows(fade, resolution, row_from, row_to)[..., None]
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
        gloss += value * spot(coarse, x, y, rx, ry)
    gloss += 0.03 * noise(np.random.default_rng(7), coarse, (30, 80))
    gloss = MEAN_GLOSS + (gloss - MEAN_GLOSS) * border_fade(coarse)
    whole = enlarged(gloss, resolution)
    # Moist, and matt in the lines.
    whole += (_MOIST / 255) * lip_share(resolution) * (1 - 0.5 * lip_lines(resolution))
    return read_only(np.clip(np.round(whole * 255), 0, 255).astype(np.uint8))


def _check(resolution: int) -> None:
    if not RESOLUTION_MIN <= resolution <= RESOLUTION_MAX:
        raise ValueError(f"an albedo has {RESOLUTION_MIN}..{RESOLUTION_MAX} texels a side, got {resolution}")


def _mix(color: Float32, alpha: Float32, target: tuple[float, ...]) -> None:
    """Blend towards a colour where alpha is not 0, in place."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    a = alpha[window][..., None]
    color[window] += a * (np.array(target, np.float32) - color[window])


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
        return np.float32(self._share) * blurred(near, self._sigma)[row_from - low : row_to - low]


def _line(
    resolution: int,
    points: tuple[tuple[float, float], ...],
    width: float,
    blur: float,
    share: float,
    target: tuple[float, ...],
) -> _Layer:
    mask = np.zeros((resolution, resolution), np.uint8)
    curve = smooth_curve(np.array(points), 40)
    thickness = max(round(width * resolution), 1)
    cv2.polylines(mask, [fixed_point(curve, resolution)], False, 255, thickness, cv2.LINE_AA, shift=4)
    return _Layer(mask, blur * resolution, share, target)


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
    for centre, radius, value in zip(fixed_point(centres, resolution)[:, 0], radii, strength, strict=True):
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
        centre = fixed_point([[x, y]], resolution)[0, 0].tolist()
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(mask, centre, axes.tolist(), angle, 0, 360, int(rng.integers(70, 255)), -1, cv2.LINE_AA, shift=4)
    return mask

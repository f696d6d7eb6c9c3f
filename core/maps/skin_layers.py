"""Where a person's skin has which pigment: layers without a colour, made once by seed and mixed by a `Complexion`.

Soft layers are coarse and reach over the whole plane around the chart, so that neck, ears and scalp go on where the
face ends; fine ones are as large as the map that is made. Regions follow Jimenez et al. (2010, "A Practical Appearance
Model for Dynamic Facial Color"): haemoglobin in cheeks, nose, chin and ears, little at the forehead.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.border import border_fade
from rhytid.core.maps.face_marks import (
    AXIS,
    LIPS_PARTING,
    LOWER_LID,
    UPPER_LID,
    Points,
    beard,
    brow_hairs,
    fixed_point,
    noise,
    on_side,
    smooth_curve,
)
from rhytid.core.maps.lip_border import lip_share
from rhytid.core.maps.row_bands import enlarged

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Float64 = npt.NDArray[np.float64]
Spots = tuple[tuple[float, float, float, float, float], ...]

COARSE = 256
"""Texels of the chart's side in soft layers; the plane has three times as many."""
_PORES_FROM = 2048  # smaller maps cannot hold them
_FINE_CELLS = (170, 390, 880, 1900)
# Soft spots: x, y, radius x, radius y, amount. Mirrored unless on the axis.
_FLUSH: Spots = (
    (0.25, 0.50, 0.105, 0.095, 0.85), (0.33, 0.47, 0.06, 0.06, 0.40), (0.445, 0.535, 0.03, 0.035, 0.75),
    (AXIS, 0.495, 0.045, 0.05, 0.80), (AXIS, 0.845, 0.085, 0.045, 0.45), (AXIS, 0.61, 0.05, 0.03, 0.20),
    (1.18, 0.40, 0.085, 0.28, 0.95), (AXIS, 1.25, 0.25, 0.20, 0.25), (AXIS, 0.08, 0.26, 0.075, -0.35),
    (0.36, 0.79, 0.07, 0.05, -0.15), (0.12, 0.34, 0.06, 0.10, -0.20),
)  # fmt: skip
_SUN: Spots = (
    (AXIS, 0.10, 0.34, 0.09, 0.5), (0.27, 0.42, 0.09, 0.06, 0.35), (AXIS, 0.43, 0.05, 0.11, 0.35),
    (0.10, 0.36, 0.07, 0.14, 0.4), (AXIS, 0.63, 0.12, 0.05, 0.35), (0.36, 0.76, 0.06, 0.06, 0.3),
    (0.30, 0.60, 0.08, 0.06, -0.25), (AXIS, 1.20, 0.4, 0.15, -0.4),
)  # fmt: skip
_CIRCLES: Spots = ((0.36, 0.376, 0.058, 0.019, 0.85), (0.405, 0.340, 0.026, 0.028, 0.75))
_LIDS: Spots = ((0.345, 0.286, 0.062, 0.021, 0.85), (0.407, 0.318, 0.018, 0.020, 0.8))
_FRECKLED = ((0.26, 0.46, 0.10, 0.08), (0.74, 0.46, 0.10, 0.08), (0.5, 0.42, 0.20, 0.16), (0.5, 0.12, 0.24, 0.08))
_SPOTTED = ((0.13, 0.36, 0.05, 0.11), (0.87, 0.36, 0.05, 0.11), (0.5, 0.09, 0.22, 0.05), (0.5, 0.5, 0.3, 0.1))
_POROUS = ((0.5, 0.48, 0.07, 0.10), (0.34, 0.47, 0.08, 0.07), (0.66, 0.47, 0.08, 0.07), (0.5, 0.14, 0.2, 0.08))


@dataclass(frozen=True, eq=False)
class SkinLayers:
    """Layers of one person at one size.

    Attributes
    ----------
    flush, sun, dark_circles, lids, red_noise, brown_noise : float32 (768, 768)
        Over the plane -1..2 of the chart; about 0..1, noise of unit variance.
    beard : float32 (256, 256)
        Where it grows, 0..1, in the chart.
    grain : uint8 (R, R)
        Fine unevenness, 128 is none.
    pores, freckles, moles, spots : uint8 (R, R)
        0 none; of freckles, moles and spots the higher show first.
    lips, creases, brows : uint8 (R, R)
        Share, 255 is all: red of the lips, lash lines and the lips' parting, hairs of the brows.
    """

    flush: Float32
    sun: Float32
    dark_circles: Float32
    lids: Float32
    red_noise: Float32
    brown_noise: Float32
    beard: Float32
    grain: UInt8
    pores: UInt8
    freckles: UInt8
    moles: UInt8
    spots: UInt8
    lips: UInt8
    creases: UInt8
    brows: UInt8

    @staticmethod
    def of(seed: int, resolution: int) -> SkinLayers:
        """Layers by seed, the same at all sizes as far as these can hold them; 64..8192 texels a side."""
        rng = [np.random.default_rng((seed, number)) for number in range(7)]
        fade = _fade(resolution)
        return SkinLayers(
            flush=_regions(_FLUSH),
            sun=_regions(_SUN),
            dark_circles=_regions(_CIRCLES),
            lids=_regions(_LIDS),
            red_noise=_calm(noise(rng[0], 3 * COARSE, (24, 60, 130, 300))),
            brown_noise=_calm(noise(rng[1], 3 * COARSE, (20, 70, 190, 420))),
            beard=beard(COARSE),
            grain=_grain(seed, resolution, fade),
            pores=_faded(_pores(rng[3], resolution), fade),
            freckles=freckles(seed, resolution),
            moles=_faded(_moles(rng[5], resolution), fade),
            spots=_faded(_age_spots(rng[6], resolution), fade),
            lips=lip_share(resolution),
            creases=_creases(resolution),
            brows=brow_hairs(np.random.default_rng((seed, 2)), resolution),
        )


def freckles(seed: int, resolution: int) -> UInt8:
    """The layer of freckles alone."""
    return _faded(_freckles(np.random.default_rng((seed, 4)), resolution, 2200, _FRECKLED), _fade(resolution))


def freckles_anywhere(seed: int, resolution: int) -> UInt8:
    """Freckles that may be brought out anywhere, as the layer has them; uint8 (R, R), the higher show first."""
    return _freckles(np.random.default_rng((seed, 7)), resolution, 12000, None)


def _fade(resolution: int) -> UInt8:
    return np.round(255 * enlarged(border_fade(min(resolution, COARSE)), resolution)).astype(np.uint8)


def _regions(spots: Spots) -> Float32:
    """A sum of Gaussian spots over the plane."""
    t = np.linspace(-1, 2, 3 * COARSE, endpoint=False, dtype=np.float32) + np.float32(0.5 / COARSE)
    total: Float32 = np.zeros((t.size, t.size), np.float32)
    for x, y, rx, ry, amount in spots:
        row = np.exp(-(((t - x) / rx) ** 2))
        if x != AXIS:
            row = np.maximum(row, np.exp(-(((t - (2 * AXIS - x)) / rx) ** 2)))
        total += np.float32(amount) * np.exp(-(((t - y) / ry) ** 2))[:, None] * row
    return total


def _calm(plane: Float32) -> Float32:
    """Noise that ends away from the chart, whose plane is stretched there; `skin_tile` goes on."""
    t = np.linspace(-1, 2, 3 * COARSE, endpoint=False, dtype=np.float32) + np.float32(0.5 / COARSE)
    beyond = np.clip(np.maximum(-t, t - 1) / np.float32(0.2), 0, 1)
    return np.asarray(plane * (1 - np.maximum(beyond[:, None], beyond)), np.float32)


def _grain(seed: int, resolution: int, fade: UInt8) -> UInt8:
    """Octaves of noise that the size can hold, each the same at all sizes."""
    total = np.zeros((resolution, resolution), np.float32)
    for cells in _FINE_CELLS:
        if cells <= 0.6 * resolution:
            # Dark meshes between light cells, as the lines between the cells of skin are.
            octave = noise(np.random.default_rng((seed, 100, cells)), resolution, (cells,))
            total += np.minimum(np.abs(octave), np.float32(2)) - np.float32(0.79)
    total *= np.float32(-40)
    total *= fade
    total /= np.float32(255)
    total += np.float32(128.5)
    return np.clip(total, 0, 255, out=total).astype(np.uint8)


def _faded(layer: UInt8, fade: UInt8) -> UInt8:
    return np.asarray(cv2.multiply(layer, fade, scale=1 / 255), np.uint8)


def _scattered(rng: np.random.Generator, regions: tuple[tuple[float, float, float, float], ...], n: int) -> Float64:
    """`n` places about the middles of regions, (n, 2)."""
    middle = np.array(regions)[rng.integers(len(regions), size=n)]
    return np.asarray(rng.normal(middle[:, :2], middle[:, 2:]), np.float64)


def _dots(
    resolution: int, centres: npt.NDArray[np.floating], radii: npt.NDArray[np.floating],
    values: npt.NDArray[np.integer], stretch: npt.NDArray[np.floating], angles: npt.NDArray[np.floating],
) -> UInt8:  # fmt: skip
    """Ellipses with soft rims; overlapping ones show the last."""
    mask = np.zeros((resolution, resolution), np.uint8)
    axes = np.maximum(np.stack([radii, radii * stretch], axis=1) * resolution * 16, 8).astype(int)
    for centre, axis, value, angle in zip(fixed_point(centres, resolution)[:, 0].tolist(), axes.tolist(),
                                          values.tolist(), angles.tolist(), strict=True):  # fmt: skip
        cv2.ellipse(mask, centre, axis, angle, 0, 360, value, -1, cv2.LINE_AA, shift=4)
    return mask


def _freckles(
    rng: np.random.Generator, resolution: int, n: int, regions: tuple[tuple[float, float, float, float], ...] | None
) -> UInt8:
    """Flat spots of 0.4 to 2.4 mm in some regions, or everywhere; larger ones are fewer."""
    radii = np.clip(rng.lognormal(np.log(0.0013), 0.45, n), 0.0007, 0.0044)
    centres = rng.uniform(0, 1, (n, 2)) if regions is None else _scattered(rng, regions, n)
    mask = _dots(resolution, centres, radii, rng.integers(60, 255, n), rng.uniform(0.6, 1, n),
                 rng.uniform(0, 180, n))  # fmt: skip
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.0009 * resolution, 0.3)), np.uint8)


def _moles(rng: np.random.Generator, resolution: int) -> UInt8:
    """A few dark dots anywhere."""
    n = 26
    centres = rng.uniform((0.12, 0.08), (0.88, 0.92), (n, 2))
    mask = _dots(resolution, centres, rng.uniform(0.0018, 0.0044, n), np.linspace(40, 255, n).astype(int),
                 rng.uniform(0.8, 1, n), rng.uniform(0, 180, n))  # fmt: skip
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.0006 * resolution, 0.3)), np.uint8)


def _age_spots(rng: np.random.Generator, resolution: int) -> UInt8:
    """Lentigines: larger flat spots at temples, cheeks and forehead."""
    n = 70
    mask = _dots(resolution, _scattered(rng, _SPOTTED, n), rng.uniform(0.0025, 0.0095, n), rng.integers(50, 255, n),
                 rng.uniform(0.5, 1, n), rng.uniform(0, 180, n))  # fmt: skip
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.0014 * resolution), np.uint8)


def _pores(rng: np.random.Generator, resolution: int) -> UInt8:
    """Openings of follicles about nose, cheeks and forehead, a fifth of a millimetre wide."""
    if resolution < _PORES_FROM:
        return np.zeros((resolution, resolution), np.uint8)
    n = 9000
    radii = rng.uniform(0.00022, 0.00048, n)
    mask = _dots(resolution, _scattered(rng, _POROUS, n), radii, rng.integers(40, 200, n), np.ones(n), np.zeros(n))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.00016 * resolution), np.uint8)


def _creases(resolution: int) -> UInt8:
    """Lash lines and the lips' parting."""
    mask = np.zeros((resolution, resolution), np.uint8)
    for mirrored in (False, True):
        _line(mask, on_side(UPPER_LID, mirrored), 0.0048, 165)
        _line(mask, on_side(LOWER_LID, mirrored), 0.0040, 70)
    _line(mask, LIPS_PARTING, 0.0040, 150)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.0016 * resolution, 0.3)), np.uint8)


def _line(mask: UInt8, points: Points, width: float, value: int) -> None:
    resolution = len(mask)
    curve = fixed_point(smooth_curve(np.array(points), 40), resolution)
    cv2.polylines(mask, [curve], False, value, max(round(width * resolution), 1), cv2.LINE_AA, shift=4)

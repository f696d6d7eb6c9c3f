"""Colour of skin by what is in it: a layer of melanin over blood and yellow pigment, seen in daylight.

Reflectance per wavelength follows Kubelka and Munk for layers, as Cotton and Claridge (1996, "Developing a
predictive model of human skin colouring") use them, with Saunderson's correction for the surface. Absorption and
scattering are those of Donner and Jensen (2006, "A Spectral BSSRDF for Shading Human Skin"), of haemoglobin those that
Prahl compiled (1999, Oregon Medical Laser Center), of the yellow pigments the bands of beta-carotene. The spectrum is
seen as sRGB by the colour matching functions of Wyman, Sloan and Shirley (2013) under D65. Light that the surface
mirrors is no part of it: shading adds that.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

MELANIN_LEAST, MELANIN_MOST = 0.004, 0.62
"""Volume of the epidermis that is melanin, the range of people and of their moles and lips."""
BLOOD_LEAST, BLOOD_MOST = 0.004, 0.4
"""Volume of the upper dermis that is blood: from squeezed to a port-wine stain."""
TABLE_SIDE = 256
_COARSE = 64
_OXYGEN = 0.92
_EPIDERMIS_MM, _HORN_MM = 0.07, 0.010  # with melanin, and the clear layer above it
_REFRACTED, _REFLECTED_INSIDE = 0.972, 0.43  # skin's 1.4 against air: light that enters, and that is held back
_HAEMOGLOBIN_G_PER_L, _HAEMOGLOBIN_G_PER_MOL = 150.0, 64500.0
_YELLOW_PER_MM, _YELLOW_OF_BLOOD_PER_MM = 0.35, 55.0

_WAVELENGTH_NM: Float64 = np.arange(400.0, 701.0, 10.0)
# Molar extinction (1 / cm / M) of oxygenated and of deoxygenated haemoglobin.
_OXY = (
    266232, 466840, 480360, 246072, 102580, 62816, 44480, 33209, 26629, 23684, 20933, 20035, 24202, 39957, 53236, 43016,
    32613, 44496, 50104, 14401, 3200, 1506, 942, 610, 442, 368, 320, 294, 278, 276, 290,
)  # fmt: skip
_DEOXY = (
    223296, 303956, 407560, 528600, 413280, 103292, 23389, 16156, 14550, 16684, 20862, 25774, 31590, 39036, 46592,
    53412, 53788, 45072, 37020, 28324, 14677, 9444, 6510, 5149, 4345, 3750, 3227, 2795, 2408, 2052, 1794,
)  # fmt: skip
_D65 = (
    82.75, 91.49, 93.43, 86.68, 104.87, 117.01, 117.81, 114.86, 115.92, 108.81, 109.35, 107.80, 104.79, 107.69, 104.41,
    104.05, 100.00, 96.33, 95.79, 88.69, 90.01, 89.60, 87.70, 83.29, 83.70, 80.03, 80.21, 82.28, 78.28, 69.72, 71.61,
)  # fmt: skip
# Lobes of the colour matching functions: height, centre, width below and above it (nm).
_OBSERVER = (
    ((1.056, 599.8, 37.9, 31.0), (0.362, 442.0, 16.0, 26.7), (-0.065, 501.1, 20.4, 26.2)),
    ((0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1)),
    ((1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8)),
)
_CAROTENE = ((0.70, 425.0, 22.0, 14.0), (1.0, 451.0, 14.0, 14.0), (0.86, 479.0, 14.0, 16.0))
_RGB_FROM_XYZ: Float64 = np.array(
    ((3.2406, -1.5372, -0.4986), (-0.9689, 1.8758, 0.0415), (0.0557, -0.2040, 1.0570))
)


def skin_rgb(melanin: npt.ArrayLike, blood: npt.ArrayLike, red_melanin: float = 0.1, yellow: float = 0.3) -> Float64:
    """Linear RGB (..., 3) of skin, 0..1.

    Parameters
    ----------
    melanin : (...)
        Volume share of melanin in the epidermis, 0..1: 0.013..0.06 pale, to 0.16 olive and brown, to 0.43 dark.
    blood : (...)
        Volume share of blood in the dermis, about 0.01 at rest and 0.06 in a flush.
    red_melanin : float
        0..1, share of pheomelanin in the melanin, the rest is eumelanin.
    yellow : float
        0..1, carotene and bilirubin in the dermis.
    """
    m, h = np.broadcast_arrays(np.asarray(melanin, np.float64), np.asarray(blood, np.float64))
    nm = _WAVELENGTH_NM
    base = 0.0244 + 8.53 * np.exp(-(nm - 154) / 66.2)
    pigment = (1 - red_melanin) * 6.6e10 * nm**-3.33 + red_melanin * 2.9e14 * nm**-4.75
    epidermis = m[..., None] * pigment + (1 - m[..., None]) * base
    # Carotene and bilirubin are in the tissue and, more of them, in the blood's plasma.
    stained = yellow * (_YELLOW_PER_MM + _YELLOW_OF_BLOOD_PER_MM * h[..., None]) * _lobes(_CAROTENE)
    dermis = h[..., None] * _blood_per_mm() + (1 - h[..., None]) * base + stained
    mie = 14.74 * nm**-0.22
    scattering = mie + 2.2e11 * nm**-4
    inside = _deep(dermis, scattering)
    # The horny layer's own grain scatters all wavelengths alike.
    for absorption, grain, thickness_mm in ((epidermis, 0.72 * scattering, _EPIDERMIS_MM), (base, mie, _HORN_MM)):
        over, through = _layer(absorption, grain, thickness_mm)
        inside = over + through**2 * inside / (1 - over * inside)
    reflectance = _REFRACTED * (1 - _REFLECTED_INSIDE) * inside / (1 - _REFLECTED_INSIDE * inside)
    return np.clip(reflectance @ _rgb_of_spectrum(), 0.0, 1.0)


@lru_cache(maxsize=8)
def skin_table(red_melanin: float, yellow: float) -> Float32:
    """sRGB of skin over its melanin and blood, float32 (256, 256, 3) 0..255, read-only.

    Both run geometrically, melanin down the rows from 0.004 to 0.62, blood along the columns from 0.004 to 0.4.
    """
    melanin = np.geomspace(MELANIN_LEAST, MELANIN_MOST, _COARSE)
    blood = np.geomspace(BLOOD_LEAST, BLOOD_MOST, _COARSE)
    linear = skin_rgb(melanin[:, None], blood[None], red_melanin, yellow)
    srgb = np.asarray(255 * srgb_from_linear(linear), np.float32)
    # Ends of the axes lie on the outer texels' centres.
    at = np.linspace(0, _COARSE - 1, TABLE_SIDE, dtype=np.float32)
    columns, rows = np.meshgrid(at, at)
    fine = cv2.remap(srgb, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return read_only(np.asarray(fine, np.float32))


def _layer(absorption: Float64, scattering: Float64, thickness_mm: float) -> tuple[Float64, Float64]:
    """Share of diffuse light that a layer throws back and lets through (Kubelka and Munk)."""
    a, s = _kubelka(absorption, scattering)
    b = np.sqrt(a * a - 1)
    x = b * s * thickness_mm
    sinh, cosh = np.sinh(x), np.cosh(x)
    whole = a * sinh + b * cosh
    return sinh / whole, b / whole


def _deep(absorption: Float64, scattering: Float64) -> Float64:
    """Share of diffuse light that a layer without an end throws back."""
    a, _ = _kubelka(absorption, scattering)
    return a - np.sqrt(a * a - 1)


def _kubelka(absorption: Float64, scattering: Float64) -> tuple[Float64, Float64]:
    """1 + K/S, and S in 1/mm, of absorption and reduced scattering (van Gemert et al. 1989)."""
    k = 2 * absorption
    s = np.maximum(0.75 * scattering - 0.25 * absorption, 0.1 * scattering)
    return 1 + k / s, s


def _lobes(lobes: tuple[tuple[float, float, float, float], ...]) -> Float64:
    total = np.zeros(len(_WAVELENGTH_NM))
    for height, centre, below, above in lobes:
        away = _WAVELENGTH_NM - centre
        total += height * np.exp(-0.5 * (away / np.where(away < 0, below, above)) ** 2)
    return total


def _blood_per_mm() -> Float64:
    molar = _OXYGEN * np.array(_OXY, np.float64) + (1 - _OXYGEN) * np.array(_DEOXY, np.float64)
    return np.log(10) * molar * _HAEMOGLOBIN_G_PER_L / _HAEMOGLOBIN_G_PER_MOL / 10


def _rgb_of_spectrum() -> Float64:
    """Weights (wavelengths, 3) that make linear RGB of a reflectance; a white one is (1, 1, 1)."""
    xyz = np.stack([np.array(_D65) * _lobes(lobes) for lobes in _OBSERVER], axis=1)
    weights = xyz / xyz[:, 1].sum() @ _RGB_FROM_XYZ.T
    balanced: Float64 = weights / weights.sum(axis=0)
    return balanced

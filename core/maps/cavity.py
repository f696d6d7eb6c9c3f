"""How far relief lies below the skin around it, and skin colour that is darker there.

What makes wrinkles dark in flat light is light that does not reach their bottom, and blood that shows there. Neither is
in the slopes. Of a photographed person it is known how much darker (`core.photo.relief`); the colour is multiplied by
exp(darkening * cavity), in the viewport by `shaders/shade.frag` and in exported textures here.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

CELLS = 32
"""Means of so many squares a side are the skin around, with straight transitions: a mip level and its filter."""
DEEPEST_MM = -0.6

IN_FOLDS = (0.35, 0.75, 0.65)
"""Darkening per mm of skin that no photo tells of: little red light is lost, so that folds are slightly redder."""
_BAND_ROWS = 256


def cavity(displacement: Float32) -> Float32:
    """Depth below the skin around, float32 (R, R) mm, -0.6..0, of a displacement map in mm, R a multiple of 32."""
    return np.clip(above_around(displacement), np.float32(DEEPEST_MM), np.float32(0))


def above_around(displacement: Float32) -> Float32:
    """Height over the skin around, float32 (R, R) mm, of a displacement map in mm, R a multiple of 32."""
    around = cv2.resize(displacement, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    broad = cv2.resize(around, displacement.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(displacement - broad, np.float32)


def darkened(srgb: UInt8, depth_mm: Float32, darkening: tuple[float, float, float]) -> UInt8:
    """Skin colour (R, R, 3) with its wrinkles, as the viewport shows it.

    Parameters
    ----------
    srgb : uint8 (R, R, 3)
    depth_mm : float32 (R, R)
        Below the skin around, 0 or less: `cavity`.
    darkening : 3 floats
        Per mm, of linear red, green and blue; 0 or more.
    """
    if not any(darkening):
        return srgb
    per_mm = np.array(darkening, np.float32)
    result = np.empty_like(srgb)
    for start in range(0, len(srgb), _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        linear = linear_from_srgb(srgb[rows] / np.float32(255)) * np.exp(depth_mm[rows, :, None] * per_mm)
        result[rows] = np.round(srgb_from_linear(linear) * 255).astype(np.uint8)
    return result

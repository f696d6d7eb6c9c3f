"""How strong the finest texture of a picture is, and which way it runs: the structure tensor (Bigun, Granlund 1987)."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import linear_from_srgb

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

_DARK = 0.02  # linear; in what is darker the logarithm shows nothing but noise
_BROAD_PX, _AROUND_PX = 2.5, 5.0


def fine_texture(pixels: UInt8, scale: float) -> tuple[Float32, Float32, Float32]:
    """Strength, coherence 0..1 and direction in radians of the texture round each pixel, float32 (h, w) each.

    Parameters
    ----------
    pixels : uint8 (H, W, 3)
        sRGB.
    scale : float
        By which the picture is reduced before; above 1 it stays as it is. The answers have the reduced size.
    """
    if scale < 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
    bright = np.log(linear_from_srgb(grey).astype(np.float32) + np.float32(_DARK))
    fine = bright - _blurred(bright, _BROAD_PX)
    x, y = (cv2.Sobel(fine, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    xx, yy, xy = (_blurred(product, _AROUND_PX) for product in (x * x, y * y, x * y))
    total = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / np.maximum(total, np.float32(1e-12))
    along = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2  # the gradient runs across
    return np.sqrt(total), np.asarray(coherence, np.float32), np.asarray(along, np.float32)


def _blurred(values: Float32, sigma_px: float) -> Float32:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px), np.float32)

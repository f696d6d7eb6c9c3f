"""A procedural skin colour in the chart: what the viewport shows when a head brings no texture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

MEAN_SRGB = (206, 164, 145)
"""Colour of skin without regional variation; skin outside the chart has it."""


def procedural_albedo(resolution: int, seed: int = 1, age: float = 30.0) -> UInt8:
    """Skin colour, uint8 (R, R, 3) sRGB."""
    image = np.empty((resolution, resolution, 3), np.uint8)
    image[:] = MEAN_SRGB
    return cv2.GaussianBlur(image, (0, 0), 1)


def procedural_gloss(resolution: int) -> UInt8:
    """How oily the skin is, uint8 (R, R), 0 matt .. 255 oily."""
    return np.full((resolution, resolution), 107, np.uint8)

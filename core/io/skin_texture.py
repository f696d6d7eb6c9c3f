"""The viewport's skin colour as a texture for other programs; it fades to the mean before the chart's border."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.maps.albedo import procedural_albedo

# Colour has no structure below a tenth of a millimetre; larger textures are enlarged from this.
_MADE_AT_MOST = 4096


def skin_texture(resolution: int) -> npt.NDArray[np.uint8]:
    """Skin colour in the chart, uint8 (R, R, 3) sRGB."""
    made = procedural_albedo(min(resolution, _MADE_AT_MOST))
    if made.shape[0] == resolution:
        return made
    return np.asarray(cv2.resize(made, (resolution, resolution), interpolation=cv2.INTER_LINEAR), np.uint8)


def linear_from_srgb(srgb: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Linear 0..1 of 8-bit sRGB (IEC 61966-2-1)."""
    value = np.asarray(srgb, np.float64) / 255
    linear: npt.NDArray[np.float64] = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear

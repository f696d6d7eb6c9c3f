"""The skin colour as a texture for other programs: it fades to the mean where the viewport's does."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.document.state import DocumentState
from core.io.chart_frame import ChartFrame
from core.maps.albedo import MEAN_SRGB, procedural_albedo
from core.maps.resample import resample_rows

# Colour has no structure below a tenth of a millimetre; larger textures are enlarged from this.
_MADE_AT_MOST = 4096
_ROWS_TEXELS = 1 << 20


def skin_texture(state: DocumentState, frame: ChartFrame, resolution: int) -> npt.NDArray[np.uint8]:
    """Skin colour in the chart, uint8 (R, R, 3) sRGB."""
    made = procedural_albedo(min(resolution, _MADE_AT_MOST), state.settings.seed, state.age)
    if made.shape[0] != resolution:
        made = np.asarray(
            cv2.resize(made, (resolution, resolution), interpolation=cv2.INTER_LINEAR), np.uint8
        )
    texture = np.array(made, np.uint8)
    mean = linear_from_srgb(np.array(MEAN_SRGB, np.uint8))
    n_rows = max(1, _ROWS_TEXELS // resolution)
    for y in range(0, resolution, n_rows):
        weight = resample_rows(frame.weight, resolution, y, min(y + n_rows, resolution))
        mixed = weight < 1.0
        if mixed.any():
            part = texture[y : y + n_rows]
            share = weight[mixed][:, None]
            color = linear_from_srgb(part[mixed]) * share + mean * (1 - share)
            part[mixed] = srgb_from_linear(color)
    return texture


def linear_from_srgb(srgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Linear 0..1 of 8-bit sRGB (IEC 61966-2-1)."""
    value = np.arange(256) / 255
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)
    linear: npt.NDArray[np.float32] = table[srgb]
    return linear


def srgb_from_linear(linear: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """8-bit sRGB of linear 0..1."""
    value = np.clip(linear, 0, 1)
    srgb = np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    texels: npt.NDArray[np.uint8] = np.rint(srgb * 255).astype(np.uint8)
    return texels

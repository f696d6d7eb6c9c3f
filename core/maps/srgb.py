"""The transfer curve of sRGB (IEC 61966-2-1), both ways."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def linear_from_srgb(srgb: npt.ArrayLike) -> Float64:
    """Linear light 0..1 of encoded values 0..1, of any shape."""
    value = np.asarray(srgb, np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def srgb_from_linear(linear: npt.ArrayLike) -> Float64:
    """Encoded values 0..1 of linear light of any shape, which is clipped to 0..1."""
    value = np.clip(np.asarray(linear, np.float64), 0.0, 1.0)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)

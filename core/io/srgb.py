"""sRGB as other programs' formats want it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def linear_from_srgb(srgb: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Linear 0..1 of 8-bit sRGB (IEC 61966-2-1)."""
    value = np.asarray(srgb, np.float64) / 255
    linear: npt.NDArray[np.float64] = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return linear

"""The transfer curve of sRGB (IEC 61966-2-1), both ways."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]

_DARKEST = np.float32(1e-6)  # which is 0 in bytes
_ROUNDED = np.float32(0.5)


def linear_from_srgb(srgb: npt.ArrayLike) -> Float64:
    """Linear light 0..1 of encoded values 0..1, of any shape."""
    value = np.asarray(srgb, np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def srgb_from_linear(linear: npt.ArrayLike) -> Float64:
    """Encoded values 0..1 of linear light of any shape, which is clipped to 0..1."""
    value = np.clip(np.asarray(linear, np.float64), 0.0, 1.0)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)


def srgb_bytes(linear: npt.ArrayLike) -> UInt8:
    """Encoded values 0..255 of linear light of any shape, which is clipped to 0..1.

    In single precision, for large maps: a value within a thousandth of the middle between two may become the other.
    """
    value = np.clip(np.asarray(linear, np.float32), _DARKEST, np.float32(1))
    curve = np.exp(np.log(value) * np.float32(1 / 2.4))
    curve *= np.float32(255 * 1.055)
    curve -= np.float32(255 * 0.055)
    dark = value <= np.float32(0.0031308)
    curve[dark] = np.float32(255 * 12.92) * value[dark]
    curve += _ROUNDED
    return curve.astype(np.uint8)

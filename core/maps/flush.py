"""Blood that gathers where an expression squeezes the skin and leaves where it stretches it, as a change of colour.

After Jimenez et al. 2010, "A Practical Appearance Model for Dynamic Facial Color", who measured how haemoglobin moves
with expressions. How much each colour of light loses follows oxygenated haemoglobin (Prahl 1999, tabulated
absorption), averaged over the primaries of sRGB and thinned by the skin above. The viewport does the same in
`shaders/shade.frag`, exported textures here.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

FLUSH = (0.04, 0.50, 0.36)
"""Loss of linear red, green and blue per tension, natural logarithm."""

MOST_TENSION = 0.3
"""Where the vessels are full, or empty."""

_BAND_ROWS = 256


def flush_factor(tension: npt.ArrayLike) -> Float32:
    """Factors (..., 3) on linear colour for tension (...), + compression: below 1 and redder; above 1 and paler."""
    limited = np.clip(np.asarray(tension, np.float32), -MOST_TENSION, MOST_TENSION)
    return np.asarray(np.exp(-limited[..., None] * np.array(FLUSH, np.float32)), np.float32)


def flushed(srgb: UInt8, tension: Float32) -> UInt8:
    """Skin colour of an expression, as the viewport shows it.

    Parameters
    ----------
    srgb : uint8 (R, R, 3)
        Of the face at rest.
    tension : float32 (S, S)
        Chart map, times the weight of the detail.
    """
    if not tension.any():
        return srgb
    result = np.empty_like(srgb)
    size = srgb.shape[1::-1]
    full: Float32 = np.asarray(cv2.resize(tension, size, interpolation=cv2.INTER_LINEAR), np.float32)
    for start in range(0, len(srgb), _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        linear = linear_from_srgb(srgb[rows] / np.float32(255)) * flush_factor(full[rows])
        result[rows] = np.round(srgb_from_linear(np.minimum(linear, 1)) * 255).astype(np.uint8)
    return result

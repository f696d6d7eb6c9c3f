"""Maps beside colour and relief: roughness, specular level, cavity. The same figures as in `shaders/include/skin.glsl`.

The viewport's skin has a wide and a tight lobe; other programs have one, which is as rough as both together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

F0 = 0.028
"""What skin mirrors of light that falls straight on it."""
WIDE_ROUGHNESS, TIGHT_ROUGHNESS = (0.62, 0.46), (0.36, 0.25)
"""Of the two lobes, matt skin and oily skin."""
TIGHT_SHARE = (0.08, 0.25)
MOST_ROUGHENING = 0.3
SCATTER_BLUR_MM = 1.6
CAVITY_PER_MM = 2.2
LEAST_CAVITY = 0.4


def roughness(gloss: npt.ArrayLike, roughening: npt.ArrayLike = 0.0) -> Float32:
    """Perceptual roughness 0..1 of skin (...).

    Parameters
    ----------
    gloss : (...)
        0 matt .. 1 oily.
    roughening : (...)
        Variance of slopes that are too small to see.
    """
    oily = np.asarray(gloss, np.float32)
    wide, tight, share = (
        np.float32(ends[0]) + np.float32(ends[1] - ends[0]) * oily
        for ends in (WIDE_ROUGHNESS, TIGHT_ROUGHNESS, TIGHT_SHARE)
    )
    variance = np.asarray(roughening, np.float32)
    alphas = [np.minimum(np.sqrt(one**4 + variance), np.float32(1)) for one in (wide, tight)]
    return np.asarray(np.sqrt(alphas[0] + (alphas[1] - alphas[0]) * share), np.float32)


def cavity(displacement: Float32, metric: Float32) -> Float32:
    """How open skin is to light, 0.4 in pits .. 1, float32 (H, H).

    Parameters
    ----------
    displacement : float32 (H, H)
        mm.
    metric : float32 (r, r, 3)
        `core.maps.normal_map.chart_metric`.
    """
    side = len(displacement)
    texel_mm = (np.sqrt(metric[..., 0]) + np.sqrt(metric[..., 2])) / (2 * side)
    level = np.maximum(np.log2(SCATTER_BLUR_MM / np.maximum(texel_mm, 1e-4)), 0).astype(np.float32)
    result = displacement.copy()
    for number in range(int(level.min()), int(np.ceil(level.max())) + 1):
        coarse = resample(displacement, max(side >> number, 1))
        share = np.maximum(1 - np.abs(level - np.float32(number)), 0)
        result -= resample(coarse, side) * resample(share, side)
    result *= np.float32(CAVITY_PER_MM)
    result += 1
    return np.clip(result, np.float32(LEAST_CAVITY), 1, out=result)


def in_8_bits(values: Float32) -> UInt8:
    """Values 0..1 as texels."""
    return np.asarray(np.clip(values * 255 + 0.5, 0, 255), np.uint8)

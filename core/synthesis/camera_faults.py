"""What a camera makes of light: blur, exposure, a curve, noise, clipping and JPEG."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import low_pass

Float32 = npt.NDArray[np.float32]
_GAMMA = 2.2
_COARSE_SHARE, _JPEG_SHARE = 0.3, 0.7


def photographed(light: Float32, rng: np.random.Generator, faults: float = 1.0) -> Float32:
    """Linear colours of a photograph of `light`.

    Parameters
    ----------
    light : float32 (H, H, 3)
        Linear, of any brightness.
    rng : Generator
    faults : float
        0..1; 0 changes the exposure only.
    """
    exposed = light * np.float32(0.35 * np.exp(0.3 * faults * rng.standard_normal()) / max(float(light.mean()), 1e-6))
    if faults <= 0:
        return exposed
    size = len(light)
    exposed = low_pass(exposed, faults * float(rng.uniform(0, 1.2)))
    if rng.random() < _COARSE_SHARE:
        small = int(size * rng.uniform(0.5, 1.0))
        coarser = cv2.resize(exposed, (small, small), interpolation=cv2.INTER_AREA)
        exposed = np.asarray(cv2.resize(coarser, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)
    encoded = np.clip(exposed, 1e-4, 1.5) ** np.float32(1 / _GAMMA)
    # The curve that cameras lay over a picture: darker shadows, brighter lights.
    contrast = np.float32(1 + 0.15 * faults * rng.standard_normal())
    encoded = (encoded / 0.6) ** contrast * np.float32(0.6)
    grain, blotches = 0.015 * faults * rng.random(), 0.012 * faults * rng.random()
    encoded += np.float32(grain) * rng.standard_normal(encoded.shape, np.float32)
    coarse = rng.standard_normal((size // 2, size // 2, 3), np.float32)
    encoded += np.float32(blotches) * cv2.resize(coarse, (size, size), interpolation=cv2.INTER_LINEAR)
    levels = np.rint(np.clip(encoded, 0, 1) * 255).astype(np.uint8)
    if rng.random() < _JPEG_SHARE:
        quality = int(rng.integers(55, 97))
        data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        levels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    result: Float32 = np.maximum(levels.astype(np.float32) / 255, np.float32(0.01)) ** np.float32(_GAMMA)
    return result

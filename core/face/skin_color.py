"""The skin colour of a document: what viewport, chart, pictures and export all show."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import colour_age
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
_MADE_AT_MOST = 4096  # colour has no structure below a tenth of a millimetre; larger ones are enlarged
_KEPT_AT_MOST = 1024


def skin_color_key(state: DocumentState) -> tuple[int, float]:
    """Seed and age that the colour depends on; the age in steps, so that few colours serve an age slider."""
    return state.settings.seed, colour_age(state.age)


def skin_color(state: DocumentState, resolution: int, cache: ArrayCache) -> UInt8:
    """Skin colour in the chart, uint8 (R, R, 3) sRGB, read-only.

    Parameters
    ----------
    state : DocumentState
    resolution : int
        Texels per side, 64..8192.
    cache : ArrayCache
        Keeps colours that the screen shows.

    Raises
    ------
    ValueError
        Resolution out of range.
    """
    key = skin_color_key(state)
    if resolution > _KEPT_AT_MOST:
        return _made(*key, resolution)
    return cache.get(("skin color", *key, resolution), lambda: _made(*key, resolution))


def _made(seed: int, age: float, resolution: int) -> UInt8:
    color = procedural_albedo(min(resolution, _MADE_AT_MOST), seed, age)
    if color.shape[0] != resolution:
        large = cv2.resize(color, (resolution, resolution), interpolation=cv2.INTER_LINEAR)
        color = np.asarray(large, np.uint8)
    return read_only(color)

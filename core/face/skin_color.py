"""The skin colour of a document: what viewport, chart, pictures and export all show.

It is the procedural colour of the document's seed and age, or an albedo that was brought in, which ages as the
procedural colour does: each texel by the ratio of that at the document's age to that at the albedo's.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import colour_age
from rhytid.core.document.state import DocumentState
from rhytid.core.face.hair import painted_brows
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.albedo_map import AlbedoMap, Rgb, SkinColors
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
SkinColorKey = tuple[int, float, tuple[str, float, Rgb] | None, float]
_MADE_AT_MOST = 4096  # colour has no structure below a tenth of a millimetre; larger ones are enlarged
_KEPT_AT_MOST = 1024
_AGED_AT = 512
_BAND_ROWS = 256


def skin_color_key(state: DocumentState, strands: bool = False) -> SkinColorKey:
    """Seed, age, albedo and opacity of the painted brows that the colour depends on.

    The age is in steps, so that few colours serve an age slider.
    """
    albedo = state.albedo
    brought = None if albedo is None else (albedo.digest, albedo.age, albedo.darkening)
    return state.settings.seed, colour_age(state.age), brought, painted_brows(state) if strands else 1.0


def skin_colors(state: DocumentState, resolution: int, cache: ArrayCache, *, strands: bool = False) -> SkinColors:
    """Colour of all skin; in the chart as `skin_color`, with the same parameters and errors.

    The procedural colour has one tone at the chart's border at all ages, so that skin outside does not age.
    """
    chart, albedo = skin_color(state, resolution, cache, strands=strands), state.albedo
    if albedo is None:
        return SkinColors.of(chart)
    around = SkinColors.of(chart).around if albedo.around is None else albedo.around
    return SkinColors(chart, around, albedo.darkening)


def skin_color(state: DocumentState, resolution: int, cache: ArrayCache, *, strands: bool = False) -> UInt8:
    """Skin colour in the chart, uint8 (R, R, 3) sRGB, read-only.

    Parameters
    ----------
    state : DocumentState
    resolution : int
        Texels per side, 64..8192.
    cache : ArrayCache
        Keeps colours that the screen shows.
    strands : bool
        The document's hair is drawn over it: painted brows are but a soft colour below.

    Raises
    ------
    ValueError
        Resolution out of range.
    """
    key, albedo = skin_color_key(state, strands), state.albedo

    def make() -> UInt8:
        seed, age, _, brows = key
        return _made(seed, age, resolution, brows) if albedo is None else _aged(albedo, seed, age, resolution)

    return make() if resolution > _KEPT_AT_MOST else cache.get(("skin color", *key, resolution), make)


def _made(seed: int, age: float, resolution: int, brows: float = 1.0) -> UInt8:
    color = procedural_albedo(min(resolution, _MADE_AT_MOST), seed, age, brows=brows)
    return read_only(color if len(color) == resolution else _sized(color, resolution))


def _aged(albedo: AlbedoMap, seed: int, age: float, resolution: int) -> UInt8:
    """An albedo at an age; as it was brought in at its own."""
    color = _sized(albedo.srgb, resolution)
    if age == colour_age(albedo.age):
        return read_only(color)
    now, then = (linear_from_srgb(_made(seed, years, _AGED_AT) / 255) for years in (age, colour_age(albedo.age)))
    ratio = np.asarray(cv2.resize(now / then, (resolution, resolution), interpolation=cv2.INTER_LINEAR), np.float32)
    for start in range(0, resolution, _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        aged = linear_from_srgb(color[rows] / np.float32(255)) * ratio[rows]
        color[rows] = np.round(srgb_from_linear(aged) * 255).astype(np.uint8)
    return read_only(color)


def _sized(srgb: UInt8, resolution: int) -> UInt8:
    """A copy of a picture at another size."""
    method = cv2.INTER_AREA if len(srgb) > resolution else cv2.INTER_LINEAR
    return np.array(cv2.resize(srgb, (resolution, resolution), interpolation=method), np.uint8)

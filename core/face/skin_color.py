"""The skin colour of a document: what viewport, chart, pictures and export all show.

It is that of the document's complexion, seed and age, or an albedo that was brought in, which ages as the colour of
synthetic photos does: each texel by the ratio of that at the document's age to that at the albedo's. Over either lie
soft stripes of strokes that have a colour, as scars do, and over all of it what was painted by hand.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import colour_age, grown_share
from rhytid.core.document.state import DocumentState
from rhytid.core.face.hair import painted_brows
from rhytid.core.face.outside_color import blotched
from rhytid.core.hair.color import mean_color
from rhytid.core.lines.tint import Stripe, tinted
from rhytid.core.maps.albedo import RESOLUTION_MAX, RESOLUTION_MIN, procedural_albedo
from rhytid.core.maps.albedo_map import AlbedoMap, Rgb, SkinColors
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.complexion import Complexion
from rhytid.core.maps.complexion_map import complexion_map
from rhytid.core.maps.paint import PAINT_SIDE, Paint
from rhytid.core.maps.painted_skin import PaintLook, paint_look, painted, repainted
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.skin_layers import SkinLayers
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
SkinColorKey = tuple[
    int, float, tuple[Complexion, float, Rgb] | tuple[str, float, Rgb], Paint | None, tuple[Stripe, ...]
]
_MADE_AT_MOST = 4096  # colour has no structure below a tenth of a millimetre; larger ones are enlarged
_KEPT_AT_MOST = 1024
_AGED_AT = 512
_BAND_ROWS = 256


def skin_color_key(state: DocumentState, strands: bool = False) -> SkinColorKey:
    """What the colour depends on.

    Seed and age; an albedo, or complexion, opacity of drawn brows and hair's colour; what is painted on it by hand;
    strokes that have a colour.
    The age is in steps, so that few colours serve an age slider.
    """
    age, albedo, paint = colour_age(state.age), state.albedo, _shown_paint(state)
    if albedo is not None:
        return state.settings.seed, age, (albedo.digest, albedo.age, albedo.darkening), paint, _stripes(state)
    brows = painted_brows(state) if strands else 1.0
    own = replace(state.complexion, teeth=0.0), brows, mean_color("brows", state.hair, age)
    return state.settings.seed, age, own, paint, _stripes(state)


def skin_colors(state: DocumentState, resolution: int, cache: ArrayCache, *, strands: bool = False) -> SkinColors:
    """Colour of all skin, read-only.

    Parameters
    ----------
    state : DocumentState
    resolution : int
        Texels per side of the chart's colour, 64..8192.
    cache : ArrayCache
        Keeps colours that the screen shows, and what they are mixed of.
    strands : bool
        The document's hair is drawn over it: painted brows are but a soft colour below.

    Raises
    ------
    ValueError
        Resolution out of range.
    """
    if not RESOLUTION_MIN <= resolution <= RESOLUTION_MAX:
        raise ValueError(f"a skin colour has {RESOLUTION_MIN}..{RESOLUTION_MAX} texels a side, got {resolution}")
    colors, paint = _bare(state, resolution, cache, strands), _shown_paint(state)
    return colors if paint is None else painted(colors, paint, _look(state, paint.share), state.settings.seed)


def repainted_colors(
    state: DocumentState, then: DocumentState, colors: SkinColors, cache: ArrayCache, *, strands: bool = False
) -> tuple[SkinColors, Rect] | None:
    """The colour of `state` from that of another state where they differ in what is painted by hand at most.

    Parameters
    ----------
    state, then : DocumentState
    colors : SkinColors
        Those of `then`, as large as the paint is.

    Returns
    -------
    (SkinColors, Rect) or None
        And the texels outside which they are those of `then`; None where more than paint is different.
    """
    now, before = (skin_color_key(one, strands) for one in (state, then))
    if now[:3] != before[:3] or now[4] != before[4] or len(colors.chart) != PAINT_SIDE:
        return None
    paint, old = now[3] or Paint(), before[3] or Paint()
    rect = paint.changed_since(old)
    bare = _bare(state, PAINT_SIDE, cache, strands)
    return repainted(bare, colors, paint, _look(state, paint.share), state.settings.seed, rect), rect


def _shown_paint(state: DocumentState) -> Paint | None:
    paint = state.paint
    return None if paint is None or paint.share == 0 or paint.empty else paint


def _look(state: DocumentState, share: float) -> PaintLook:
    """A photo's colour has its freckles in it: none are known that could be taken away."""
    complexion = state.complexion if state.albedo is None else replace(state.complexion, freckles=0.0)
    return paint_look(complexion, colour_age(state.age), share)


def _bare(state: DocumentState, resolution: int, cache: ArrayCache, strands: bool) -> SkinColors:
    """Without what is painted by hand."""
    key = skin_color_key(state, strands)

    def make() -> SkinColors:
        return _of_complexion(key, resolution, cache) if state.albedo is None else _of_albedo(state, resolution)

    def striped() -> SkinColors:
        colors = make() if resolution > _KEPT_AT_MOST else cache.get(("skin colors", *key[:3], resolution), make)
        return colors._replace(chart=read_only(tinted(colors.chart, stripes))) if stripes else colors

    stripes = key[4]
    if resolution > _KEPT_AT_MOST or not stripes:
        return striped()
    return cache.get(("striped skin", *key[:3], stripes, resolution), striped)


def _stripes(state: DocumentState) -> tuple[Stripe, ...]:
    """The strokes that colour the skin, as their layers have them, and how much of each age has brought by now."""
    if all(stroke.tint == 0 for stroke in state.strokes):
        return ()
    age = colour_age(state.age)
    shown = (stroke for stroke in state.layering.shown(state.strokes) if stroke.tint != 0 and stroke.visible)
    stripes = ((stroke, grown_share(stroke.birth_age, age)) for stroke in shown)
    return tuple((stroke, share) for stroke, share in stripes if share > 0)


def skin_color(state: DocumentState, resolution: int, cache: ArrayCache, *, strands: bool = False) -> UInt8:
    """Skin colour in the chart, uint8 (R, R, 3) sRGB, read-only: that of `skin_colors`."""
    return skin_colors(state, resolution, cache, strands=strands).chart


def _of_complexion(key: SkinColorKey, resolution: int, cache: ArrayCache) -> SkinColors:
    seed, age, (complexion, brows, hair), *_ = key
    assert isinstance(complexion, Complexion)
    side = min(resolution, _MADE_AT_MOST)

    def make() -> SkinLayers:
        return SkinLayers.of(seed, side)

    layers = make() if side > _KEPT_AT_MOST else cache.get(("skin layers", seed, side), make)
    colors = complexion_map(complexion, age, layers, hair=hair, brows=brows)
    colors = colors._replace(around=blotched(colors.around, complexion.blotches * (1 - complexion.melanin)))
    return colors if side == resolution else colors._replace(chart=read_only(_sized(colors.chart, resolution)))


def _of_albedo(state: DocumentState, resolution: int) -> SkinColors:
    albedo = state.albedo
    assert albedo is not None
    chart = _aged(albedo, state.settings.seed, colour_age(state.age), resolution)
    around = SkinColors.of(chart).around if albedo.around is None else albedo.around
    return SkinColors(chart, around, albedo.darkening)


def _aged(albedo: AlbedoMap, seed: int, age: float, resolution: int) -> UInt8:
    """An albedo at an age; as it was brought in at its own."""
    color = _sized(albedo.srgb, resolution)
    if age == colour_age(albedo.age):
        return read_only(color)
    ages = age, colour_age(albedo.age)
    now, then = (linear_from_srgb(procedural_albedo(_AGED_AT, seed, years) / 255) for years in ages)
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

"""Skin with what was painted on it by hand.

Painted pigments change a colour by the ratio that they change even skin of the person's tone by, so that they act on a
generated colour and on a photo's alike; painted colour lies over that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log1p
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.complexion import Complexion
from rhytid.core.maps.complexion_map import EvenSkin, even_skin, freckle_darkening
from rhytid.core.maps.paint import COLOR, NONE_OF_IT, PAINT_SIDE, Paint, Pigment, plane_of
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.skin_layers import freckles, freckles_anywhere
from rhytid.core.maps.skin_optics import BLOOD_LEAST, BLOOD_MOST, MELANIN_LEAST, MELANIN_MOST, skin_rgb
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

_MELANIN, _BLOOD = 1.7, 2.0  # of the logarithm, at the full amount
_YELLOW = 0.6
_GLOSS = 0.6
_FRECKLE = 0.030  # melanin that a freckle has beyond the skin's
_GRID = 33  # of ratios that are worked out; between them they are smooth
_BAND = 256  # texels that are worked on at once
_MARGIN = 4  # painted texels beyond a band that its enlargement reads
_LINEAR: Float32 = linear_from_srgb(np.arange(256) / 255).astype(np.float32)
_FINEST = 1 << 14
_ENCODED: UInt8 = np.round(255 * srgb_from_linear(np.arange(_FINEST + 1) / _FINEST)).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class PaintLook:
    """What levels of paint look like on a person's skin, at a share of the layer.

    Attributes
    ----------
    pigments : float32 (256, 256, 3)
        Factor on linear colour, by the levels of melanin and of blood.
    yellow : float32 (256, 3)
        The same by the level of the yellow pigment.
    freckles, bare : float32 (256, 256, 3)
        The same by the level of freckles that is painted and that of `Freckles`: those that are brought out, and those
        that the skin has and that are taken away.
    share : float
        0..1.
    """

    pigments: Float32
    yellow: Float32
    freckles: Float32
    bare: Float32
    share: float


class Freckles(NamedTuple):
    """Where freckles are, or could be brought out, uint8 (H, W) each."""

    own: UInt8
    anywhere: UInt8

    @staticmethod
    def of(seed: int, side: int) -> Freckles:
        """Of a map of `side` texels; that of the paint's size is kept."""
        return _kept_freckles(seed) if side == PAINT_SIDE else _made_freckles(seed, side)

    def part(self, rect: Rect) -> Freckles:
        """Those of a rectangle."""
        return Freckles(self.own[rect.slices], self.anywhere[rect.slices])


def _made_freckles(seed: int, side: int) -> Freckles:
    return Freckles(freckles(seed, side), freckles_anywhere(seed, side))


@lru_cache(maxsize=1)
def _kept_freckles(seed: int) -> Freckles:
    return _made_freckles(seed, PAINT_SIDE)


def painted_part(
    chart: UInt8, gloss: UInt8, planes: UInt8, spots: Freckles, look: PaintLook
) -> tuple[UInt8, UInt8]:
    """Colour and gloss of a piece of skin with its paint.

    Parameters
    ----------
    chart : uint8 (h, w, 3)
        sRGB without paint.
    gloss : uint8 (h, w)
    planes : uint8 (h, w, 9)
        As `Paint.planes` gives them.
    spots : Freckles
    look : PaintLook
    """
    melanin, blood, yellow, freckled, shine = (planes[..., plane_of(pigment)] for pigment in Pigment)
    linear = _LINEAR[chart] * look.pigments[melanin, blood] * look.yellow[yellow]
    linear *= look.freckles[freckled, spots.anywhere] * look.bare[freckled, spots.own]
    linear *= np.float32(_FINEST)
    color = _ENCODED[np.minimum(linear + np.float32(0.5), np.float32(_FINEST)).astype(np.int32)]
    over = planes[..., COLOR].astype(np.float32) * np.float32(look.share)
    mixed = over[..., :3] + (1 - over[..., 3:] / np.float32(255)) * color
    shift = (shine.astype(np.float32) - NONE_OF_IT) * np.float32(look.share * _GLOSS * 255 / 127)
    return np.round(mixed).astype(np.uint8), np.clip(np.round(gloss + shift), 0, 255).astype(np.uint8)


def painted(colors: SkinColors, paint: Paint, look: PaintLook, seed: int) -> SkinColors:
    """All skin with its paint, read-only; of any size, the paint enlarged smoothly or made smaller."""
    side = len(colors.chart)
    chart, gloss = colors.chart.copy(), procedural_gloss(side).copy()
    spots = Freckles.of(seed, side)
    for rect, planes in _pieces(paint, side):
        part = rect.slices
        chart[part], gloss[part] = painted_part(chart[part], gloss[part], planes, spots.part(rect), look)
    return colors._replace(chart=read_only(chart), gloss=read_only(gloss))


def repainted(
    base: SkinColors, before: SkinColors, paint: Paint, look: PaintLook, seed: int, rect: Rect
) -> SkinColors:
    """As `painted` at the paint's own size, but only a rectangle of texels differs from the colours `before`."""
    gloss = (procedural_gloss(PAINT_SIDE) if before.gloss is None else before.gloss).copy()
    chart, part = before.chart.copy(), rect.slices
    shine, spots = procedural_gloss(PAINT_SIDE)[part], Freckles.of(seed, PAINT_SIDE).part(rect)
    chart[part], gloss[part] = painted_part(base.chart[part], shine, paint.planes(rect), spots, look)
    return before._replace(chart=read_only(chart), gloss=read_only(gloss))


@lru_cache(maxsize=4)
def paint_look(complexion: Complexion, age: float, share: float) -> PaintLook:
    """What paint looks like on a person's skin at an age in years, at a share of the layer, 0..1."""
    skin = even_skin(complexion, age)
    amount = np.linspace(-1, 1, _GRID) * share
    melanin = np.clip(skin.melanin * np.exp(_MELANIN * amount), MELANIN_LEAST, MELANIN_MOST)
    blood = np.clip(skin.blood * np.exp(_BLOOD * amount), BLOOD_LEAST, BLOOD_MOST)
    pigments = _rgb(skin, melanin[:, None], blood[None]) / _rgb(skin, skin.melanin, skin.blood)
    yellow = np.clip(skin.yellow + _YELLOW * amount, 0, 1)
    yellows = np.stack([_rgb(skin._replace(yellow=float(y)), skin.melanin, skin.blood) for y in yellow])
    yellows = np.repeat((yellows / _rgb(skin, skin.melanin, skin.blood))[:, None], 2, axis=1)
    wanted = (np.arange(256) - NONE_OF_IT) / 127
    out = np.stack([freckle_darkening(max(float(level), 0.0)) for level in wanted])
    own = freckle_darkening(complexion.freckles)[None]
    left = own * (1 - share * np.clip(-wanted, 0, 1)[:, None])
    bare = _freckled(skin, left) / _freckled(skin, own)
    return PaintLook(_by_levels(pigments), _by_levels(yellows)[:, 0], _freckled(skin, share * out), bare, share)


def _rgb(skin: EvenSkin, melanin: npt.ArrayLike, blood: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.maximum(skin_rgb(melanin, blood, skin.red_melanin, skin.yellow), 1e-4)


def _by_levels(ratio: npt.NDArray[np.float64]) -> Float32:
    """Ratios over a grid of amounts -1..1, (n, m, 3), at the levels 1..255; level 0 is as level 1."""
    rows, columns = ratio.shape[:2]
    at = np.clip((np.arange(256) - NONE_OF_IT) / 254 + 0.5, 0, 1).astype(np.float32)
    x, y = np.meshgrid(at * np.float32(columns - 1), at * np.float32(rows - 1))
    return np.asarray(cv2.remap(ratio.astype(np.float32), x, y, cv2.INTER_LINEAR), np.float32)


def _freckled(skin: EvenSkin, shown: npt.NDArray[np.floating]) -> Float32:
    """Ratios (n, 256, 3) of freckled to even skin by how far freckles show, (n, 256)."""
    steps = np.linspace(0, 1, _GRID)
    most = log1p(_FRECKLE / skin.melanin)
    seen = _rgb(skin, skin.melanin * np.exp(most * steps), skin.blood) / _rgb(skin, skin.melanin, skin.blood)
    return np.stack([np.interp(shown, steps, seen[:, k]) for k in range(3)], axis=-1).astype(np.float32)


def _pieces(paint: Paint, side: int) -> Iterator[tuple[Rect, UInt8]]:
    """Rectangles of a map of `side` texels that hold paint, and its levels there."""
    covered = paint.covered
    if covered.empty:
        return
    scale = side / PAINT_SIDE
    x0, x1 = int(np.floor(covered.x0 * scale)), int(np.ceil(covered.x1 * scale))
    first, last = int(np.floor(covered.y0 * scale)), int(np.ceil(covered.y1 * scale))
    for y0 in range(first, last, _BAND):
        rect = Rect(x0, y0, x1, min(y0 + _BAND, last))
        yield rect, _levels(paint, rect, scale)


def _levels(paint: Paint, rect: Rect, scale: float) -> UInt8:
    """Levels (h, w, 9) in a rectangle of a map that is `scale` times as large as the paint."""
    if scale == 1:
        return paint.planes(rect)
    reach = _MARGIN + int(np.ceil(1 / scale))
    source = Rect(*(int(np.floor(value / scale)) for value in (rect.x0, rect.y0, rect.x1, rect.y1)))
    source = source.grown(reach, PAINT_SIDE)
    planes = paint.planes(source)
    if scale < 1:
        planes = np.asarray(cv2.blur(planes, (max(round(1 / scale), 1),) * 2), np.uint8)
    x = (np.arange(rect.x0, rect.x1, dtype=np.float32) + 0.5) / np.float32(scale) - np.float32(0.5 + source.x0)
    y = (np.arange(rect.y0, rect.y1, dtype=np.float32) + 0.5) / np.float32(scale) - np.float32(0.5 + source.y0)
    columns, rows = np.meshgrid(x, y)
    # OpenCV takes four planes at a time.
    parts = [
        cv2.remap(np.ascontiguousarray(planes[..., k : k + 3]), columns, rows, cv2.INTER_CUBIC,
                  borderMode=cv2.BORDER_REPLICATE)
        for k in range(0, planes.shape[2], 3)
    ]  # fmt: skip
    return np.concatenate(parts, axis=2)

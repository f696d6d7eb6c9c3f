"""The skin colour of a `Complexion`: its layers mixed as pigments, and what their mix looks like.

Layers add to the logarithm of melanin and blood; `skin_optics` says what colour that is. Thus a freckle is brown on
pale skin and hardly there on dark skin, and lips are redder than cheeks on any. Hairs are painted over.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, log, log1p
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.maps.albedo_map import Rgb, SkinColors
from rhytid.core.maps.cavity import IN_FOLDS
from rhytid.core.maps.complexion import Complexion, Tone
from rhytid.core.maps.row_bands import bands, enlarged_rows
from rhytid.core.maps.skin_layers import COARSE, SkinLayers
from rhytid.core.maps.skin_optics import (
    BLOOD_LEAST,
    BLOOD_MOST,
    MELANIN_LEAST,
    MELANIN_MOST,
    TABLE_SIDE,
    skin_rgb,
    skin_table,
)
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

USUAL_HAIR: Rgb = (0.048, 0.026, 0.018)
"""Dark brown."""
_USUAL_AGE = 30.0
_PALEST, _DARKEST = 0.007, 0.25  # melanin of people
_WAN, _RUDDY = 0.010, 0.045  # blood at rest
_RED_MELANIN_MOST = 0.35
_SPOTS_FROM, _SPOTS_YEARS = 34.0, 36.0
_CHART = slice(COARSE, 2 * COARSE)
_AROUND_STEP = 2
_LEVELS: Float32 = np.asarray(np.arange(256) / 255, np.float32)


class EvenSkin(NamedTuple):
    """Skin of a complexion without its layers, as `skin_rgb` takes it."""

    melanin: float
    blood: float
    red_melanin: float
    yellow: float


def complexion_map(
    complexion: Complexion, age: float, layers: SkinLayers, *, hair: Rgb = USUAL_HAIR, brows: float = 1.0
) -> SkinColors:
    """Colour of all skin.

    Parameters
    ----------
    complexion : Complexion
    age : float
        Years, 16..70: spots and unevenness grow, the tone turns sallow.
    layers : SkinLayers
        Their size is that of the chart's colour.
    hair : 3 floats
        Linear colour of brows and beard, 0..1.
    brows : float
        Opacity of painted brows, 0..1.

    Returns
    -------
    SkinColors
        Read-only.
    """
    years = float(np.clip(age, AGE_MIN, AGE_MAX))
    table = skin_table(round(_RED_MELANIN_MOST * complexion.warmth, 4), _yellow(complexion, years))
    melanin, blood = _soft(complexion, years, layers)
    around = _seen(table, melanin[::_AROUND_STEP, ::_AROUND_STEP], blood[::_AROUND_STEP, ::_AROUND_STEP])
    brown, red = np.ascontiguousarray(melanin[_CHART, _CHART]), np.ascontiguousarray(blood[_CHART, _CHART])
    resolution = len(layers.lips)
    browns, reds = _curves(complexion, years)
    painted = np.asarray(255 * srgb_from_linear(hair), np.float32)
    brow_share = np.round(255 * brows * _LEVELS).astype(np.uint8)
    chart = np.empty((resolution, resolution, 3), np.uint8)
    for row_from, row_to in bands(resolution, COARSE):
        rows = slice(row_from, row_to)
        here = enlarged_rows(brown, resolution, row_from, row_to), enlarged_rows(red, resolution, row_from, row_to)
        for name in browns.keys() | reds.keys():
            layer = getattr(layers, name)[rows]
            for total, curves in zip(here, (browns, reds), strict=True):
                if name in curves and layer.any():
                    total += cv2.LUT(layer, curves[name])
        color = _table_colors(table, *here)
        if complexion.beard > 0:
            shadow = enlarged_rows(layers.beard, resolution, row_from, row_to) * np.float32(complexion.beard)
            _shade_beard(color, shadow, painted)
        _paint(color, layers.brows[rows], brow_share, painted)
        chart[rows] = np.clip(np.round(color, out=color), 0, 255)
    return SkinColors(read_only(chart), read_only(around), IN_FOLDS)


@lru_cache(maxsize=2)
def usual_colors(resolution: int) -> SkinColors:
    """Colour of a head that nobody gave one; 64..8192 texels a side."""
    return complexion_map(Complexion(), _USUAL_AGE, SkinLayers.of(1, resolution))


def tone_srgb(tone: Tone) -> tuple[int, int, int]:
    """sRGB 0..255 of even skin of a tone."""
    skin = even_skin(Complexion(tone.melanin, tone.warmth, tone.blood, tone.yellow), _USUAL_AGE)
    linear = skin_rgb(skin.melanin, skin.blood, skin.red_melanin, skin.yellow)
    red, green, blue = (round(255 * float(value)) for value in srgb_from_linear(linear))
    return red, green, blue


def even_skin(complexion: Complexion, age: float) -> EvenSkin:
    """What even skin of a complexion has in it at an age in years."""
    melanin, blood = (exp(value) for value in _even(complexion))
    years = float(np.clip(age, AGE_MIN, AGE_MAX))
    return EvenSkin(melanin, blood, _RED_MELANIN_MOST * complexion.warmth, _yellow(complexion, years))


def freckle_darkening(share: float) -> Float32:
    """By 256 levels of the layer: how far the freckles show of a complexion with this share, 0..1."""
    return _first(share)


def _even(complexion: Complexion) -> tuple[float, float]:
    """Logarithm of melanin and of blood of all skin, before the layers."""
    return (
        log(_PALEST) + log(_DARKEST / _PALEST) * complexion.melanin,
        log(_WAN) + log(_RUDDY / _WAN) * complexion.blood,
    )


def _yellow(complexion: Complexion, years: float) -> float:
    return round(min(0.8 * complexion.yellow + 0.0016 * max(years - 30.0, 0.0), 1.0), 3)


def _soft(complexion: Complexion, years: float, layers: SkinLayers) -> tuple[Float32, Float32]:
    """Logarithm of melanin and of blood over the plane, (768, 768) each, without the fine layers."""
    base = _even(complexion)
    uneven = 1.0 + max(years - 30.0, 0.0) / 90.0
    brown = _weighted(
        base[0],
        (layers.sun, 0.10 + 0.22 * complexion.melanin),
        (layers.brown_noise, 0.17 * complexion.mottling * uneven * (1 - 0.4 * complexion.melanin)),
        (layers.dark_circles, 0.95 * complexion.dark_circles),
        (layers.lids, 0.60 * complexion.lids),
    )
    red = _weighted(
        base[1],
        (layers.flush, 1.9 * complexion.flush),
        (layers.red_noise, 0.75 * complexion.blotches * uneven),
        (layers.dark_circles, 1.2 * complexion.dark_circles),
        (layers.lids, 1.5 * complexion.lids),
    )
    return brown, red


def _weighted(base: float, *parts: tuple[Float32, float]) -> Float32:
    total = np.full_like(parts[0][0], base)
    for layer, weight in parts:
        if weight:
            total += np.float32(weight) * layer
    return total


def _curves(complexion: Complexion, years: float) -> tuple[dict[str, Float32], dict[str, Float32]]:
    """What each fine layer adds to the logarithms of melanin and of blood, by its 256 levels."""
    signed = (np.arange(256, dtype=np.float32) - 128) / 128
    # Marks add melanin to what is there: a little to dark skin is much to pale skin.
    even = exp(_even(complexion)[0])
    late = float(np.clip((years - _SPOTS_FROM) / _SPOTS_YEARS, 0, 1))
    brown = {
        "grain": 0.50 * complexion.mottling * signed,
        "pores": 0.80 * complexion.mottling * _LEVELS,
        "freckles": log1p(0.030 / even) * _first(complexion.freckles),
        "moles": log1p(0.20 / even) * _first(complexion.moles),
        "spots": log1p(0.025 / even) * _first(min(2 * complexion.age_spots * late, 1.0)),
        "lips": -0.42 * _LEVELS,
        "creases": 1.5 * _LEVELS,
    }
    red = {
        "grain": 0.70 * complexion.mottling * signed,
        "pores": 0.9 * complexion.mottling * _LEVELS,
        "lips": (1.2 + 1.7 * complexion.lips) * (1 - 0.25 * late) * _LEVELS,
        "creases": 0.9 * _LEVELS,
    }
    return tuple(
        {name: curve.astype(np.float32) for name, curve in curves.items() if curve.any()} for curves in (brown, red)
    )  # type: ignore[return-value]


def _first(share: float) -> Float32:
    """Of marks the more the larger `share` is, those of the highest levels first: all at 1, none at 0."""
    return np.clip(3 * (_LEVELS - (1 - share)), 0, 1) * np.float32(0.35 + 0.65 * share) if share else 0 * _LEVELS


def _table_colors(table: Float32, brown: Float32, red: Float32) -> Float32:
    """sRGB 0..255 of logarithms of melanin and blood."""
    last = TABLE_SIDE - 1
    row_step, column_step = last / log(MELANIN_MOST / MELANIN_LEAST), last / log(BLOOD_MOST / BLOOD_LEAST)
    rows = (brown - np.float32(log(MELANIN_LEAST))) * np.float32(row_step)
    columns = (red - np.float32(log(BLOOD_LEAST))) * np.float32(column_step)
    seen = cv2.remap(table, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def _seen(table: Float32, brown: Float32, red: Float32) -> UInt8:
    return np.asarray(np.clip(np.round(_table_colors(table, brown, red)), 0, 255), np.uint8)


def _shade_beard(color: Float32, shadow: Float32, hair: Float32) -> None:
    """Hair under the skin: dark, and bluish where the skin over it is light."""
    target = 0.55 * hair + 0.45 * np.array((92, 96, 104), np.float32)
    color += (np.float32(0.55) * shadow)[..., None] * (np.minimum(target, color) - color)


def _paint(color: Float32, layer: UInt8, share: UInt8, target: Float32) -> None:
    """Mix a colour in where a layer is not 0."""
    rows, columns = np.flatnonzero(layer.any(axis=1)), np.flatnonzero(layer.any(axis=0))
    if len(rows):
        window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        alpha = cv2.LUT(layer[window], share)[..., None] / np.float32(255)
        color[window] += alpha * (target - color[window])

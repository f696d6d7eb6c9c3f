"""The skin's colour outside the chart: forehead to scalp, ears and neck, as far as photos show them.

The plane of the chart goes on beyond its square, and all skin has its place there. A photo is unwrapped into that plane
as it is into the chart, and divided by the light at the chart's border, which goes over into the one light farther
away. What is hair, a collar or in deep shadow does not have the hue of the face, and is left out. One side lends to
the other; the rest is completed smoothly from what is known, the chart's own border included.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.border import border_fade
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.maps.harmonics import N_HARMONICS, harmonics
from rhytid.core.photo.albedo import Albedo, gloss
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.tiles import FADE, skin_tone
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

AROUND_SIDE = 1152
"""Texels a side of the plane: 384 for each side of the chart."""
_FAINTEST = np.float32(1e-4)
_LEAST_SHADING = np.float32(0.05)
_LIGHT_REACH = 0.3  # sides of the chart over which the light at the border goes over into the one light
# Differences from the face's tone, in logarithm, at which a texel is half believed to be the person's skin.
_BRIGHTNESS, _HUE = 0.4, 0.16
_DIM = 0.5  # of the usual shading: where little light falls, an error of the normal is all of it
_EDGE_TEXELS = 7  # what lies beside something else shows some of it
_SMOOTH_TEXELS = 10.0
_SEEN = 0.3


def surroundings(albedo: Albedo, photos: Sequence[Unwrapped], lights: Sequence[PhotoLight]) -> Float32:
    """Linear colour of the plane around the chart, float32 (1152, 1152, 3), complete.

    Parameters
    ----------
    albedo : Albedo
        Of the chart.
    photos : sequence of Unwrapped
        In a raster of the plane, see `core.head.chart.ChartRaster`, of `AROUND_SIDE` texels.
    lights : sequence of PhotoLight
        Of the photos.
    """
    tone = np.maximum(skin_tone(albedo), _FAINTEST)
    side = photos[0].resolution
    total, weights = np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    for photo, light in zip(photos, lights, strict=True):
        shading = _shading(light, photo.normal)
        matt = np.maximum(photo.rgb - gloss(photo.rgb, tone * shading)[..., None], _FAINTEST)
        ratio = np.log(matt / (tone * shading))
        weight = photo.skin * _plausible(ratio) * _lit(shading, photo.skin)
        total += ratio * weight[..., None]
        weights += weight
    ratio = (total / np.maximum(weights, np.float32(1e-3))[..., None]).astype(np.float32)
    seen = np.clip(weights, 0, 1)
    own = np.log(np.maximum(albedo.map, _FAINTEST) / tone).astype(np.float32)
    _lay_chart(ratio, seen, own)
    seen = _inner(seen)
    lent = seen[:, ::-1] * (1 - seen)
    known = (ratio * seen[..., None] + ratio[:, ::-1] * lent[..., None]).astype(np.float32)
    weight = seen + lent
    value = known + (1 - weight)[..., None] * _spread(known, weight)
    return read_only(np.clip(tone * np.exp(value), 0, 1).astype(np.float32))


def _shading(light: PhotoLight, normal: Float32) -> Float32:
    """Shading (R, R, 3) of the plane's skin."""
    side = normal.shape[0]
    place = AROUND_FIRST + AROUND_SPAN * (np.arange(side, dtype=np.float32) + np.float32(0.5)) / side
    x, y = np.meshgrid(*(2 * [place.astype(np.float32)]))
    beyond = np.hypot(np.maximum(np.maximum(-x, x - 1), 0), np.maximum(np.maximum(-y, y - 1), 0))
    near = np.exp(-((beyond / np.float32(_LIGHT_REACH)) ** 2))
    columns, rows = (axis * np.float32(MAP_SIDE) - np.float32(0.5) for axis in (x, y))
    basis = harmonics(normal)
    shading = np.zeros((side, side, 3), np.float32)
    for index in range(N_HARMONICS):
        here = cv2.remap(light.sh_map[:, :, index], columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        one = light.sh9[index]
        shading += basis[..., index, None] * (one + near[..., None] * (here - one))
    return np.maximum(shading, _LEAST_SHADING)


def _plausible(ratio: Float32) -> Float32:
    """How likely a texel is the face's skin, 0..1, by how its colour differs from the face's tone."""
    brightness = ratio.mean(axis=2)
    hue = np.sqrt(((ratio - brightness[..., None]) ** 2).sum(axis=2))
    far = (brightness / np.float32(_BRIGHTNESS)) ** 4 + (hue / np.float32(_HUE)) ** 4
    return np.asarray(np.exp2(-far), np.float32)


def _lit(shading: Float32, skin: Float32) -> Float32:
    """How far a texel is lit as skin usually is in the photo, 0..1."""
    brightness = shading.mean(axis=2)
    usual = np.median(brightness[skin > _SEEN]) if (skin > _SEEN).any() else np.float32(1)
    return np.asarray(np.clip(brightness / (_DIM * usual), 0, 1) ** 2, np.float32)


def _inner(weight: Float32) -> Float32:
    size = 2 * _EDGE_TEXELS + 1
    least = cv2.erode(weight, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return low_pass(np.asarray(least, np.float32), _EDGE_TEXELS)


def _lay_chart(ratio: Float32, seen: Float32, own: Float32) -> None:
    """Put the chart's own colour in its place, as far as it is plain skin; photos that show its border lead over to it.

    Parameters
    ----------
    ratio : float32 (R, R, 3), seen : float32 (R, R)
        Of the plane, changed in place.
    own : float32 (H, H, 3)
        Of the chart.
    """
    side = round(len(ratio) / AROUND_SPAN)
    first = round(-AROUND_FIRST * side)
    inside = slice(first, first + side), slice(first, first + side)
    way = cv2.INTER_AREA if len(own) > side else cv2.INTER_LINEAR
    own = np.asarray(cv2.resize(own, (side, side), interpolation=way), np.float32)
    share = border_fade(side, FADE)
    by_photo = seen[inside] * (1 - share)
    by_chart = _plausible(own) * np.maximum(share, 1 - seen[inside])
    total = by_photo + by_chart
    mixed = by_photo[..., None] * ratio[inside] + by_chart[..., None] * own
    ratio[inside] = mixed / np.maximum(total, np.float32(1e-3))[..., None]
    seen[inside] = np.clip(total, 0, 1)


def _spread(known: Float32, weight: Float32) -> Float32:
    """What is known, smoothed and carried on to where nothing is."""
    few = low_pass(weight, _SMOOTH_TEXELS)
    channels = []
    for k in range(3):
        smooth = low_pass(np.ascontiguousarray(known[..., k]), _SMOOTH_TEXELS) / np.maximum(few, np.float32(1e-3))
        channels.append(low_pass(fill_smoothly(smooth.astype(np.float32), few > _SEEN), _SMOOTH_TEXELS))
    return np.stack(channels, axis=-1)

"""A photo's skin colour for the whole head, as it is kept: chart, scalp, ears and neck around it, irises.

The chart's colour fades to that of the plane around it (`surroundings`) before its border, so that no seam to the skin
outside (tile 1002) shows; where nothing is known of that, to the one tone of the skin near the border.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.border import border_fade
from rhytid.core.maps.srgb import srgb_bytes
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.landmarks import Landmarks
from rhytid.core.photo.light import PhotoLight

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

SIDE = 2048
"""Texels a side of the colour that is kept."""
FADE = 0.06
"""Share of the chart's side over which its colour goes over into that of its border."""
_NEAR = 0.14
_FAINTEST = 1e-4
_BAND_ROWS = 256
_FIRST_IRIS, _IRIS_POINTS = 468, 5
_INNER, _OUTER, _LID = 0.45, 0.85, -0.4  # of the iris' radius: neither pupil nor limbus, and below the lid
_LEAST_RADIUS_PX = 3.0
_FEWEST_PX = 12
_GLINT_QUANTILE, _LASH_QUANTILE = 0.8, 0.2
_WHITE = 0.6  # no iris is brighter


def skin_map(albedo: Albedo, around: Float32 | None = None, side: int = SIDE) -> UInt8:
    """A photo's skin colour in the chart as it is shown and exported, uint8 (side, side, 3) sRGB.

    Parameters
    ----------
    albedo : Albedo
    around : float32 (S, S, 3), optional
        Linear colour of the plane around, which the border has as well; without it the border is the `skin_tone`.
    side : int
    """
    way = cv2.INTER_AREA if len(albedo.map) > side else cv2.INTER_CUBIC
    large = np.asarray(cv2.resize(albedo.map, (side, side), interpolation=way), np.float32)
    border = None if around is None else _middle(around, side)
    tone = np.log(np.maximum(skin_tone(albedo), np.float32(_FAINTEST)))
    share = border_fade(side, FADE)
    result = np.empty((side, side, 3), np.uint8)
    for start in range(0, side, _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        color = np.log(np.clip(large[rows], np.float32(_FAINTEST), 1))
        outer = tone if border is None else np.log(np.clip(border[rows], np.float32(_FAINTEST), 1))
        result[rows] = srgb_bytes(np.exp(outer + share[rows, :, None] * (color - outer)))
    return result


def _middle(around: Float32, side: int) -> Float32:
    """The chart's square of the plane around it, (side, side, 3)."""
    at = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / side
    at = ((at - AROUND_FIRST) * len(around) / AROUND_SPAN - 0.5).astype(np.float32)
    columns, rows = np.meshgrid(at, at)
    return np.asarray(cv2.remap(around, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def skin_tone(albedo: Albedo) -> Float32:
    """Linear colour, (3,), of the skin near the chart's border."""
    inner = border_fade(albedo.map.shape[0], _NEAR)
    ring = (inner > 0.1) & (inner < 0.9)
    return np.median(albedo.map[ring], axis=0).astype(np.float32)


def iris_color(linear: Float32, landmarks: Landmarks, light: PhotoLight) -> tuple[float, float, float] | None:
    """Linear colour of both irises without the photo's light; None where the photo shows too little of them.

    Parameters
    ----------
    linear : float32 (H, W, 3)
        Linear RGB of the photo.
    landmarks : Landmarks
    light : PhotoLight
        Of the photo.
    """
    shown = [part for eye in range(2) if len(part := _iris(linear, landmarks, eye)) >= _FEWEST_PX]
    if not shown:
        return None
    facing = light.even_shading(np.array([0.0, 0.0, 1.0], np.float32))
    color = np.mean([np.median(part, axis=0) for part in shown], axis=0) / facing
    red, green, blue = np.clip(color, 0, _WHITE).tolist()
    return red, green, blue


def _iris(linear: Float32, landmarks: Landmarks, eye: int) -> Float32:
    """Colours (N, 3) that one iris shows between pupil and limbus, without glints, lashes and the lids' shadow."""
    first = _FIRST_IRIS + eye * _IRIS_POINTS
    points = landmarks.points[first : first + _IRIS_POINTS]
    radius = float(np.median(np.linalg.norm(points[1:] - points[0], axis=1)))
    if radius < _LEAST_RADIUS_PX or landmarks.weights[first : first + _IRIS_POINTS].min() <= 0:
        return np.empty((0, 3), np.float32)
    centre = points[0]
    top, left = np.maximum(np.floor(centre[::-1] - radius), 0).astype(int)
    patch = linear[top : int(centre[1] + radius) + 1, left : int(centre[0] + radius) + 1]
    y, x = np.mgrid[: patch.shape[0], : patch.shape[1]] + 0.5
    x, y = (x + left - centre[0]) / radius, (y + top - centre[1]) / radius
    # The upper lid and its shadow hide what is above.
    chosen = (np.hypot(x, y) > _INNER) & (np.hypot(x, y) < _OUTER) & (y > _LID)
    if not chosen.any():
        return np.empty((0, 3), np.float32)
    colors = patch[chosen]
    brightness = colors.mean(axis=1)
    low, high = np.quantile(brightness, (_LASH_QUANTILE, _GLINT_QUANTILE))
    return colors[(brightness >= low) & (brightness <= high)]

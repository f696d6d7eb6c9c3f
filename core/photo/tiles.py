"""A photo's skin colour for the whole head: complete in the chart, with one tone for scalp, ears and neck around it.

Skin outside the chart (tile 1002) is as the chart's border, and the border is one tone: the colour fades to it before.
The tone is that of the skin near the border, so that no seam shows. The eyes (tile 1003) get the photo's iris colour.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.border import border_fade
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.landmarks import Landmarks
from rhytid.core.photo.light import PhotoLight

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

SIDE = 2048
"""Texels a side of the colour that is kept."""
_FADE, _NEAR = 0.06, 0.14  # shares of the chart's side
_FAINTEST = 1e-4
_BAND_ROWS = 256
_FIRST_IRIS, _IRIS_POINTS = 468, 5
_INNER, _OUTER, _LID = 0.45, 0.85, -0.4  # of the iris' radius: neither pupil nor limbus, and below the lid
_LEAST_RADIUS_PX = 3.0
_FEWEST_PX = 12
_GLINT_QUANTILE, _LASH_QUANTILE = 0.8, 0.2
_WHITE = 0.6  # no iris is brighter


def skin_map(albedo: Albedo, side: int = SIDE) -> UInt8:
    """A photo's skin colour as it is shown and exported, uint8 (side, side, 3) sRGB; its border is the `tone`."""
    tone = np.log(np.maximum(skin_tone(albedo), np.float32(_FAINTEST)))
    way = cv2.INTER_AREA if len(albedo.map) > side else cv2.INTER_CUBIC
    large = np.asarray(cv2.resize(albedo.map, (side, side), interpolation=way), np.float32)
    share = border_fade(side, _FADE)
    result = np.empty((side, side, 3), np.uint8)
    for start in range(0, side, _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        color = np.log(np.clip(large[rows], np.float32(_FAINTEST), 1))
        faded = np.exp(tone + share[rows, :, None] * (color - tone))
        result[rows] = np.round(srgb_from_linear(faded) * 255)
    return result


def skin_tone(albedo: Albedo) -> Float32:
    """Linear colour, (3,), of the skin near the chart's border: what scalp, ears and neck have."""
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

"""What the relief's network sees of an unwrapped photograph: its contrast, and what the light makes of slopes.

To first order relief d changes the logarithm of the shading by a . grad d, where a follows from the light and the
smooth skin alone. The network gets the high-passed picture and a, so that it need not guess where the light is.
Training and use compute the features here, with the same code. All vectors are in head space: in two different frames
the result looks plausible and is wrong.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.harmonics import N_HARMONICS, harmonics, harmonics_gradient
from rhytid.core.maps.relief_normal import contravariant_tangents
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]

N_FEATURES = 11
ALONG_X = [3, 9]
"""The features that change their sign in a mirror image."""
_DARKEST = 2e-3  # linear; below it there is only noise
_DARKEST_SHADING = 0.08
_BROAD_PX = 10.0  # what is broader is light, not relief
_COARSER = 4
_HIGHEST, _STEEPEST = 0.8, 3.0
# So that all features are about 1.
_BRIGHTNESS, _COLOR, _BROAD, _SLOPE = 4.0, 6.0, 1.5, 10.0
_LEAST_SLOPE = 0.02  # square of an a that says nothing beside noise


def detail_features(rgb: Float32, normal: Float32, position: Float32, light: Float32, weight: Float32) -> Float32:
    """Features of a chart of 256 texels.

    Parameters
    ----------
    rgb : float32 (256, 256, 3)
        Linear colours of the photograph; anything where `weight` is 0.
    normal : float32 (256, 256, 3)
        Unit normals of the smooth, posed head in head space.
    position : float32 (256, 256, 3)
        Its skin in mm in head space, continued beyond the skin.
    light : float32 (9,) or (256, 256, 9), or the same with a last axis of 3 colours
        Coefficients of `core.maps.harmonics`.
    weight : float32 (256, 256)
        0..1, how far the photograph shows bare skin there.

    Returns
    -------
    float32 (11, 256, 256)
        Brightness and two ratios of colours without what is broad, a along x and y, the broad brightness, the
        weight, the place (\\|x\\| and y in -1..1), and the slopes along x and y that the brightness asks for: the
        shortest ones that shading alone would make it of.

    Raises
    ------
    ValueError
        Another size.
    """
    if rgb.shape != (SIDE, SIDE, 3) or weight.shape != (SIDE, SIDE):
        raise ValueError(f"features are of {SIDE} x {SIDE} texels, not of {rgb.shape} and {weight.shape}")
    if light.shape[-1] == 3:
        light = light.mean(-1)
    logarithm = np.log(np.maximum(rgb, np.float32(_DARKEST)))
    share = np.maximum(_blurred(weight), np.float32(1e-2))
    broad = _blurred(logarithm * weight[..., None]) / share[..., None]
    fine = np.clip(logarithm - broad, -_HIGHEST, _HIGHEST) * weight[..., None]
    total = max(float(weight.sum()), 1.0)
    level = broad[..., 1] - float((broad[..., 1] * weight).sum()) / total
    slopes = _shading_slopes(normal, position, light) * weight[..., None]
    brightness = fine @ np.array([0.25, 0.5, 0.25], np.float32)
    told = brightness / ((slopes * slopes).sum(-1) + np.float32(_LEAST_SLOPE))
    place = (np.arange(SIDE, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / SIDE) - np.float32(1)
    return np.stack(
        [
            _BRIGHTNESS * brightness,
            _COLOR * (fine[..., 0] - fine[..., 1]),
            _COLOR * (fine[..., 2] - fine[..., 1]),
            slopes[..., 0],
            slopes[..., 1],
            np.clip(_BROAD * level, -3, 3) * weight,
            weight,
            np.broadcast_to(np.abs(place)[None, :], weight.shape),
            np.broadcast_to(place[:, None], weight.shape),
            np.clip(_SLOPE * told * slopes[..., 0], -3, 3),
            np.clip(_SLOPE * told * slopes[..., 1], -3, 3),
        ]
    ).astype(np.float32)


def _shading_slopes(normal: Float32, position: Float32, light: Float32) -> Float32:
    """a: change of the logarithm of the shading per mm of relief from texel to texel, (256, 256, 2)."""
    change = np.asarray(harmonics_gradient(normal, light), np.float32)
    change -= np.einsum("yxi,yxi->yx", change, normal)[..., None] * normal
    everywhere = np.broadcast_to(light, (SIDE, SIDE, N_HARMONICS))
    shading = np.maximum(np.einsum("yxi,yxi->yx", harmonics(normal), everywhere), np.float32(_DARKEST_SHADING))
    slopes = -np.einsum("yxi,yxki->yxk", change, contravariant_tangents(position)) / shading[..., None]
    return np.asarray(np.clip(slopes, -_STEEPEST, _STEEPEST), np.float32)


def _blurred(values: Float32) -> Float32:
    """What is broad, computed on a quarter of the size, where it is a quarter as broad."""
    small = cv2.resize(values, (SIDE // _COARSER, SIDE // _COARSER), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), _BROAD_PX / _COARSER, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.float32)

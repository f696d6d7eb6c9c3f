"""The light of a photo and the skin's colour under it, told apart.

Light is nine harmonics per colour for the whole face, and a detailed light: a map over the chart of 27 coefficients
that stays near them (Yang et al., section 3.3; their eq. 4 is the ridge here, solved in closed form in windows of the
chart). The map takes in what one light cannot say: cast shadows, a lamp that is near, light that the neck throws back.

What is bright cannot be told from what is lit: the mean light is white and of strength 1 by definition, and the skin's
mean colour is that of the photo under it. Beyond that a change of colour that is the same on both halves of the face
belongs to the skin, the rest to the light.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.harmonics import N_HARMONICS, harmonics
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

SOLVED_AT = 128
"""Texels per side at which light is solved."""
MAP_SIDE = 32
_LEAST_SHADING = 0.03
_ROUNDS = 3
_STIFFNESS = np.array([0.0, 1, 1, 1, 3, 3, 3, 3, 3])
_GLOBAL_RIDGE = 5e-4
_MAP_RIDGE = 0.02 * np.array([0.3, 1, 1, 1, 3, 3, 3, 3, 3])  # Yang et al. eq. 4: the detailed light near the one light
_MAP_REACH = 1.2  # standard deviation of a window in cells of the map
_SMOOTH_PX = 4.5  # of the skin's low-frequency colour at `SOLVED_AT`
_SYMMETRIC_BRIGHTNESS = 0.5  # share of a symmetric change of brightness that the skin takes; of colour it takes all
_RANGE = 0.7
_FAINTEST = 1e-4


@dataclass(frozen=True, eq=False)
class PhotoLight:
    """The light of one photo, in head space.

    Attributes
    ----------
    sh9 : float32 (9, 3), read-only
        Coefficients of `core.maps.harmonics` per colour; their sum is the shading of a white matt surface.
    sh_map : float32 (32, 32, 9, 3), read-only
        The detailed light, over the chart.
    """

    sh9: Float32
    sh_map: Float32

    def shading(self, normal: Float32) -> Float32:
        """Shading of the chart's skin, float32 (R, R, 3), for unit normals (R, R, 3)."""
        side = normal.shape[0]
        basis = harmonics(normal)
        shading = np.zeros((side, side, 3), np.float32)
        for index in range(N_HARMONICS):
            coefficients = cv2.resize(self.sh_map[:, :, index], (side, side), interpolation=cv2.INTER_CUBIC)
            shading += basis[..., index, None] * coefficients
        return np.maximum(shading, np.float32(_LEAST_SHADING))

    def even_shading(self, normal: Float32) -> Float32:
        """Shading (..., 3) by the one light alone, for unit normals (..., 3)."""
        return np.maximum((harmonics(normal) @ self.sh9).astype(np.float32), np.float32(_LEAST_SHADING))


@dataclass(frozen=True, eq=False)
class _View:
    """What one photo shows, at `SOLVED_AT`."""

    rgb: Float32
    weight: Float32
    normal: Float32


def light_and_color(photos: Sequence[Unwrapped], shape: Float32) -> tuple[tuple[PhotoLight, ...], Float32]:
    """The light of each photo of a person, and the skin's low-frequency colour, which they share.

    Parameters
    ----------
    photos : sequence of Unwrapped
    shape : float32 (R, R, 3)
        How the colour of skin usually runs over a face (linear; its mean does not matter).

    Returns
    -------
    lights : tuple of PhotoLight
    color : float32 (128, 128, 3)
        Linear RGB.

    Raises
    ------
    ValueError
        A photo shows no skin.
    """
    views = [_view(photo) for photo in photos]
    if any(view.weight.sum() < 1 for view in views):
        raise ValueError("the photo shows too little skin to tell its light; choose one that shows the face")
    usual = _sized(shape, SOLVED_AT)
    usual = usual / usual.mean(axis=(0, 1))
    tone = np.average(
        np.concatenate([view.rgb.reshape(-1, 3) for view in views]),
        axis=0,
        weights=np.concatenate([view.weight.ravel() for view in views]),
    )
    color = np.maximum(usual * tone.astype(np.float32), np.float32(_FAINTEST))
    global_lights = [_global_light(view, color) for view in views]
    shadings = [
        np.maximum(harmonics(view.normal) @ light, 0.05).astype(np.float32)
        for view, light in zip(views, global_lights, strict=True)
    ]
    lights: list[PhotoLight] = []
    for _ in range(_ROUNDS):
        color = color * np.exp(_symmetric_change(views, shadings, color))
        lights = [_light(view, color) for view in views]
        shadings = [light.shading(view.normal) for light, view in zip(lights, views, strict=True)]
    return tuple(lights), color


def _view(photo: Unwrapped) -> _View:
    weight = _sized(photo.skin, SOLVED_AT)
    rgb = _sized(photo.rgb * photo.skin[..., None], SOLVED_AT) / np.maximum(weight, np.float32(_FAINTEST))[..., None]
    normal = _sized(photo.normal, SOLVED_AT)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), np.float32(1e-6))
    return _View(np.maximum(rgb, np.float32(_FAINTEST)), weight, normal)


def _light(view: _View, color: Float32) -> PhotoLight:
    one = _global_light(view, color)
    return PhotoLight(read_only(one.astype(np.float32)), read_only(_light_map(view, color, one)))


def _global_light(view: _View, color: Float32) -> Float64:
    """Coefficients (9, 3) by reweighted least squares: gloss, which only adds, counts little."""
    seen = view.weight.ravel() > 0.05
    basis = harmonics(view.normal.reshape(-1, 3)[seen]).astype(np.float64)
    target = (view.rgb / color).reshape(-1, 3)[seen].astype(np.float64)
    weight = view.weight.ravel()[seen].astype(np.float64)
    ridge = _GLOBAL_RIDGE * len(basis) * _STIFFNESS
    solution = np.zeros((N_HARMONICS, 3))
    for channel in range(3):
        trust = np.ones(len(basis))
        for _ in range(6):
            both = weight * trust
            normal_matrix = basis.T @ (basis * both[:, None]) + np.diag(ridge * both.mean() + 1e-9)
            solution[:, channel] = np.linalg.solve(normal_matrix, basis.T @ (both * target[:, channel]))
            error = target[:, channel] - basis @ solution[:, channel]
            spread = 1.48 * np.median(np.abs(error)) + 1e-6
            too_bright = np.exp(-np.clip(error / (3 * spread) - 1, 0, 50))
            trust = too_bright / (1 + (error / (2 * spread)) ** 2)
    return solution


def _light_map(view: _View, color: Float32, one: Float64) -> Float32:
    basis = harmonics(view.normal)
    error = view.rgb / color - basis @ one.astype(np.float32)
    seen = view.weight > 0.3
    spread = 1.48 * float(np.median(np.abs(error[seen]))) if seen.any() else 1.0
    weight = view.weight / (1 + (np.abs(error).max(axis=2) / (4 * spread + 1e-6)) ** 2)
    products = _pooled(weight[..., None, None] * basis[..., :, None] * basis[..., None, :])
    sums = _pooled(weight[..., None, None] * basis[..., :, None] * error[..., None, :])
    change = np.linalg.solve(products.astype(np.float64) + np.diag(_MAP_RIDGE), sums.astype(np.float64))
    return (one + change).astype(np.float32)


def _pooled(values: Float32) -> Float32:
    """Means of the map's cells, spread over a window of cells."""
    step = SOLVED_AT // MAP_SIDE
    cells = values.reshape(MAP_SIDE, step, MAP_SIDE, step, -1).mean(axis=(1, 3))
    channels = [low_pass(np.ascontiguousarray(cells[..., k]), _MAP_REACH) for k in range(cells.shape[-1])]
    return np.stack(channels, axis=-1).reshape(MAP_SIDE, MAP_SIDE, *values.shape[2:])


def _symmetric_change(views: Sequence[_View], shadings: Sequence[Float32], color: Float32) -> Float32:
    """What the photos say that the skin's log colour lacks, as far as both halves of the face agree."""
    total = np.zeros_like(color)
    weights = np.zeros(color.shape[:2], np.float32)
    for view, shading in zip(views, shadings, strict=True):
        missing = np.clip(np.log(view.rgb) - np.log(color) - np.log(shading), -_RANGE, _RANGE)
        weight = np.clip(low_pass(view.weight, _SMOOTH_PX), 0, 1)
        total += low_pass(missing * view.weight[..., None], _SMOOTH_PX)
        weights += weight
    total, weights = total + total[:, ::-1], weights + weights[:, ::-1]
    change = total / np.maximum(weights, np.float32(1e-3))[..., None]
    brightness = change.mean(axis=2, keepdims=True)
    change = change - brightness + np.float32(_SYMMETRIC_BRIGHTNESS) * brightness
    return change * np.clip(weights / (0.3 * len(views)), 0, 1)[..., None]


def _sized(values: Float32, side: int) -> Float32:
    shrinks = values.shape[0] > side
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(values), (side, side), interpolation=method), np.float32)

"""The light of a photo and the skin's colour under it, told apart.

Light is nine harmonics per colour for the whole face, and a detailed light: a map over the chart of 27 coefficients
that stays near them (Yang et al., section 3.3; their eq. 4 is the ridge here, solved in closed form in windows of the
chart). The map takes in what one light cannot say: cast shadows, a lamp that is near, light that the neck throws back.

The skin's low-frequency colour is the most probable one of the prior's space (`albedo_prior`); what is left and has
the same hue on both halves of the face belongs to the skin as well, the rest is light. Edges of shadows and streaks
of gloss are sharper than windows. They change brightness alone, while skin is uneven in hue as well (Tsumura et al.
2003, "Image-Based Skin Color and Texture Analysis/Synthesis"), so the detailed light takes what is uneven in
brightness. What is bright cannot be told from what is lit: how skin is usually toned and how photos are usually
exposed decide together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.learned.weights import WeightsError
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.harmonics import N_HARMONICS, harmonics
from rhytid.core.photo.albedo_prior import AlbedoPrior, albedo_prior
from rhytid.core.photo.light_features import light_features
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.light_refinement import LightRefinement, light_refinement
from rhytid.core.photo.light_view import FAINTEST, SOLVED_AT, View, sized, view_of
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

LEAST_SHADING = 0.03
"""No skin is shaded less."""
_CELLS = 32  # in which the detailed light is solved
_ROUNDS = 3
_STIFFNESS = np.array([0.0, 1, 1, 1, 3, 3, 3, 3, 3])
_GLOBAL_RIDGE = 5e-4
_MAP_RIDGE = 0.02 * np.array([0.3, 1, 1, 1, 3, 3, 3, 3, 3])  # Yang et al. eq. 4: the detailed light near the one light
_MAP_REACH = 1.2  # standard deviation of a window in cells of the map
_SMOOTH_PX = 4.5  # of the skin's low-frequency colour at `SOLVED_AT`
_LIT_QUANTILE = 0.9
_LIT_LEVEL = 1.3  # strength of the light on skin that is well lit, as photos are usually exposed ...
_LIT_SPREAD, _TINT_SPREAD = 0.3, 0.09  # ... and how it varies, and the light's colour, in logarithm
_RANGE = 0.7
_EDGE_RANGE, _EDGE_PX, _MEDIAN_SIDE = 1.2, 0.5, 7  # logarithm; texels at `SOLVED_AT`
_KEPT = 0.5  # share of brows, lashes and lips that the network, which knows dark ones only, leaves alone
_BARELY, _GLOSS_CHANGE = 0.15, 0.3
_SHADOW_HUE, _SHADOW_SLACK, _SHADOW_POWER = 0.25, 0.2, 4
_BORDER_SHARE, _USUAL_CHANGE, _DISTRUST = 25, 0.1, 6.0


@dataclass(frozen=True, eq=False)
class PhotoLight:
    """The light of one photo, in head space.

    Attributes
    ----------
    sh9 : float32 (9, 3), read-only
        Coefficients of `core.maps.harmonics` per colour; their sum is the shading of a white matt surface.
    sh_map : float32 (128, 128, 9, 3), read-only
        The detailed light, over the chart.
    """

    sh9: Float32
    sh_map: Float32

    def shading(self, normal: Float32) -> Float32:
        """Shading of the chart's skin, float32 (R, R, 3), for unit normals (R, R, 3)."""
        return shaded(normal, self.coefficients(normal.shape[0]))

    def coefficients(self, side: int) -> Float32:
        """The detailed light at `side` texels, float32 (9, side, side, 3), for `shaded`."""
        parts = [
            cv2.resize(self.sh_map[:, :, index], (side, side), interpolation=cv2.INTER_CUBIC)
            for index in range(N_HARMONICS)
        ]
        return np.asarray(np.stack(parts), np.float32)

    def even_shading(self, normal: Float32) -> Float32:
        """Shading (..., 3) by the one light alone, for unit normals (..., 3)."""
        return np.maximum((harmonics(normal) @ self.sh9).astype(np.float32), np.float32(LEAST_SHADING))


def shaded(normal: Float32, coefficients: Float32) -> Float32:
    """Shading (R, R, 3) of unit normals (R, R, 3) in a light that is known at each texel, (9, R, R, 3)."""
    basis = harmonics(normal)
    shading = np.zeros_like(normal)
    for index in range(N_HARMONICS):
        shading += basis[..., index, None] * coefficients[index]
    return np.maximum(shading, np.float32(LEAST_SHADING))


def light_and_color(
    photos: Sequence[Unwrapped], prior: AlbedoPrior | None = None
) -> tuple[tuple[PhotoLight, ...], Float32]:
    """The light of each photo of a person, and the skin's low-frequency colour, which they share.

    Parameters
    ----------
    photos : sequence of Unwrapped
    prior : AlbedoPrior, optional
        Of the skin's colour; by default that which comes with the program. The network that refines the light knows
        that one, and is not asked with another.

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
    views = [view_of(photo) for photo in photos]
    if any(view.weight.sum() < 1 for view in views):
        raise ValueError("the photo shows too little skin to tell its light; choose one that shows the face")
    known = albedo_prior() if prior is None else prior
    lights, color = smooth_lights(views, known)
    network = _network() if prior is None else None
    lights = [_sharpened(light, view, color, known, network) for light, view in zip(lights, views, strict=True)]
    gain = _gain(views, lights, color, known)
    return tuple(_scaled(light, np.reciprocal(gain)) for light in lights), color * gain


def smooth_lights(views: Sequence[View], prior: AlbedoPrior) -> tuple[list[PhotoLight], Float32]:
    """Lights without edges, and the colour (128, 128, 3) of the skin but for one gain."""
    color = _usual_color(views, prior)
    shadings = [
        np.maximum(harmonics(view.normal) @ _global_light(view, color), 0.05).astype(np.float32) for view in views
    ]
    lights: list[PhotoLight] = []
    for _ in range(_ROUNDS):
        color = _likely_color(views, shadings, color, prior)
        lights = [_light(view, color) for view in views]
        shadings = [light.shading(view.normal) for light, view in zip(lights, views, strict=True)]
    return lights, color


def _usual_color(views: Sequence[View], prior: AlbedoPrior) -> Float32:
    """Skin as it usually is, as bright as in the photos under a white light of strength 1."""
    usual = sized(np.exp(prior.mean), SOLVED_AT)
    tone = np.average(
        np.concatenate([view.rgb.reshape(-1, 3) for view in views]),
        axis=0,
        weights=np.concatenate([view.weight.ravel() for view in views]),
    )
    return np.maximum(usual / usual.mean(axis=(0, 1)) * tone.astype(np.float32), np.float32(FAINTEST))


def _likely_color(
    views: Sequence[View], shadings: Sequence[Float32], color: Float32, prior: AlbedoPrior
) -> Float32:
    """The skin's colour after another look at what the light leaves over."""
    change, weight = _symmetric_change(views, shadings, color)
    wanted = np.log(color) + change
    likely = prior.nearest(wanted, weight)
    rest = wanted - likely
    hue = rest - rest.mean(axis=2, keepdims=True)
    return np.exp(likely + hue * weight[..., None])


def _gain(views: Sequence[View], lights: Sequence[PhotoLight], color: Float32, prior: AlbedoPrior) -> Float32:
    """By how much, (3,), the skin is brighter than `color` and the lights darker: the most probable."""
    levels = [
        np.log(np.quantile(light.shading(view.normal)[view.weight > 0.5], _LIT_QUANTILE, axis=0)) - np.log(_LIT_LEVEL)
        for view, light in zip(views, lights, strict=True)
        if (view.weight > 0.5).any()
    ]
    if not levels:
        return np.ones(3, np.float32)
    mean, spread = prior.tone()
    seen = np.log(color).mean(axis=(0, 1)) + np.mean(levels, axis=0)
    tint = np.eye(3) - 1 / 3
    of_light = (_LIT_SPREAD**2 / 3 * np.ones((3, 3)) + _TINT_SPREAD**2 * tint) / len(levels)
    tone = mean + spread @ np.linalg.solve(spread + of_light, seen - mean)
    return np.exp(tone - np.log(color).mean(axis=(0, 1))).astype(np.float32)


def _scaled(light: PhotoLight, gain: Float32) -> PhotoLight:
    return PhotoLight(read_only(light.sh9 * gain), read_only(light.sh_map * gain))


def _light(view: View, color: Float32) -> PhotoLight:
    one = _global_light(view, color)
    return PhotoLight(read_only(one.astype(np.float32)), read_only(_light_map(view, color, one)))


def _global_light(view: View, color: Float32) -> Float64:
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


def _light_map(view: View, color: Float32, one: Float64) -> Float32:
    basis = harmonics(view.normal)
    error = view.rgb / color - basis @ one.astype(np.float32)
    seen = view.weight > 0.3
    spread = 1.48 * float(np.median(np.abs(error[seen]))) if seen.any() else 1.0
    weight = view.weight / (1 + (np.abs(error).max(axis=2) / (4 * spread + 1e-6)) ** 2)
    products = _pooled(weight[..., None, None] * basis[..., :, None] * basis[..., None, :])
    sums = _pooled(weight[..., None, None] * basis[..., :, None] * error[..., None, :])
    change = np.linalg.solve(products.astype(np.float64) + np.diag(_MAP_RIDGE), sums.astype(np.float64))
    return _map_sized((one + change).astype(np.float32))


def _sharpened(
    light: PhotoLight, view: View, color: Float32, prior: AlbedoPrior, network: LightRefinement | None
) -> PhotoLight:
    """The light with what the windows are too wide for, but for spots as small as moles.

    Brows, lashes and lips are dark of themselves, and so is hair: there the light stays much as it is.
    """
    shading = light.shading(view.normal)
    rest = np.log(view.rgb) - np.log(color) - np.log(shading)
    change = np.clip(rest.mean(axis=2), -_EDGE_RANGE, _EDGE_RANGE)
    seen = view.weight * border_trust(view.weight, change)
    features = prior.dark_features(SOLVED_AT)
    believed = view.bare * np.clip(seen / 0.3, 0, 1)
    free = (1 - features) * believed
    refined = np.zeros_like(rest)
    if network is not None:
        share = (1 - np.float32(_KEPT) * features) * believed
        refined = network.light(light_features(view, color, shading, prior)) * share[..., None]
        rest = rest - refined
    edges = _edges(rest, seen > _BARELY) * free[..., None]
    gain = np.exp(refined + low_pass(edges, _EDGE_PX))
    return PhotoLight(light.sh9, read_only(light.sh_map * gain[:, :, None]))


def _edges(rest: Float32, seen: npt.NDArray[np.bool_]) -> Float32:
    """What is left over (128, 128, 3) that is light's: brightness, and where that is gloss the hue as well."""
    change = np.clip(rest.mean(axis=2), -_EDGE_RANGE, _EDGE_RANGE)
    hue = np.clip(rest - rest.mean(axis=2, keepdims=True), -_EDGE_RANGE, _EDGE_RANGE)
    change = np.where(seen, change * shadow_share(change, np.abs(hue).max(axis=2)), np.float32(0))
    brightness = _without_spots(change)
    gloss = np.clip(brightness / np.float32(_GLOSS_CHANGE), 0, 1)
    hues = np.stack([_without_spots(hue[..., k] * seen) for k in range(3)], axis=-1)
    return brightness[..., None] + gloss[..., None] * hues


def _without_spots(values: Float32) -> Float32:
    """Medians of values within the range of edges."""
    steps = np.round((values / _EDGE_RANGE + 1) * 127).astype(np.uint8)  # wide medians are of bytes
    return np.asarray((cv2.medianBlur(steps, _MEDIAN_SIDE) / np.float32(127) - 1) * np.float32(_EDGE_RANGE), np.float32)


def _network() -> LightRefinement | None:
    """The network that comes with the program; without it the closed form stands."""
    try:
        return light_refinement()
    except WeightsError:
        return None


def shadow_share(change: Float32, hue: Float32) -> Float32:
    """How far a change of brightness is light's, 0..1: what turns dark and of another hue is hair, stubble or paint."""
    strange = hue / (np.maximum(-change, 0) + np.float32(_SHADOW_SLACK))
    dark = 1 / (1 + (strange / np.float32(_SHADOW_HUE)) ** _SHADOW_POWER)
    return np.where(change < 0, dark, np.float32(1)).astype(np.float32)


def border_trust(weight: Float32, change: Float32) -> Float32:
    """How likely a texel shows the skin that it should, 0..1, float32 (R, R).

    Parameters
    ----------
    weight : float32 (R, R)
        How well the texel is seen, 0..1.
    change : float32 (R, R)
        Logarithm of how much brighter it is than skin should be. Beside what is hidden, or holes of the skin, that is
        rather a sign that the fitted head is not quite the true one.
    """
    beside = 1 - low_pass(weight, len(weight) / _BORDER_SHARE)
    excess = np.maximum(np.abs(change) - np.float32(_USUAL_CHANGE), 0)
    return np.asarray(np.clip(1 - np.float32(_DISTRUST) * excess * beside, 0, 1), np.float32)


def _pooled(values: Float32) -> Float32:
    """Means of the map's cells, spread over a window of cells."""
    step = SOLVED_AT // _CELLS
    cells = values.reshape(_CELLS, step, _CELLS, step, -1).mean(axis=(1, 3))
    channels = [low_pass(np.ascontiguousarray(cells[..., k]), _MAP_REACH) for k in range(cells.shape[-1])]
    return np.stack(channels, axis=-1).reshape(_CELLS, _CELLS, *values.shape[2:])


def _map_sized(coefficients: Float32) -> Float32:
    parts = [cv2.resize(coefficients[:, :, k], (MAP_SIDE, MAP_SIDE), interpolation=cv2.INTER_CUBIC)
             for k in range(N_HARMONICS)]  # fmt: skip
    return np.stack(parts, axis=2)


def _symmetric_change(
    views: Sequence[View], shadings: Sequence[Float32], color: Float32
) -> tuple[Float32, Float32]:
    """What the photos say that the skin's log colour lacks, both halves of the face averaged, and its weight 0..1."""
    total = np.zeros_like(color)
    weights = np.zeros(color.shape[:2], np.float32)
    for view, shading in zip(views, shadings, strict=True):
        missing = np.clip(np.log(view.rgb) - np.log(color) - np.log(shading), -_RANGE, _RANGE)
        total += low_pass(missing * view.weight[..., None], _SMOOTH_PX)
        weights += np.clip(low_pass(view.weight, _SMOOTH_PX), 0, 1)
    total, weights = total + total[:, ::-1], weights + weights[:, ::-1]
    change = total / np.maximum(weights, np.float32(1e-3))[..., None]
    return np.asarray(change, np.float32), np.asarray(np.clip(weights / (0.3 * len(views)), 0, 1), np.float32)

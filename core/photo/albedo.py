"""The skin's colour without the photo's light, complete: what is seen, what its mirror image says, what skin is like.

Albedo is what the photos show divided by their shading (Yang et al., eq. 5), gloss taken off before; texels that no
photo shows take those of the other half of the face, and where neither is seen the low-frequency colour, moved to its
seen neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo_map import Rgb
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.photo.light import PhotoLight, border_trust
from rhytid.core.photo.light_view import SOLVED_AT
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

_FAINTEST = np.float32(1e-4)
_BRIGHTEST = 1.0
_RATIO_RANGE = 1.6
_GLOSS_FROM = 1.15  # how much brighter than matt skin under the fitted light a texel is before some of it is gloss
_SURE = 1.3


@dataclass(frozen=True, eq=False)
class Albedo:
    """Skin colour in the chart.

    Attributes
    ----------
    map : float32 (R, R, 3), read-only
        Linear RGB, 0..1, complete.
    seen : float32 (R, R), read-only
        How far a texel's colour comes from the photos themselves, 0..1.
    darkening : 3 floats
        Per mm, how much darker wrinkles are; 0 while it is still in the colour. See `core.maps.cavity`.
    """

    map: Float32
    seen: Float32
    darkening: Rgb = (0.0, 0.0, 0.0)


def albedo(photos: Sequence[Unwrapped], lights: Sequence[PhotoLight], color: Float32) -> Albedo:
    """The albedo that photos of one person show.

    Parameters
    ----------
    photos : sequence of Unwrapped
        All at one resolution R.
    lights : sequence of PhotoLight
        Of the photos.
    color : float32 (128, 128, 3)
        The low-frequency colour, see `core.photo.light.light_and_color`.
    """
    side = photos[0].resolution
    low = np.maximum(_sized(color, side), _FAINTEST)
    total = np.zeros((side, side, 3), np.float32)
    weights = np.zeros((side, side), np.float32)
    for photo, light in zip(photos, lights, strict=True):
        shading = light.shading(photo.normal)
        matt = np.maximum(photo.rgb - gloss(photo.rgb, low * shading)[..., None], _FAINTEST)
        ratio = np.clip(np.log(matt / shading) - np.log(low), -_RATIO_RANGE, _RATIO_RANGE)
        weight = photo.weight * border_trust(photo.weight, ratio.mean(axis=2))
        total += ratio * weight[..., None]
        weights += weight
    ratio = (total / np.maximum(weights, np.float32(1e-3))[..., None]).astype(np.float32)
    seen = np.clip(weights * np.float32(_SURE), 0, 1)
    # What is not seen has the tone of what is.
    shift = (total.sum(axis=(0, 1)) / max(float(weights.sum()), 1e-3)).astype(np.float32)
    return Albedo(read_only(_completed(ratio - shift, seen, low * np.exp(shift))), read_only(seen))


def gloss(rgb: Float32, matt: Float32) -> Float32:
    """How much of what is seen is white gloss, float32 (R, R), where matt skin would look like `matt` (R, R, 3).

    Dichromatic reflection (Shafer 1985): a texel is some of the colour of matt skin plus some white; only what is
    brighter than matt skin can have white in it.
    """
    squared = np.einsum("ijk,ijk->ij", matt, matt)
    along = matt.sum(axis=2)
    by_matt, by_white = np.einsum("ijk,ijk->ij", matt, rgb), rgb.sum(axis=2)
    determinant = np.maximum(3 * squared - along * along, np.float32(1e-7))
    white = np.clip((squared * by_white - along * by_matt) / determinant, 0, None)
    excess = by_matt / np.maximum(squared, np.float32(1e-7))
    share = np.clip((excess - np.float32(_GLOSS_FROM)) / np.float32(0.35), 0, 1)
    least = rgb.min(axis=2)
    return np.minimum(low_pass(white * share, len(rgb) / 1024), 0.9 * least).clip(0).astype(np.float32)


def _completed(ratio: Float32, seen: Float32, low: Float32) -> Float32:
    mirrored, other = ratio[:, ::-1], seen[:, ::-1]
    from_mirror = other * (1 - seen)
    unseen = (1 - seen - from_mirror).clip(0)
    known = ratio * seen[..., None] + mirrored * from_mirror[..., None]
    value = known + unseen[..., None] * _spread(known, 1 - unseen)
    return np.clip(low * np.exp(value), 0, np.float32(_BRIGHTEST))


def _spread(known: Float32, weight: Float32) -> Float32:
    """What is known, smoothed and carried on to where nothing is: it leads on to the usual colour without a step."""
    few = np.maximum(_sized(weight, SOLVED_AT), np.float32(1e-4))
    small = (_sized(known, SOLVED_AT) / few[..., None]).astype(np.float32)
    channels = [low_pass(np.ascontiguousarray(small[..., k]), 3.0) for k in range(3)]
    blurred = np.stack([fill_smoothly(channel, few > 0.3) for channel in channels], axis=-1)
    return np.asarray(0.7 * _sized(blurred, len(known)), np.float32)


def _sized(values: Float32, side: int) -> Float32:
    method = cv2.INTER_AREA if values.shape[0] > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(values), (side, side), interpolation=method), np.float32)

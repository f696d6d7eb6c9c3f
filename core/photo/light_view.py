"""A photo in the chart at the size at which its light is solved."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.photo.unwrap import Unwrapped

Float32 = npt.NDArray[np.float32]

SOLVED_AT = 128
"""Texels per side at which light is solved."""
FAINTEST = 1e-4


@dataclass(frozen=True, eq=False)
class View:
    """What one photo shows, at `SOLVED_AT`.

    Attributes
    ----------
    rgb, normal : float32 (128, 128, 3)
        Linear colour, above 0, and unit normals.
    weight, bare : float32 (128, 128)
        How well skin is seen, and what share of what is seen is skin, 0..1.
    """

    rgb: Float32
    weight: Float32
    bare: Float32
    normal: Float32


def view_of(photo: Unwrapped) -> View:
    """A photo at the size at which light is solved."""
    weight = sized(photo.skin, SOLVED_AT)
    rgb = sized(photo.rgb * photo.skin[..., None], SOLVED_AT) / np.maximum(weight, np.float32(FAINTEST))[..., None]
    normal = sized(photo.normal, SOLVED_AT)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), np.float32(1e-6))
    bare = np.clip(weight / np.maximum(sized(photo.weight, SOLVED_AT), np.float32(1e-3)), 0, 1).astype(np.float32)
    return View(np.maximum(rgb, np.float32(FAINTEST)), weight, bare, normal)


def sized(values: Float32, side: int) -> Float32:
    """A map at another resolution, float32."""
    shrinks = values.shape[0] > side
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(values), (side, side), interpolation=method), np.float32)

"""Faces of known colour under light with hard shadows, as photographs show them in the chart.

Made in the chart, as in `photo_shading`, for what tells light and skin colour apart: lamps throw the shadows of nose,
brow and chin, a hat's brim shades the forehead, skin shines, strands of hair hang over it, and the head that is told is
not quite the one that was photographed, so that places are a little off and the background shows beside the face.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.harmonics import BASIS, DIFFUSE, harmonics
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis.camera_faults import photographed
from rhytid.core.synthesis.photo_shading import N_SKINS, Skin, skins
from rhytid.core.synthesis.skin_paint import painted_skin, smooth_noise

Float32 = npt.NDArray[np.float32]

_CELL_MM, _BIAS_MM = 2.5, 4.0
_GRAZING, _FACING = 0.12, 0.47  # as in `core.photo.unwrap`
_CLAMPED_COSINE = (np.pi * BASIS**2 * DIFFUSE).astype(np.float32)
_SIDE_LIT, _HATS, _MASKED_HAIR = 0.4, 0.15, 0.6  # shares of the photographs
_MISPLACED_PX = 1.6


@dataclass(frozen=True, eq=False)
class LitFace:
    """A photograph in the chart and the colour of the skin that it shows; all float32.

    Attributes
    ----------
    rgb, albedo : (256, 256, 3)
        Linear.
    weight, skin : (256, 256)
        How well a texel is seen, and where that is skin, 0..1; as `core.photo.unwrap` tells them.
    normal, position : (256, 256, 3)
        Of the head that was fitted; mm.
    """

    rgb: Float32
    albedo: Float32
    weight: Float32
    skin: Float32
    normal: Float32
    position: Float32


def lit_face(rng: np.random.Generator) -> LitFace:
    """A random face under random light."""
    true, fitted = skins(int(rng.integers(N_SKINS)))
    view = _direction(rng.normal(0, 18), rng.normal(0, 9))
    albedo, hair = painted_skin(rng)
    shading, gloss = _lit(true, view, rng)
    light = albedo * shading + gloss
    behind = np.clip((true.normal @ view + 0.05) / 0.1, 0, 1)[..., None]
    light = behind * light + (1 - behind) * np.exp(rng.uniform(-4, 0.5)).astype(np.float32)
    rgb = _misplaced(photographed(light, rng), rng)
    facing = np.clip((fitted.normal @ view - _GRAZING) / (_FACING - _GRAZING), 0, 1)
    beside = cv2.dilate((fitted.normal @ view < 0).astype(np.uint8), np.ones((9, 9), np.uint8))
    weight = (facing * low_pass((1 - beside).astype(np.float32), 1.5)).astype(np.float32)
    if rng.random() < _MASKED_HAIR:
        weight = weight * (1 - hair)
    return LitFace(rgb, albedo, weight, weight, fitted.normal, fitted.position)


def cast_shadow(position: Float32, direction: Float32) -> Float32:
    """Share 0..1 of a distant lamp's light that a surface's own shape lets through, float32 (H, W).

    Parameters
    ----------
    position : float32 (H, W, 3)
        Points of the surface, mm.
    direction : float32 (3,)
        Unit vector towards the lamp.
    """
    across = np.linalg.svd(direction[None].astype(np.float64))[2][1:]
    cells = np.floor(position @ across.T.astype(np.float32) / np.float32(_CELL_MM)).astype(np.int32)
    cells -= cells.min(axis=(0, 1))
    height = position @ direction
    nearest = np.full(tuple(cells.max(axis=(0, 1)) + 1), -np.inf, np.float32)
    np.maximum.at(nearest, (cells[..., 0], cells[..., 1]), height)
    nearest = ndimage.grey_closing(nearest, 3)
    above = nearest[cells[..., 0], cells[..., 1]] - height
    return low_pass(np.clip(1 - (above - _BIAS_MM) / _CELL_MM, 0, 1).astype(np.float32), 1.0)


def _direction(yaw_deg: float, pitch_deg: float) -> Float32:
    yaw, pitch = np.radians([yaw_deg, pitch_deg])
    return np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], np.float32)


def _lit(skin: Skin, view: Float32, rng: np.random.Generator) -> tuple[Float32, Float32]:
    """Shading (256, 256, 3) and gloss (256, 256, 1)."""
    ambient = rng.uniform(0.15, 0.4) if rng.random() < _SIDE_LIT else rng.uniform(0.3, 1.0)
    around = np.zeros((9, 3), np.float32)
    around[0] = ambient * (1 + 0.1 * rng.standard_normal(3))
    around[1:4] = ambient * rng.normal(0, (0.25, 0.15, 0.15))[:, None]
    shading = np.maximum(harmonics(skin.normal) @ around, 0.1 * ambient).astype(np.float32)
    gloss = np.zeros((SIDE, SIDE), np.float32)
    exponent = np.float32(6 + 50 * rng.random() ** 2)
    for _ in range(int(rng.integers(1, 4))):
        direction = _direction(rng.uniform(-80, 80), rng.uniform(-15, 65))
        color = (rng.uniform(0.2, 1.3) * (1 + 0.12 * rng.standard_normal(3))).astype(np.float32)
        if rng.random() < 0.3:  # a window or a cloudy sky: no edges
            soft = np.maximum(harmonics(skin.normal) @ (_CLAMPED_COSINE * harmonics(direction)), 0)
            shading += soft[..., None] * color
            continue
        through = low_pass(cast_shadow(skin.position, direction), float(rng.uniform(0, 3)))
        if rng.random() < _HATS:
            through = through * _brim(skin.position, direction, rng)
        cosine = np.maximum(skin.normal @ direction, 0)
        shading += (cosine * through)[..., None] * color
        half = direction + view
        half /= max(float(np.linalg.norm(half)), 1e-6)
        gloss += np.maximum(skin.normal @ half, 0) ** exponent * through * color.mean()
    shine = np.float32(0.15 * rng.random() ** 2) * np.maximum(1 + 0.4 * smooth_noise(rng, 8), 0)
    reach_px = rng.uniform(0, 1.5)
    scattered = [low_pass(shading[..., k], reach_px * share) for k, share in enumerate((1.0, 0.5, 0.3))]
    return np.stack(scattered, axis=-1), (gloss * shine)[..., None]


def _brim(position: Float32, direction: Float32, rng: np.random.Generator) -> Float32:
    """The shadow of a hat or of hair that hangs before the forehead: what lies above a wavy line."""
    along = position[..., 1] - position[..., 2] * (direction[1] / max(float(direction[2]), 0.3))
    edge = np.quantile(along, rng.uniform(0.6, 0.95)) + 6 * smooth_noise(rng, 5)
    covered = 1 / (1 + np.exp(-np.clip((along - edge) / rng.uniform(0.5, 4), -20, 20)))
    return (1 - rng.uniform(0.5, 1.0) * covered).astype(np.float32)


def _misplaced(rgb: Float32, rng: np.random.Generator) -> Float32:
    """The photograph as a head that was not fitted exactly takes it into the chart."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    reach = np.float32(_MISPLACED_PX * rng.random())
    aside, down = (reach * (smooth_noise(rng, 5) + 0.5 * smooth_noise(rng, 12)) for _ in range(2))
    moved = cv2.remap(rgb, x + aside, y + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.float32)

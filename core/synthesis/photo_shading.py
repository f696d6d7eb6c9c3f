"""Photographs of relief as they lie in the chart: what a camera would show of skin whose relief is known.

A picture is made where it will be used, in the chart, without any rasteriser: normals of a random head with the relief
on it, a random light, skin of any tone with paint, hairs and marks that are no relief (`skin_paint`), and the faults of
a camera (`camera_faults`). What the picture is read with later is not what it was made with: the head that is told is
another one, the light is known but roughly, parts are hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from rhytid.core.detail.anatomy import bare_skin
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.harmonics import BASIS, DIFFUSE, harmonics
from rhytid.core.maps.relief_normal import contravariant_tangents, relief_normals
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only
from rhytid.core.synthesis.camera_faults import photographed
from rhytid.core.synthesis.key_expressions import random_expression
from rhytid.core.synthesis.skin_paint import painted_skin, smooth_noise

Float32 = npt.NDArray[np.float32]

N_SKINS = 48
_IDENTITY_SD, _MISFIT_SD, _EXPRESSION_MISFIT = 0.8, 0.5, 0.15
_HARD_SHARE, _SHADOW_SHARE, _HIDDEN_SHARE = 0.5, 0.35, 0.3
_CAVITY_PX = 3.0
_CLAMPED_COSINE = (np.pi * BASIS**2 * DIFFUSE).astype(np.float32)  # of a distant lamp, times its harmonics
_STEEPEST_CAVITY, _HIGHEST_RIDGE = -0.4, 0.05  # mm


@dataclass(frozen=True, eq=False)
class ChartPicture:
    """What is known of a photograph when its relief is looked for.

    Attributes
    ----------
    rgb : float32 (256, 256, 3)
        Linear.
    normal, position : float32 (256, 256, 3)
        Of the head that was fitted, in head space, mm.
    light : float32 (9, 3)
        Coefficients of `core.maps.harmonics` that were fitted.
    weight : float32 (256, 256)
        0..1, how far bare skin is seen.
    """

    rgb: Float32
    normal: Float32
    position: Float32
    light: Float32
    weight: Float32


@dataclass(frozen=True, eq=False)
class Skin:
    """Smooth skin in the chart, float32 and read-only.

    Attributes
    ----------
    normal, position : (256, 256, 3)
        Unit normals, and places in mm.
    tangents : (256, 256, 2, 3)
        `contravariant_tangents` of the places.
    """

    normal: Float32
    position: Float32
    tangents: Float32


@dataclass(frozen=True, eq=False)
class _Lit:
    """Shading of skin with relief, the highlights on it, and the light as nine harmonics."""

    shading: Float32
    gloss: Float32
    light: Float32


def random_darkening(rng: np.random.Generator) -> float:
    """How much darker valleys are than their slopes say, per mm: nothing, a little, or as in real wrinkles."""
    kind = rng.random()
    if kind < 0.35:
        return 0.0
    if kind < 0.6:
        return float(np.exp(rng.uniform(np.log(0.05), np.log(1.5))))
    return float(rng.uniform(0, 2.6))


def chart_picture(
    displacement: Float32,
    rng: np.random.Generator,
    *,
    darkening: float | None = None,
    paint: float = 1.0,
    faults: float = 1.0,
) -> ChartPicture:
    """A random photograph of relief.

    Parameters
    ----------
    displacement : float32 (256, 256)
        mm.
    rng : Generator
    darkening : float, optional
        Per mm of a valley's depth; drawn by `random_darkening` if it is not given.
    paint, faults : float
        0..1, how strong colours that are no relief and the camera's faults are.
    """
    skin, fitted = skins(int(rng.integers(N_SKINS)))
    view = _view(rng)
    normals = relief_normals(skin.normal, skin.tangents, displacement)
    lit = _lit(normals, skin.normal, view, rng)
    amount = random_darkening(rng) if darkening is None else darkening
    shading = lit.shading * _cavities(displacement, amount, rng)
    albedo, hair = painted_skin(rng, paint)
    rgb = photographed(albedo * shading + lit.gloss, rng, faults)
    weight = _weight(fitted.normal, view, rng)
    if rng.random() < 0.5:  # half of all masks know where hair is
        weight = weight * (1 - hair)
    error = np.float32(0.12 * faults) * rng.standard_normal((9, 3), np.float32)
    return ChartPicture(rgb, fitted.normal, fitted.position, lit.light * (1 + error), weight)


@lru_cache(maxsize=N_SKINS)
def skins(number: int) -> tuple[Skin, Skin]:
    """A random head's skin and that of a head fitted to it, which is a little different; the same for a number."""
    rng = np.random.default_rng([SIDE, number])
    head = default_head()
    identity = rng.normal(0, _IDENTITY_SD, head.n_identity)
    expression = random_expression(rng) if number else np.zeros(len(head.expression), np.float32)
    other = np.sqrt(1 - _MISFIT_SD**2) * identity + _MISFIT_SD * rng.normal(0, _IDENTITY_SD, head.n_identity)
    misread = expression * (1 + _EXPRESSION_MISFIT * rng.standard_normal(len(expression)))
    return _skin(head.shape(identity, expression)), _skin(head.shape(other, np.clip(misread, 0, 1)))


def _skin(vertices: Float32) -> Skin:
    head, raster = default_head(), _raster()
    nearest = ndimage.distance_transform_edt(~raster.covered, return_distances=False, return_indices=True)
    normals = vertex_normals(vertices, head.triangles)[: head.n_skin]
    normal = raster.sample(normals)[tuple(nearest)]
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    position = raster.sample(vertices[: head.n_skin])[tuple(nearest)]
    return Skin(read_only(normal), read_only(position), read_only(contravariant_tangents(position)))


@lru_cache(maxsize=1)
def _raster() -> ChartRaster:
    return ChartRaster(default_head(), SIDE)


def _view(rng: np.random.Generator) -> Float32:
    """Unit vector towards the camera: half of all portraits are taken from in front."""
    yaw_deg, pitch_deg = rng.normal(0, (6, 5) if rng.random() < 0.5 else (28, 12))
    return _direction(yaw_deg, pitch_deg)


def _direction(yaw_deg: float, pitch_deg: float) -> Float32:
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    return np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], np.float32)


def _lit(normals: Float32, smooth: Float32, view: Float32, rng: np.random.Generator) -> _Lit:
    light = np.zeros((9, 3), np.float32)
    ambient = rng.uniform(0.25, 0.85)
    light[0] = ambient * (1 + 0.08 * rng.standard_normal(3))
    light[1:4] = ambient * rng.normal(0, (0.25, 0.12, 0.12))[:, None]
    hard = rng.random() < _HARD_SHARE
    crisp = np.zeros((SIDE, SIDE, 3), np.float32)
    gloss = np.zeros((SIDE, SIDE), np.float32)
    soft = light.copy()
    exponent = 8 + 50 * rng.random() ** 2
    for number in range(int(rng.integers(1, 4))):
        direction = _direction(rng.uniform(-97, 97), rng.uniform(-20, 65))
        color = (rng.uniform(0.6, 2.8) * (1 + 0.12 * rng.standard_normal(3))).astype(np.float32)
        lamp = _CLAMPED_COSINE * harmonics(direction)
        light += lamp[:, None] * color
        if hard and number == 0:
            lit = np.maximum(normals @ direction, 0) * _unshadowed(rng)
            crisp += lit[..., None] * color
        else:
            soft += lamp[:, None] * color
        half = direction + view
        half /= max(float(np.linalg.norm(half)), 1e-6)
        gloss += np.maximum(normals @ half, 0) ** np.float32(exponent) * color.mean()
    low = np.maximum(harmonics(smooth) @ soft, np.float32(0.05))
    shading = np.maximum(harmonics(normals) @ soft, 0.15 * low) + crisp
    shine = np.float32(0.11 * rng.random() ** 2) * (1 + 0.2 * smooth_noise(rng, 60))
    return _Lit(_scattered(shading, rng), (gloss * np.maximum(shine, 0))[..., None], light)


def _unshadowed(rng: np.random.Generator) -> Float32:
    """Share of a lamp's light that the face's own shape lets through, (256, 256)."""
    if rng.random() > _SHADOW_SHARE:
        return np.ones((SIDE, SIDE), np.float32)
    edge = (smooth_noise(rng, int(rng.integers(3, 7))) - rng.uniform(0.2, 1.2)) * rng.uniform(2, 25)
    return (1 - rng.uniform(0.3, 1.0) / (1 + np.exp(-np.clip(edge, -20, 20)))).astype(np.float32)


def _scattered(shading: Float32, rng: np.random.Generator) -> Float32:
    """Light that goes under the skin comes out beside where it went in, red light farthest."""
    reach_px = rng.uniform(0, 1.3)
    return np.stack([low_pass(shading[..., i], reach_px * share) for i, share in enumerate((1.0, 0.5, 0.3))], -1)


def _cavities(displacement: Float32, darkening: float, rng: np.random.Generator) -> Float32:
    """Less of the light around reaches a valley's bottom, (256, 256, 3)."""
    depth = np.clip(displacement - low_pass(displacement, _CAVITY_PX), _STEEPEST_CAVITY, _HIGHEST_RIDGE)
    tint = 1 + 0.15 * rng.random() * np.array([-1, 0, 0.5], np.float32)
    return np.exp(np.float32(darkening) * depth[..., None] * tint).astype(np.float32)


def _weight(normal: Float32, view: Float32, rng: np.random.Generator) -> Float32:
    """How far the camera sees skin: what is turned away, beyond the skin or behind something is not seen."""
    weight = np.clip((normal @ view - 0.12) / 0.35, 0, 1) * low_pass(_inner(), 1.0) * bare_skin()
    if rng.random() < _HIDDEN_SHARE:
        hidden = np.clip((smooth_noise(rng, int(rng.integers(3, 9))) - rng.uniform(0.5, 1.5)) * 8, 0, 1)
        weight = weight * (1 - hidden)
    return np.asarray(weight, np.float32)


@lru_cache(maxsize=1)
def _inner() -> Float32:
    covered = _raster().covered.astype(np.uint8)
    return read_only(cv2.erode(covered, np.ones((5, 5), np.uint8)).astype(np.float32))

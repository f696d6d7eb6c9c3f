"""Light that wanders under the skin: how far, how it softens shading on a curved face, and how much comes through.

The diffusion profile is the sum of six Gaussians of d'Eon and Luebke 2007 ("Advanced Techniques for Realistic Real-Time
Skin Rendering"); its integral over a ball's surface, by curvature, is Penner 2011 ("Pre-Integrated Skin Shading").
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

VARIANCES_MM2 = (0.0064, 0.0484, 0.187, 0.567, 1.99, 7.41)
WEIGHTS = (
    (0.233, 0.455, 0.649),
    (0.100, 0.336, 0.344),
    (0.118, 0.198, 0.000),
    (0.113, 0.007, 0.007),
    (0.358, 0.004, 0.000),
    (0.078, 0.000, 0.000),
)
"""Shares of red, green and blue light that each Gaussian spreads; they sum to 1."""

MOST_CURVATURE = 0.4
"""1/mm, the last row of the table: the rim of a nostril."""

_REACH_MM = 12.0
_STEPS = 601


def profile(distance_mm: npt.ArrayLike) -> Float64:
    """Share of the light that leaves the skin a distance from where it fell, per mm^2, (..., 3)."""
    square = np.square(np.asarray(distance_mm, np.float64))[..., None]
    total = np.zeros((*square.shape[:-1], 3))
    for variance, weight in zip(VARIANCES_MM2, WEIGHTS, strict=True):
        total += np.exp(-square / (2 * variance)) / (2 * np.pi * variance) * np.array(weight)
    return total


@lru_cache(maxsize=1)
def scattered_light(n_cosines: int = 64, n_curvatures: int = 16) -> Float32:
    """Diffuse light by curvature and by cosine between normal and light, float32 (n_curvatures, n_cosines, 3), 0..1.

    Rows run from a plane to `MOST_CURVATURE`, columns from cosine -1 to 1, both as centres of texels.
    """
    cosines = (np.arange(n_cosines) + 0.5) / n_cosines * 2 - 1
    angles = np.arccos(cosines)
    t = np.linspace(-1, 1, _STEPS)
    table = np.empty((n_curvatures, n_cosines, 3), np.float32)
    for row in range(n_curvatures):
        curvature = max((row + 0.5) / n_curvatures * MOST_CURVATURE, 1e-4)
        # Steps are finer at the middle, where nearly all of blue light stays.
        away = np.sign(t) * np.abs(t) ** 3 * min(np.pi, _REACH_MM * curvature)
        weight = profile(2 / curvature * np.sin(away / 2)) * np.gradient(away)[:, None]
        lit = np.maximum(np.cos(angles[:, None] + away), 0.0)
        table[row] = lit @ weight / weight.sum(axis=0)
    return read_only(table)

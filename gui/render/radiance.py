"""What surfaces mirror of their surroundings: a map of radiance and its levels, blurred by ever rougher surfaces.

Maps are equirectangular, (H, 2 H, 3) linear Rec. 709: column 0 lies behind the head, the middle is in front (+Z),
three quarters the subject's left (+X); row 0 is above (+Y).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.harmonics import BASIS, DIFFUSE, harmonics
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

HEIGHT = 128
N_LEVELS = 6
_DERINGING = ((1.0, 1.0), (1.0, 0.75), (1.0, 0.5), (0.9, 0.25), (0.75, 0.2), (0.6, 0.1), (0.5, 0.0))


def level_roughness(level: int) -> float:
    """Roughness that a level is made for; `environment.glsl` has the inverse."""
    return float((level / (N_LEVELS - 1)) ** (5 / 3))


@lru_cache(maxsize=N_LEVELS)
def directions(height: int = HEIGHT) -> Float32:
    """Unit vectors of the texels' centres, float32 (height, 2 height, 3), in head space."""
    polar = (np.arange(height) + 0.5) / height * np.pi
    around = ((np.arange(2 * height) + 0.5) / (2 * height) - 0.5) * 2 * np.pi
    sine = np.sin(polar)[:, None]
    x, z = sine * np.sin(around), sine * np.cos(around)
    y = np.broadcast_to(np.cos(polar)[:, None], x.shape)
    return read_only(np.stack([x, y, z], axis=-1).astype(np.float32))


@lru_cache(maxsize=N_LEVELS)
def solid_angles(height: int) -> Float64:
    """Of the texels, float64 (height, 1); the whole map's sum is 4 pi."""
    edges = np.cos(np.arange(height + 1) / height * np.pi)
    return read_only(((edges[:-1] - edges[1:]) * np.pi / height)[:, None])


def levels_of(radiance: Float32) -> list[Float32]:
    """The levels of a map, float32 (128 >> level, 256 >> level, 3); the first is the map itself.

    Each texel of a level is the mean over a GGX lobe about its direction, seen along it (Karis 2013). The first two
    levels' lobes are narrower than texels.
    """
    levels, raw = [np.asarray(radiance, np.float32)], np.asarray(radiance, np.float32)
    for level in range(1, N_LEVELS):
        if len(raw) > 32 or level < 2:
            raw = raw.reshape(len(raw) // 2, 2, -1, 2, 3).mean(axis=(1, 3))
        levels.append(raw if level < 2 else _blurred(raw, HEIGHT >> level, level_roughness(level)))
    return levels


def _blurred(raw: Float32, height: int, roughness: float) -> Float32:
    to, given = directions(height).reshape(-1, 3), directions(len(raw)).reshape(-1, 3)
    cosine = np.maximum(to @ given.T, 0)
    a2 = np.float32(roughness**4)
    # The half vector lies midway: its cosine squared is (1 + cosine) / 2.
    weight = cosine / np.square((1 + cosine) * np.float32(0.5) * (a2 - 1) + 1)
    weight *= np.repeat(solid_angles(len(raw)).astype(np.float32), 2 * len(raw), axis=1).ravel()
    blurred = weight @ raw.reshape(-1, 3) / weight.sum(axis=1, keepdims=True)
    return np.asarray(blurred.reshape(height, 2 * height, 3), np.float32)


def coefficients_of(radiance: Float32) -> Float64:
    """Radiance coefficients (9, 3) of a map, its bands as weak as needed for irradiance to be nowhere negative."""
    height = len(radiance)
    values = harmonics(directions(height).reshape(-1, 3).astype(np.float64))
    weighted = (radiance * solid_angles(height)[..., None]).reshape(-1, 3)
    result = (values * BASIS).T @ weighted
    for first, second in _DERINGING:
        tamed = result * np.repeat([1.0, first, second], [1, 3, 5])[:, None]
        if (values @ (tamed * (DIFFUSE * BASIS)[:, None])).min() >= 0:
            break
    return np.asarray(tamed, np.float64)


def harmonic_map(coefficients: Float64, bands: Sequence[float], height: int = HEIGHT) -> Float32:
    """The sum over `harmonics` with these (9, 3), its three bands times `bands`, never negative."""
    weights = np.repeat(np.asarray(bands, np.float64), [1, 3, 5])[:, None]
    values = harmonics(directions(height).reshape(-1, 3).astype(np.float64)) @ (coefficients * weights)
    return np.maximum(values, 0).reshape(height, 2 * height, 3).astype(np.float32)

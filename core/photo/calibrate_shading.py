"""Measure what the shading of smooth geometry leaves out, on pictures of which everything is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.controls import controls_of
from rhytid.core.photo.landmark_terms import ViewState
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.shading_terms import N_SHADE_MODES, ShadingError, ShadingTerms
from rhytid.core.photo.sitting import Sitting
from rhytid.core.photo.skin_texels import GRID

Float64 = npt.NDArray[np.float64]
_MOST = 1.0  # logarithm: what is darker or brighter by more lies in a cast shadow or a highlight
_LEAST_SIGMA = 0.03


def shading_rest(
    head: Head, sitting: Sitting, pixels: npt.NDArray[np.uint8], rasteriser: Rasteriser
) -> tuple[Float64, Float64]:
    """What the shading of one picture lacks on the grid (64 * 64,), and whether it is seen there, 0..1."""
    height, width = pixels.shape[:2]
    camera = sitting.camera((width, height))
    # With no modes but those of the skin's colour, which the state leaves at 0.
    nothing = ShadingError(np.zeros(GRID * GRID), np.zeros((0, GRID * GRID)), np.ones(GRID * GRID))
    linear = linear_from_srgb(pixels / 255.0).astype(np.float32)
    terms = ShadingTerms(linear, np.ones((height, width), np.float32), camera, head, nothing)
    identity = sitting.identity.astype(np.float64)
    state = ViewState(camera, controls_of(sitting.expression), np.zeros(0), shade_modes=np.zeros(terms.n_modes))
    terms.look(identity, state, head.shape(sitting.identity, sitting.expression), rasteriser)
    state = replace(state, light=terms.first_light(identity, state))
    _, residual, weight = terms.linearised(identity, state)
    rest, seen = np.zeros(GRID * GRID), np.zeros(GRID * GRID)
    rest[terms.texels.texel] = -residual
    seen[terms.texels.texel] = (weight > 0) * terms.visible
    return rest, seen


def measured_shading(rests: Iterable[tuple[Float64, Float64]]) -> ShadingError:
    """Mean, modes and spread of `shading_rest` of many pictures, each of which counts as its mirror image as well."""
    rows, weights = [], []
    for rest, seen in rests:
        for turned in (slice(None), slice(None, None, -1)):
            rows.append(np.clip(rest, -_MOST, _MOST).reshape(GRID, GRID)[:, turned].ravel())
            weights.append(seen.reshape(GRID, GRID)[:, turned].ravel())
    values, seen = np.stack(rows), np.stack(weights)
    total = np.maximum(seen.sum(axis=0), 1e-6)
    mean = (values * seen).sum(axis=0) / total
    # What is not seen says nothing: it stays at the mean.
    off = (values - mean) * seen
    left, strength, right = np.linalg.svd(off, full_matrices=False)
    k = min(N_SHADE_MODES, len(off))
    modes = np.zeros((N_SHADE_MODES, off.shape[1]))
    modes[:k] = strength[:k, None] / np.sqrt(len(off)) * right[:k]
    remaining = (off - (left[:, :k] * strength[:k]) @ right[:k]) * seen
    sigma = np.sqrt((remaining**2).sum(axis=0) / total)
    return ShadingError(mean, modes, np.maximum(sigma, _LEAST_SIGMA))

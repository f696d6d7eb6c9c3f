"""Stubble of a shaved beard, and vellus: the short pale down of cheeks, lip and jaw."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.hair.lying import MIRROR_X, Lying, Skin
from rhytid.core.hair.strands import Strands

Float64 = npt.NDArray[np.float64]

# Right half of the skin where a beard grows, in the chart, and what of it lips leave free; the other side mirrors.
_BEARD = ((0.12, 0.585), (0.16, 0.65), (0.26, 0.70), (0.34, 0.66), (0.41, 0.615), (0.4995, 0.600), (0.4995, 0.985),
          (0.16, 0.97), (0.075, 0.75))  # fmt: skip
_LIPS = ((0.345, 0.700), (0.385, 0.675), (0.43, 0.648), (0.4995, 0.645), (0.4995, 0.742), (0.43, 0.738), (0.38, 0.722))
_DOWN = ((0.07, 0.42), (0.20, 0.40), (0.36, 0.50), (0.41, 0.58), (0.4995, 0.60), (0.4995, 0.98), (0.16, 0.96))
_N_STUBBLE, _N_VELLUS = 2600, 1500  # of half a face at density 1


def stubble(skin: Skin, seed: int) -> Strands:
    """A beard of a day or two for densities up to 2."""
    sides = []
    for side in (0, 1):
        rng = np.random.default_rng((seed, 33, side))
        chart = _scattered(rng, _BEARD, 2 * _N_STUBBLE)
        n = len(chart)
        direction = np.stack([rng.normal(-0.15, 0.3, n), rng.normal(-1.0, 0.25, n)], axis=1)
        length = rng.uniform(0.5, 1.15, n)
        hairs = Lying(chart, direction, direction, length, 0.55 * length, rng.uniform(0.08, 0.12, n), blunt=True)
        sides.append(skin.lay(hairs.mirrored() if side == 0 else hairs, rng))
    return Strands.joined(sides)


def vellus(skin: Skin, seed: int) -> Strands:
    """Down for densities up to 2; it runs outwards and down the face."""
    sides = []
    for side in (0, 1):
        rng = np.random.default_rng((seed, 34, side))
        chart = _scattered(rng, _DOWN, 2 * _N_VELLUS)
        n = len(chart)
        outward = -np.clip((0.5 - chart[:, 0]) / 0.3, 0, 1)
        leaving = np.stack([outward + rng.normal(0, 0.35, n), -1 + rng.normal(0, 0.35, n)], axis=1)
        ending = leaving + rng.normal(0, 0.4, (n, 2))
        length = rng.uniform(0.9, 2.4, n)
        hairs = Lying(chart, leaving, ending, length, 0.35 * length, rng.uniform(0.018, 0.03, n))
        sides.append(skin.lay(hairs.mirrored() if side == 0 else hairs, rng))
    return Strands.joined(sides)


def _scattered(rng: np.random.Generator, outline: tuple[tuple[float, float], ...], n: int) -> Float64:
    """Random places inside an outline and off the lips, thinner towards the outline's edge; at most n, (m, 2)."""
    corners = np.array(outline)
    low, high = corners.min(axis=0), corners.max(axis=0)
    places = rng.uniform(low, high, (4 * n, 2))
    soft = places + rng.normal(0, 0.012, places.shape)  # an edge of hairs, not a line
    soft[:, 0] = np.minimum(soft[:, 0], MIRROR_X - soft[:, 0])
    inside = _inside(soft, corners) & ~_inside(places, np.array(_LIPS))
    return places[inside][:n]


def _inside(points: Float64, corners: Float64) -> npt.NDArray[np.bool_]:
    """Even-odd rule."""
    x, y = points[:, :1], points[:, 1:]
    a, b = corners, np.roll(corners, -1, axis=0)
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    left = x < a[:, 0] + (y - a[:, 1]) / rise * (b[:, 0] - a[:, 0])
    return np.asarray((spans & left).sum(axis=1) % 2 == 1)

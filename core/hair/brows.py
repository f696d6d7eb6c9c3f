"""Brows: upright at the nose; in the body upper and lower rows lean together along the brow; the tail points down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.hair.lying import Lying, Skin
from rhytid.core.hair.strands import Strands

Float64 = npt.NDArray[np.float64]

# Middle of the right brow in the chart from the nose outwards, and its half height there.
_SPINE = np.array([
    (0.455, 0.219), (0.432, 0.209), (0.395, 0.2005), (0.350, 0.1955), (0.305, 0.2005), (0.268, 0.2135), (0.240, 0.229),
])  # fmt: skip
_HALF = np.array([0.0125, 0.0150, 0.0150, 0.0130, 0.0102, 0.0072, 0.0046])
_N_HAIRS = 500  # of one brow at density 1
# Along the brow: from where it begins to where it is dense, and how fast it thins out to the tail.
_BEGINS, _DENSE, _THINNING = -0.045, 0.20, 0.6
_CLUMP_CELL = 0.011


def brows(skin: Skin, seed: int) -> Strands:
    """Both brows for densities up to 2."""
    sides = []
    for side in (0, 1):
        rng = np.random.default_rng((seed, 32, side))
        hairs = _right_brow(rng)
        sides.append(skin.lay(hairs.mirrored() if side == 0 else hairs, rng))
    return Strands.joined(sides)


def _right_brow(rng: np.random.Generator) -> Lying:
    n = 2 * _N_HAIRS
    v = np.clip(rng.normal(0, 0.52, n), -1.15, 1.15)  # -1 lower edge, 1 upper
    t = _along((rng.permutation(n) + rng.random(n)) / n) + rng.normal(0, 0.012, n)
    beginning = np.clip((_DENSE - t) / (_DENSE - _BEGINS), 0, 1)
    t += beginning * (0.025 * v + rng.normal(0, 0.018, n))  # its lower edge begins first, and no hair beside the next
    along = np.linspace(0, 1, len(_SPINE))
    spine = np.stack([_smooth(t, along, _SPINE[:, k]) for k in (0, 1)], axis=1)
    slope = np.stack([_smooth(t + 0.01, along, _SPINE[:, k]) for k in (0, 1)], axis=1) - spine
    slope *= [1, -1]  # y up
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    half = _smooth(t, along, _HALF)
    edge = 1 - 0.25 * beginning**2
    up = np.stack([slope[:, 1], -slope[:, 0]], axis=1)  # the brow runs to the right, -x
    up *= np.sign(up[:, 1:2])
    chart = spine + (v * half * edge)[:, None] * up * [1, -1]
    # Angle from along the brow, positive upwards: upright at the nose, less and less outwards.
    lower, upper = _smooth(t, along, [1.45, 1.05, 0.62, 0.42, 0.30, 0.18, 0.06]), _smooth(
        t, along, [1.25, 0.70, 0.05, -0.22, -0.25, -0.16, -0.05]
    )
    share = np.clip(0.5 + 0.75 * v, 0, 1)
    angle = lower + share * (upper - lower) + rng.normal(0, 0.10, n) + _of_clump(chart, rng, 0.16)
    bend = -0.35 * np.clip(angle, 0, 1) - 0.05
    length = _smooth(t, along, [5.6, 7.4, 8.4, 8.2, 7.6, 6.6, 4.6]) * rng.uniform(0.62, 1.08, n)
    length *= 1 - 0.30 * beginning**1.5
    lift = rng.uniform(0.25, 0.75, n) * (1 + 0.4 * beginning)
    width = rng.uniform(0.055, 0.085, n) * np.where(np.abs(v) > 0.95, 0.75, 1.0) * (1 - 0.35 * beginning)
    return Lying(chart, _turned(slope, up, angle), _turned(slope, up, angle + 2 * bend), length, lift, width)


def _along(evenly: Float64) -> Float64:
    """Places along the brow, 0 at the nose and 1 at the tail, of numbers that are spread evenly over 0..1."""
    at = np.linspace(_BEGINS, 1, 200)
    density = np.clip((at - _BEGINS) / (_DENSE - _BEGINS), 0, 1) ** 1.5 * np.clip(1 - at, 0, 1) ** _THINNING
    upto = np.cumsum(density)
    return np.interp(evenly, upto / upto[-1], at)


def _turned(along: Float64, up: Float64, angle: Float64) -> Float64:
    return np.cos(angle)[:, None] * along + np.sin(angle)[:, None] * up


def _of_clump(chart: Float64, rng: np.random.Generator, spread: float) -> Float64:
    """A deviation that hairs near each other share."""
    cell = np.floor(chart / _CLUMP_CELL).astype(int)
    _, clump = np.unique(cell, axis=0, return_inverse=True)
    clump = clump.ravel()
    return np.asarray(rng.normal(0, spread, int(clump.max()) + 1)[clump], np.float64)


def _smooth(t: Float64, at: Float64, values: npt.ArrayLike) -> Float64:
    """Between values by a curve without kinks: the mean of linear interpolations nearby."""
    values = np.asarray(values, np.float64)
    first, last = values[0] - (values[1] - values[0]), values[-1] + (values[-1] - values[-2])
    step = at[1] - at[0]
    grid = np.concatenate([[at[0] - step], at, [at[-1] + step]])
    filled = np.concatenate([[first], values, [last]])
    return np.asarray(np.mean([np.interp(t + d * step, grid, filled) for d in (-0.4, 0.0, 0.4)], axis=0), np.float64)

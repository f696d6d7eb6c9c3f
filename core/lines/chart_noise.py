"""Smooth noise at points of the chart: what makes a wrinkle irregular, without a picture of noise.

It belongs to places and a seed. The part of a line that is not touched keeps its irregularities whatever is added,
cut off or moved elsewhere on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
UInt64 = npt.NDArray[np.uint64]
_STEP_X, _STEP_Y = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # of splitmix64 (Steele et al. 2014)
_TURN = np.array([[0.8, -0.6], [0.6, 0.8]])  # level and upright lines are like any other to the lattice
_UNIT_VARIANCE = 2.45  # of values that are uniform on the lattice and interpolated between


def chart_noise(seed: int, channels: Sequence[int], points_mm: Float64, wavelengths_mm: Sequence[float]) -> Float64:
    """Noise of mean 0 and about variance 1 whose bumps are one of `wavelengths_mm` apart, of several channels at once.

    Parameters
    ----------
    seed : int
    channels : sequence of K int
        With the seed the identity of each noise.
    points_mm : float64 (N, 2)
        Chart coordinates in mm.
    wavelengths_mm : sequence of K float

    Returns
    -------
    float64 (K, N)
        Twice continuously differentiable along any smooth line.
    """
    number = np.asarray(channels, np.uint64)[:, None]
    key = _mixed(number + np.uint64(seed % 2**48 * 64))
    turned = (points_mm @ _TURN).T
    # No two channels share their lattice.
    scaled = turned[:, None] / np.asarray(wavelengths_mm)[:, None] + 17.31 * number
    corner = np.floor(scaled)
    x, y = _quintic(scaled - corner)
    column, row = corner.astype(np.int64).astype(np.uint64)
    rows = (row * _STEP_Y, (row + np.uint64(1)) * _STEP_Y)
    columns = (column * _STEP_X, (column + np.uint64(1)) * _STEP_X)
    mixed = _mixed(np.stack([a ^ b for b in rows for a in columns]) ^ key)
    corners = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0
    upper, lower = corners[::2] + x * (corners[1::2] - corners[::2])
    return np.asarray((upper + y * (lower - upper)) * _UNIT_VARIANCE)


def _quintic(t: Float64) -> Float64:
    return np.asarray(t * t * t * (t * (t * 6 - 15) + 10))


def _mixed(values: UInt64) -> UInt64:
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))

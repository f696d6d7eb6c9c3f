"""Deterministic noise on the chart, isotropic or drawn out along a direction field.

Noise belongs to a lattice of fixed size (a level) and thereby to places on the face, never to the texels of
an output, so every resolution shows the same skin.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.random_stream import RandomStream

Float32 = npt.NDArray[np.float32]
STRIP = 64  # rows that share one random stream, so that strips of a large lattice can be made alone


def white(seed: int, channel: int, side: int, row_from: int = 0, row_to: int | None = None) -> Float32:
    """White noise, uniform with mean 0 and variance 1.

    Parameters
    ----------
    seed, channel : int
        Identity of the noise.
    side : int
        Size of the lattice, part of the identity.
    row_from, row_to : int
        Rows wanted, all by default; rows outside the lattice continue the pattern.

    Returns
    -------
    float32 (row_to - row_from, side)
    """
    row_to = side if row_to is None else row_to
    first = row_from // STRIP
    strips = [_strip(seed, channel, side, strip) for strip in range(first, (row_to - 1) // STRIP + 1)]
    rows = strips[0] if len(strips) == 1 else np.concatenate(strips)
    return rows[row_from - first * STRIP : row_to - first * STRIP]


def _strip(seed: int, channel: int, side: int, number: int) -> Float32:
    count = STRIP * side
    raw = RandomStream(seed, channel, side, number + 1_000_000).words((count + 1) // 2)
    halves = np.stack([raw & np.uint64(0xFFFFFFFF), raw >> np.uint64(32)], axis=-1).reshape(-1)[:count]
    scale = 12**0.5 / 2**32
    values: Float32 = halves.astype(np.float32) * np.float32(scale) - np.float32(12**0.5 / 2)
    return values.reshape(STRIP, side)


def normalised(values: Float32) -> Float32:
    """Shift and scale to mean 0 and variance 1."""
    return (values - np.float32(values.mean())) * np.float32(1 / max(float(values.std()), 1e-9))


def band_noise(seed: int, channel: int, side: int, fine: float, coarse: float) -> Float32:
    """Isotropic noise between two Gaussian scales (standard deviations in texels), variance 1."""
    noise = white(seed, channel, side)
    return normalised(low_pass(noise, fine) - low_pass(noise, coarse))


def drawn_out(noise: Float32, step_x: Float32, step_y: Float32, doublings: int) -> Float32:
    """Smear noise along a direction field over ``2 ** doublings`` texels.

    The average of two copies one step apart, then of two copies of that two steps apart, and so on: a line
    integral convolution (Cabral and Leedom 1993) with a box kernel in logarithmically many passes. The result
    lies half a length behind the input, which noise does not mind.

    Parameters
    ----------
    noise, step_x, step_y : float32 (H, W)
        The noise and the unit direction at each texel.
    doublings : int
    """
    rows, columns = noise.shape
    x = np.arange(columns, dtype=np.float32)[None, :]
    y = np.arange(rows, dtype=np.float32)[:, None]
    for k in range(doublings):
        length = np.float32(2**k)
        shifted = cv2.remap(
            noise, x + step_x * length, y + step_y * length, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        noise = (noise + shifted) * np.float32(0.5)
    return noise

"""Skin texture of a generated face: noise of its seed as strong as the log energies of its code ask for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.semm import normal_numbers
from rhytid.core.maps.bands import ENERGY_FLOOR, cell_means, enlarged, octave_bands
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_OFFSET = 0x7E27  # keeps the noise of a seed apart from the code of the same seed


@lru_cache(maxsize=4)
def band_noise(seed: int) -> tuple[Float32, ...]:
    """Noise in each of the four octave bands, RMS 1, each float32 (256, 256)."""
    white = normal_numbers(seed ^ _OFFSET, SIDE * SIDE).reshape(SIDE, SIDE)
    return tuple((band / band.std()).astype(np.float32) for band in octave_bands(white))


@lru_cache(maxsize=1)
def _unleaked() -> Float64:
    """Energies of unit noise in each band from what each band then shows: the bands overlap, (4, 4)."""
    shown = [[float((band**2).mean()) for band in octave_bands(noise)] for noise in band_noise(0)]
    return np.linalg.inv(np.array(shown).T)


def texture(seed: int, log_energy: Float32, shown: Float32) -> Float32:
    """Noise that brings a map to the energies that are asked for, where it has less.

    Parameters
    ----------
    seed : int
    log_energy : float32 (4, 16, 16)
        What is asked for, as `Decoded.log_energy`.
    shown : float32 (256, 256)
        What is there without the noise, in 0.1 mm.

    Returns
    -------
    float32 (256, 256)
        0.1 mm.
    """
    wanted = np.exp(log_energy) - np.float32(ENERGY_FLOOR)
    there = np.stack([cell_means(band * band) for band in octave_bands(shown)])
    missing = np.maximum(wanted - there, 0)
    energies = np.einsum("jk,kyx->jyx", _unleaked(), missing)
    total = np.zeros((SIDE, SIDE), np.float32)
    for noise, energy in zip(band_noise(seed), energies, strict=True):
        total += noise * enlarged(np.sqrt(np.maximum(energy, 0)).astype(np.float32))
    return total

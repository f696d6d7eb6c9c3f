"""How much relief a map has, by octave and by region of the face."""

from __future__ import annotations

import numpy as np

from rhytid.core.maps.bands import REGIONS, band, octave_bands, region_mask


def band_rms(displacement: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """RMS of the octave bands 1-2, 2-4, 4-8 and 8-16 px of a map of 256 texels, where the mask is true."""
    inside = np.ones(displacement.shape, bool) if mask is None else mask
    return np.sqrt([float((values[inside] ** 2).mean()) for values in octave_bands(displacement)])


def region_energy(displacement: np.ndarray) -> dict[str, float]:
    """RMS of the wrinkle band (2-8 px of 256) in each region of the face."""
    side = len(displacement)
    wrinkles = band(displacement, side / 256, side / 64)
    return {name: float(np.sqrt((wrinkles[region_mask(name, side)] ** 2).mean())) for name in REGIONS}

"""Octave bands of displacement maps and the wrinkle energy of facial regions.

The bands are differences of Gaussians, octave by octave in texels of the 256 chart, as the project's
scores against scans define them. Networks know of skin's texture what it has of each band in cells of the chart.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
BoolMap = npt.NDArray[np.bool_]

BAND_EDGES_PX = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Standard deviations of the Gaussians between which the four octave bands lie."""

BAND_SIGMAS_PX = BAND_EDGES_PX[1:]
"""The coarser one of each band, by which it is named."""

N_BANDS = len(BAND_SIGMAS_PX)

BAND_CELLS = 16
"""Cells per side of the chart in which energies of bands are told."""

ENERGY_FLOOR = 1e-4
"""Of an energy in its logarithm, (0.1 mm)^2."""

# Ellipses (x, y, radius x, radius y) as fractions of the chart's side.
REGIONS: dict[str, tuple[float, float, float, float]] = {
    "forehead": (0.500, 0.086, 0.195, 0.070), "glabella": (0.500, 0.203, 0.055, 0.055),
    "nose": (0.500, 0.359, 0.070, 0.063),
    "crows_feet_right": (0.227, 0.328, 0.055, 0.078), "crows_feet_left": (0.770, 0.328, 0.055, 0.078),
    "infraorbital_right": (0.352, 0.391, 0.094, 0.039), "infraorbital_left": (0.648, 0.391, 0.094, 0.039),
    "nasolabial_right": (0.375, 0.594, 0.055, 0.094), "nasolabial_left": (0.625, 0.594, 0.055, 0.094),
    "cheek_right": (0.242, 0.586, 0.086, 0.133), "cheek_left": (0.758, 0.586, 0.086, 0.133),
    "upper_lip": (0.500, 0.625, 0.094, 0.031), "chin": (0.500, 0.867, 0.102, 0.070),
}  # fmt: skip


def low_pass(values: Float32, sigma: float) -> Float32:
    """Gaussian low-pass with standard deviation `sigma` in texels; `values` itself for sigma 0."""
    if sigma <= 0:
        return values
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REFLECT), np.float32)


def band(values: Float32, sigma_fine: float, sigma_coarse: float) -> Float32:
    """Difference of Gaussians: what lies between two scales given as standard deviations in texels."""
    return low_pass(values, sigma_fine) - low_pass(values, sigma_coarse)


def octave_bands(values: Float32) -> list[Float32]:
    """The four octave bands of a 256 px map, fine to coarse."""
    blurred = [low_pass(values, sigma) for sigma in BAND_EDGES_PX]
    return [fine - coarse for fine, coarse in pairwise(blurred)]


def cell_means(values: Float32, cells: int = BAND_CELLS) -> Float32:
    """Means of a 256 px map over `cells` by `cells` cells, float32 (cells, cells)."""
    side = SIDE // cells
    return np.asarray(values.reshape(cells, side, cells, side).mean(axis=(1, 3)), np.float32)


def log_energies(values: Float32, cells: int = BAND_CELLS) -> Float32:
    """Logarithms of the mean squares of the bands of a map in 0.1 mm, float32 (4, cells, cells)."""
    energies = np.stack([cell_means(band * band, cells) for band in octave_bands(values)])
    return np.asarray(np.log(energies + np.float32(ENERGY_FLOOR)), np.float32)


def enlarged(cells: Float32, side: int = SIDE) -> Float32:
    """Values of cells as a map of `side` texels: bilinear between the cells' centres, edges repeated."""
    return np.asarray(cv2.resize(cells, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def soft_threshold(values: npt.NDArray[np.floating], still: float) -> Float32:
    """Values with what is within +-`still` taken away: exactly 0 there, without a step at its border."""
    return np.asarray(np.sign(values) * np.maximum(np.abs(values) - np.float32(still), 0), np.float32)


def region_mask(name: str, resolution: int) -> BoolMap:
    """The ellipse of `REGIONS[name]` as bool (resolution, resolution)."""
    x, y, radius_x, radius_y = REGIONS[name]
    axis = (np.arange(resolution) + 0.5) / resolution
    inside: BoolMap = ((axis[None, :] - x) / radius_x) ** 2 + ((axis[:, None] - y) / radius_y) ** 2 <= 1
    return inside

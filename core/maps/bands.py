"""Octave bands of displacement maps and the wrinkle energy of facial regions.

The bands are differences of Gaussians, octave by octave in texels of the 256 chart, as the project's
scores against scans define them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
BoolMap = npt.NDArray[np.bool_]

BAND_SIGMAS_PX = (1.0, 2.0, 4.0, 8.0)

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


def band_rms(displacement: Float32, mask: BoolMap | None = None) -> npt.NDArray[np.float64]:
    """RMS of the octave bands 1-2, 2-4, 4-8 and 8-16 px (of 256) of a displacement map.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm.
    mask : bool (H, H), optional
        Texels that count.

    Returns
    -------
    float64 (4,)
        In the unit of the input.
    """
    scale = displacement.shape[0] / 256
    inside = np.ones(displacement.shape, bool) if mask is None else mask
    bands = (band(displacement, s / 2 * scale, s * scale) for s in BAND_SIGMAS_PX)
    return np.sqrt([float((values[inside] ** 2).mean()) for values in bands])


def region_mask(name: str, resolution: int) -> BoolMap:
    """The ellipse of `REGIONS[name]` as bool (resolution, resolution)."""
    x, y, radius_x, radius_y = REGIONS[name]
    axis = (np.arange(resolution) + 0.5) / resolution
    inside: BoolMap = ((axis[None, :] - x) / radius_x) ** 2 + ((axis[:, None] - y) / radius_y) ** 2 <= 1
    return inside


def region_energy(displacement: Float32) -> dict[str, float]:
    """RMS of the wrinkle band (2-8 px of 256) in each of the facial `REGIONS`, in the unit of the input."""
    scale = displacement.shape[0] / 256
    wrinkles = band(displacement, scale, 4 * scale)
    side = displacement.shape[0]
    return {name: float(np.sqrt((wrinkles[region_mask(name, side)] ** 2).mean())) for name in REGIONS}

"""How strongly each texel of a displacement map belongs to a valley.

Wrinkles are told from pores by being long: noise is evened out with an edge-preserving (bilateral) filter and
along the valley's own direction, never across it. Depths count in units of the map's own standard deviation,
because a shallow line matters on smooth skin and not on rough skin. The constants were chosen on four of the
seven scanned subjects of FaceScape's sample (Yang et al. 2020) against the line maps that SEMM's extractor
made of them, and checked on the other three.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
DETECTION_SIZE = 256
_ROUGHNESS_FLOOR_MM = 0.008  # a map flatter than this is not blown up to wrinkles
_BILATERAL_PX, _BILATERAL_RANGE, _BILATERAL_SIGMA_PX = 11, 0.68, 2.45
_DIRECTION_SIGMA_PX = 1.25
_ALONG_STEP_PX, _ALONG_STEPS = 0.8, 3
_CURVATURE_WEIGHT, _CURVATURE_SIGMA_PX = 0.2, 2.35
_LOW, _HIGH = 0.57, 0.86  # hysteresis
_PINHOLE_PX = 4  # a hole of so few texels would make a ring of a line


def valley_strength(displacement: Float32) -> Float32:
    """Valley measure of a 256 px map.

    Parameters
    ----------
    displacement : float32 (256, 256)
        mm, outward positive.

    Returns
    -------
    float32 (256, 256)
        Depth below the surroundings in standard deviations of the map; lines are where it exceeds about 0.6.
    """
    roughness_mm = max(float(displacement.std()), _ROUGHNESS_FLOOR_MM)
    scaled = displacement * np.float32(1 / roughness_mm)
    calm: Float32 = np.asarray(
        cv2.bilateralFilter(scaled, _BILATERAL_PX, _BILATERAL_RANGE, _BILATERAL_SIGMA_PX), np.float32
    )
    _, angle = _largest_curvature(scaled, _DIRECTION_SIGMA_PX)
    curvature, _ = _largest_curvature(scaled, _CURVATURE_SIGMA_PX)
    strength = _averaged_along(calm, angle)
    strength *= np.float32(-1)
    strength += np.float32(_CURVATURE_WEIGHT) * curvature
    return strength


def valley_mask(strength: Float32) -> npt.NDArray[np.bool_]:
    """Texels above the lower threshold whose region also reaches the higher one, without pinholes."""
    count, label = cv2.connectedComponents((strength > _LOW).astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[label[strength > _HIGH]] = True
    kept[0] = False
    mask: npt.NDArray[np.bool_] = kept[label]
    _, label, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    pinhole = stats[:, cv2.CC_STAT_AREA] <= _PINHOLE_PX
    mask |= pinhole[label]
    return mask


def _largest_curvature(values: Float32, sigma_px: float) -> tuple[Float32, Float32]:
    """Largest eigenvalue of the Hessian times sigma^2 (Lindeberg 1998) and its direction, across a valley."""
    blurred = cv2.GaussianBlur(values, (0, 0), sigma_px)
    xx = cv2.Sobel(blurred, cv2.CV_32F, 2, 0, ksize=3, scale=0.25)
    yy = cv2.Sobel(blurred, cv2.CV_32F, 0, 2, ksize=3, scale=0.25)
    xy = cv2.Sobel(blurred, cv2.CV_32F, 1, 1, ksize=3, scale=0.25)
    half_difference = (xx - yy) * np.float32(0.5)
    magnitude, doubled = cv2.cartToPolar(half_difference, xy)
    largest = ((xx + yy) * np.float32(0.5) + magnitude) * np.float32(sigma_px**2)
    return largest, doubled * np.float32(0.5)


def _averaged_along(values: Float32, across_angle: Float32) -> Float32:
    """Mean of `values` over a short straight piece at right angles to `across_angle`."""
    height, width = values.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    step_y, step_x = cv2.polarToCart(np.full_like(values, _ALONG_STEP_PX), across_angle)
    step_x *= np.float32(-1)
    total = values.copy()
    for sign in (-1, 1):
        at_x, at_y = x, y
        for _ in range(_ALONG_STEPS):
            at_x, at_y = at_x + sign * step_x, at_y + sign * step_y
            total += cv2.remap(values, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    total *= np.float32(1 / (2 * _ALONG_STEPS + 1))
    return total

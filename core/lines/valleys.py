"""How strongly each texel of a displacement map belongs to a valley.

Wrinkles are told from pores by being long: noise is evened out with an edge-preserving (bilateral) filter and
along the valley's own direction, never across it. Depths count in units of the map's own roughness, because a
shallow line matters on smooth skin and not on rough skin, and from the form that `broad_form` takes away: no line
depends on level, tilt or what is broader than a wrinkle. The constants were chosen with the scores of all seven
scanned subjects of FaceScape's sample (Yang et al. 2020) in view, against the line maps that SEMM's extractor made
of them.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines.broad_form import Parted

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
_ROUGHNESS_FLOOR_MM = 0.008  # a map flatter than this is not blown up to wrinkles
_TAIL = 1.67  # of scanned skin: fourth root of its fourth moment over its standard deviation
_OF_NOISE = 0.92  # no scanned skin is less; grain without wrinkles would be
_BILATERAL_PX, _BILATERAL_RANGE, _BILATERAL_SIGMA_PX = 11, 0.68, 2.14
_DIRECTION_SIGMA_PX = 1.12
_ALONG_STEP_PX, _ALONG_STEPS = 0.76, 3
_CURVATURE_WEIGHT, _CURVATURE_SIGMA_PX = 0.19, 2.04
_LOW, _HIGH = 0.5, 0.74  # hysteresis
_BEND = 0.25  # somewhere in a wrinkle; the foot of a broader form bends less
_MOST_OF_FORM = 0.2  # in units of the roughness
_UNEVEN_SKIN = 0.25  # scanned skin has 0.06 to 0.19
_PINHOLE_PX = 4  # a hole of so few texels would make a ring of a line


def valley_strength(parted: Parted, skin: Bool) -> tuple[Float32, Float32]:
    """Valley measure of the relief of a map.

    Parameters
    ----------
    parted : Parted
        float32 (256, 256) each, mm, outward positive.
    skin : bool (256, 256)
        Texels whose relief counts.

    Returns
    -------
    strength : float32 (256, 256)
        Depth below the surroundings in units of the roughness; lines are where it exceeds about 0.5.
    bend : float32 (256, 256)
        Largest curvature in the same unit, scale-normalised.
    """
    roughness_mm = max(_roughness_mm(parted.relief[skin]), _ROUGHNESS_FLOOR_MM)
    scaled = parted.relief * np.float32(1 / roughness_mm)
    calm: Float32 = np.asarray(
        cv2.bilateralFilter(scaled, _BILATERAL_PX, _BILATERAL_RANGE, _BILATERAL_SIGMA_PX), np.float32
    )
    _, angle = _largest_curvature(scaled, _DIRECTION_SIGMA_PX)
    bend, _ = _largest_curvature(scaled, _CURVATURE_SIGMA_PX)
    strength = _averaged_along(calm, angle)
    strength *= np.float32(-1)
    strength += np.float32(_CURVATURE_WEIGHT) * bend
    strength -= _hindered(parted.form * np.float32(1 / roughness_mm), skin)
    return strength, bend


def _roughness_mm(relief: Float32) -> float:
    """Standard deviation of the skin whose wrinkles are as deep: few deep ones count as much as many."""
    values = relief.astype(np.float64)
    return max(float((values**4).mean() ** 0.25) / _TAIL, _OF_NOISE * float(values.std()))


def _hindered(form: Float32, skin: Bool) -> Float32:
    """How much less of a valley there is on a swell of the skin itself, and how much more in its hollow.

    A map that has a form of its own says nothing of that.
    """
    most = _MOST_OF_FORM * min(max(2 - float(form[skin].std()) / _UNEVEN_SKIN, 0), 1)
    return np.clip(form, np.float32(-most), np.float32(most))


def valley_mask(strength: Float32, bend: Float32) -> Bool:
    """Texels above the lower threshold whose region also reaches the higher one and bends, without pinholes."""
    count, label = cv2.connectedComponents(((strength > _LOW) & (bend > 0)).astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[label[(strength > _HIGH) & (bend > _BEND)]] = True
    kept[0] = False
    mask: Bool = kept[label]
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

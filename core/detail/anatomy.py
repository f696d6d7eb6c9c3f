"""Where the parts of the face lie in the chart and how its skin runs there.

Everything is given in chart coordinates (x right, y down, 0..1; x = 0 is the subject's right) and follows
from the chart's 68 landmarks. Maps are 256 x 256: they vary slowly and are enlarged where needed.

Directions follow the relaxed skin tension lines (Borges 1962; Pierard and Lapiere 1987): across the muscles
beneath, so horizontal on the forehead, radial about the lips, fanning out at the outer eye corners, oblique
on the cheeks.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.units import CHART_MM as CHART_MM
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
AXIS_X = 0.499  # the symmetry line

# Lid margins and the line where the lips meet, in the subject's right half; the opening lies between them.
EYE_RIGHT = ((0.283, 0.316), (0.320, 0.304), (0.357, 0.301), (0.392, 0.305), (0.420, 0.320),
             (0.388, 0.342), (0.350, 0.350), (0.315, 0.340))  # fmt: skip
MOUTH_OPENING = ((0.383, 0.696), (0.440, 0.688), (0.499, 0.685), (0.560, 0.688), (0.617, 0.696),
                 (0.560, 0.703), (0.499, 0.706), (0.440, 0.703))  # fmt: skip
LIPS = ((0.358, 0.698), (0.400, 0.668), (0.434, 0.653), (0.475, 0.647), (0.499, 0.652), (0.523, 0.647),
        (0.564, 0.653), (0.600, 0.668), (0.640, 0.698), (0.600, 0.724), (0.555, 0.740), (0.499, 0.744),
        (0.443, 0.740), (0.398, 0.724))  # fmt: skip
BROW_RIGHT = ((0.236, 0.232), (0.282, 0.180), (0.345, 0.160), (0.418, 0.155), (0.440, 0.175), (0.435, 0.205),
              (0.390, 0.205), (0.330, 0.215), (0.270, 0.242))  # fmt: skip
FACE_RIGHT = ((0.270, -0.02), (0.180, 0.120), (0.130, 0.250), (0.125, 0.370), (0.155, 0.500), (0.195, 0.640),
              (0.235, 0.760), (0.295, 0.880), (0.370, 0.960))  # fmt: skip
NOSE_WINGS = ((0.420, 0.525), (0.440, 0.470), (0.499, 0.455), (0.558, 0.470), (0.578, 0.525), (0.560, 0.580),
              (0.499, 0.600), (0.438, 0.580))  # fmt: skip
NOSTRIL_RIGHT = ((0.462, 0.555), (0.486, 0.556), (0.482, 0.572), (0.463, 0.570))

# (x, y, direction of the tension lines in degrees from +x towards +y, reach) in the subject's right half and
# on the symmetry line; the left half is the mirror image.
_TENSION_LINES: tuple[tuple[float, float, float, float], ...] = (
    (0.499, 0.03, 0, 0.12), (0.36, 0.03, -4, 0.12), (0.22, 0.08, -14, 0.10), (0.13, 0.18, -50, 0.08),
    (0.38, 0.11, -3, 0.08), (0.499, 0.11, 0, 0.06), (0.46, 0.19, 68, 0.035), (0.499, 0.20, 90, 0.03),
    (0.499, 0.27, 0, 0.035), (0.499, 0.36, 0, 0.05), (0.499, 0.47, 0, 0.04), (0.44, 0.40, 58, 0.035),
    (0.43, 0.52, 60, 0.035), (0.35, 0.26, -4, 0.04), (0.27, 0.27, -24, 0.04), (0.43, 0.31, 62, 0.025),
    (0.42, 0.37, 32, 0.03), (0.36, 0.39, 12, 0.04), (0.29, 0.38, -14, 0.04), (0.24, 0.31, 0, 0.035),
    (0.22, 0.26, 32, 0.04), (0.20, 0.36, -28, 0.04), (0.17, 0.31, -4, 0.04), (0.10, 0.36, 84, 0.06),
    (0.37, 0.48, -58, 0.05), (0.28, 0.48, -52, 0.06), (0.20, 0.47, -62, 0.06), (0.10, 0.50, 88, 0.08),
    (0.36, 0.60, -60, 0.05), (0.27, 0.60, -66, 0.06), (0.18, 0.62, -80, 0.07), (0.31, 0.72, -82, 0.05),
    (0.23, 0.76, 74, 0.07), (0.34, 0.81, 62, 0.05), (0.27, 0.88, 46, 0.06), (0.42, 0.61, 68, 0.03),
    (0.47, 0.61, 84, 0.025), (0.499, 0.61, 90, 0.02), (0.42, 0.67, 72, 0.025), (0.47, 0.66, 84, 0.025),
    (0.499, 0.66, 90, 0.02), (0.42, 0.73, -74, 0.02), (0.47, 0.735, -84, 0.02), (0.499, 0.735, 90, 0.02),
    (0.43, 0.775, 12, 0.03), (0.499, 0.78, 0, 0.03), (0.42, 0.85, -34, 0.04), (0.499, 0.84, 0, 0.03),
    (0.46, 0.90, 20, 0.04), (0.499, 0.93, 0, 0.05), (0.36, 0.97, 12, 0.08), (0.499, 0.99, 0, 0.08),
)  # fmt: skip


def mirrored(points: npt.ArrayLike) -> Float32:
    """Chart points of the other half of the face, float32 of the same shape (..., 2)."""
    result = np.array(points, np.float32)
    result[..., 0] = 2 * AXIS_X - result[..., 0]
    return result


def polygon_mask(polygon: npt.ArrayLike, feather: float, resolution: int = SIDE) -> Float32:
    """A filled polygon of chart points with a soft edge, float32 (resolution, resolution) in 0..1.

    Parameters
    ----------
    polygon : (N, 2)
    feather : float
        Standard deviation of the edge as a fraction of the chart's side.
    """
    mask = np.zeros((resolution, resolution), np.float32)
    corners = np.round((np.asarray(polygon, np.float32) * resolution - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(mask, [corners], 1.0, cv2.LINE_8, 4)
    if feather > 0:
        return low_pass(mask, feather * resolution)
    return mask


def both(polygon: npt.ArrayLike, feather: float) -> Float32:
    """A polygon of the right half together with its mirror image, as `polygon_mask`."""
    return np.maximum(polygon_mask(polygon, feather), polygon_mask(mirrored(polygon), feather))


def blob(x: float, y: float, radius_x: float, radius_y: float) -> Float32:
    """A Gaussian about a chart point and its mirror image, peak 1, float32 (256, 256)."""
    axis = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    rows = np.exp(-(((axis - y) / radius_y) ** 2))[:, None]
    right, left = (axis - x) / radius_x, (2 * AXIS_X - axis - x) / radius_x
    columns = np.maximum(np.exp(-(right**2)), np.exp(-(left**2)))
    result: Float32 = (rows * columns[None, :]).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def skin() -> Float32:
    """1 on skin, 0 in the openings of eyes, mouth and nostrils and towards the chart's border."""
    openings = np.maximum(both(EYE_RIGHT, 0.006), polygon_mask(MOUTH_OPENING, 0.004))
    openings = np.maximum(openings, both(NOSTRIL_RIGHT, 0.004))
    axis = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    ramp = np.clip(np.minimum(axis, 1 - axis) / 0.035, 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)
    result: Float32 = ((1 - openings) * ramp[:, None] * ramp[None, :]).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def bare_skin() -> Float32:
    """1 where a face shows nothing but skin, float32 (256, 256).

    0 on lids' rims, brows, lips and nose wings, and beyond hairline, ears and jaw.
    """
    lids, mouth = _larger(EYE_RIGHT, 1.15, 1.6), _larger(LIPS, 1.05, 1.15)
    covered = np.maximum(both(lids, 0.006), both(BROW_RIGHT, 0.006))
    covered = np.maximum(covered, np.maximum(polygon_mask(mouth, 0.006), polygon_mask(NOSE_WINGS, 0.006)))
    right = np.asarray(FACE_RIGHT, np.float32)
    face = polygon_mask(np.concatenate([right, mirrored(right)[::-1]]), 0.008)
    result: Float32 = np.clip(skin() * face * (1 - covered), 0, 1).astype(np.float32)
    return result


def _larger(polygon: npt.ArrayLike, factor_x: float, factor_y: float) -> Float32:
    points = np.asarray(polygon, np.float32)
    return points.mean(0) + (points - points.mean(0)) * np.array((factor_x, factor_y), np.float32)


@lru_cache(maxsize=1)
def lips() -> Float32:
    """1 on the red of the lips, 0 elsewhere."""
    return polygon_mask(LIPS, 0.006)


@lru_cache(maxsize=1)
def eyelids() -> Float32:
    """1 on the thin skin about the eyes."""
    ring: Float32 = np.minimum(blob(0.352, 0.325, 0.105, 0.062) * 1.4, 1)
    return ring


@lru_cache(maxsize=1)
def pore_amount() -> Float32:
    """Relative size and depth of pores: large on nose, inner cheeks and glabella, none on lips and lids."""
    amount = 0.36 + 1.0 * blob(0.460, 0.46, 0.070, 0.10) + 0.62 * blob(0.36, 0.49, 0.085, 0.095)  # nose, inner cheek
    amount += 0.30 * blob(0.499, 0.10, 0.20, 0.085) + 0.35 * blob(0.499, 0.22, 0.06, 0.07)  # forehead, glabella
    amount += 0.35 * blob(0.499, 0.86, 0.085, 0.07) + 0.16 * blob(0.25, 0.62, 0.10, 0.14)  # chin, outer cheek
    result: Float32 = (amount * (1 - lips()) * (1 - 0.93 * eyelids()) * skin()).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def furrow_amount() -> Float32:
    """Relative depth of the fine criss-cross furrows."""
    amount = 0.85 + 0.35 * eyelids() + 0.45 * blob(0.22, 0.33, 0.07, 0.09)  # outer eye corner
    amount += 0.35 * blob(0.30, 0.57, 0.10, 0.10)  # cheek
    amount += 0.25 * blob(0.499, 0.08, 0.24, 0.09) - 0.40 * blob(0.499, 0.44, 0.07, 0.10)  # forehead, not the nose
    amount = amount * (1 - lips()) + 0.8 * lips()
    result: Float32 = (amount * skin()).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def age_line_amount() -> Float32:
    """Where ageing skin breaks up into fine lines: lids, outer eye corners, cheeks, upper lip."""
    amount = 0.50 + 0.55 * eyelids() + 0.7 * blob(0.20, 0.36, 0.08, 0.10)  # outer eye corner
    amount += 0.75 * blob(0.27, 0.60, 0.11, 0.15)  # cheek
    amount += 0.45 * blob(0.43, 0.61, 0.07, 0.03) + 0.35 * blob(0.34, 0.80, 0.08, 0.07)  # upper lip, beside the chin
    amount -= 0.35 * blob(0.499, 0.45, 0.07, 0.12)  # the nose hardly has any
    result: Float32 = (np.maximum(amount, 0) * (1 - lips()) * skin()).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def chin_pad() -> Float32:
    """1 over the mentalis muscle, whose pull pebbles the skin."""
    result: Float32 = (np.minimum(1.25 * blob(0.468, 0.845, 0.052, 0.058), 1) * skin()).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def tension_line_angle() -> Float32:
    """Direction of the tension lines in radians from +x towards +y, float32 (256, 256), -pi/2..pi/2."""
    axis = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    cosine = np.zeros((SIDE, SIDE), np.float32)
    sine = np.zeros_like(cosine)
    for x, y, degrees, reach in _TENSION_LINES:
        double = 2 * np.deg2rad(degrees)
        for at, sign in ((x, 1.0), (2 * AXIS_X - x, -1.0)):
            distance = ((axis[None, :] - at) ** 2 + (axis[:, None] - y) ** 2) / reach**2
            weight = 1 / (1 + distance**2)  # heavy tails, so that no texel is left without a direction
            cosine += weight * np.float32(np.cos(double))
            sine += weight * np.float32(sign * np.sin(double))
    return np.asarray(0.5 * np.arctan2(low_pass(sine, 3), low_pass(cosine, 3)), np.float32)

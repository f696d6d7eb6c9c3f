"""All valleys of a 256 px map, strong and faint, as the learned engines read a map's own lines.

The artist's lines (`core.lines.extract`) are what a person would call a wrinkle, counted against the map's own
roughness. Networks rather want every valley, told apart by an absolute measure: the largest eigenvalue of the
Hessian in mm, scale-normalised (Lindeberg 1998), the larger of two scales. Strong lines are those that the
project's scores against scans count as lines.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines.broad_form import without_broad_form
from rhytid.core.lines.extract import strokes_along
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.stroke import Stroke
from rhytid.core.lines.tracing import thinned, trace
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
_SCALES_PX = (1.5, 2.2)
_STRONG_MM, _FAINT_MM = (0.030, 0.045), (0.012, 0.020)  # hysteresis: lower and higher threshold
_STRONG_SHORTEST_PX, _FAINT_SHORTEST_PX = 8, 4
_SPUR_PX = 2
_GAP_PX = 1.5  # a faint line nearer to a strong one is the same valley


def extract_strong_lines(displacement: npt.NDArray[np.floating]) -> tuple[Stroke, ...]:
    """Valleys that count as wrinkle lines by their curvature in mm.

    Parameters
    ----------
    displacement : float (256, 256)
        mm, outward positive.

    Returns
    -------
    tuple of Stroke
        With measured depth and width, longest first.

    Raises
    ------
    ValueError
        Another shape, or not finite.
    """
    values = _checked(displacement)
    curvature = _curvature(values)
    return _lines(_hysteresis(curvature, *_STRONG_MM), curvature, values, _STRONG_SHORTEST_PX)


def extract_faint_lines(displacement: npt.NDArray[np.floating], strong: Sequence[Stroke]) -> tuple[Stroke, ...]:
    """Weaker valleys beside the strong ones, as `extract_strong_lines`."""
    values = _checked(displacement)
    curvature = _curvature(values)
    valley = thinned(_hysteresis(curvature, *_FAINT_MM))
    if strong:
        free = (~draw_line_map(strong, SIDE)).astype(np.uint8)
        valley &= cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5) > _GAP_PX
    return _lines(valley, curvature, values, _FAINT_SHORTEST_PX)


def _checked(displacement: npt.NDArray[np.floating]) -> Float32:
    if displacement.shape != (SIDE, SIDE):
        raise ValueError(f"graded lines are read from a map of 256 x 256 texels, got {displacement.shape}")
    if not np.isfinite(displacement).all():
        raise ValueError("a displacement map must be finite everywhere")
    return np.ascontiguousarray(displacement, np.float32)


def _curvature(values: Float32) -> Float32:
    """Largest eigenvalue of the Hessian times sigma^2 over the scales, in mm.

    A map that is more form than relief loses its form first, for a deep dent bends as much as a faint wrinkle.
    """
    relief = without_broad_form(values, np.ones(values.shape, bool)).relief
    if (values - relief).std() > relief.std():
        values = relief
    strongest = np.full_like(values, -np.inf)
    for sigma in _SCALES_PX:
        rows, columns = np.gradient(cv2.GaussianBlur(values, (0, 0), sigma))
        yy, yx = np.gradient(rows)
        xx = np.gradient(columns, axis=1)
        largest = (xx + yy) / 2 + np.hypot((xx - yy) / 2, yx)
        np.maximum(strongest, largest * np.float32(sigma**2), out=strongest)
    return strongest


def _hysteresis(strength: Float32, low: float, high: float) -> Bool:
    count, label = cv2.connectedComponents((strength > low).astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[label[strength > high]] = True
    kept[0] = False
    mask: Bool = kept[label]
    return mask


def _lines(valley: Bool, strength: Float32, displacement: Float32, shortest_px: int) -> tuple[Stroke, ...]:
    return strokes_along(trace(thinned(valley), _SPUR_PX, shortest_px), strength, displacement)

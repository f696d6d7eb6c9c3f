"""Which of a map's lines a person sees first: long, deep ones that stand out from the skin around them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines import polyline
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import CHART_MM, SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
_AROUND_PX = 9.0  # 7 mm: what one sees a line against
_LEAST_ROUGH_MM = 0.004


def roughness_around(relief: Float32, skin: Bool) -> Float32:
    """How rough the skin around each texel is, float32 (256, 256) in mm: the mean size of the relief.

    Not its square, of which a lone furrow would be most by itself.
    """
    weight = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), _AROUND_PX)
    size = cv2.GaussianBlur(np.where(skin, np.abs(relief), np.float32(0)), (0, 0), _AROUND_PX)
    rough = np.asarray(size) / np.maximum(np.asarray(weight), 1e-3)
    return np.asarray(np.maximum(rough, _LEAST_ROUGH_MM), np.float32)


def contrasts(strokes: Sequence[Stroke], roughness_mm: Float32) -> Float64:
    """Mean depth of each stroke over the roughness of the skin around it, float64 (N,)."""
    return np.array([_contrast(stroke, roughness_mm) for stroke in strokes])


def _contrast(stroke: Stroke, roughness_mm: Float32) -> float:
    column, row = np.clip(np.floor(stroke.points * SIDE).astype(np.int64), 0, SIDE - 1).T
    return float(stroke.depth_mm * stroke.pressure.mean() / roughness_mm[row, column].mean())


def importance(strokes: Sequence[Stroke], contrast: Float64) -> Float64:
    """Length in mm times mean depth in mm times contrast, float64 (N,)."""
    length_mm = np.array([polyline.length(stroke.points) * CHART_MM for stroke in strokes])
    depth_mm = np.array([stroke.depth_mm * float(stroke.pressure.mean()) for stroke in strokes])
    return np.asarray(length_mm * depth_mm * contrast)

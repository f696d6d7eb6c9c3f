"""Making a coarse map follow the edges of a picture: the guided filter of He, Sun and Tang (2013), its fast form."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


def guided(values: Float32, guide: Float32, radius: int, epsilon: float) -> tuple[Float32, Float32]:
    """Slope and offset, float32 (H, W) each, of the linear functions of the guide that are closest to the values.

    Equations 5, 6 and 8 of the paper: `slope * guide + offset` are the values with the edges of the guide, also at a
    higher resolution, once slope and offset are enlarged (He and Sun, "Fast guided filter").
    """
    mean = _mean(guide, radius)
    mean_values = _mean(values, radius)
    variance = _mean(guide * guide, radius) - mean * mean
    covariance = _mean(guide * values, radius) - mean * mean_values
    slope = np.asarray(covariance / (variance + np.float32(epsilon)), np.float32)
    return _mean(slope, radius), _mean(mean_values - slope * mean, radius)


def _mean(values: Float32, radius: int) -> Float32:
    side = 2 * radius + 1
    return np.asarray(cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REPLICATE))

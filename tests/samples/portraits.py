"""The one photo of a person that tests look at: in the public domain, and part of scikit-image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from rhytid.core.photo import models_wheel

needs_models = pytest.mark.skipif(
    models_wheel.models_folder() is None, reason=f"needs the models of faces: {models_wheel.COMMAND}"
)


def astronaut() -> np.ndarray:
    """Eileen Collins, uint8 (512, 512, 3); skips where scikit-image came without its pictures."""
    try:
        return data.astronaut()
    except Exception as error:  # it fetches what it lacks, and fails in many ways where there is no network
        pytest.skip(f"scikit-image has no picture of the astronaut here ({error})")


def placed(pixels: np.ndarray, size: tuple[int, int], matrix: np.ndarray) -> np.ndarray:
    """The picture laid into another of (width, height) by a 2 x 3 matrix of px."""
    moved = np.array(matrix, np.float64)
    moved[:, 2] += moved[:, :2] @ (0.5, 0.5) - 0.5
    return cv2.warpAffine(pixels, moved, size, flags=cv2.INTER_AREA, borderValue=(90, 110, 130))


def through(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where a matrix of `placed` takes points."""
    matrix = np.asarray(matrix, np.float64)
    return points @ matrix[:, :2].T + matrix[:, 2]

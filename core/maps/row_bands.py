"""Soft pictures at a larger size, in bands of rows: whole maps of colours in floating point would take gigabytes."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
BAND_ROWS = 256


def enlarged(image: Float32, resolution: int) -> Float32:
    """A square picture at another size."""
    return np.asarray(cv2.resize(image, (resolution, resolution), interpolation=cv2.INTER_LINEAR), np.float32)


def bands(resolution: int, coarse: int) -> Iterator[tuple[int, int]]:
    """Rows from and to; whole rows of the coarse map, where that is a power of two smaller."""
    scale, rest = divmod(resolution, coarse)
    step = max(scale, BAND_ROWS) if rest == 0 and scale & (scale - 1) == 0 else resolution
    for row in range(0, resolution, step):
        yield row, min(row + step, resolution)


def enlarged_rows(image: Float32, resolution: int, row_from: int, row_to: int) -> Float32:
    """Rows of `enlarged`, bit for bit, for the ranges that `bands` gives."""
    side = image.shape[0]
    if row_to - row_from == resolution:
        return enlarged(image, resolution)
    scale = resolution // side
    low, high = max(row_from // scale - 1, 0), min(row_to // scale + 1, side)
    size = (resolution, (high - low) * scale)
    part = np.asarray(cv2.resize(image[low:high], size, interpolation=cv2.INTER_LINEAR), np.float32)
    return part[row_from - low * scale : row_to - low * scale]

"""Change the resolution of chart maps; at equal resolution the map itself comes back, bit for bit."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


def resample(values: Float32, resolution: int) -> Float32:
    """A chart map at another resolution.

    Area averaging downwards (what a coarser sensor would see), bicubic upwards (no new extrema beyond a
    slight overshoot). Texel centres are aligned, so a map that is resampled does not move on the face.

    Parameters
    ----------
    values : float32 (H, H) or (H, H, C)
    resolution : int
        Side of the result in texels.

    Returns
    -------
    float32 (resolution, resolution) or (resolution, resolution, C)
        `values` itself, not a copy, when it already has that size.
    """
    side = values.shape[0]
    if side == resolution:
        return values
    mode = cv2.INTER_AREA if resolution < side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(values, (resolution, resolution), interpolation=mode), np.float32)


def resample_rows(values: Float32, resolution: int, row_from: int, row_to: int) -> Float32:
    """Rows ``row_from .. row_to`` of a smooth map enlarged to `resolution`, bilinear.

    For maps whose enlargement would not fit into memory at once; each row is the same whichever strip it
    is asked in.

    Returns
    -------
    float32 (row_to - row_from, resolution)
    """
    side = values.shape[0]
    rows = (np.arange(row_from, row_to, dtype=np.float32) + 0.5) * side / resolution - 0.5
    columns = (np.arange(resolution, dtype=np.float32) + 0.5) * side / resolution - 0.5
    top = np.clip(np.floor(rows), 0, side - 2).astype(np.int32)
    share = np.clip(rows - top, 0, 1).astype(np.float32)[:, None]
    lines = values[top] * (1 - share) + values[top + 1] * share
    left = np.clip(np.floor(columns), 0, side - 2).astype(np.int32)
    across = np.clip(columns - left, 0, 1).astype(np.float32)[None, :]
    result: Float32 = lines[:, left] * (1 - across) + lines[:, left + 1] * across
    return result


def enlarged_rows(values: Float32, resolution: int, row_from: int, row_to: int) -> Float32:
    """As `resample_rows` but for the last bit, and several times as fast where a power of two enlarges.

    These are exact, so that a strip's rows do not depend on where it begins.
    """
    times, left_over = divmod(resolution, values.shape[0])
    if left_over or times & (times - 1) or times == 0:
        return resample_rows(values, resolution, row_from, row_to)
    first, last = max(row_from // times - 1, 0), min(-(-row_to // times) + 1, values.shape[0])
    enlarged = cv2.resize(values[first:last], (resolution, (last - first) * times), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged[row_from - first * times : row_to - first * times], np.float32)

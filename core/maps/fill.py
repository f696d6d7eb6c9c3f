"""Fill what a map lacks smoothly from what surrounds it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


def fill_smoothly(values: Float32, valid: npt.NDArray[np.bool_]) -> Float32:
    """Values where they are valid, elsewhere averages of the valid ones around, the wider the farther they are.

    The average of ever coarser pictures goes back into the finer ones (push and pull, Gortler et al. 1996), so that
    no ridge or valley runs on into what is filled.

    Parameters
    ----------
    values : float32 (H, W)
        Invalid ones may be anything, NaN included.
    valid : bool (H, W)

    Returns
    -------
    float32 (H, W)
        0 everywhere when nothing is valid.
    """
    known = np.where(valid, values, np.float32(0))
    return np.where(valid, values, _filled(known, valid.astype(np.float32)))


def _filled(weighted: Float32, weight: Float32) -> Float32:
    """Averages where there is weight, those of the coarser picture elsewhere."""
    average = np.divide(weighted, weight, out=np.zeros_like(weighted), where=weight > 0)
    height, width = weight.shape
    if weight.all() or max(height, width) == 1:
        return average
    half = ((width + 1) // 2, (height + 1) // 2)
    fewer, lighter = (cv2.resize(a, half, interpolation=cv2.INTER_AREA) for a in (weighted, weight))
    coarse = _filled(np.asarray(fewer, np.float32), np.asarray(lighter, np.float32))
    fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(weight > 0, average, fine).astype(np.float32)

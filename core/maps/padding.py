"""Edge padding: carry values of valid texels into invalid ones, so that filtering shows no seam."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Scalar = TypeVar("Scalar", bound=np.generic)


def pad_edges(
    values: npt.NDArray[Scalar], valid: npt.NDArray[np.bool_], distance_texels: float | None = None
) -> npt.NDArray[Scalar]:
    """Fill invalid texels with the value of the nearest valid one.

    Parameters
    ----------
    values : (H, W) or (H, W, C)
    valid : bool (H, W)
    distance_texels : float, optional
        How far to carry values; texels farther away keep theirs. Everywhere by default.

    Returns
    -------
    same shape and type as `values`
        A new array; a copy of `values` when no texel or every texel is valid.
    """
    result = values.copy()
    if valid.all() or not valid.any():
        return result
    distance, label = cv2.distanceTransformWithLabels(
        (~valid).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    flat_of_label = np.zeros(int(label.max()) + 1, np.int64)
    flat_of_label[label[valid]] = np.flatnonzero(valid)
    target = ~valid if distance_texels is None else ~valid & (distance <= distance_texels)
    source = flat_of_label[label[target]]
    result[target] = values.reshape(-1, *values.shape[2:])[source]
    return result

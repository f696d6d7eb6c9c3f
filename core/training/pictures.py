"""Pictures of maps, to look at while a network trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
RANGE = 2.5  # 0.1 mm from mid grey to white


def grey(values: npt.NDArray[np.floating], limit: float = RANGE) -> UInt8:
    """Map (H, W) as uint8: 0 is mid grey, valleys are dark, `limit` is white."""
    return np.asarray(np.clip(127.5 + values * (127.5 / limit), 0, 255), np.uint8)


def grid(rows: Sequence[Sequence[UInt8]], gap_px: int = 2) -> UInt8:
    """Pictures of one size in rows, uint8 (H, W) or (H, W, 3), parted by white lines."""
    framed = [
        [np.pad(tile, [(0, gap_px), (0, gap_px)] + [(0, 0)] * (tile.ndim - 2), constant_values=255) for tile in row]
        for row in rows
    ]
    return np.concatenate([np.concatenate(row, 1) for row in framed], 0)


def as_picture(values: npt.NDArray[np.generic]) -> UInt8:
    """What a trainer's `picture` gives as uint8: pictures as they are, float maps in 0.1 mm as grey.

    Raises
    ------
    ValueError
        Neither a map nor a picture.
    """
    if values.ndim == 2 or (values.ndim == 3 and values.shape[2] == 3):
        if values.dtype == np.uint8:
            return np.asarray(values, np.uint8)
        if values.dtype.kind == "f" and values.ndim == 2:
            return grey(np.nan_to_num(values.astype(np.float32)))
    raise ValueError(f"a picture of shape {values.shape} and type {values.dtype} cannot be shown")

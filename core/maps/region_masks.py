"""The regions of the face as masks with soft edges, and how they share pictures of four channels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import REGIONS

UInt8 = npt.NDArray[np.uint8]
_SOFT = 0.25  # of a radius, to both sides of the region's edge
_PER_PICTURE = 4


def soft_region(name: str, side: int) -> UInt8:
    """The region of `core.maps.bands.REGIONS`, uint8 (H, H): 255 within, 128 at its edge, 0 outside."""
    x, y, radius_x, radius_y = REGIONS[name]
    axis = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)
    mask = np.zeros((side, side), np.uint8)
    reach = np.float32(1 + _SOFT)
    rows, columns = (np.flatnonzero(np.abs(axis - at) < r * reach) for at, r in ((y, radius_y), (x, radius_x)))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    distance = np.hypot((axis[columns] - x)[None, :] / radius_x, (axis[rows] - y)[:, None] / radius_y)
    share = np.clip((1 + _SOFT - distance) / (2 * _SOFT), 0, 1)
    mask[window] = np.rint(share * share * (3 - 2 * share) * 255).astype(np.uint8)
    return mask


def packed_names() -> list[tuple[str, ...]]:
    """Names of the regions in red, green, blue and alpha of each picture; the last may have fewer."""
    names = tuple(REGIONS)
    return [names[first : first + _PER_PICTURE] for first in range(0, len(names), _PER_PICTURE)]

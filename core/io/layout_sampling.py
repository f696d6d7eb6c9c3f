"""Values of maps at places of other layouts: between texels, as coarse as what they are for, and beyond islands."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import rasterise
from rhytid.core.head.head import Float32
from rhytid.core.maps.padding import pad_edges

Bool = npt.NDArray[np.bool_]
_SOFT_PX, _SOFT_FROM, _MEAN_FROM = 32, 0.03, 0.3
"""Outside the chart a map is as soft as with so many texels, and then the mean of its border, from these distances."""
_COVERED_SIDE, _LEAST_SHARE, _KEPT_FINER = 2048, 0.05, 1.5


def covered_texels(corners: npt.NDArray[np.floating], side: int) -> Bool:
    """Texels (side, side) whose centre lies on triangles (T, 3, 2); of large maps a little less, for the memory's sake.

    Places are 0..1, rows from the top.
    """
    coarse = min(side, _COVERED_SIDE)
    places = corners.reshape(-1, 2)
    index, _ = rasterise(places, np.arange(len(places), dtype=np.int32).reshape(-1, 3), coarse)
    covered = (index >= 0).astype(np.uint8)
    if side > coarse:
        covered = np.asarray(cv2.resize(covered, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
        covered = np.asarray(cv2.erode(covered, np.ones((2 * (side // coarse) + 1,) * 2, np.uint8)), np.uint8)
    return covered > 0


def as_coarse(values: Float32, texels: float) -> Float32:
    """A map made smaller so that a sample stands for so many texels."""
    if texels < 1.5:
        return values
    side = max(round(len(values) / texels), 1)
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def of_islands(texels: npt.NDArray[Any], covered: Bool, finer: float) -> Float32:
    """A map without what lies beside its islands, smaller where it is so many times as fine as what it is for."""
    values = texels.astype(np.float32)
    if finer >= 2 * _KEPT_FINER:
        # Still finer than what it is for: to be made smaller and then sampled between its texels blurs twice.
        side = max(round(len(values) * _KEPT_FINER / finer), 1)
        values[~covered] = 0
        small = np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)
        share = np.asarray(cv2.resize(covered.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA))
        covered = share > _LEAST_SHARE
        share = np.maximum(share, _LEAST_SHARE).astype(np.float32)
        values = small / share.reshape(side, side, *(1,) * (values.ndim - 2))
    return pad_edges(values, covered)


def beyond(chart_map: Float32, places: Float32, at_border: Float32) -> Float32:
    """A map's values at places outside the chart (N, 2) that meet it `at_border` (N[, C]).

    Texels of the border run on as stripes over neck and scalp, so they are lost at once in what lies around them, and
    that in the mean of the border.
    """
    away = np.linalg.norm(places - np.clip(places, 0, 1), axis=1)
    soft = np.asarray(cv2.resize(chart_map, (_SOFT_PX, _SOFT_PX), interpolation=cv2.INTER_AREA), np.float32)
    edge = np.concatenate([soft[0], soft[-1], soft[1:-1, 0], soft[1:-1, -1]]).mean(axis=0)
    near, far = (_eased(away / reach) for reach in (_SOFT_FROM, _MEAN_FROM))
    if chart_map.ndim == 3:
        near, far = near[:, None], far[:, None]
    around = sampled(soft, places) * (1 - far) + edge * far
    return np.asarray(at_border * (1 - near) + around * near, np.float32)


def _eased(share: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """0..1 with a soft beginning and end."""
    held = np.clip(share, 0, 1)
    return np.asarray(held * held * (3 - 2 * held))


def sampled(values: Float32, places: npt.NDArray[np.floating]) -> Float32:
    """A map at places (N, 2), 0..1, rows from the top; (N[, C])."""
    at = places.astype(np.float32) * np.float32(len(values)) - np.float32(0.5)
    width = 4096
    padded = np.zeros((-(-len(at) // width) * width, 2), np.float32)
    padded[: len(at)] = at
    grid = padded.reshape(-1, width, 2)
    found = np.empty((*grid.shape[:2], *values.shape[2:]), np.float32)
    for row in range(0, len(grid), 4096):  # what OpenCV takes at once
        part = grid[row : row + 4096]
        found[row : row + 4096] = cv2.remap(
            values, part[..., 0], part[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    return found.reshape(-1, *values.shape[2:])[: len(at)]


def triangle_areas(corners: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Twice the areas (T,) of triangles of a plane, (T, 3, 2)."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])

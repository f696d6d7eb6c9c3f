"""The maps of a pack at full size, with its drivers fixed: one expression after the other, nothing of them kept."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.pack.fit import RIDGE
from rhytid.core.pack.regions import N_REGIONS, region_masks

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
MASK_SIDE = 256
"""Masks are so soft that larger ones are enlargements."""


def shares_map(activations: Float64, masks: Float32, side: int) -> Float32:
    """How much of each map shows at each texel, float32 (K, side, side), for activations (K, 13)."""
    small = np.einsum("kr,ryx->kyx", activations.astype(np.float32), masks)
    return np.stack([cv2.resize(one, (side, side), interpolation=cv2.INTER_LINEAR) for one in small])


class MapSolver:
    """The best maps for activations that are known, by normal equations texel by texel.

    Its memory does not grow with the number of expressions.

    Parameters
    ----------
    activations : float64 (E, K, 13)
        Of all expressions that will be added.
    side, n_channels : int
        Of the maps.
    """

    def __init__(self, activations: Float64, side: int, n_channels: int) -> None:
        n_maps = activations.shape[1]
        self._side = side
        self._masks = region_masks(MASK_SIDE)
        self._sums = np.einsum("ekr,elq->klrq", activations, activations)
        self._ridge = RIDGE * float(np.einsum("kkrr->", self._sums)) / (n_maps * N_REGIONS)
        self._right = np.zeros((n_maps, side, side, n_channels), np.float32)

    def add(self, activations: Float64, relief: Float32) -> None:
        """One expression: its activations (K, 13), and what it adds to the neutral face (side, side, C)."""
        for right, share in zip(self._right, shares_map(activations, self._masks, self._side), strict=True):
            right += share[..., None] * relief

    def solved(self, progress: Callable[[float], None] = lambda _: None) -> Float32:
        """The maps, float32 (K, side, side, C)."""
        n_maps = len(self._right)
        square = np.einsum("klrq,ryx,qyx->yxkl", self._sums, self._masks, self._masks, optimize=True)
        inverse = np.linalg.inv(square + self._ridge * np.eye(n_maps)).astype(np.float32)
        maps = np.zeros_like(self._right)
        size = (self._side, self._side)
        for k in range(n_maps):
            for other in range(n_maps):
                factor = cv2.resize(np.ascontiguousarray(inverse[..., k, other]), size, interpolation=cv2.INTER_LINEAR)
                maps[k] += factor[..., None] * self._right[other]
            progress((k + 1) / n_maps)
        return maps

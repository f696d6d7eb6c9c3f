"""Drivers: from ARKit weights to how much of each wrinkle map shows in each region.

    activation = min(max(0, sum of weight_i * shape_i) ** curve, 1)

Plain numbers, which every engine can evaluate: no expressions as text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
CURVES = (0.4, 3.0)
"""Least and largest exponent."""


@dataclass(frozen=True, eq=False)
class Drivers:
    """Drivers of a pack with K wrinkle maps in 13 regions.

    Attributes
    ----------
    weights : float64 (K, 13, 52)
        By map, region and ARKit shape.
    curves : float64 (K, 13)
        Exponents.
    """

    weights: Float64
    curves: Float64

    @property
    def n_maps(self) -> int:
        return len(self.weights)

    def activations(self, expression: npt.ArrayLike) -> Float64:
        """Shares 0..1 of each map in each region, float64 (..., K, 13), for ARKit weights (..., 52)."""
        sums = np.einsum("...i,kri->...kr", np.asarray(expression, np.float64), self.weights)
        return np.minimum(np.maximum(sums, 0.0) ** self.curves, 1.0)

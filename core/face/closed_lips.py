"""Lips that meet at rest whoever it is: the modes move each lip for itself, and would leave some people gaping."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.head import Head

Float32 = npt.NDArray[np.float32]

_UPPER_LIP, _LOWER_LIP = (61, 62, 63), (67, 66, 65)  # landmarks along the lips' inner edges, right to left
_CLOSING = ARKIT_INDEX["mouthClose"]
_LEAST_MM = 4.0  # a shape that closes less is another


def closing(head: Head, identity: Iterable[float], ageing: Iterable[float] = ()) -> float:
    """Weight of mouthClose that brings the lips of a person together as far as those of the mean head, 0 or more.

    The gap is that of the modes, so it is known in closed form; a face from a photo has the lips of its photo and
    is not asked.
    """
    lips = head.landmarks[[_UPPER_LIP, _LOWER_LIP]]
    closes = -_opening(head.expression[[_CLOSING]], lips)[0]
    if closes.min() < _LEAST_MM:
        return 0.0
    parted = np.zeros(len(closes))
    for weights, shapes in ((identity, head.identity), (ageing, head.ageing)):
        own = np.fromiter(weights, np.float64)
        parted += own @ _opening(shapes[: len(own)], lips)
    return float(np.clip((parted / closes).max(), 0.0, 1.0))


def with_closed_lips(expression: Float32, weight: float) -> Float32:
    """Expression weights (52,) and that closing; the given ones for 0."""
    if not weight:
        return expression
    closed = expression.copy()
    closed[_CLOSING] += weight
    return closed


def _opening(shapes: npt.NDArray[np.float16], lips: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """How far shapes (n, V, 3) at weight 1 move the upper lip up from the lower one at each place, mm (n, 3)."""
    upper, lower = shapes[:, lips[0], 1].astype(np.float64), shapes[:, lips[1], 1].astype(np.float64)
    return np.asarray(upper - lower)

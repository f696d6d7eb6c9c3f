"""Lips that meet at rest whoever it is: the modes move each lip for itself, and would leave some gaping or pressed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.head import Head
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

_UPPER_LIP, _LOWER_LIP = (61, 62, 63), (67, 66, 65)  # landmarks along the lips' inner edges, right to left
_CORNERS = (60, 64)
_CLOSING = ARKIT_INDEX["mouthClose"]
_LEAST_MM = 4.0  # a shape that closes less is another
_MEETING_MM = 0.05  # what is no gap and no pressure
_MOST_OPENED = -0.2


def closing(head: Head, identity: Iterable[float], ageing: Iterable[float] = ()) -> tuple[float, ...]:
    """Weights of mouthClose that bring the lips of a person together as far as those of the mean head.

    One for each place along the lips, from the subject's right to the left; below 0 where the modes press the lips
    into each other; () where nothing is to do. The gap is that of the modes, so it is known in closed form; a face
    from a photo has the lips of its photo and is not asked.
    """
    lips = head.landmarks[[_UPPER_LIP, _LOWER_LIP]]
    moves = head.expression[_CLOSING, lips, 1].astype(np.float64)
    if (moves[1] - moves[0]).min() < _LEAST_MM:
        return ()
    parted = np.zeros(lips.shape[1])
    for weights, shapes in ((identity, head.identity), (ageing, head.ageing)):
        own = np.fromiter(weights, np.float64)
        if not own.size:
            continue  # a head of no such shapes may say nothing of its vertices, either
        heights = shapes[: len(own), lips, 1].astype(np.float64)
        parted += own @ (heights[:, 0] - heights[:, 1])
    if np.abs(parted).max() < _MEETING_MM:
        return ()
    upper, lower = moves[..., None] * _shares(head, lips, lips)
    return tuple(np.linalg.solve(lower - upper, parted).clip(_MOST_OPENED, 1.0).tolist())


def with_closed_lips(vertices: Float32, head: Head, weights: tuple[float, ...]) -> Float32:
    """Vertices (V, 3) of a shape with what `closing` asks for; the given ones for ()."""
    return vertices + _offsets(head, weights) if weights else vertices


@lru_cache(maxsize=4)  # the same in every expression
def _offsets(head: Head, weights: tuple[float, ...]) -> Float32:
    lips = head.landmarks[[_UPPER_LIP, _LOWER_LIP]]
    share = _shares(head, lips, np.arange(len(head.neutral))) @ np.array(weights)
    return read_only(share[:, None].astype(np.float32) * head.expression[_CLOSING].astype(np.float32))


def _shares(head: Head, lips: Int32, vertices: npt.NDArray[np.integer]) -> Float64:
    """Share (..., places) that vertices have of each place by where they are along the lips; none at the corners."""
    right, left = head.neutral[head.landmarks[list(_CORNERS)], 0]
    along = np.array([right, *head.neutral[lips, 0].mean(axis=0), left])
    at = head.neutral[vertices, 0]
    return np.stack([np.interp(at, along, one) for one in np.eye(len(along))[1:-1]], axis=-1)

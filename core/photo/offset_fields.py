"""What a person's face may have beyond the identity modes: smooth fields of offsets, as further modes of the head.

The principal fields of a Gaussian process on the face: smooth, mostly even on both sides, and less in depth, which a
picture shows least. They fade out towards scalp, neck and lids, so that lids stay on the eyeballs; lips move together.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.photo.embedding import landmark_places
from rhytid.core.photo.landmarks import LIDS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

N_FIELDS = 40
_SD_MM = 0.5
_UNEVEN, _DEPTH = 0.5, 0.5  # share of what is not the same in a mirror, and of what is along the sight
_LENGTH_MM = 25.0
_N_CENTRES = 90
_LID_MM = (3.0, 15.0)  # from the lids: nothing moves within the first, everything may beyond the second
_LEAST = 1e-3


@lru_cache(maxsize=2)
def with_fields(head: Head) -> Head:
    """The head with the fields behind its identity modes, one standard deviation each."""
    fields = _fields(head).astype(np.float16)
    return replace(head, name=f"{head.name} with fields", identity=np.concatenate([head.identity, fields]))


def offsets_of(weights: Float64, head: Head) -> Float32:
    """Offsets (V, 3) in mm of the fields among weights (I + 40,) of `with_fields(head)`."""
    fields, _ = _flat(head)
    return (weights[head.n_identity :].astype(np.float32) @ fields).reshape(-1, 3)


def weights_of(offsets: Float32, head: Head) -> Float64:
    """Weights (40,) of the fields that come nearest to offsets (V, 3)."""
    fields, inverse = _flat(head)
    weights: Float64 = inverse @ (fields @ offsets.reshape(-1)).astype(np.float64)
    return weights


@lru_cache(maxsize=2)
def _flat(head: Head) -> tuple[Float32, Float64]:
    """The fields as rows (40, 3 V), and the inverse of their products with each other."""
    fields = with_fields(head).identity[head.n_identity :].reshape(N_FIELDS, -1).astype(np.float32)
    exact = fields.astype(np.float64)
    return fields, np.asarray(np.linalg.inv(exact @ exact.T), np.float64)


def _fields(head: Head) -> Float64:
    """Principal fields (40, V, 3) in mm."""
    points = head.neutral[: head.n_skin].astype(np.float64)
    centres = _spread_out(points[head.detail_weight > 0.3])
    share = head.detail_weight * _off_the_lids(head, points)
    across, mirrored = _kernel(points, centres), _kernel(points, centres * [-1, 1, 1])
    among, among_mirrored = _kernel(centres, centres), _kernel(centres, centres * [-1, 1, 1])
    made: list[tuple[float, int, Float64]] = []
    for sign in (1, -1):
        value, vector = np.linalg.eigh(0.5 * (among + sign * among_mirrored))
        chosen = value > _LEAST * value[-1]
        halves = 0.5 * (across + sign * mirrored) @ (vector[:, chosen] / np.sqrt(value[chosen]))
        for axis in range(3):
            even = sign == (-1 if axis == 0 else 1)  # what goes outwards on both sides has two signs
            sd = _SD_MM * (1.0 if even else _UNEVEN) * (_DEPTH if axis == 2 else 1.0)
            made += [(float((field**2).sum()), axis, field) for field in (sd * halves * share[:, None]).T]
    made.sort(key=lambda one: -one[0])
    fields = np.zeros((N_FIELDS, *head.neutral.shape))
    for row, (_, axis, field) in zip(fields, made[:N_FIELDS], strict=True):
        row[: head.n_skin, axis] = field
    return fields


def _kernel(a: Float64, b: Float64) -> Float64:
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.exp(-apart / (2 * _LENGTH_MM**2)), np.float64)


def _spread_out(points: Float64) -> Float64:
    """Points far from each other (farthest-point sampling)."""
    chosen = [int(points[:, 2].argmax())]
    away = np.full(len(points), np.inf)
    for _ in range(_N_CENTRES - 1):
        away = np.minimum(away, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(away.argmax()))
    return points[chosen]


def _off_the_lids(head: Head, points: Float64) -> Float64:
    lids = landmark_places(head).of(head.neutral)[list(LIDS)]
    away = np.sqrt(((points[:, None] - lids[None]) ** 2).sum(axis=2).min(axis=1))
    way = np.clip((away - _LID_MM[0]) / (_LID_MM[1] - _LID_MM[0]), 0, 1)
    return np.asarray(way * way * (3 - 2 * way), np.float64)

"""Jaws behind lips and cheeks whoever it is: the modes move teeth and skin apart, and would let gums come through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.eye_flesh import at_eyes
from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.pieces import pieces

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_JAW, _UPPER_LIP, _LOWER_LIP = ARKIT_INDEX["jawOpen"], 62, 66
_LEAST_OPENING_MM = 4.0
_BEFORE_MM = 1.5  # skin this near to the line straight ahead of a tooth lies before it
_FARTHEST_MM = 30.0
_LOOKS_AHEAD, _SKIN_LOOKS_AHEAD = 0.3, 0.4  # z of normals
# Of the mean head's room before its teeth people may lose this share; expressions use the rest.
_SHARE = 0.3
_MOST_MM = 7.0


@dataclass(frozen=True, eq=False)
class _Jaws:
    """Teeth, gums, palate and tongue, and the skin before them.

    Attributes
    ----------
    vertices : intp (n,)
        What moves back as one, so that the teeth go on to meet.
    room : float64 (P,)
        From teeth and gums straight ahead to the outside of the skin in the mean head, mm.
    identity, ageing : float64 (I, P), (A, P)
        How much of it modes and years take at weight 1, mm.
    """

    vertices: Index
    room: Float64
    identity: Float64
    ageing: Float64


def set_back(head: Head, identity: Iterable[float], ageing: Iterable[float] = ()) -> float:
    """By how many mm the jaws of a person stand farther back than the modes say, 0 or more."""
    weights = [np.fromiter(values, np.float64) for values in (identity, ageing)]
    lips = head.expression[_JAW, head.landmarks[[_UPPER_LIP, _LOWER_LIP]], 1].astype(np.float64)
    if not any(values.any() for values in weights) or lips[0] - lips[1] < _LEAST_OPENING_MM:
        return 0.0
    jaws = _jaws(head)
    if not len(jaws.room):
        return 0.0
    taken = weights[0] @ jaws.identity[: len(weights[0])] + weights[1] @ jaws.ageing[: len(weights[1])]
    return float(np.clip((taken - _SHARE * jaws.room).max(), 0.0, _MOST_MM))


def with_jaws_back(vertices: Float32, head: Head, back_mm: float) -> Float32:
    """Vertices (V, 3) with the jaws that far back; the given ones for 0."""
    if not back_mm:
        return vertices
    moved = vertices.copy()
    moved[_jaws(head).vertices, 2] -= np.float32(back_mm)
    return moved


@lru_cache(maxsize=2)  # as long as a head is looked at
def _jaws(head: Head) -> _Jaws:
    from scipy.spatial import cKDTree  # takes its time to import, and the mean person needs none of this

    triangles = head.triangles[np.isin(head.triangle_parts, (Part.TEETH, Part.MOUTH))]
    piece = pieces(np.concatenate([triangles[:, :2], triangles[:, 1:]]), len(head.neutral))
    inside = np.unique(triangles)
    grown_to_skin = np.unique(piece[inside[inside < head.n_skin]])  # the lining
    stiff = inside[~np.isin(piece[inside], grown_to_skin) & (at_eyes(head)[inside] < 0)]
    normal = vertex_normals(head.neutral, head.triangles).astype(np.float64)
    tongue = np.unique(piece[stiff[head.expression[ARKIT_INDEX["tongueOut"], stiff].any(axis=1)]])
    front = stiff[(normal[stiff, 2] > _LOOKS_AHEAD) & ~np.isin(piece[stiff], tongue)]
    place = head.neutral.astype(np.float64)
    hard, skin = [], []
    beside = cKDTree(place[: head.n_skin, :2]).query_ball_point(place[front, :2], _BEFORE_MM)
    for one, near in zip(front, beside, strict=True):
        if near:
            outermost = near[place[near, 2].argmax()]
            room = place[outermost, 2] - place[one, 2]
            if normal[outermost, 2] > _SKIN_LOOKS_AHEAD and 0 < room < _FARTHEST_MM:
                hard.append(one)
                skin.append(outermost)
    ahead = normal[skin] / normal[skin, 2:]

    def taken(shapes: npt.NDArray[np.float16]) -> Float64:
        nearer = shapes[:, hard].astype(np.float64) - shapes[:, skin].astype(np.float64)
        return np.asarray(np.einsum("npk,pk->np", nearer, ahead))

    return _Jaws(stiff.astype(np.intp), place[skin, 2] - place[hard, 2], taken(head.identity), taken(head.ageing))

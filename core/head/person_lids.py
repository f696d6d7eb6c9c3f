"""Lids of a person: they meet at a blink whoever it is, and go over the eyeball on their way.

The modes move each lid for itself, and a blink that closes the mean head's eyes would leave a slit in others or push
the lids through each other. Shapes are straight ways besides, and half way of one a lid may be within the eyeball.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.eye_flesh import at_eyes
from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import vertex_normals

Float32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.intp]

BLINKS = ("eyeBlinkLeft", "eyeBlinkRight")
PAST_THE_END = np.float32(12 - 8 * 2**0.5)
"""Of all straight ways along a parabola from its beginning the one that goes past its end by this share of the sagitta
is never farther from it than that."""
# Expressions of each eye's own; what moves its lids besides takes them nowhere near the ball.
_OF_LIDS = tuple(
    [number for number, name in enumerate(ARKIT_NAMES) if name.startswith("eye") and name.endswith(side)]
    for side in ("Left", "Right")
)
_OUT_FROM = 0.1  # sum of their weights from which lids are kept out of the ball wholly
_EYES = (Part.EYE_LEFT, Part.EYE_RIGHT)
_OVER_BALL_MM = 0.25  # skin stays so far out of the eyeball, or as far as it is at rest
_OUTSIDE = -0.3  # cosine of the skin's normal to the direction from the eyeball: what looks back at it lines the lid
_REACH_MM = 12.0
_STILL_MM = 0.05
_LEAST_BALL = 48  # vertices; what is coarser is no ball
_RING = np.radians(3.0)
_NEIGHBOURS = 4
_AT_ONCE = 256


class PersonLids:
    """The lids of a head whose shape at rest is known.

    Parameters
    ----------
    head : Head
    rest : float32 (V, 3)
        mm, without expression.
    """

    def __init__(self, head: Head, rest: Float32) -> None:
        self._head, self._rest = head, rest

    def moved(self, vertices: Float32, expression: npt.ArrayLike) -> Float32:
        """The vertices (V, 3) that the head's shapes give the person in an expression (52,), with lids as they are.

        The very same object where no lid moves. Lids grow in proportion to the blink, so that this much is a shape
        like any other.
        """
        weights, result = np.asarray(expression, np.float32), vertices
        for eye, name in enumerate(BLINKS):
            share = min(float(weights[_OF_LIDS[eye]].sum()) / _OUT_FROM, 1.0)
            socket = _socket(self._head, eye) if share else None
            if socket is None:
                continue
            if result is vertices:
                result = vertices.copy()
            blink = weights[ARKIT_INDEX[name]]
            if blink:
                closing, more = self._closing[eye]
                result[closing] += blink * more
            socket.out_of_ball(result, self._room[eye], share)
        return result

    def posed(self, index: int, weight: float) -> Float32:
        """Vertices (V, 3) of the person in one of the 52 expressions, mm."""
        weights = np.zeros(len(self._head.expression), np.float32)
        weights[index] = weight
        offsets = self._head.expression[index].astype(np.float32)
        return self.moved(self._rest + np.float32(weight) * offsets, weights)

    def straight(self, index: int) -> Float32:
        """Offsets (V, 3) in mm of one of the 52 expressions at 1, for programs in which a shape is a straight way."""
        offsets = self._head.expression[index].astype(np.float32)
        halfway, end = (
            self.posed(index, weight) - (self._rest + np.float32(weight) * offsets) for weight in (0.5, 1.0)
        )
        straight: Float32 = offsets + end + PAST_THE_END * (halfway - np.float32(0.5) * end)
        return straight

    @cached_property
    def _closing(self) -> tuple[tuple[Index, Float32], ...]:
        """Vertices that close each eye, and by how much more than the head's they move, mm."""
        return tuple(_closing(self._head, self._rest, eye) for eye in range(len(BLINKS)))

    @cached_property
    def _room(self) -> tuple[Float32, ...]:
        """How far the lids of each eye stay out of its ball, mm."""
        sockets = [_socket(self._head, eye) for eye in range(len(BLINKS))]
        return tuple(
            np.zeros(0, np.float32) if one is None else np.minimum(one.outside(self._rest).distance, _OVER_BALL_MM)
            for one in sockets
        )


def _closing(head: Head, rest: Float32, eye: int) -> tuple[Index, Float32]:
    change, lids = rest[: head.n_skin] - head.neutral[: head.n_skin], _blinking(head, eye)
    if not change[lids].any():
        return np.zeros(0, np.intp), np.zeros((0, 3), np.float32)
    from rhytid.core.head.fit.lids import growth  # scipy takes its time to import, and the mean person needs none

    skin, more = growth(head, BLINKS[eye], change)
    wide = np.zeros((head.n_skin, 3), np.float32)
    wide[skin] = more
    flesh = _flesh(head, eye)
    return np.concatenate([skin, flesh.vertices]), np.concatenate([wide[skin], flesh.of(wide[lids])])


@dataclass(frozen=True, eq=False)
class _Followers:
    """Vertices (n,) that move as the mean of others: which (n, k), and with what weights (n, k)."""

    vertices: Index
    leaders: Index
    weights: Float32

    def of(self, offsets: Float32) -> Float32:
        """Their offsets (n, 3) for those of the vertices that `leaders` counts."""
        result: Float32 = np.einsum("nk,nkc->nc", self.weights, offsets[self.leaders])
        return result


def _followers(head: Head, vertices: Index, leaders: Index) -> _Followers:
    """They follow the nearest; `leaders` of the result count in the given ones."""
    k = min(_NEIGHBOURS, len(leaders))
    nearest, weights = np.zeros((len(vertices), k), np.intp), np.zeros((len(vertices), k), np.float32)
    for first in range(0, len(vertices), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        distance = np.linalg.norm(head.neutral[vertices[some], None] - head.neutral[leaders], axis=2)
        nearest[some] = np.argpartition(distance, k - 1, axis=1)[:, :k]
        weights[some] = 1 / (np.take_along_axis(distance, nearest[some], axis=1) + _STILL_MM) ** 2
    return _Followers(vertices, nearest, weights / weights.sum(axis=1, keepdims=True))


@lru_cache(maxsize=4)
def _flesh(head: Head, eye: int) -> _Followers:
    """Flesh between the lids, which follows the skin that blinks."""
    return _followers(head, _flesh_vertices(head, eye), _blinking(head, eye))


def _flesh_vertices(head: Head, eye: int) -> Index:
    mouth = np.unique(head.triangles[head.triangle_parts == Part.MOUTH]).astype(np.intp)
    flesh: Index = mouth[(mouth >= head.n_skin) & (at_eyes(head)[mouth] == eye)]
    return flesh


def _blinking(head: Head, eye: int) -> Index:
    """Vertices of the skin that a blink moves."""
    return np.flatnonzero(head.expression[ARKIT_INDEX[BLINKS[eye]], : head.n_skin].any(axis=1))


class _Outside(NamedTuple):
    """Where lids (m,) lie about an eyeball.

    Attributes
    ----------
    distance : float32 (m,)
        From the ball's surface, mm.
    directions : float32 (m, 3)
        Unit vectors from its centre, turned as the ball of the neutral head.
    onto : float32 (3, 3)
        Carries those into the shape.
    """

    distance: Float32
    directions: Float32
    onto: Float32


@dataclass(frozen=True, eq=False)
class _Socket:
    """An eyeball and the lids on it.

    Attributes
    ----------
    ball : intp (n,)
        Vertices.
    frame : float32 (4, n)
        From their places to the map (4, 3) that carries the ball of the neutral head there, its centre last.
    angles, radii : float32 (r,)
        Of the neutral ball away from its gaze, rising, and how far it reaches there, mm.
    lids : intp (m,)
        Vertices of the skin that could get into it, but for what lines the lids.
    lining : _Followers
        That and the flesh, which follow `lids`.
    """

    ball: Index
    frame: Float32
    angles: Float32
    radii: Float32
    lids: Index
    lining: _Followers

    def outside(self, vertices: Float32) -> _Outside:
        """How far the lids are outside the ball in a shape (V, 3)."""
        posed = self.frame @ vertices[self.ball]
        away = (vertices[self.lids] - posed[3]) @ np.linalg.inv(posed[:3])
        distance = np.sqrt(np.einsum("ij,ij->i", away, away))
        directions = away / np.maximum(distance, 1e-6)[:, None]
        reach = np.interp(np.arccos(np.clip(directions[:, 2], -1, 1)), self.angles, self.radii)
        return _Outside((distance - reach).astype(np.float32), directions, posed[:3])

    def out_of_ball(self, vertices: Float32, room: Float32, share: float) -> None:
        """Take the lids by a share of their way so far (m,) out of the ball, mm, in place."""
        distance, directions, onto = self.outside(vertices)
        more = np.float32(share) * np.maximum(room - distance, 0)
        if more.any():
            offsets = (more[:, None] * directions) @ onto
            vertices[self.lids] += offsets
            vertices[self.lining.vertices] += self.lining.of(offsets)


@lru_cache(maxsize=4)
def _socket(head: Head, eye: int) -> _Socket | None:
    """That of the left (0) or right (1) eye; None where there is no ball or nothing that closes over it."""
    if not head.expression[ARKIT_INDEX[BLINKS[eye]]].any():
        return None
    ball = np.unique(head.triangles[head.triangle_parts == _EYES[eye]]).astype(np.intp)
    local = head.neutral[ball] - head.eye_centers[eye]
    radius = np.linalg.norm(local, axis=1)
    near = _blinking(head, eye)
    if len(ball) < _LEAST_BALL or not radius.min() > 0 or not len(near):
        return None
    frame = np.linalg.pinv(np.concatenate([local, np.ones((len(ball), 1))], axis=1).astype(np.float64))
    angle = np.arccos(np.clip(local[:, 2] / radius, -1, 1))
    ring = (angle / _RING).astype(np.intp)
    order, none = np.lexsort((radius, ring)), np.zeros(0, np.intp)
    # The outermost of each ring: what is within, an iris behind its cornea, is in nobody's way.
    order = order[np.append(np.diff(ring[order]) > 0, True)]
    nobody = _followers(head, none, near)
    ballwise = _Socket(ball, frame.astype(np.float32), angle[order], radius[order], near, nobody)
    distance, directions, _ = ballwise.outside(head.neutral)
    before = (np.abs(distance) < _REACH_MM) & (directions[:, 2] > 0)
    normals = vertex_normals(head.neutral[: head.n_skin], head.skin_triangles)[near]
    out = np.einsum("ij,ij->i", normals, directions) > _OUTSIDE
    lids = near[before & out]
    if not len(lids):
        return None
    lining = _followers(head, np.concatenate([near[before & ~out], _flesh_vertices(head, eye)]), lids)
    return replace(ballwise, lids=lids, lining=lining)

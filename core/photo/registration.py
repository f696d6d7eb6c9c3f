"""Lips and lids of a fitted head, brought to where a photo has them.

A head of few modes meets its landmarks but for 2 or 3 % of the distance of the eyes. For its shape that is little, but
not where lips part and lids end: a closing mouth would leave a row of teeth behind. So the skin there is moved across
the picture by what is left, ever less with the distance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.head.head import Head
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.embedding import landmark_places
from rhytid.core.photo.fit import Pin
from rhytid.core.photo.landmarks import LEFT_LIDS, LIDS, LIPS, RIGHT_LIDS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

EDGES = (*LIPS, *LIDS)
"""Numbers of the landmarks on the edges of lips and lids."""
_REACH_MM, _REACH_CLOSED_MM = 5.0, 10.0
_NOISE, _NOISE_CLOSED = 0.05, 1.0  # of the moves' variance
_LARGEST_MM = 4.0  # what is further off is another point
_PINNED_MM = 10.0  # as far round a pin, the artist has said where the skin is
_LEAST_GAP_MM = 1.0
_JAW = 0.7  # lets upper and lower lip be apart


class _Opening(NamedTuple):
    """Lips or the lids of an eye: landmarks, the middles of both edges, shapes in which these are apart, and shut."""

    numbers: tuple[int, ...]
    middles: tuple[int, int]
    apart: dict[str, float]
    shut: dict[str, float]


_OPENINGS = (
    _Opening(LIPS, (13, 14), {"jawOpen": _JAW}, {}),
    _Opening(RIGHT_LIDS, (159, 145), {}, {"eyeBlinkRight": 1.0}),
    _Opening(LEFT_LIDS, (386, 374), {}, {"eyeBlinkLeft": 1.0}),
)


class Registration:
    """How far the skin of a fitted head is moved, in a photo, for lips and lids to be where it has them.

    Lips and lids that close meet: the more shut, the more alike are the moves of either edge.

    Parameters
    ----------
    vertices : float32 (V, 3)
        As fitted, head space, mm.
    camera : PhotoCamera
    edges : float (len(EDGES), 2)
        The photo's landmarks of `EDGES` in px.
    head : Head
    pins : sequence of Pin
        Round them the fit is right.
    """

    def __init__(
        self,
        vertices: Float32,
        camera: PhotoCamera,
        edges: npt.NDArray[np.floating],
        head: Head,
        pins: Sequence[Pin] = (),
    ) -> None:
        self._places = landmark_places(head)
        self._n_skin = head.n_skin
        on_head = self._places.of(vertices)
        placed = camera.to_camera(on_head[[*EDGES]])
        off = np.zeros((len(EDGES), 3))
        off[:, :2] = (edges - camera.pixels(placed)) * placed[:, 2:] / camera.focal_px
        known = np.linalg.norm(off, axis=1) < _LARGEST_MM
        for pin in pins:
            held = np.array(pin.barycentric) @ vertices[head.triangles[pin.triangle]]
            known &= np.linalg.norm(on_head[[*EDGES]] - held, axis=1) > _PINNED_MM
        moves = dict(zip(EDGES, off @ camera.rotation, strict=True))
        sure = {number for number, one in zip(EDGES, known, strict=True) if one}
        self._parts = []
        for opening in _OPENINGS:
            own = {number: moves[number] for number in opening.numbers if number in sure}
            apart = self._spread(head, opening.apart, own, _REACH_MM, _NOISE)
            shut = self._spread(head, opening.shut, own, _REACH_CLOSED_MM, _NOISE_CLOSED)
            self._parts.append((self._gap(vertices, opening), apart, shut))

    def of(self, vertices: Float32) -> Float32:
        """The moves for the head in a shape (V, 3), float32 (V, 3) mm."""
        moves = np.zeros_like(vertices)
        for opening, (fitted, apart, shut) in zip(_OPENINGS, self._parts, strict=True):
            share = np.float32(np.clip(self._gap(vertices, opening) / max(fitted, _LEAST_GAP_MM), 0, 1))
            moves[: self._n_skin] += shut + share * (apart - shut)
        return moves

    def _gap(self, vertices: Float32, opening: _Opening) -> float:
        """How far the middles of both edges are apart, mm."""
        upper, lower = self._places.of(vertices)[[*opening.middles]]
        return float(np.linalg.norm(upper - lower))

    def _spread(
        self, head: Head, weights: Mapping[str, float], moves: Mapping[int, Float64], reach: float, noise: float
    ) -> Float32:
        """Moves of landmarks carried to all skin, by how near it is to them in a shape."""
        from scipy.interpolate import RBFInterpolator  # slow to import

        if not moves:
            return np.zeros((head.n_skin, 3), np.float32)
        shape = head.shape((), [weights.get(name, 0.0) for name in ARKIT_NAMES])
        spread = RBFInterpolator(
            self._places.of(shape)[[*moves]], np.array([*moves.values()]),
            kernel="gaussian", epsilon=1 / reach, smoothing=noise, degree=-1,
        )  # fmt: skip
        return np.asarray(spread(shape[: head.n_skin]), np.float32)

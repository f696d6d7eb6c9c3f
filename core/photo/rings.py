"""Landmarks along lids and lips, laid where a head's skin has what a picture shows of them.

Lids and inner lips are edges of openings: where the neutral head, seen from the front, stops to show an eye, and where
its lips meet. Outer lips are a change of colour: they go through those of the 68 landmarks that every head has.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from rhytid.core.head.eye_flesh import parts_in_pictures
from rhytid.core.head.head import Head, Part
from rhytid.core.photo.camera import FACING, PhotoCamera
from rhytid.core.photo.landmarks import INNER_LIPS, LEFT_LIDS, OUTER_LIPS, RIGHT_LIDS
from rhytid.core.photo.rasteriser import Fragments, NumpyRasteriser

Float64 = npt.NDArray[np.float64]
# Landmarks of the mesh on the outer lips that are among the 68 of iBUG.
_IBUG = {61: 48, 39: 49, 37: 50, 0: 51, 267: 52, 269: 53, 291: 54, 405: 55, 314: 56, 17: 57, 84: 58, 181: 59}
_DISTANCE_MM, _PX_PER_MM = 1000.0, 10.0
_WINDOW_PX = (800, 400)
_OUTSIDE_PX = 1


def places_on_ring(head: Head, ring: tuple[int, ...], points: npt.NDArray[np.floating]) -> Float64:
    """Places in the chart (R, 2) of a closed ring of landmarks.

    Parameters
    ----------
    ring : tuple of int
        One of `core.photo.landmarks`: lids from the outer corner along the lower lid, lips from the right corner along
        the lower lip.
    points : (S, 478, 2)
        Landmarks in pictures, which say how far apart those of the ring are.
    """
    closed = np.array([*ring, ring[0]])
    step = np.linalg.norm(np.diff(points[:, closed], axis=1), axis=2)
    way = np.concatenate([[0.0], np.cumsum(np.median(step / step.sum(axis=1, keepdims=True), axis=0))])
    if ring == OUTER_LIPS:
        known = [k for k, number in enumerate(closed.tolist()) if number in _IBUG]
        own = head.chart[head.landmarks[[_IBUG[number] for number in closed[known].tolist()]]]
        places: Float64 = PchipInterpolator(way[known], own)(way[:-1])
        return places
    numbers = {RIGHT_LIDS: range(36, 42), LEFT_LIDS: range(42, 48), INNER_LIPS: range(60, 68)}[ring]
    middle = head.neutral[head.landmarks[list(numbers)]].mean(axis=0).astype(np.float64)
    seen = _front(head, middle)
    upper, lower = _lips_line(head, seen, middle) if ring == INNER_LIPS else _eye_edges(head, seen)
    half = len(ring) // 2
    from_left = ring == LEFT_LIDS
    halves = [
        _spread(lower, way[: half + 1], backwards=from_left),
        _spread(upper, way[half:], backwards=not from_left),
    ]
    return _chart_at(head, seen, np.concatenate([part[:-1] for part in halves]))


def _front(head: Head, middle: Float64) -> Fragments:
    """What is seen of the neutral head from the front in a window about a point."""
    focal_px = _DISTANCE_MM * _PX_PER_MM
    translation = np.array([0.0, 0.0, _DISTANCE_MM]) - FACING @ middle
    centre = np.array(_WINDOW_PX) / 2
    camera = PhotoCamera(FACING, translation, focal_px, centre, _WINDOW_PX)
    return NumpyRasteriser().fragments(camera.to_camera(head.neutral), head.triangles, focal_px, centre, _WINDOW_PX)


def _eye_edges(head: Head, seen: Fragments) -> tuple[Float64, Float64]:
    """Pixels (C, 2) just above and just below an eye, from the left of the picture to the right."""
    part = np.where(seen.triangle >= 0, parts_in_pictures(head)[seen.triangle], Part.SKIN)
    eye = (part == Part.EYE_LEFT) | (part == Part.EYE_RIGHT)
    columns = np.flatnonzero(eye.any(axis=0))
    top = eye.argmax(axis=0)[columns] - _OUTSIDE_PX
    bottom = len(eye) - 1 - eye[::-1].argmax(axis=0)[columns] + _OUTSIDE_PX
    # Both edges begin and end in the corners.
    corners = [0.5 * (top[k] + bottom[k]) for k in (0, -1)]
    ends = [columns[0] - _OUTSIDE_PX, columns[-1] + _OUTSIDE_PX]
    x = np.concatenate([ends[:1], columns, ends[1:]])
    upper, lower = (
        np.stack([x, np.concatenate([corners[:1], rows, corners[1:]])], axis=1).astype(np.float64)
        for rows in (top, bottom)
    )
    return upper, lower


def _lips_line(head: Head, seen: Fragments, middle: Float64) -> tuple[Float64, Float64]:
    """Pixels (C, 2) just above and just below where the lips meet, from the left of the picture to the right."""
    shown = (seen.triangle >= 0) & (head.triangle_parts[seen.triangle] == Part.SKIN)
    corners = np.where(shown[..., None], head.triangles[seen.triangle], 0)
    place = np.einsum("rci,rcik->rck", seen.barycentric, head.chart[np.minimum(corners, head.n_skin - 1)])
    own = head.chart[head.landmarks[60:68]].astype(np.float64)
    # Half way between the landmarks of the upper and the lower lip.
    parting = np.stack([own[0], *(0.5 * (own[1:4] + own[[7, 6, 5]])), own[4]])
    below = shown & (place[..., 1] > PchipInterpolator(parting[:, 0], parting[:, 1])(place[..., 0]))
    ends = (head.neutral[head.landmarks[[60, 64]]] - middle)[:, :2] * [_PX_PER_MM, -_PX_PER_MM]
    ends += np.array(_WINDOW_PX) / 2
    columns = np.arange(int(ends[0, 0]) + 1, int(ends[1, 0]))
    row = below.argmax(axis=0)[columns]
    upper, lower = (
        np.concatenate([ends[:1], np.stack([columns, row + beside], axis=1), ends[1:]]) for beside in (-2, 1)
    )
    return upper, lower


def _spread(edge: Float64, way: Float64, backwards: bool) -> Float64:
    """Points (N, 2) of a line at shares of its length that are those of a way, which rises."""
    line = edge[::-1] if backwards else edge
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = (way - way[0]) / (way[-1] - way[0]) * length[-1]
    return np.stack([np.interp(at, length, line[:, k]) for k in range(2)], axis=1)


def _chart_at(head: Head, seen: Fragments, pixels: Float64) -> Float64:
    """Places in the chart (N, 2) of the skin that is nearest to pixels."""
    row, column = np.nonzero((seen.triangle >= 0) & (head.triangle_parts[seen.triangle] == Part.SKIN))
    wanted = np.round(pixels).astype(int)
    away = [np.hypot(column - x, row - y).argmin() for x, y in wanted]
    at = row[away], column[away]
    places: Float64 = np.einsum("ni,nik->nk", seen.barycentric[at], head.chart[head.triangles[seen.triangle[at]]])
    return places

"""Points of a stroke and their tangents: one more without a change of the curve, one less, a curve bent at one.

A *place* on a stroke is the number of a span plus the share of it that is passed, 0..N - 1: whole numbers are points.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.lines import polyline
from rhytid.core.lines.curve import control_points
from rhytid.core.lines.stroke import Stroke

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
BEFORE, AFTER = slice(0, 2), slice(2, 4)
"""Columns of `Stroke.tangents`: towards the control point before a point, and after it."""
_STEPS = 32  # pieces of a span when its nearest place is looked for
_AT_POINT = 1e-6
_STRAIGHT_COSINE = 0.999  # of two tangents that are one: 2.6 degrees


def nearest_place(stroke: Stroke, to: tuple[float, float]) -> tuple[float, float]:
    """Distance from `to` to the stroke's curve in chart units, and the place of its nearest point."""
    cubics = control_points(stroke)
    distance, at = polyline.nearest_on(_flattened(cubics), np.array(to))
    return distance, min(at / _STEPS, float(len(cubics)))


def at_place(stroke: Stroke, place: float) -> Float64:
    """Chart coordinates of a place, float64 (2,)."""
    span, t = _span(stroke, place)
    return np.asarray(_split(control_points(stroke)[span], t)[0][3])


def lengths(stroke: Stroke) -> Float64:
    """Length of the curve up to each point, float64 (N,), in chart units."""
    return polyline.arc_length(_flattened(control_points(stroke)))[::_STEPS]


def place_at_length(stroke: Stroke, length: float) -> float:
    """The place up to which the curve has a length in chart units; the ends beyond its own."""
    along = polyline.arc_length(_flattened(control_points(stroke)))
    return float(np.interp(length, along, np.arange(len(along)) / _STEPS))


def length_at_place(stroke: Stroke, place: float) -> float:
    """The curve's length up to a place, in chart units."""
    along = polyline.arc_length(_flattened(control_points(stroke)))
    return float(np.interp(place * _STEPS, np.arange(len(along)), along))


def tangents_of(stroke: Stroke) -> Float32:
    """The tangents of each point, a writable float32 (N, 4); those that the smooth curve has are 0."""
    return np.zeros((len(stroke.points), 4), np.float32) if stroke.tangents is None else stroke.tangents.copy()


def control_point(stroke: Stroke, index: int, side: slice) -> Float64 | None:
    """Chart coordinates of the control point on a side of a point; None beyond the ends."""
    cubics = control_points(stroke)
    if side == AFTER:
        return cubics[index, 1] if index < len(cubics) else None
    return cubics[index - 1, 2] if index > 0 else None


def with_point(stroke: Stroke, place: float) -> Stroke:
    """The stroke with a point more; its curve stays as it is. The same object where a point is there already."""
    if abs(place - round(place)) < _AT_POINT:
        return stroke
    span, t = _span(stroke, place)
    first, second = _split(control_points(stroke)[span], t)
    stroke = frozen(frozen(stroke, span), span + 1)
    tangents = np.insert(tangents_of(stroke), span + 1, 0, axis=0)
    middle = first[3]
    tangents[span, AFTER] = first[1] - first[0]
    tangents[span + 1] = [*(first[2] - middle), *(second[1] - middle)]
    tangents[span + 2, BEFORE] = second[2] - second[3]
    pressure = _between(stroke.pressure, span, t)
    breadth = None if stroke.breadth is None else _between(stroke.breadth, span, t)
    points = np.insert(stroke.points, span + 1, np.clip(middle, 0, 1), axis=0)
    return replace(stroke, points=points, pressure=pressure, breadth=breadth, tangents=tangents)


def without_point(stroke: Stroke, index: int) -> Stroke | None:
    """The stroke without one of its points; None when no line would be left."""
    if len(stroke.points) <= 2:
        return None
    rows: dict[str, Any] = {
        name: None if (row := getattr(stroke, name)) is None else np.delete(row, index, axis=0)
        for name in ("points", "pressure", "breadth", "tangents")
    }
    return replace(stroke, **rows)


def frozen(stroke: Stroke, index: int) -> Stroke:
    """The stroke with both tangents of a point written down as they are, so that no other point moves them."""
    tangents, cubics = tangents_of(stroke), control_points(stroke)
    if index > 0:
        tangents[index, BEFORE] = cubics[index - 1, 2] - cubics[index - 1, 3]
    if index < len(cubics):
        tangents[index, AFTER] = cubics[index, 1] - cubics[index, 0]
    return replace(stroke, tangents=tangents)


def with_tangent(stroke: Stroke, index: int, side: slice, to: tuple[float, float], *, alone: bool = False) -> Stroke:
    """The stroke with a control point of one of its points elsewhere.

    Parameters
    ----------
    side : slice
        `BEFORE` or `AFTER`.
    to : (x, y)
        Where the control point goes, chart coordinates.
    alone : bool
        The other side stays, so that the point becomes a corner; otherwise it turns along and keeps its length.
    """
    stroke = frozen(stroke, index)
    tangents = tangents_of(stroke)
    tangents[index, side] = np.clip(np.array(to, np.float64) - stroke.points[index], -1, 1)
    other = BEFORE if side == AFTER else AFTER
    reach = float(np.hypot(*tangents[index, side]))
    if not alone and reach > _AT_POINT and tangents[index, other].any():
        tangents[index, other] = tangents[index, side] * -(float(np.hypot(*tangents[index, other])) / reach)
    return replace(stroke, tangents=tangents)


def is_corner(stroke: Stroke, index: int) -> bool:
    """Whether the line turns at one of its points, so that its tangents do not lie on one straight line."""
    before, after = (control_point(stroke, index, side) for side in (BEFORE, AFTER))
    if before is None or after is None:
        return False
    arriving, leaving = stroke.points[index] - before, after - stroke.points[index]
    reach = float(np.hypot(*arriving) * np.hypot(*leaving))
    return reach > 0 and float(arriving @ leaving) < _STRAIGHT_COSINE * reach


def smoothed_at(stroke: Stroke, index: int) -> Stroke:
    """The stroke with the tangents of a point left to the smooth curve again."""
    tangents = tangents_of(stroke)
    tangents[index] = 0
    return replace(stroke, tangents=tangents)


def _between(row: Float32, span: int, t: float) -> Float32:
    """What runs along a stroke with a value more, `t` of the way along a span."""
    return np.insert(row, span + 1, row[span] + t * (row[span + 1] - row[span]))


def _span(stroke: Stroke, place: float) -> tuple[int, float]:
    span = min(max(int(np.floor(place)), 0), len(stroke.points) - 2)
    return span, min(max(place - span, 0.0), 1.0)


def _split(cubic: Float64, t: float) -> tuple[Float64, Float64]:
    """Both parts of a cubic (4, 2) that is cut at `t` (de Casteljau)."""
    rows = [cubic]
    while len(rows[-1]) > 1:
        rows.append((1 - t) * rows[-1][:-1] + t * rows[-1][1:])
    return np.stack([row[0] for row in rows]), np.stack([row[-1] for row in rows[::-1]])


def _flattened(cubics: Float64) -> Float64:
    """Cubics (N - 1, 4, 2) as a polyline of `_STEPS` pieces each, float64 ((N - 1) * _STEPS + 1, 2)."""
    t = (np.arange(_STEPS) / _STEPS)[:, None]
    weights = np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    points = np.einsum("tk,nkc->ntc", weights, cubics).reshape(-1, 2)
    return np.concatenate([points, cubics[-1:, 3]])

"""What an artist does to a whole line: bend, cut, join, branch, taper, scale it, and shape what runs along it.

Pure functions from strokes to strokes, as those of `core.lines.edit`. A place is that of `core.lines.knots`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.lines import knots, polyline
from rhytid.core.lines.curve import course_of, samples_of, with_samples
from rhytid.core.lines.edit import reverse, simplify
from rhytid.core.lines.response import Response
from rhytid.core.lines.stroke import Profile, Stroke, seed_of

Float64 = npt.NDArray[np.float64]
_SPACING = 1 / 512
_SAME_PLACE = 1e-6  # chart units: ends nearer than this are one point
_SHORTEST = 1 / 256
TAPER_SHARE, _TAPER_LEFT = 0.35, 0.12
_BRANCH_WIDTH, _BRANCH_DEPTH, _BRANCH_TIP = 0.75, 0.65, 0.25
_BRANCH_BLEND = 0.15  # of a branch's length, over which it leaves the line's direction
_SAME_SHARE = 0.004  # of the length: a point as near as this stands for a point of a curve along it
_LEVELS = np.linspace(0, 1, 17)  # shares of the length at which a curve along a stroke is kept


def bend(stroke: Stroke, place: float, offset: tuple[float, float], reach: float) -> Stroke:
    """The stroke pulled at a place by `offset`; the pull fades along the line and ends `reach` from there.

    What is near in the chart but far along the line, as the other arm of a loop, stays.
    """
    samples = polyline.resampled(course_of(stroke), _SPACING)
    along = polyline.arc_length(samples)
    away = (along - knots.length_at_place(stroke, place)) / max(reach, _SPACING)
    share = np.maximum(1 - away**2, 0) ** 2
    samples[:, :2] += share[:, None] * np.array(offset)
    return simplify(with_samples(stroke, samples))


def cut(stroke: Stroke, place: float, new_id: str) -> tuple[Stroke, ...]:
    """Both parts of a stroke, the second as `new_id`; the stroke itself at a place too near to an end.

    Their curves are those that they were: `join` gives the uncut line back.
    """
    at = knots.length_at_place(stroke, place)
    if min(at, float(knots.lengths(stroke)[-1]) - at) < _SHORTEST:
        return (stroke,)
    stroke = knots.with_point(stroke, place)
    index = int(np.floor(place)) + 1 if abs(place - round(place)) >= _SAME_PLACE else round(place)
    stroke = knots.frozen(stroke, index)
    first, second = _part(stroke, slice(0, index + 1)), _part(stroke, slice(index, None))
    return first, replace(second, id=new_id)


def join(first: Stroke, second: Stroke) -> Stroke:
    """One stroke along both, joined at their nearest ends; it keeps id, depth and binding of `first`."""
    ends = [stroke.points[[0, -1]].astype(np.float64) for stroke in (first, second)]
    gaps = [float(np.hypot(*(p - q))) for p in ends[0] for q in ends[1]]
    nearest = int(np.argmin(gaps))
    ahead = reverse(first) if nearest < 2 else first
    behind = reverse(second) if nearest % 2 else second
    skipped = 1 if gaps[nearest] < _SAME_PLACE else 0
    tangents = [knots.tangents_of(ahead), knots.tangents_of(behind)]
    if skipped:
        tangents[0][-1, knots.AFTER] = tangents[1][0, knots.AFTER]
    columns = [np.column_stack([s.points, s.pressure, _breadth(s)]) for s in (ahead, behind)]
    rows = np.concatenate([columns[0], columns[1][skipped:]])
    joined = replace(
        first, points=rows[:, :2], pressure=rows[:, 2], breadth=rows[:, 3],
        tangents=np.concatenate([tangents[0], tangents[1][skipped:]]),
    )  # fmt: skip
    return reverse(joined) if nearest < 2 else joined


def gap(first: Stroke, second: Stroke) -> float:
    """Distance of the nearest ends of two strokes, in chart units."""
    ends = [stroke.points[[0, -1]].astype(np.float64) for stroke in (first, second)]
    return min(float(np.hypot(*(p - q))) for p in ends[0] for q in ends[1])


def branch(stroke: Stroke, path: Sequence[tuple[float, float]], new_id: str) -> Stroke:
    """A finer stroke that leaves another one and follows `path`, chart coordinates (K >= 2, 2).

    It begins on the line and in its direction, as skin folds, and runs out; what makes the line appear makes it appear.
    """
    way = np.array(path, np.float64)
    _, place = knots.nearest_place(stroke, (float(way[0, 0]), float(way[0, 1])))
    start = knots.at_place(stroke, place)
    way[0] = start
    length = float(polyline.arc_length(way)[-1])
    if length < _SHORTEST:
        raise ValueError("a branch needs a length")
    way = polyline.resampled(way, max(length / 24, _SPACING))
    ahead = knots.at_place(stroke, min(place + 0.05, len(stroke.points) - 1)) - knots.at_place(
        stroke, max(place - 0.05, 0)
    )
    ahead *= np.sign(ahead @ (way[-1] - start)) / max(float(np.hypot(*ahead)), 1e-12)
    along = polyline.arc_length(way)
    blend = np.clip(1 - along / (_BRANCH_BLEND * length), 0, 1)[:, None] ** 2
    way = (1 - blend) * way + blend * (start + along[:, None] * ahead)
    deep = float(np.interp(place, np.arange(len(stroke.pressure)), stroke.pressure))
    share = along / along[-1]
    pressure = deep * (1 + share * (_BRANCH_TIP - 1))
    thin = np.column_stack([way, pressure, np.ones(len(way))])
    twig = replace(
        stroke, id=new_id, width=stroke.width * _BRANCH_WIDTH, depth_mm=stroke.depth_mm * _BRANCH_DEPTH, name="",
        from_source=False, seed=int(np.sign(stroke.seed)) * seed_of(new_id), points=way.astype(np.float32),
        pressure=pressure.astype(np.float32),
        profile=Profile.WRINKLE if stroke.profile is Profile.FOLD else stroke.profile, breadth=None, tangents=None,
    )  # fmt: skip
    return simplify(with_samples(twig, thin))


def taper(stroke: Stroke) -> Stroke:
    """The stroke with ends that run out, shallow and thin, over a third of its length each; its curve stays."""
    ramp = Response(((0.0, _TAPER_LEFT), (TAPER_SHARE, 1.0), (1 - TAPER_SHARE, 1.0), (1.0, _TAPER_LEFT)))
    stroke = _with_levels(stroke)
    share = ramp.at(_shares(stroke)).astype(np.float32)
    thinner = (1 + share) / np.float32(2)
    return replace(stroke, pressure=stroke.pressure * share, breadth=_breadth(stroke) * thinner)


def depth_along(stroke: Stroke) -> Response:
    """How the depth runs along a stroke, as a curve over its length."""
    return _along(stroke, 2)


def width_along(stroke: Stroke) -> Response:
    """How the width runs along a stroke, as a curve over its length."""
    return _along(stroke, 3)


def with_depth_along(stroke: Stroke, depth: Response) -> Stroke:
    """The stroke with another course of its depth."""
    stroke = _with_levels(stroke, depth)
    return replace(stroke, pressure=depth.at(_shares(stroke)).astype(np.float32))


def with_width_along(stroke: Stroke, width: Response) -> Stroke:
    """The stroke with another course of its width."""
    stroke = _with_levels(stroke, width)
    return replace(stroke, breadth=width.at(_shares(stroke)).astype(np.float32))


def scaled(stroke: Stroke, factor: float) -> Stroke:
    """The stroke as long as `factor` times, about the middle of its extent; width and depth stay.

    It grows no farther than the chart allows.
    """
    points = stroke.points.astype(np.float64)
    low, high = points.min(0), points.max(0)
    middle, half = (low + high) / 2, (high - low) / 2
    room = np.minimum(middle, 1 - middle)[half > 0] / half[half > 0]
    factor = min(factor, *room.tolist()) if len(room) else factor
    tangents = None if stroke.tangents is None else np.clip(stroke.tangents * np.float32(factor), -1, 1)
    return replace(stroke, points=np.clip(middle + factor * (points - middle), 0, 1), tangents=tangents)


def length_of(stroke: Stroke) -> float:
    """Length of the stroke's curve in chart units."""
    return float(knots.lengths(stroke)[-1])


def _part(stroke: Stroke, part: slice) -> Stroke:
    rows: dict[str, Any] = {
        name: None if (row := getattr(stroke, name)) is None else row[part]
        for name in ("points", "pressure", "breadth", "tangents")
    }
    if rows["tangents"] is not None:
        tangents = rows["tangents"].copy()
        tangents[0, knots.BEFORE] = tangents[-1, knots.AFTER] = 0
        rows["tangents"] = tangents
    return replace(stroke, **rows)


def _breadth(stroke: Stroke) -> npt.NDArray[np.float32]:
    return np.ones(len(stroke.points), np.float32) if stroke.breadth is None else stroke.breadth


def _shares(stroke: Stroke) -> Float64:
    """Share of the length up to each point, (N,)."""
    along = knots.lengths(stroke)
    return np.asarray(along / max(float(along[-1]), 1e-12))


def _with_levels(stroke: Stroke, response: Response | None = None) -> Stroke:
    """The stroke with enough points for a curve along it."""
    wanted = [(x, _SAME_SHARE) for x, _ in response.points] if response is not None else []
    length = length_of(stroke)
    for share, near in (*wanted, *((x, 0.25 / len(_LEVELS)) for x in _LEVELS.tolist())):
        if np.abs(_shares(stroke) - share).min() > near:
            place = knots.place_at_length(stroke, share * length)
            if stroke.tangents is None:
                row = int(np.floor(place)) + 1
                at, t = knots.at_place(stroke, place), place - np.floor(place)
                samples = samples_of(stroke)
                added = (1 - t) * samples[row - 1] + t * samples[min(row, len(samples) - 1)]
                added[:2] = at
                stroke = with_samples(stroke, np.insert(samples, row, added, axis=0))
            else:
                stroke = knots.with_point(stroke, place)
    return stroke


def _along(stroke: Stroke, column: int) -> Response:
    samples = samples_of(stroke)
    along = polyline.arc_length(samples)
    shares = along / max(float(along[-1]), 1e-12)
    values = np.column_stack([shares, np.clip(samples[:, column], 0, 1)])
    kept = polyline.simplified(values, 0.02, np.ones(2))
    return Response.through([(float(x), float(y)) for x, y in values[kept]])

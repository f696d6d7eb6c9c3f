"""What happens to each line of an imported map: stays, fades, deepens, goes, or is stamped elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.amounts import amounts
from rhytid.core.detail.change import Line
from rhytid.core.detail.engine import Engine
from rhytid.core.detail.request import Pose
from rhytid.core.lines.activation import activation
from rhytid.core.lines.polyline import arc_length, points_at
from rhytid.core.lines.stroke import Onset, Stroke

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_ON_LINE = 0.0024  # a point within this of a source line lies on it, in fractions of the chart's side
_SPACING = 0.002  # of the samples along a line
SHOWN_FROM = 0.08  # lines that show less of their depth than this are on no line map
_LARGEST = 3.0


def line_factors(
    lines: Sequence[Stroke], strokes: Sequence[Stroke], pose: Pose, captured: Pose, engine: Engine
) -> dict[str, Float32]:
    """Factor on the relief of each source line, sampled along it; lines that stay as they are are left out.

    A stroke of the document stands for the part of a source line on which it lies, whatever its id: so a line
    that was trimmed or split keeps its remaining parts untouched.

    Returns
    -------
    dict of float32 (N >= 2,) by id of the source line
    """
    by_id = {stroke.id: stroke for stroke in strokes if stroke.from_source}
    whole = {line.id for line in lines if line.id in by_id and _same_course(by_id[line.id], line)}
    loose = [stroke for stroke in by_id.values() if stroke.id not in whole]
    factors = {}
    for line in lines:
        if line.id in whole:
            constant = _stroke_factor(by_id[line.id], line, pose, captured, engine)
            if constant == 1:
                continue
            factor = np.full(2, constant, np.float32)
        else:
            factor = _partial_factor(line, loose, pose, captured, engine)
        if (factor != 1).any():
            factors[line.id] = factor
    return factors


def stamped(
    lines: Sequence[Stroke],
    strokes: Sequence[Stroke],
    generated: tuple[Sequence[Stroke], Sequence[Stroke]],
    factors: dict[str, Float32],
    pose: Pose,
    captured: Pose,
    engine: Engine,
) -> tuple[tuple[Line, ...], tuple[Stroke, ...]]:
    """Strokes to stamp on the map with their amounts, and the document's strokes that it shows itself.

    The map shows the wrinkles that its person has; the engine's come only as far as the pose has more of them
    than the capture, also when the document has adopted them. `generated` are all of the engine's, and those that it
    still draws.
    """
    whole = {stroke.id: stroke for stroke in generated[0]}
    wrinkles = list(generated[1])
    drawn, shown = [], []
    by_id = {line.id: line for line in lines}
    for stroke in strokes:
        if stroke.from_source and _lies_on(stroke, lines, by_id):
            factor = factors.get(stroke.id)
            if stroke.visible and (factor is None or float(factor.max()) >= SHOWN_FROM):
                shown.append(stroke)
        elif _is_kept_piece(stroke, whole.get(stroke.id.partition(".")[0])):
            wrinkles.append(stroke)
        else:
            drawn.append((stroke, pose.amount(stroke) * _pose_factor(stroke, pose, captured, engine)))
    return (*_grown(tuple(wrinkles), pose, captured, engine.generated_share), *drawn), tuple(shown)


def _grown(wrinkles: tuple[Stroke, ...], pose: Pose, captured: Pose, share: float) -> tuple[Line, ...]:
    """The person's wrinkles with what a pose has more of them than the capture.

    Years bring all of a wrinkle; of what an expression adds the map's own lines may tell a part.
    """
    then, aged, now = amounts(wrinkles, captured, replace(captured, age=pose.age), pose)
    more = np.maximum(aged - then, 0) + (now - np.maximum(aged, then)) * share
    return tuple((wrinkles[at], float(more[at])) for at in np.flatnonzero(more > 0))


def _is_kept_piece(stroke: Stroke, whole: Stroke | None) -> bool:
    """Whether a stroke is `whole` as it was or a piece of it, not one that an artist moved or changed."""
    return whole is not None and (stroke is whole or _is_piece(stroke, whole))


@lru_cache(maxsize=4096)
def _is_piece(stroke: Stroke, whole: Stroke) -> bool:
    same_look = (stroke.depth_mm, stroke.binding, stroke.birth_age) == (
        whole.depth_mm, whole.binding, whole.birth_age,
    )  # fmt: skip
    return same_look and _is_part(stroke, whole)


def _same_course(a: Stroke, b: Stroke) -> bool:
    return a is b or (a.width == b.width and a.profile is b.profile and np.array_equal(a.points, b.points))


def _stroke_factor(stroke: Stroke, line: Stroke, pose: Pose, captured: Pose, engine: Engine) -> float:
    """Factor on a source line's relief that its stroke in the document asks for."""
    if not stroke.visible or line.depth_mm == 0:
        return 0.0
    factor = stroke.depth_mm / line.depth_mm
    if stroke.pressure is not line.pressure and not np.array_equal(stroke.pressure, line.pressure):
        factor *= float(stroke.pressure.mean()) / max(float(line.pressure.mean()), 1e-6)
    return min(max(factor * _pose_factor(stroke, pose, captured, engine), -_LARGEST), _LARGEST)


def _pose_factor(stroke: Stroke, pose: Pose, captured: Pose, engine: Engine) -> float:
    """How much deeper a line of the map is in the pose than at capture: by its binding, else as the engine says."""
    if not stroke.from_source:
        return 1.0
    if stroke.binding.onset is not Onset.ALWAYS or stroke.birth_age > 0:
        now = activation(stroke, pose.expression, pose.action_units, pose.age)
        then = activation(stroke, captured.expression, captured.action_units, captured.age)
        return now / then if then > 0.25 else now
    return engine.line_factor(stroke, captured, pose)


def _partial_factor(
    line: Stroke, loose: Sequence[Stroke], pose: Pose, captured: Pose, engine: Engine
) -> Float32:
    """Factors along a line of which strokes of the document cover parts, or nothing."""
    samples = _samples(line)
    factor = np.zeros(len(samples), np.float32)
    for stroke in loose:
        if _is_part(stroke, line):
            covered = _distance(samples, _samples(stroke)) <= _ON_LINE
            factor[covered] = _stroke_factor(stroke, line, pose, captured, engine)
    return factor


def _lies_on(stroke: Stroke, lines: Sequence[Stroke], by_id: dict[str, Stroke]) -> bool:
    """The stroke is one of the map's lines or a part of one."""
    if stroke.id in by_id and _same_course(stroke, by_id[stroke.id]):
        return True
    return any(_is_part(stroke, line) for line in lines)


def _is_part(stroke: Stroke, line: Stroke) -> bool:
    """All of the stroke lies on the line, and it is as wide."""
    if stroke.width != line.width or stroke.profile is not line.profile:
        return False
    low, high = line.points.min(axis=0) - _ON_LINE, line.points.max(axis=0) + _ON_LINE
    if (stroke.points.min(axis=0) < low).any() or (stroke.points.max(axis=0) > high).any():
        return False
    return bool(_distance(_samples(stroke), _samples(line)).max() <= _ON_LINE)


def _samples(stroke: Stroke) -> Float64:
    """Points about `_SPACING` apart along a stroke, float64 (N >= 2, 2)."""
    points = stroke.points.astype(np.float64)
    along = arc_length(points)
    return points_at(points, along, np.linspace(0, along[-1], max(int(along[-1] / _SPACING) + 1, 2)))


def _distance(points: Float64, line: Float64) -> Float64:
    """Distance of each of `points` to the nearest point of a densely sampled line."""
    difference = points[:, None, :] - line[None, :, :]
    return np.asarray(np.sqrt((difference**2).sum(axis=2).min(axis=1)))

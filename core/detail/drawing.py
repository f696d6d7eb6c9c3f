"""From a request to what is drawn: which lines, how deep, and which of them the line map shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rhytid.core.detail.amounts import amounts
from rhytid.core.detail.change import Drawing, Line
from rhytid.core.detail.engine import Engine
from rhytid.core.detail.request import DetailRequest, Pose
from rhytid.core.detail.source_lines import SHOWN_FROM, line_factors, stamped
from rhytid.core.lines.stroke import Stroke


def drawing_of(request: DetailRequest, engine: Engine) -> Drawing:
    """What an engine draws for a request."""
    pose, source, captured = request.pose, request.source, request.captured
    strokes = request.layering.shown(request.strokes)
    every = request.layering.shown(tuple(engine.strokes(pose.settings)))
    own = request.layering.left_to_engine(every) if pose.settings.generate_wrinkles else ()
    if source is None or captured is None:
        # Apart, for what is prepared of the engine's own serves every sample of a pen.
        lines: Sequence[Line] = (*_with_amounts(own, pose), *_folded(_with_amounts(strokes, pose), request.folds))
        return Drawing(request, _by_id(lines), _courses(_showing(lines)), {})
    factors = line_factors(source.lines, strokes, pose, captured, engine)
    lines, unchanged = stamped(source.lines, strokes, (every, own), factors, pose, captured, engine)
    lines = _folded(lines, request.folds)
    return Drawing(request, _by_id(lines), _courses([*unchanged, *_showing(lines)]), factors)


def _with_amounts(strokes: tuple[Stroke, ...], pose: Pose) -> tuple[Line, ...]:
    return tuple(zip(strokes, amounts(strokes, pose)[0].tolist(), strict=True))


def _folded(lines: Sequence[Line], folds: Mapping[str, float]) -> Sequence[Line]:
    """Lines as deep as the skin under them folds."""
    return [(stroke, amount * folds.get(stroke.id, 1.0)) for stroke, amount in lines] if folds else lines


def _by_id(lines: Sequence[Line]) -> dict[str, Line]:
    return {line[0].id: line for line in lines}


def _showing(lines: Sequence[Line]) -> list[Stroke]:
    return [stroke for stroke, amount in lines if abs(amount) >= SHOWN_FROM]


def _courses(strokes: Sequence[Stroke]) -> dict[str, Stroke]:
    """One stroke of each course: a wrinkle in motion and the same at rest are one line."""
    distinct = {stroke.line_key: stroke for stroke in reversed(strokes)}
    return {stroke.id: stroke for stroke in reversed(distinct.values())}

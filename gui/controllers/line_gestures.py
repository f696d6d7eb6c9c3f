"""What a drag of the select tool does to a line beside moving it: bend, scale, branch, cut."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np

from rhytid.core.detail.engines import Engines
from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.core.lines import edit, knots, reshape
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_gestures import StrokesGesture, new_stroke_id
from rhytid.gui.controllers.stroke_recorder import SHORTEST_LINE, SPACING, PenSample
from rhytid.gui.controllers.tool_settings import Handling, ToolSettings

_DEAD_ZONE = 0.002
_LEAST_REACH = 0.03
_REACH_PER_OFFSET = 2.0  # a far pull reaches far, so that it makes no kink
_SCALES = (0.1, 10.0)
_NEAREST = 0.01  # to the middle of a line from where scaling begins
Point = tuple[float, float]


class LineGesture(StrokesGesture):
    """A line under the pen in another shape; its twin on the other half goes along where the tool works on both.

    Parameters
    ----------
    hit : Stroke
        The line, of the document or of the engine. It is selected.
    start : (x, y)
        Where the pen took hold of it, chart coordinates.
    """

    def __init__(
        self, document: Document, settings: ToolSettings, engines: Engines, selection: Selection, hit: Stroke,
        start: Point,
    ) -> None:  # fmt: skip
        super().__init__(document, settings, engines)
        if hit.id not in selection:
            selection.set((hit.id,))
        self._selection = selection
        self._hit, self._start, self._at = hit, start, start
        self._path, self._new_id = [start], new_stroke_id()
        self._made: tuple[Stroke, ...] = ()

    @abstractmethod
    def reshaped(self, stroke: Stroke) -> tuple[Stroke, ...]:
        """What becomes of one line."""

    def lines(self) -> tuple[Stroke, ...]:
        """The lines that are reshaped, as they were."""
        return (self._hit,)

    def collect(self, sample: PenSample) -> None:
        self._at = sample.chart or self._at

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        if self.shown is None and math.dist(self._at, self._start) < _DEAD_ZONE:
            return
        self._apply()

    def _apply(self) -> None:
        old, new = list(self.lines()), [made for line in self.lines() for made in self.reshaped(line)]
        if self.settings.mirror_x:
            known, chosen = {stroke.id: stroke for stroke in self.base.strokes}, {line.id for line in old}
            for line in self.lines():
                twin = known.get(f"{line.id}m")
                if twin is not None and twin.id not in chosen:
                    old.append(twin)
                    new += [edit.mirror(made, f"{made.id}m") for made in self.reshaped(edit.mirror(twin, line.id))]
        self.replace([*old, *self._made], new)
        self._made = tuple(new)
        self.show_working()


class BendGesture(LineGesture):
    label = tr("Bend stroke")

    def reshaped(self, stroke: Stroke) -> tuple[Stroke, ...]:
        offset = self._at[0] - self._start[0], self._at[1] - self._start[1]
        reach = max(2 * self.settings.radius, _LEAST_REACH, _REACH_PER_OFFSET * math.hypot(*offset))
        _, place = knots.nearest_place(stroke, self._start)
        return (reshape.bend(stroke, place, offset, reach),)


class ScaleGesture(LineGesture):
    """All selected lines become longer or shorter, each about its own middle."""

    label = tr("Scale stroke")

    def lines(self) -> tuple[Stroke, ...]:
        chosen = tuple(stroke for stroke in self.base.strokes if stroke.id in self._selection)
        return chosen if any(stroke.id == self._hit.id for stroke in chosen) else (*chosen, self._hit)

    def reshaped(self, stroke: Stroke) -> tuple[Stroke, ...]:
        middle = (self._hit.points.min(0) + self._hit.points.max(0)).astype(np.float64) / 2
        before, now = (math.dist(at, middle.tolist()) for at in (self._start, self._at))
        factor = min(max(now / max(before, _NEAREST), _SCALES[0]), _SCALES[1])
        return (reshape.scaled(stroke, factor),)


class BranchGesture(LineGesture):
    """A finer line is drawn out of the one under the pen."""

    label = tr("Branch stroke")

    def collect(self, sample: PenSample) -> None:
        super().collect(sample)
        if math.dist(self._path[-1], self._at) >= SPACING:
            self._path.append(self._at)

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        if math.dist(self._path[-1], self._start) >= 2 * SHORTEST_LINE:
            self._apply()

    def reshaped(self, stroke: Stroke) -> tuple[Stroke, ...]:
        return stroke, reshape.branch(stroke, self._path, self._new_id)


class CutGesture(LineGesture):
    """A click parts the line where it is."""

    label = tr("Cut stroke")

    def move(self, sample: PenSample) -> None:
        if self.shown is None:
            self._apply()

    def reshaped(self, stroke: Stroke) -> tuple[Stroke, ...]:
        _, place = knots.nearest_place(stroke, self._start)
        return reshape.cut(stroke, place, self._new_id)


LINE_GESTURES: dict[Handling, type[LineGesture]] = {
    Handling.BEND: BendGesture,
    Handling.SCALE: ScaleGesture,
    Handling.BRANCH: BranchGesture,
    Handling.CUT: CutGesture,
}

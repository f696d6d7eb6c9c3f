"""Shift with the brush: a click draws a straight line from where the pen was last lifted, a drag smooths."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rhytid.core.document.commands import AddStrokes, ReplaceStrokes
from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.stroke_gestures import DrawGesture, PenGesture, twin_of
from rhytid.gui.controllers.stroke_recorder import SHORTEST_LINE, SPACING, Anchor, Line, PenSample
from rhytid.gui.controllers.tool_settings import ToolSettings

CLICK_REACH = 0.004  # a pen that moves less than this in the chart is clicking
LABEL = tr("Draw straight line")


class ShiftGesture(PenGesture):
    """Waits until it is plain whether the pen clicks or moves.

    Parameters
    ----------
    anchor : Anchor or None
        Where a straight line would begin.
    make : callable
        The gesture of a pen that moves.
    """

    label = LABEL

    def __init__(
        self, document: Document, settings: ToolSettings, anchor: Anchor | None, make: Callable[[], PenGesture]
    ) -> None:
        super().__init__(document, settings)
        self._anchor = anchor
        self._make = make
        self._held: list[PenSample] = []
        self._moving: PenGesture | None = None
        self.drawn: Anchor | None = None

    def collect(self, sample: PenSample) -> None:
        if self._moving is not None:
            self._moving.collect(sample)
        else:
            self._held.append(sample)

    def move(self, sample: PenSample) -> None:
        if self._moving is None:
            self._held.append(sample)
            if self._stays(sample):
                return
            self._begin()
        else:
            self._moving.move(sample)
        self._follow()

    def finish(self) -> None:
        if self._moving is None and self._anchor is not None and self._held[-1].chart is not None:
            self._draw(self._anchor, self._held[-1])
            return
        if self._moving is None:
            self._begin()
        assert self._moving is not None
        self._moving.finish()
        self._follow()
        self.drawn = anchor_after(self._moving)

    def _stays(self, sample: PenSample) -> bool:
        start = self._held[0].chart
        return sample.chart is None or start is None or math.dist(start, sample.chart) < CLICK_REACH

    def _begin(self) -> None:
        self._moving = self._make()
        for sample in self._held[:-1]:
            self._moving.collect(sample)
        self._moving.move(self._held[-1])
        self._follow()

    def _follow(self) -> None:
        assert self._moving is not None
        self.label, self.shown = self._moving.label, self._moving.shown

    def _draw(self, anchor: Anchor, sample: PenSample) -> None:
        end = sample.chart
        assert end is not None
        if math.dist(anchor.point, end) < SHORTEST_LINE:
            return
        own = {stroke.id: stroke for stroke in self.document.state.strokes}
        before = own.get(anchor.stroke_id)
        if before is not None and math.dist(before.points[-1], anchor.point) < 2 * SPACING:
            depth, width = self.settings.shape_pressure([sample.pressure])
            longer = [_longer(before, end, float(depth[0]), float(width[0]))]
            if f"{before.id}m" in own:
                longer.append(twin_of(longer[0], self.settings.mirror_asymmetry))
            self.show(ReplaceStrokes(tuple(longer), LABEL))
            self.drawn = Anchor(end, before.id)
            return
        draw = DrawGesture(self.document, self.settings, extra_smooth=False)
        way = _way(anchor.point, end)
        stroke = draw.stroke_of(0, Line(way, [sample.pressure] * len(way)))
        twins = (twin_of(stroke, self.settings.mirror_asymmetry),) if self.settings.mirror_x else ()
        self.show(AddStrokes((stroke, *twins)))
        self.drawn = Anchor(end, stroke.id)


def anchor_after(gesture: PenGesture | None) -> Anchor | None:
    """Where a gesture of the brush left the pen."""
    if isinstance(gesture, ShiftGesture):
        return gesture.drawn
    return gesture.anchor if isinstance(gesture, DrawGesture) else None


def _way(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """Points of a straight line in the chart, as dense as a drawn one's."""
    n = max(math.ceil(math.dist(start, end) / (4 * SPACING)), 2)
    shares = [i / n for i in range(n + 1)]
    return [(start[0] + (end[0] - start[0]) * s, start[1] + (end[1] - start[1]) * s) for s in shares]


def _longer(stroke: Stroke, end: tuple[float, float], depth: float, width: float) -> Stroke:
    last = float(stroke.points[-1][0]), float(stroke.points[-1][1])
    added = _way(last, end)[1:]
    points = np.concatenate([stroke.points, np.array(added, np.float32)])
    pressures = np.concatenate([stroke.pressure, np.full(len(added), depth, np.float32)])
    old = np.ones(len(stroke.points), np.float32) if stroke.breadth is None else stroke.breadth
    breadth = np.concatenate([old, np.full(len(added), width, np.float32)])
    tangents = None if stroke.tangents is None else np.pad(stroke.tangents, ((0, len(added)), (0, 0)))
    return replace(stroke, points=points, pressure=pressures, breadth=breadth, tangents=tangents)

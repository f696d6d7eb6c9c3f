"""Moving one point of a stroke, or softly what lies around it; turning its tangents; one point more or less."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import replace

import numpy as np

from rhytid.core.document.commands import ReplaceStrokes
from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.core.lines import edit, knots
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.handles import Grip
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.controllers.stroke_gestures import PenGesture
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import ToolSettings

SOFTEST_REACH = 0.03


class HandleGesture(PenGesture):
    """A handle follows the pen.

    Parameters
    ----------
    grip : Grip
    sample : PenSample
        Where the pen took hold of it.
    """

    def __init__(self, document: Document, settings: ToolSettings, grip: Grip, sample: PenSample) -> None:
        super().__init__(document, settings)
        self._grip = grip
        self._start = sample.chart
        self._point = grip.index

    @abstractmethod
    def moved(self, offset: tuple[float, float], sample: PenSample) -> Stroke:
        """The stroke with the handle elsewhere by `offset`."""

    def collect(self, sample: PenSample) -> None:
        """Only the last place matters to a move."""

    def move(self, sample: PenSample) -> None:
        if sample.chart is None or self._start is None:
            return
        offset = (sample.chart[0] - self._start[0], sample.chart[1] - self._start[1])
        if self.shown is not None or math.hypot(*offset) > self._grip.slack:
            self.show(ReplaceStrokes((self.moved(offset, sample),), self.label))

    @property
    def point(self) -> int:
        """The point that is held, as the stroke is now."""
        return self._point


class PointGesture(HandleGesture):
    """The point follows the pen and its neighbours come along, so that the line does not kink; with Shift it alone.

    Of a stroke with tangents it goes alone as well, and they go with it: the artist bends that line by hand.
    """

    label = tr("Move point")

    def moved(self, offset: tuple[float, float], sample: PenSample) -> Stroke:
        stroke, index = self._grip.stroke, self._grip.index
        to = np.clip(stroke.points[index] + np.array(offset, np.float32), 0.0, 1.0)
        if sample.smooth or stroke.tangents is not None:
            points = stroke.points.copy()
            points[index] = to
            return replace(stroke, points=points)
        x, y = stroke.points[index].tolist()
        pulled = edit.drag(stroke, (x, y), offset, max(self.settings.radius * 2.0, SOFTEST_REACH))
        self._point = int(np.hypot(*(pulled.points - to).T).argmin())  # its points are others
        return pulled

class TangentGesture(HandleGesture):
    """The end of a tangent follows the pen; the one across turns along, with Alt and at a corner it stays."""

    label = tr("Turn tangent")

    def __init__(self, document: Document, settings: ToolSettings, grip: Grip, sample: PenSample) -> None:
        super().__init__(document, settings, grip, sample)
        self._alone = sample.pick or knots.is_corner(grip.stroke, grip.index)

    def moved(self, offset: tuple[float, float], sample: PenSample) -> Stroke:
        stroke, index, side = self._grip.stroke, self._grip.index, self._grip.side
        end = None if side is None else knots.control_point(stroke, index, side)
        if side is None or end is None:
            return stroke
        to = (end[0] + offset[0], end[1] + offset[1])
        return knots.with_tangent(stroke, index, side, to, alone=self._alone or sample.pick)


def gesture_of(document: Document, settings: ToolSettings, grip: Grip, sample: PenSample) -> HandleGesture:
    """What the pen does to the handle that it took hold of."""
    kind = PointGesture if grip.side is None else TangentGesture
    return kind(document, settings, grip, sample)


def insert_point(document: Document, selection: Selection, stroke: Stroke, at: tuple[float, float]) -> bool:
    """A point more on a stroke where it is nearest to `at`; the curve stays as it is."""
    _, place = knots.nearest_place(stroke, at)
    longer = knots.with_point(stroke, place)
    if longer is stroke or not execute(document, ReplaceStrokes((longer,), tr("Insert point"))):
        return False
    selection.hold_point(int(place) + 1)
    return True


def clear_handle(document: Document, grip: Grip) -> None:
    """Take a point away; of a tangent, leave both of its point to the smooth curve again."""
    if grip.side is not None:
        execute(document, ReplaceStrokes((knots.smoothed_at(grip.stroke, grip.index),), tr("Reset tangents")))
        return
    shorter = knots.without_point(grip.stroke, grip.index)
    if shorter is not None:
        execute(document, ReplaceStrokes((shorter,), tr("Remove point")))

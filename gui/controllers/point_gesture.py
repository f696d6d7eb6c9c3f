"""Moving one point of a stroke, or softly what lies around it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from rhytid.core.document.commands import ReplaceStrokes
from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.stroke_gestures import PenGesture
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import ToolSettings

SOFTEST_REACH = 0.03


@dataclass(frozen=True)
class Grip:
    """A point of a stroke that the pen took hold of.

    Attributes
    ----------
    stroke : Stroke
        One of the document's.
    index : int
        Which of its points.
    slack : float
        How far in the chart the pen may tremble before the point follows.
    """

    stroke: Stroke
    index: int
    slack: float = 0.0


class PointGesture(PenGesture):
    """The point follows the pen and its neighbours come along, so that the line does not kink; with Shift it alone."""

    label = tr("Move point")

    def __init__(self, document: Document, settings: ToolSettings, grip: Grip, sample: PenSample) -> None:
        super().__init__(document, settings)
        self._grip = grip
        self._start = sample.chart

    def collect(self, sample: PenSample) -> None:
        """Only the last place matters to a move."""

    def move(self, sample: PenSample) -> None:
        if sample.chart is None or self._start is None:
            return
        offset = (sample.chart[0] - self._start[0], sample.chart[1] - self._start[1])
        if self.shown is not None or math.hypot(*offset) > self._grip.slack:
            self.show(ReplaceStrokes((self._moved(offset, alone=sample.smooth),), self.label))

    def _moved(self, offset: tuple[float, float], *, alone: bool) -> Stroke:
        stroke, index = self._grip.stroke, self._grip.index
        if not alone:
            x, y = stroke.points[index].tolist()
            return edit.drag(stroke, (x, y), offset, max(self.settings.radius * 2.0, SOFTEST_REACH))
        points = stroke.points.copy()
        points[index] = np.clip(points[index] + np.array(offset, np.float32), 0.0, 1.0)
        return replace(stroke, points=points)

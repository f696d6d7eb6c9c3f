"""Handles of the selected line, on face and chart alike: its points, and the tangents of the one that was held last."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.document.document import Document
from rhytid.core.lines import knots
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_gestures import touchable
from rhytid.gui.controllers.tool_settings import Handling, Tool, ToolSettings

HANDLE_PX = 3.5
TREMBLE_PX = 2.0  # that a hand does not mean
_REACH_PX = HANDLE_PX + 3.0
_SPACING_PX = 13.0
_SHORTEST_ARM_PX = 9.0
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grip:
    """A handle that the pen took hold of.

    Attributes
    ----------
    stroke : Stroke
        One of the document's.
    index : int
        Which of its points.
    side : slice or None
        `knots.BEFORE` or `knots.AFTER` of a tangent of the point; None of the point itself.
    slack : float
        How far in the chart the pen may tremble before the handle follows.
    """

    stroke: Stroke
    index: int
    side: slice | None = None
    slack: float = 0.0


@dataclass(frozen=True, eq=False)
class Handles:
    """Handles of a stroke.

    Attributes
    ----------
    stroke : Stroke
    held : int
        The point whose tangents have handles, -1 for none.
    charts : float64 (M, 2)
        Chart coordinates: first those of all points, then those of the tangents' ends.
    sides : tuple of slice
        Of the tangents.
    """

    stroke: Stroke
    held: int
    charts: Float64
    sides: tuple[slice, ...]

    @staticmethod
    def of(stroke: Stroke, held: int) -> Handles:
        """All handles that the stroke has."""
        held = held if held < len(stroke.points) else -1
        sides, charts = [], [stroke.points.astype(np.float64)]
        for side in (knots.BEFORE, knots.AFTER):
            end = None if held < 0 else knots.control_point(stroke, held, side)
            if end is not None:
                sides.append(side)
                charts.append(end[None])
        return Handles(stroke, held, np.concatenate(charts), tuple(sides))

    @property
    def n_points(self) -> int:
        return len(self.stroke.points)

    def shown(self, places: Float64) -> npt.NDArray[np.intp]:
        """Rows of `charts` that are shown where all of them lie on the screen, (M, 2) in logical pixels.

        All points when they lie far enough apart, else the two ends and the one that was held: handles side by side
        would cover the line, and it could not be taken hold of to be moved as a whole. A tangent whose end would lie
        on its point has none.
        """
        n = self.n_points
        steps = np.hypot(*np.diff(places[:n], axis=0).T)
        apart = n == 2 or float(np.median(steps)) >= _SPACING_PX
        points = range(n) if apart else sorted({0, n - 1, *([self.held] if self.held >= 0 else [])})
        arms = [
            n + i for i in range(len(self.sides)) if math.dist(places[n + i], places[self.held]) >= _SHORTEST_ARM_PX
        ]
        return np.array([*points, *arms], np.intp)

    def nearest(self, places: Float64, at: tuple[float, float]) -> int | None:
        """The row of the shown handle that the pen means at a place on the screen; points before tangents."""
        shown = self.shown(places)
        away = np.hypot(*(places[shown] - at).T)
        for of_points in (True, False):
            rows = np.flatnonzero((shown < self.n_points) == of_points)
            if len(rows) and away[rows].min() <= _REACH_PX:
                return int(shown[rows[away[rows].argmin()]])
        return None

    def grip(self, row: int, slack: float) -> Grip:
        """What the pen has that takes hold of a handle."""
        if row < self.n_points:
            return Grip(self.stroke, row, slack=slack)
        return Grip(self.stroke, self.held, self.sides[row - self.n_points], slack)


def held_line(document: Document, selection: Selection, tools: ToolSettings) -> Stroke | None:
    """The one line whose handles are shown: that which is selected alone, while the select tool moves."""
    if tools.tool != Tool.SELECT or tools.handling != Handling.MOVE or len(selection) != 1:
        return None
    chosen = (stroke for stroke in document.state.strokes if stroke.id == selection.active)
    return next(iter(touchable(document.state, tuple(chosen))), None)

"""The bars beside the selected lines, on the face and on the chart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QPolygonF
from PySide6.QtWidgets import QWidget

from rhytid.core.lines.curve import course_of
from rhytid.gui.controllers.edits import selected_strokes
from rhytid.gui.controllers.handles import Handles, held_line
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.render.camera import project
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.widgets.line_bar import LineBar

if TYPE_CHECKING:
    from rhytid.gui.canvas.chart_view import ChartView

HANDLINGS = ("line_move", "line_bend", "line_scale", "line_branch", "line_cut")
EDITS = ("join_selected", "taper_selected", "smooth_selected", "mirror_selected", "delete")
_MOST_POINTS = 60  # of all selected lines together that are looked up on the face
Points = npt.NDArray[np.float64]


class LineBars(QObject):
    """Shows a bar while the select tool has a selection and no pen is at work.

    Parameters
    ----------
    session : EditorSession
    viewport : Viewport
    actions : callable
        An action of the window by its name.
    """

    def __init__(self, session: EditorSession, viewport: Viewport, actions: Callable[[str], QAction]) -> None:
        super().__init__(viewport)
        self._session, self._viewport, self._action = session, viewport, actions
        self._face: LineBar | None = None  # made with the first selection
        self._places: list[tuple[LineBar, Callable[[Points], list[QPointF]]]] = []
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self.place)
        session.selection.changed.connect(lambda _ids: self._changed())
        session.selection.point_changed.connect(lambda _index: self._changed())
        session.tools.events.connect(lambda _info: self._changed())
        session.document.state_changed.connect(lambda _new, _old: self._changed())
        session.delivered.connect(self._changed)
        session.view.events.connect(lambda _info: self._changed())

    def add_chart(self, view: ChartView) -> None:
        """The chart was made: the same bar floats there."""
        self._add(view.viewport(), lambda points: [view.position_of(x, y) for x, y in points.tolist()])
        view.moved.connect(self._changed)
        self._changed()

    def _add(self, parent: QWidget, places: Callable[[Points], list[QPointF]]) -> LineBar:
        groups = [[self._action(name) for name in names] for names in (HANDLINGS, EDITS)]
        bar = LineBar(groups, parent)
        self._places.append((bar, places))
        return bar

    def _changed(self, *_of: object) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def place(self) -> None:
        """Put the bars where they belong now."""
        session = self._session
        strokes = selected_strokes(session) if session.tools.tool == Tool.SELECT else ()
        busy = session.stroke_tool.active or Qt.MouseButton.LeftButton in QGuiApplication.mouseButtons()
        if busy:
            self._changed()
        if self._face is None and strokes:
            self._face = self._add(self._viewport, self._on_face)
        points = None
        if strokes and not busy:
            points = np.concatenate([course_of(stroke)[:, :2] for stroke in strokes])
            points = points[np.linspace(0, len(points) - 1, min(len(points), _MOST_POINTS)).astype(int)]
            line = held_line(session.document, session.selection, session.tools)
            if line is not None:  # the bar covers no tangents
                points = np.concatenate([points, Handles.of(line, session.selection.point).charts[len(line.points):]])
        for bar, places in self._places:
            bar.place(None if points is None else _box(places(points)))

    def _on_face(self, points: Points) -> list[QPointF]:
        """Where the points are seen on the face; only those on the side that is turned here."""
        viewport, renderer = self._viewport, self._viewport.renderer
        if renderer is None or viewport.photo.layer is not None:
            return []
        places = np.array([renderer.position_mm((float(x), float(y))) for x, y in points])
        camera, size = self._session.document.state.camera, (viewport.width(), viewport.height())
        screen = [QPointF(x, y) for x, y in project(camera, size, places).tolist()]
        found = viewport.pick(screen)
        return [
            at for at, seen, point in zip(screen, found, points, strict=True)
            if seen is not None and float(np.abs(np.array(seen.chart) - point).max()) < 0.02
        ]  # fmt: skip


def _box(places: list[QPointF]) -> QRect | None:
    return QPolygonF(places).boundingRect().toAlignedRect() if places else None

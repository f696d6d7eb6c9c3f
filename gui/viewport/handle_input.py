"""Handles of the selected line under the pointer of the viewport."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from rhytid.gui.controllers.handles import Grip, held_line
from rhytid.gui.controllers.point_gesture import clear_handle, insert_point
from rhytid.gui.viewport.viewport import Viewport


class HandleInput:
    """Finds handles, and changes the line where one is under the pointer.

    Attributes
    ----------
    pointer : QPointF or None
        Where the pen is in the air; None when it left.
    """

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self._session = viewport.session
        self.pointer: QPointF | None = None
        self._session.selection.point_changed.connect(lambda _index: viewport.request_frame())

    def grip_at(self, position: QPointF) -> Grip | None:
        """The handle that is seen under a point of the widget."""
        viewport, session = self._viewport, self._session
        if viewport.renderer is None or session.stroke_tool.active:
            return None
        size = viewport.width(), viewport.height()
        camera = viewport.photo.camera(size, 1.0) or session.document.state.camera
        return viewport.scene.handles.grip_at(viewport.renderer, camera, size, position, viewport.pick)

    @property
    def under_pointer(self) -> Grip | None:
        return None if self.pointer is None else self.grip_at(self.pointer)

    def insert_point(self, position: QPointF) -> bool:
        """A point more on the one selected line; False when it is not under `position`."""
        session, point = self._session, self._viewport.pick([position])[0]
        line = held_line(session.document, session.selection, session.tools)
        if point is None or line is None or session.stroke_tool.active:
            return False
        hit = session.stroke_tool.pick(point.chart)
        if hit is None or hit.id != line.id:
            return False
        return insert_point(session.document, session.selection, line, point.chart)

    def means(self, event: QKeyEvent) -> bool:
        """Delete over a handle means the handle; elsewhere it is the window's and means the strokes."""
        return event.key() == Qt.Key.Key_Delete and self.under_pointer is not None

    def clear(self) -> bool:
        """Take the handle under the pointer away; False when there is none."""
        grip = self.under_pointer
        if grip is not None:
            clear_handle(self._session.document, grip)
        return grip is not None

"""What is dropped on the window: files, pictures, and wrinkles that are dragged onto the face or the chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from rhytid.core.document.wrinkle_library import SUFFIX
from rhytid.core.language import tr
from rhytid.gui.controllers import library_edits
from rhytid.gui.controllers.edits import WRINKLES_MIME, guarded
from rhytid.gui.controllers.files import kind_of
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.window.photo_actions import sources_in

if TYPE_CHECKING:  # the chart is first imported when it is opened
    from rhytid.gui.canvas.zoom_view import ZoomView

_DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class Drops(QObject):
    """Watches the window for what is dragged over it.

    Parameters
    ----------
    session : EditorSession
    viewport : Viewport
    chart : callable
        The chart's view; None while it is closed.
    open_path : callable
        Opens a project, map, head or recording.
    take_photos : callable
        Makes a face of photos: files or pictures.
    take_wrinkles : callable
        Brings files of wrinkles into the library.
    window : QWidget
    """

    def __init__(
        self, session: EditorSession, viewport: Viewport, chart: Callable[[], ZoomView | None],
        open_path: Callable[[Path], object], take_photos: Callable[[list], object],
        take_wrinkles: Callable[[Sequence[Path]], object], window: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._session, self._viewport, self._window = session, viewport, window
        self._chart = chart
        self._open_path, self._take_photos, self._take_wrinkles = open_path, take_photos, take_wrinkles
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in _DRAGS or not isinstance(event, QDropEvent):
            return False
        run = self._answer(event.mimeData(), event.position().toPoint())
        if run is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            run()
        return True

    def _answer(self, data: QMimeData, position: QPoint) -> Callable[[], object] | None:
        """What happens when this is dropped here; None for nothing."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        wrinkles = [path for path in paths if path.name.lower().endswith(SUFFIX)]
        photos = sources_in(data)
        if data.hasFormat(WRINKLES_MIME):
            content = bytes(data.data(WRINKLES_MIME).data())
            return lambda: self._put_on_skin(content, position)
        if wrinkles:
            return lambda: self._take_wrinkles(wrinkles)
        if len(paths) == 1 and kind_of(paths[0]):
            return lambda: self._open_path(paths[0])
        return (lambda: self._take_photos(photos)) if photos else None

    def _put_on_skin(self, content: bytes, position: QPoint) -> None:
        chart = self._skin_under(position)
        if chart is None:
            self._session.post(tr("Drop wrinkles on the skin of the face, or on the chart"))
            return

        def put() -> None:
            strokes = library_edits.drop(self._session, content, chart)
            if strokes:
                self._session.post(tr("{0} wrinkles put on the face", len(strokes)))

        guarded(self._session, put)()

    def _skin_under(self, position: QPoint) -> tuple[float, float] | None:
        place = self._viewport.mapFrom(self._window, position)
        if self._viewport.rect().contains(place):
            point = self._viewport.pick([place.toPointF()])[0]
            return None if point is None else point.chart
        view = self._chart()
        place = QPoint(-1, -1) if view is None else view.viewport().mapFrom(self._window, position)
        if view is None or not view.viewport().rect().contains(place):
            return None
        x, y = view.chart_at(place.toPointF()).toTuple()
        return (x, y) if 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 else None

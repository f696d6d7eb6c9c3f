"""Drives the real window with real events, as a hand would."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from rhytid.core.document.commands import SetEngine
from rhytid.core.document.document import Document
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.load import default_head
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.preferences import Preferences
from rhytid.gui.render.camera import project
from rhytid.gui.window.main_window import MainWindow

Picture = npt.NDArray[np.uint8]
Chart = tuple[float, float]
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Driver:
    """One window and the hands that work in it."""

    def __init__(self, document: Document | None = None) -> None:
        preferences = Preferences()
        preferences.max_resolution = 512  # four times less work than at 1024, for as good a picture of 600 px
        self.session = EditorSession(document, preferences=preferences)
        self.session.history_pictures.close()  # a process draws them; tests of their own see to it
        self.window = MainWindow(self.session)
        self.window.resize(1100, 640)
        for timer in (self.window.viewport._rest_timer, self.session.in_photo._rest):
            timer.setInterval(40)  # what a hand may pause for; tests come to rest hundreds of times
        head = default_head()
        self.locator = ChartLocator(head.chart, head.skin_triangles)
        self.head = head
        self.window.viewport.show_shape(head, head.neutral)
        self.window.show()
        self.wait(lambda: self.viewport.pose is not None)
        self.settle()
        self._layout = self.window.size(), self.window.saveState()

    @property
    def viewport(self):  # type: ignore[no-untyped-def]
        return self.window.viewport

    @property
    def document(self) -> Document:
        return self.session.document

    def wait(
        self, until: Callable[[], bool], limit_s: float = 25.0, what: Callable[[], str] = lambda: ""
    ) -> None:
        """Let the program run until something is so; `what` says what stood in the way."""
        end_s = time.perf_counter() + limit_s
        while not until():
            assert time.perf_counter() < end_s, f"the window did not get there {what()}"
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.002)

    def wait_s(self, seconds: float) -> None:
        """Let the program run for a while."""
        end_s = time.perf_counter() + seconds
        self.wait(lambda: time.perf_counter() >= end_s)

    def settle(self) -> None:
        """Until the newest state is on the screen, nothing moves any more and the layout is done.

        A surface whose size still changes lets go of the pen.
        """
        before: list[QSize] = []
        moving: list[str] = []

        def still() -> bool:
            surfaces = [self.viewport, *([self.window.canvas.view.viewport()] if self.window.canvas else [])]
            sizes = [surface.size() for surface in surfaces]
            what = {
                f"layout {sizes}": sizes != before,
                "jobs": self.session.jobs.busy,
                "library": not self.session.library.idle,
                "viewport": not self.viewport.at_rest,
                "detail": not self.session.worker.idle,
                "skin color": not self.session.skin_color.idle,
                "in photo": not self.session.in_photo.idle,
                "drag": self.viewport._dragging,
                "frame": self.viewport._pacing.waiting,
                "refinement": self.viewport.scene.needs_refinement,
            }
            before[:] = sizes
            moving[:] = [name for name, does in what.items() if does]
            return not moving

        self.wait(still, 60.0, what=lambda: f"still busy: {', '.join(moving)}")

    def reset(self) -> None:
        """A plain face without wrinkles of the engine, default tools and views, docks as at first."""
        self.window.viewport_input.cancel()  # what a test that failed in the midst of it still holds
        if (self.window.size(), self.window.saveState()) != self._layout:
            self.window.resize(self._layout[0])
            self.window.restoreState(self._layout[1])
        self.document.new()
        self.document.execute(SetEngine(generate_wrinkles=False))
        fresh = ToolSettings(smooth=0.0)
        for field in fields(fresh):  # what listens to the settings stays: it is no field
            setattr(self.session.tools, field.name, getattr(fresh, field.name))
        self.session.view.view_mode = "detailed"
        self.session.comparison.forget()
        self.session.comparison.position = 0.5
        self.session.selection.clear()
        if self.window.canvas is not None:
            self.window.canvas.view.fit()
        self.window.messages.hide()
        self.take_keyboard()
        self.viewport.setFocus()
        while (menu := QApplication.activePopupWidget()) is not None:  # of a right click
            menu.close()
        self.settle()

    def take_keyboard(self, limit_s: float = 5.0) -> None:
        """Have the keyboard: what an earlier test's dialog left may take it away once more."""
        end_s = time.perf_counter() + limit_s
        while not self.window.isActiveWindow() and time.perf_counter() < end_s:
            self.window.activateWindow()
            self.wait_s(0.02)
            if QGuiApplication.focusWindow() is self._handle() and not self.window.isActiveWindow():
                # It has the keyboard, but a test said otherwise; nothing else is told until another window had it.
                other = QWidget()
                other.show()
                other.activateWindow()
                self.wait_s(0.02)
                other.deleteLater()

    # ---- hands ---------------------------------------------------------------------------------------

    def at(self, chart: Chart) -> QPoint:
        """Where a point of the chart is on the viewport."""
        triangle, weights = self.locator.locate(np.array([chart]))
        corners = self.viewport.pose.vertices[self.head.skin_triangles[triangle[0]]]
        size = (self.viewport.width(), self.viewport.height())
        (place,) = project(self.document.state.camera, size, [weights[0] @ corners])
        return QPoint(round(place[0]), round(place[1]))

    def press(self, point: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        self.move(point, keys)
        QTest.mousePress(self._handle(), button, keys, self._in_window(point))
        QApplication.processEvents()

    def move(self, point: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseMove(self._handle(), self._in_window(point))
        QApplication.processEvents()

    def release(self, point: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseRelease(self._handle(), button, keys, self._in_window(point))
        QApplication.processEvents()

    def drag(
        self, points: Sequence[QPoint], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE
    ) -> None:
        self.press(points[0], button, keys)
        for point in points[1:]:
            self.move(point, keys)
        self.release(points[-1], button, keys)

    def draw(self, *charts: Chart, keys: Qt.KeyboardModifier = NONE, steps: int = 6) -> None:
        """Drag over the face from one chart point to the next."""
        self.drag(self.way(*charts, steps=steps), keys=keys)

    def way(self, *charts: Chart, steps: int = 12) -> list[QPoint]:
        places = [QPointF(self.at(chart)) for chart in charts]
        points = [places[0]]
        for start, end in itertools.pairwise(places):
            points += [start + (end - start) * (i / steps) for i in range(1, steps + 1)]
        return [point.toPoint() for point in points]

    def key(self, key: Qt.Key | str, keys: Qt.KeyboardModifier = NONE, widget: QWidget | None = None) -> None:
        QTest.keyClick(widget or self.viewport, key, keys)
        QApplication.processEvents()

    def use(self, tool: Tool) -> None:
        keys = {Tool.BRUSH: Qt.Key.Key_B, Tool.ERASER: Qt.Key.Key_E, Tool.SELECT: Qt.Key.Key_V}
        shifted = {Tool.MASK: Qt.Key.Key_K, Tool.PAINT: Qt.Key.Key_B}
        if tool in shifted:
            self.key(shifted[tool], Qt.KeyboardModifier.ShiftModifier)
        else:
            self.key(keys[tool])
        assert self.session.tools.tool == tool

    # ---- eyes ----------------------------------------------------------------------------------------

    def picture(self) -> Picture:
        """The viewport at rest without ring and axes, (H, W, 3)."""
        self.viewport.set_pointer(None)
        self.session.view.show_gizmo = False
        self.settle()
        image = self.viewport.picture().convertToFormat(QImage.Format.Format_RGB888)
        self.session.view.show_gizmo = True
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

    def _handle(self):  # type: ignore[no-untyped-def]
        return self.window.windowHandle()

    def _in_window(self, point: QPoint) -> QPoint:
        return self.viewport.mapTo(self.window, point)

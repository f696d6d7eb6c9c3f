"""A chart canvas and hands that touch it, for tests."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.document import Document
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.field import Field
from rhytid.gui.canvas.chart_canvas import ChartCanvas
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import ToolSettings

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def line(name: str, x0: float, y0: float, x1: float, y1: float, n: int = 5, **changes: object) -> Stroke:
    t = np.linspace(0.0, 1.0, n)[:, None]
    points = np.array([x0, y0]) * (1 - t) + np.array([x1, y1]) * t
    return Stroke(name, points, np.ones(n), **changes)  # type: ignore[arg-type]


def detail_maps(side: int = 128, displacement: np.ndarray | None = None) -> DetailMaps:
    if displacement is None:
        displacement = np.zeros((side, side), np.float32)
    return DetailMaps(Field.of(displacement), np.zeros((side, side), bool), Field.of(np.ones((side, side), np.float32)))


class Rig:
    """A canvas with its models and ways to touch it."""

    def __init__(self, qtbot) -> None:
        self.document, self.tools = Document(), ToolSettings(smooth=0.0)
        self.selection = Selection(self.document)
        self.tool = StrokeTool(self.document, self.tools, self.selection, Engines())
        self.canvas = ChartCanvas(self.document, self.tools, self.selection, self.tool)
        qtbot.addWidget(self.canvas)
        self.canvas.resize(560, 620)
        with qtbot.waitExposed(self.canvas):
            self.canvas.show()
        self.view = self.canvas.view

    def at(self, x: float, y: float) -> QPoint:
        return self.view.position_of(x, y).toPoint()

    def mouse(self, kind: QEvent.Type, x: float, y: float, button=LEFT, buttons=LEFT, keys=NO_KEY) -> None:
        position = self.view.position_of(x, y)
        viewport = self.view.viewport()
        QApplication.sendEvent(viewport, QMouseEvent(
            kind, position, QPointF(viewport.mapToGlobal(position.toPoint())), button, buttons, keys))  # fmt: skip
        QApplication.sendPostedEvents()  # moves are handed on together once none waits

    def drag(self, *points: tuple[float, float], button=LEFT, keys=NO_KEY, release: bool = True) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, *points[0], button, button, keys)
        for point in points[1:]:
            self.mouse(QEvent.Type.MouseMove, *point, Qt.MouseButton.NoButton, button, keys)
        if release:
            self.mouse(QEvent.Type.MouseButtonRelease, *points[-1], button, Qt.MouseButton.NoButton, keys)

    def wheel(self, x: float, y: float, notches: float) -> None:
        position, viewport = self.view.position_of(x, y), self.view.viewport()
        QApplication.sendEvent(viewport, QWheelEvent(
            position, QPointF(viewport.mapToGlobal(position.toPoint())), QPoint(), QPoint(0, round(120 * notches)),
            Qt.MouseButton.NoButton, NO_KEY, Qt.ScrollPhase.NoScrollPhase, False))  # fmt: skip

    def pen(self, kind: QEvent.Type, x: float, y: float, pressure: float, eraser: bool = False) -> None:
        position, viewport = self.view.position_of(x, y), self.view.viewport()
        kinds = QPointingDevice.PointerType
        device = QPointingDevice(
            "stylus", 7, QInputDevice.DeviceType.Stylus, kinds.Eraser if eraser else kinds.Pen,
            QInputDevice.Capability.Pressure | QInputDevice.Capability.Position, 1, 3, "",
            QPointingDeviceUniqueId())  # fmt: skip
        down = LEFT if kind != QEvent.Type.TabletRelease else Qt.MouseButton.NoButton
        event = QTabletEvent(kind, device, position, QPointF(viewport.mapToGlobal(position.toPoint())), pressure, 0, 0,
                             0.0, 0.0, 0.0, NO_KEY, LEFT, down)  # fmt: skip
        QApplication.sendEvent(viewport, event)

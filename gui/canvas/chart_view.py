"""The chart's view: zoom, pan, and the pen. Everything that the pen does goes through the stroke tool."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from rhytid.core.document.commands import ReplaceStrokes
from rhytid.core.document.document import Document
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.canvas.items import HANDLE_PX, GuideItem, MapItem, RingItem, StrokeItem, handle_indices
from rhytid.gui.canvas.points import with_point, without_point
from rhytid.gui.canvas.zoom_view import ZOOM_STEP, ZoomView
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.panels.gesture import finish_pending
from rhytid.gui.panels.selection import Selection

_PICK_PX = 8.0
_CLICK_PX = 4.0


class ChartView(ZoomView):
    """The chart with map, guides and strokes, under the pen.

    Signals
    -------
    pointer_moved(object)
        Chart coordinate under the pointer as QPointF, None when it left.
    input_arrived()
        A pen or mouse event is about to change the document.
    """

    pointer_moved = Signal(object)
    input_arrived = Signal()

    def __init__(
        self, document: Document, tools: ToolSettings, selection: Selection, stroke_tool: StrokeTool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.document, self.tools, self.selection, self.stroke_tool = document, tools, selection, stroke_tool
        self.map, self.guides, self.strokes, self.ring = MapItem(), GuideItem(), StrokeItem(), RingItem()
        for depth, item in enumerate((self.map, self.guides, self.strokes, self.ring)):
            item.setZValue(depth)
            self.box.addItem(item, ignoreBounds=True)
        self._pan_from: QPointF | None = None
        self._pan_button = Qt.MouseButton.NoButton
        self._band_from: QPointF | None = None
        self._band_extends = False
        self._point: tuple[Stroke, int, QPointF] | None = None
        self._point_began = False
        self._pressed_at = QPointF()
        self._pointer: QPointF | None = None
        self._tablet_down = False
        self._space = False
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setTabletTracking(True)
        self.viewport().setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Chart")
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.moved.connect(self._show_ring)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        steps = (delta.y() or delta.x()) / 120.0
        if steps and not self.stroke_tool.active:
            self.zoom(ZOOM_STEP**steps, event.position())
        event.accept()

    # --- pen and mouse -------------------------------------------------------------------------------

    def _sample(self, position: QPointF, pressure: float, modifiers: Qt.KeyboardModifier, erase: bool) -> PenSample:
        at = self.chart_at(position)
        inside = 0.0 <= at.x() <= 1.0 and 0.0 <= at.y() <= 1.0
        return PenSample(
            (at.x(), at.y()) if inside else None,
            pressure,
            erase or bool(modifiers & Qt.KeyboardModifier.ControlModifier),
            bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
        )

    def _pen_press(self, position: QPointF, pressure: float, modifiers: Qt.KeyboardModifier, erase: bool) -> None:
        finish_pending(self.document)
        self.input_arrived.emit()
        self._pressed_at = position
        extend = bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        if self.tools.tool == Tool.SELECT and self._press_select(position, extend):
            return
        self.stroke_tool.press(self._sample(position, pressure, modifiers, erase), extend)

    def _press_select(self, position: QPointF, extend: bool) -> bool:
        """Take hold of a point of the active stroke, or start a rubber band; False when a stroke was hit."""
        handle = self._handle_at(position)
        if handle is not None and not self.document.gesture_active:
            self._point = (*handle, self.chart_at(position))
            self._point_began = False
            return True
        at = self.chart_at(position)
        if self.stroke_tool.pick((at.x(), at.y()), _PICK_PX / self.px_per_chart()) is not None:
            return False
        self._band_from, self._band_extends = at, extend
        return True

    def _pen_move(self, position: QPointF, pressure: float, modifiers: Qt.KeyboardModifier, erase: bool) -> None:
        if self._point is not None:
            self._drag_point(position, soft=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))
        elif self._band_from is not None:
            if math.dist(position.toTuple(), self._pressed_at.toTuple()) > _CLICK_PX:
                self.ring.set_band(QRectF(self._band_from, self.chart_at(position)).normalized())
        elif self.stroke_tool.active:
            self.input_arrived.emit()
            self.stroke_tool.move([self._sample(position, pressure, modifiers, erase)])

    def _pen_release(self, position: QPointF) -> None:
        if self._point is not None:
            self._point = None
            if self._point_began and self.document.gesture_active:
                self.document.commit_gesture()
        elif self._band_from is not None:
            start, self._band_from = self._band_from, None
            self.ring.set_band(None)
            if math.dist(position.toTuple(), self._pressed_at.toTuple()) > _CLICK_PX:
                band = QRectF(start, self.chart_at(position)).normalized()
                self.stroke_tool.select_in((band.left(), band.top()), (band.right(), band.bottom()), self._band_extends)
            elif not self._band_extends:
                self.selection.clear()
        else:
            self.stroke_tool.release()

    def cancel(self) -> bool:
        """Give up what the pen is doing. False when it is up."""
        if self._point is not None:
            self._point = None
            if self._point_began and self.document.gesture_active:
                self.document.cancel_gesture()
            return True
        if self._band_from is not None:
            self._band_from = None
            self.ring.set_band(None)
            return True
        return self.stroke_tool.cancel()

    def _handle_at(self, position: QPointF) -> tuple[Stroke, int] | None:
        active = self.selection.active
        stroke = next((s for s in self.document.state.strokes if s.id == active), None)
        if stroke is None or len(self.selection) != 1:
            return None
        at = self.chart_at(position)
        shown = handle_indices(stroke.points, self.px_per_chart())
        points = stroke.points[shown].astype(np.float64)
        distances = np.hypot(*(points - (at.x(), at.y())).T) * self.px_per_chart()
        nearest = int(distances.argmin())
        return (stroke, int(shown[nearest])) if distances[nearest] <= HANDLE_PX + 3.0 else None

    def _drag_point(self, position: QPointF, soft: bool) -> None:
        assert self._point is not None
        stroke, index, start = self._point
        if not self._point_began:
            if math.dist(position.toTuple(), self._pressed_at.toTuple()) < 2.0 or self.document.gesture_active:
                return
            self.document.begin_gesture("Move point")
            self._point_began = True
        if not self.document.gesture_active:
            self._point = None  # undone from outside while the button was down
            return
        at = self.chart_at(position)
        offset = (at.x() - start.x(), at.y() - start.y())
        if soft:
            grip = tuple(float(v) for v in stroke.points[index])
            moved = edit.drag(stroke, (grip[0], grip[1]), offset, max(self.tools.radius * 2.0, 0.03))
        else:
            points = stroke.points.copy()
            points[index] = np.clip(points[index] + np.array(offset, np.float32), 0.0, 1.0)
            moved = replace(stroke, points=points)
        self.input_arrived.emit()
        self.document.preview(ReplaceStrokes((moved,), "Move point"))

    def _insert_point(self, position: QPointF) -> bool:
        """A point more on the one selected stroke; False when it is not under `position`."""
        if self.tools.tool != Tool.SELECT or self.is_busy or self._handle_at(position) is not None:
            return False
        at = self.chart_at(position)
        hit = self.stroke_tool.pick((at.x(), at.y()), _PICK_PX / self.px_per_chart())
        if hit is None or tuple(self.selection.ids) != (hit.id,):
            return False
        self.document.execute(ReplaceStrokes((with_point(hit, (at.x(), at.y())),), "Insert point"))
        return True

    def _remove_point(self, position: QPointF) -> bool:
        """Take away the point of the one selected stroke under `position`; False when there is none."""
        handle = self._handle_at(position) if self.tools.tool == Tool.SELECT and not self.is_busy else None
        shorter = None if handle is None else without_point(*handle)
        if shorter is not None:
            self.document.execute(ReplaceStrokes((shorter,), "Remove point"))
        return handle is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()
        if self._tablet_down or self._pan_from is not None or self.is_busy:
            return
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and alt and self._remove_point(event.position()):
            return
        if event.button() == Qt.MouseButton.MiddleButton or (left and (alt or self._space)):
            self._pan_from, self._pan_button = event.position(), event.button()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif left:
            self._pen_press(event.position(), 1.0, event.modifiers(), erase=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        if left and not event.modifiers() and self._insert_point(event.position()):
            event.accept()
        else:
            self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._tablet_down:
            return
        if self._pan_from is not None:
            self.pan(event.position() - self._pan_from)
            self._pan_from = event.position()
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self._pen_move(event.position(), 1.0, event.modifiers(), erase=False)
        self._hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._pan_from is not None and event.button() == self._pan_button:
            self._pan_from = None
            self._show_cursor()
        elif event.button() == Qt.MouseButton.LeftButton and not self._tablet_down:
            self._pen_release(event.position())

    @property
    def is_busy(self) -> bool:
        """The pen is down and does something."""
        return self.stroke_tool.active or self._point is not None or self._band_from is not None

    def event(self, event: QEvent) -> bool:
        """Delete means the point under the pointer; elsewhere it is the window's and means the strokes."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            over = event.key() == Qt.Key.Key_Delete and self._pointer is not None and not self.is_busy
            if over and self.tools.tool == Tool.SELECT and self._handle_at(self._pointer) is not None:
                event.accept()
                return True
        return bool(super().event(event))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QTabletEvent):
            return self._tablet(event)
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        elif event.type() == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom(pinch.scaleFactor(), QPointF(self.viewport().mapFromGlobal(pinch.hotSpot().toPoint())))
                return True
        return bool(super().viewportEvent(event))

    def _tablet(self, event: QTabletEvent) -> bool:
        """Pen events as they come, with pressure; Qt merges the mouse events that it makes of them."""
        erase = event.pointerType() == QPointingDevice.PointerType.Eraser
        position, modifiers = event.position(), event.modifiers()
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            panning = bool(modifiers & Qt.KeyboardModifier.AltModifier) or self._space
            if event.button() != Qt.MouseButton.LeftButton or panning:
                event.ignore()  # Qt makes a mouse event of it, which pans
                return False
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._tablet_down = True
            self._pen_press(position, event.pressure(), modifiers, erase)
        elif kind == QEvent.Type.TabletMove:
            if self._tablet_down:
                self._pen_move(position, event.pressure(), modifiers, erase)
            self._hover(position)
        elif self._tablet_down:
            self._tablet_down = False
            self._pen_release(position)
        event.accept()
        return True

    def _hover(self, position: QPointF | None) -> None:
        self._pointer = position
        self._show_ring()
        if position is None:
            self.strokes.set_hovered("")
            self.pointer_moved.emit(None)
            return
        at = self.chart_at(position)
        hovered = ""
        if self.tools.tool == Tool.SELECT and not self.is_busy:
            found = self.stroke_tool.pick((at.x(), at.y()), _PICK_PX / self.px_per_chart())
            hovered = found.id if found is not None else ""
        self.strokes.set_hovered(hovered)
        self._show_cursor(hovered)
        self.pointer_moved.emit(at)

    def _show_cursor(self, hovered: str = "") -> None:
        if self._pan_from is not None:
            return
        shape = Qt.CursorShape.CrossCursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.tools.tool == Tool.SELECT:
            on_handle = self._pointer is not None and self._handle_at(self._pointer) is not None
            shape = Qt.CursorShape.SizeAllCursor if on_handle else (
                Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor)  # fmt: skip
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _show_ring(self) -> None:
        tools = self.tools
        if self._pointer is None or not tools.show_ring or tools.tool == Tool.SELECT:
            self.ring.set_ring(None, 0.0, False)
        else:
            smallest = 1.5 / self.px_per_chart()
            self.ring.set_ring(self.chart_at(self._pointer), max(tools.size, smallest), tools.mirror_x)

    def tools_changed(self) -> None:
        """Size, tool or mirror changed: show the ring anew."""
        self._show_ring()
        self._show_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self._show_cursor()
        elif event.key() == Qt.Key.Key_Delete and self._pointer is not None and self._remove_point(self._pointer):
            self._show_cursor()
        elif event.key() == Qt.Key.Key_Home:
            self.fit()
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(1.0 / ZOOM_STEP)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._show_cursor()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

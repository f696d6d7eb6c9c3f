"""The chart's view: zoom, pan, and the pen. Everything that the pen does goes through the stroke tool."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.canvas.items import GuideItem, MapItem, MaskItem, RingItem, StrokeItem
from rhytid.gui.canvas.zoom_view import ZOOM_STEP, ZoomView
from rhytid.gui.controllers.brush_drag import BrushDrags
from rhytid.gui.controllers.handles import TREMBLE_PX, Grip, Handles, held_line
from rhytid.gui.controllers.pen_source import Hold, PenPoint, PenSource
from rhytid.gui.controllers.pen_stroke import Charts, StrokeHold
from rhytid.gui.controllers.point_gesture import clear_handle, insert_point
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.widgets.readout import Readout

_PICK_PX = 8.0
_CLICK_PX = 4.0


class ChartStroke(StrokeHold):
    """The tool on the chart; what is under the pen is told on the way."""

    def __init__(self, view: ChartView, charts: Charts) -> None:
        super().__init__(view.stroke_tool, charts)
        self._view = view

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self._view.input_arrived.emit()
        going = super().moved(way)
        self._view.hover(way[-1].position)
        return going


class Pan(Hold):
    """The chart is dragged about."""

    def __init__(self, view: ChartView, at: QPointF) -> None:
        self._view = view
        self._at = at
        self._corner = view.chart_at(QPointF())
        view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self._view.pan(way[-1].position - self._at)
        self._at = way[-1].position
        return True

    def lifted(self) -> None:
        self._view.show_cursor()

    def dropped(self) -> None:
        self._view.pan(-self._view.position_of(self._corner.x(), self._corner.y()))
        self._view.show_cursor()


class Band(Hold):
    """A rubber band around the strokes to select; a click beside all strokes selects none."""

    def __init__(self, view: ChartView, at: QPointF, extend: bool) -> None:
        self._view = view
        self._pressed_at, self._at = at, at
        self._from = view.chart_at(at)
        self._extend = extend

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self._at = way[-1].position
        if self._is_drawn:
            self._view.ring.set_band(self._rect())
        self._view.hover(self._at)
        return True

    def lifted(self) -> None:
        self._view.ring.set_band(None)
        if self._is_drawn:
            band = self._rect()
            low, high = (band.left(), band.top()), (band.right(), band.bottom())
            self._view.stroke_tool.select_in(low, high, self._extend)
        elif not self._extend:
            self._view.selection.clear()

    def dropped(self) -> None:
        self._view.ring.set_band(None)

    @property
    def _is_drawn(self) -> bool:
        way = self._at - self._pressed_at
        return math.hypot(way.x(), way.y()) > _CLICK_PX

    def _rect(self) -> QRectF:
        return QRectF(self._from, self._view.chart_at(self._at)).normalized()


class ChartView(ZoomView):
    """The chart with map, guides and strokes, under the pen.

    Signals
    -------
    pointer_moved(object)
        Chart coordinate under the pointer as QPointF, None when it left.
    input_arrived()
        A pen or mouse event is about to change the document.
    menu_asked(QPointF)
        A right click.
    """

    pointer_moved = Signal(object)
    input_arrived = Signal()
    menu_asked = Signal(QPointF)

    def __init__(
        self, document: Document, tools: ToolSettings, selection: Selection, stroke_tool: StrokeTool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.document, self.tools, self.selection, self.stroke_tool = document, tools, selection, stroke_tool
        self.map, self.mask, self.guides = MapItem(), MaskItem(), GuideItem()
        self.strokes, self.ring = StrokeItem(), RingItem()
        for depth, item in enumerate((self.map, self.mask, self.guides, self.strokes, self.ring)):
            item.setZValue(depth)
            self.box.addItem(item, ignoreBounds=True)
        self.brush_drags = BrushDrags(tools, Readout(self.viewport()).tell)
        self._pointer: QPointF | None = None
        self._space = False
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setTabletTracking(True)
        self.viewport().setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Chart"))
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self.moved.connect(self._show_ring)
        self.pen = PenSource(self.viewport(), self._pressed, self.hover, self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        steps = (delta.y() or delta.x()) / 120.0
        if steps and not self.is_busy:
            self.zoom(ZOOM_STEP**steps, event.position())
        event.accept()

    # --- pen and mouse -------------------------------------------------------------------------------

    def _pressed(self, at: PenPoint) -> Hold:
        """What a press begins; presses that mean nothing here end here."""
        adjusting = self.brush_drags.pressed(at)
        if adjusting is not None:
            return adjusting
        if at.button == Qt.MouseButton.RightButton:
            self.menu_asked.emit(at.position)
            return Hold()
        alt = bool(at.modifiers & Qt.KeyboardModifier.AltModifier)
        left = at.button == Qt.MouseButton.LeftButton
        grip = self._grip_at(at.position) if left and not self._space else None
        if grip is not None:
            return self._handle(at, grip, alt=alt)
        if at.button == Qt.MouseButton.MiddleButton or (left and (alt or self._space)):
            return Pan(self, at.position)
        if not left or (at.double and not at.modifiers and self._insert_point(at.position)):
            return Hold()
        return self._stroke(at)

    def _handle(self, at: PenPoint, grip: Grip, *, alt: bool) -> Hold:
        """A handle is dragged; Alt takes a point away, a double click gives a tangent back to the smooth curve."""
        if (alt and grip.side is None) or (at.double and grip.side is not None):
            clear_handle(self.document, grip)
            return Hold()
        self.input_arrived.emit()
        drag = ChartStroke(self, self._charts_around)
        return drag if drag.begin(at, grip) else Hold()

    def _stroke(self, at: PenPoint) -> Hold:
        """The tool at work; of the select tool beside all strokes a rubber band."""
        self.input_arrived.emit()
        selecting = self.tools.tool == Tool.SELECT
        if selecting and self._stroke_at(at.position) is None:
            extend = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
            return Band(self, at.position, bool(at.modifiers & extend))
        stroke = ChartStroke(self, self._charts)
        return stroke if stroke.begin(at) else Hold()

    def _charts(self, positions: Sequence[QPointF]) -> list[tuple[float, float] | None]:
        """Chart coordinates under points of the widget; None beside the chart."""
        return [at if min(at) >= 0.0 and max(at) <= 1.0 else None for at in self._charts_around(positions)]

    def _charts_around(self, positions: Sequence[QPointF]) -> list[tuple[float, float]]:
        """The same without an end: a point of a stroke goes to the chart's edge when the pen goes beyond."""
        charts = map(self.chart_at, positions)
        return [(at.x(), at.y()) for at in charts]

    def _stroke_at(self, position: QPointF) -> Stroke | None:
        at = self.chart_at(position)
        return self.stroke_tool.pick((at.x(), at.y()), _PICK_PX / self.px_per_chart())

    def cancel(self) -> bool:
        """Give up what the pen is doing. False when it is up."""
        dropped = self.brush_drags.cancel() or self.pen.cancel()
        return self.stroke_tool.cancel() or dropped

    def _grip_at(self, position: QPointF) -> Grip | None:
        """The handle under a point of the widget."""
        line = held_line(self.document, self.selection, self.tools)
        if line is None:
            return None
        handles, at, scale = Handles.of(line, self.selection.point), self.chart_at(position), self.px_per_chart()
        row = handles.nearest(handles.charts * scale, (at.x() * scale, at.y() * scale))
        return None if row is None else handles.grip(row, TREMBLE_PX / scale)

    def _insert_point(self, position: QPointF) -> bool:
        """A point more on the one selected stroke; False when it is not under `position`."""
        line = held_line(self.document, self.selection, self.tools)
        hit, at = self._stroke_at(position), self.chart_at(position)
        if self.is_busy or line is None or hit is None or hit.id != line.id:
            return False
        return insert_point(self.document, self.selection, line, (at.x(), at.y()))

    def _clear_handle(self, position: QPointF) -> bool:
        """Take away the handle of the one selected stroke under `position`; False when there is none."""
        grip = None if self.is_busy else self._grip_at(position)
        if grip is not None:
            clear_handle(self.document, grip)
        return grip is not None

    @property
    def is_busy(self) -> bool:
        """The pen is down and does something."""
        return self.pen.down or self.stroke_tool.active

    def event(self, event: QEvent) -> bool:
        """Delete means the point under the pointer; elsewhere it is the window's and means the strokes."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            over = event.key() == Qt.Key.Key_Delete and self._pointer is not None and not self.is_busy
            if over and self._grip_at(self._pointer) is not None:
                event.accept()
                return True
        return bool(super().event(event))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                if self.pen.give_way():
                    hot_spot = self.viewport().mapFromGlobal(pinch.hotSpot().toPoint())
                    self.zoom(pinch.scaleFactor(), QPointF(hot_spot))
                return True
        return bool(super().viewportEvent(event))

    def hover(self, position: QPointF | None) -> None:
        """Tell and show what is under the pen; None when it left."""
        if self.brush_drags.hovered(position):
            return
        self._pointer = position
        self._show_ring()
        if position is None:
            self.strokes.set_hovered("")
            self.pointer_moved.emit(None)
            return
        at = self.chart_at(position)
        hovered = ""
        if self.tools.tool == Tool.SELECT and not self.is_busy:
            found = self._stroke_at(position)
            hovered = found.id if found is not None else ""
        self.strokes.set_hovered(hovered)
        self.show_cursor(hovered)
        self.pointer_moved.emit(at)

    def show_cursor(self, hovered: str = "") -> None:
        """The pointer's shape for the tool and for what is under it."""
        shape = Qt.CursorShape.CrossCursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self.tools.tool == Tool.SELECT:
            on_handle = self._pointer is not None and self._grip_at(self._pointer) is not None
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
        self._follow_keys()

    def _follow_keys(self) -> None:
        if not self.pen.down:
            self.show_cursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel():
            return
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self._follow_keys()
        elif event.key() == Qt.Key.Key_Delete and self._pointer is not None and self._clear_handle(self._pointer):
            self.show_cursor()
        elif self.is_busy:
            event.ignore()  # the chart stays where it is under a pen at work
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
            self._follow_keys()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

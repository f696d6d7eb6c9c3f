"""Mouse, pen, wheel, touchpad and keys of the viewport: what moves the camera and what the tool gets."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import (
    QCursor,
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)

from rhytid.core.document.state import Camera
from rhytid.gui.controllers.comparing import nudge
from rhytid.gui.controllers.navigation import Button, Drag, drag_for, dragged, zoomed_by_wheel
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.panels.gesture import finish_pending
from rhytid.gui.render.camera import dolly, orbit, pan
from rhytid.gui.viewport.viewport import Viewport

# The pen's way is followed on the screen in steps of this many logical pixels.
STEP_PX = 3.0
MAX_STEPS = 48
WHEEL_STEP = 120.0
RING_DELAY_S = 0.03

_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}


class ViewportInput(QObject):
    """Listens to a viewport's events.

    Parameters
    ----------
    viewport : Viewport
    """

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._session = viewport.session
        self._drag: tuple[Drag, QPointF, Camera] | None = None
        self._drag_button: Qt.MouseButton | None = None
        self._pen_at: QPointF | None = None
        self._pen_button: Qt.MouseButton | None = None
        self._pen_pressure = 1.0
        self._pen_erases = False
        self._tablet_down = False
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease):
            return isinstance(event, QTabletEvent) and self._tablet(event)
        if kind == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            return self._press(event)
        if kind == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            return self._press(event)
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            return self._move(event)
        if kind == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            return self._release(event)
        if kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            return self._wheel(event)
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            return self._gesture(event)
        if kind == QEvent.Type.Leave:
            self._leave()
        elif kind == QEvent.Type.Enter and isinstance(event, QEnterEvent):
            self._hover(event.position())
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self.cancel() if event.key() == Qt.Key.Key_Escape else self._nudge(event)
        elif kind == QEvent.Type.FocusOut and self._pen_at is not None and not self._mouse_is_down():
            self._end_pen()
        return False

    def cancel(self) -> bool:
        """Esc: take back the gesture that is going on. False when there is none."""
        if self._viewport.split_bar.cancel():
            return True
        if self._session.stroke_tool.cancel():
            self._pen_at = None
            self._viewport.set_dragging(False)
            return True
        if self._drag is not None:
            self._viewport.set_camera(self._drag[2])
            self._drag = None
            self._viewport.set_dragging(False)
            return True
        return False

    def _nudge(self, event: QKeyEvent) -> bool:
        """Arrow keys move the divider between A and B, Home puts it into the middle."""
        comparison = self._session.comparison
        steps = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}.get(Qt.Key(event.key()))
        if not comparison.divided or (steps is None and event.key() != Qt.Key.Key_Home):
            return False
        if steps is None:
            comparison.move_divider(0.5)
        else:
            nudge(self._session, steps * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1))
        return True

    # ---- mouse ---------------------------------------------------------------------------------------

    def _press(self, event: QMouseEvent) -> bool:
        self._viewport.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._tablet_down or self._drag is not None or self._pen_at is not None:
            return True  # a second button, or a mouse event made up from the pen's
        position, modifiers = event.position(), event.modifiers()
        button = _BUTTONS.get(event.button())
        if button is None:
            return False
        if button is Button.LEFT:
            axis = self._viewport.axis_at(position)
            if axis is not None:
                camera = self._session.document.state.camera
                self._viewport.turn_to(axis.yaw_deg, axis.pitch_deg, camera)
                return True
        drag = drag_for(
            self._session.view.navigation,
            button,
            alt=bool(modifiers & Qt.KeyboardModifier.AltModifier),
            shift=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            control=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
        )
        if drag is None:
            if self._start_pen(position, 1.0, modifiers, erase=False):
                self._pen_button = event.button()
                return True
            drag = Drag.ORBIT  # beside the face any drag turns it
        self._start_drag(drag, position, event.button())
        return True

    def _move(self, event: QMouseEvent) -> bool:
        if self._tablet_down:
            return True
        if self._drag is not None:
            self._continue_drag(event.position())
        elif self._pen_at is not None:
            self._continue_pen(event.position(), 1.0, event.modifiers())
        else:
            self._hover(event.position())
        return True

    def _release(self, event: QMouseEvent) -> bool:
        if self._drag is not None and event.button() == self._drag_button:
            self._drag = None
            self._viewport.set_dragging(False)
            self._hover(event.position())
        elif self._pen_at is not None and event.button() == self._pen_button:
            self._end_pen()
        return True

    def _mouse_is_down(self) -> bool:
        return self._pen_button is not None or self._tablet_down

    def _start_drag(self, drag: Drag, position: QPointF, button: Qt.MouseButton) -> None:
        self._drag = (drag, position, self._session.document.state.camera)
        self._drag_button = button
        self._viewport.set_pointer(None)
        self._viewport.set_dragging(True)

    def _continue_drag(self, position: QPointF) -> None:
        assert self._drag is not None
        drag, start, camera = self._drag
        offset = position - start
        self._viewport.set_camera(dragged(camera, drag, offset.x(), offset.y(), self._viewport.height()))

    # ---- pen -----------------------------------------------------------------------------------------

    def _tablet(self, event: QTabletEvent) -> bool:
        kind = event.type()
        position, modifiers = event.position(), event.modifiers()
        erase = event.pointerType() == QPointingDevice.PointerType.Eraser
        if kind == QEvent.Type.TabletPress:
            if event.button() != Qt.MouseButton.LeftButton or modifiers & Qt.KeyboardModifier.AltModifier:
                return False  # Qt makes a mouse event of it, which turns the camera
            self._viewport.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._viewport.axis_at(position) is not None:
                return False
            self._tablet_down = self._start_pen(position, event.pressure(), modifiers, erase)
            event.setAccepted(self._tablet_down)
            return self._tablet_down
        if not self._tablet_down:
            return False
        if kind == QEvent.Type.TabletMove:
            self._continue_pen(position, event.pressure(), modifiers, erase)
        else:
            self._tablet_down = False
            self._end_pen()
        event.accept()
        return True

    def _start_pen(
        self, position: QPointF, pressure: float, modifiers: Qt.KeyboardModifier, erase: bool
    ) -> bool:
        finish_pending(self._session.document)
        self._session.input_arrived(time.perf_counter())
        sample = self._sample(position, pressure, modifiers, erase)
        extend = bool(modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
        if not self._session.stroke_tool.press(sample, extend=extend):
            return False
        self._pen_at, self._pen_pressure, self._pen_erases = position, pressure, sample.erase
        self._viewport.set_dragging(True)
        self._hover(position)
        return True

    def _continue_pen(
        self, position: QPointF, pressure: float, modifiers: Qt.KeyboardModifier, erase: bool = False
    ) -> None:
        assert self._pen_at is not None
        self._session.input_arrived(time.perf_counter())
        start, start_pressure = self._pen_at, self._pen_pressure
        way = position - start
        n = min(max(math.ceil(math.hypot(way.x(), way.y()) / STEP_PX), 1), MAX_STEPS)
        shares = [(i + 1) / n for i in range(n)]
        charts = self._viewport.pick_charts([start + way * share for share in shares])
        samples = [
            PenSample(
                chart,
                start_pressure + (pressure - start_pressure) * share,
                self._pen_erases or erase,
                bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
                on_surface=True,
            )
            for chart, share in zip(charts, shares, strict=True)
        ]
        self._session.stroke_tool.move(samples)
        self._pen_at, self._pen_pressure = position, pressure
        point = self._viewport.pick(position)
        # The ring rides along with the frame that shows the stroke.
        self._viewport.set_pointer(point, RING_DELAY_S)

    def _end_pen(self) -> None:
        self._pen_at = self._pen_button = None
        self._viewport.set_dragging(False)
        self._session.stroke_tool.release()

    def _sample(
        self, position: QPointF, pressure: float, modifiers: Qt.KeyboardModifier, erase: bool
    ) -> PenSample:
        point = self._viewport.pick(position)
        return PenSample(
            None if point is None else point.chart,
            pressure,
            erase or bool(modifiers & Qt.KeyboardModifier.ControlModifier),
            bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            on_surface=True,
        )

    # ---- pointer, wheel, touchpad --------------------------------------------------------------------

    def _hover(self, position: QPointF) -> None:
        axis = self._viewport.axis_at(position)
        self._viewport.hover_axis(axis)
        point = None if axis is not None else self._viewport.pick(position)
        self._viewport.set_pointer(point)
        tool = self._session.tools.tool
        if point is None:
            self._viewport.setCursor(Qt.CursorShape.ArrowCursor)
        elif tool == Tool.SELECT:
            self._viewport.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self._viewport.setCursor(QCursor(Qt.CursorShape.CrossCursor))

    def _leave(self) -> None:
        if self._pen_at is None:
            self._viewport.set_pointer(None)
            self._viewport.hover_axis(None)

    def _wheel(self, event: QWheelEvent) -> bool:
        if self._session.stroke_tool.active:
            return True
        camera = self._session.document.state.camera
        pixels = event.pixelDelta()
        if not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase:
            self._two_fingers(camera, pixels.x(), pixels.y(), event.modifiers())
        else:
            steps = (event.angleDelta().y() or event.angleDelta().x()) / WHEEL_STEP
            self._viewport.set_camera(zoomed_by_wheel(camera, steps))
        return True

    def _two_fingers(self, camera: Camera, dx: float, dy: float, modifiers: Qt.KeyboardModifier) -> None:
        """A touchpad: two fingers orbit, with Shift they pan, with Ctrl they zoom."""
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            camera = pan(camera, dx, dy, max(self._viewport.height(), 1))
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            camera = dolly(camera, math.exp(-dy * 0.005))
        else:
            camera = orbit(camera, -dx * 0.25, dy * 0.25)
        self._viewport.set_camera(camera)

    def _gesture(self, event: QNativeGestureEvent) -> bool:
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        camera = self._session.document.state.camera
        self._viewport.set_camera(dolly(camera, math.exp(-event.value())))
        return True

"""Mouse, pen, wheel, touchpad and keys of the viewport: what moves the camera and what the tool gets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QNativeGestureEvent, QWheelEvent

from rhytid.core.document.state import Camera
from rhytid.core.language import tr
from rhytid.gui.controllers.brush_drag import Adjusts, BrushDrags
from rhytid.gui.controllers.comparing import nudge
from rhytid.gui.controllers.handles import Grip
from rhytid.gui.controllers.light_looks import turned_light
from rhytid.gui.controllers.navigation import Button, Drag, drag_for, dragged, zoomed_by_wheel
from rhytid.gui.controllers.pen_source import Hold, PenPoint, PenSource
from rhytid.gui.controllers.pen_stroke import StrokeHold
from rhytid.gui.controllers.point_gesture import clear_handle
from rhytid.gui.controllers.slider_gesture import Drag as SliderDrag
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.preferences import Navigation
from rhytid.gui.render.camera import dolly, orbit, pan
from rhytid.gui.render.picking import SurfacePoint
from rhytid.gui.viewport.grooves import joined_over_grooves
from rhytid.gui.viewport.handle_input import HandleInput
from rhytid.gui.viewport.photo_pins import ZOOM_PER_STEP, PhotoDrag, photo_hold
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.widgets.readout import Readout

WHEEL_STEP = 120.0
RING_DELAY_S = 0.06  # longest time that the brush ring waits for its stroke
NEAR_PX = (16.0, 36.0)  # a press no farther beside the skin was meant for the skin
BARE = 0.05  # of the detail shows where nothing drawn can be seen
BESIDE = tr("Begin on the skin. A drag that begins farther away turns the head")
NOTHING_SHOWS = tr("The stroke is kept, but no detail shows here: the skin's ends before the scalp and at the neck")

CLICK_PX = 4.0  # a right button that went no farther asked for the menu
HELD = {Qt.Key.Key_B: Adjusts.SIZE, Qt.Key.Key_M: Adjusts.STRENGTH}
_BUTTONS = {
    Qt.MouseButton.LeftButton: Button.LEFT,
    Qt.MouseButton.MiddleButton: Button.MIDDLE,
    Qt.MouseButton.RightButton: Button.RIGHT,
}


class FaceStroke(StrokeHold):
    """The tool on the face; the brush ring goes along."""

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport.session.stroke_tool, self._charts_under, on_surface=True)
        self._viewport = viewport
        self.under: SurfacePoint | None = None  # the pen, as of its last event
        self._bare: bool | None = None  # all that it went over shows no detail; None before there was any

    def begin(self, at: PenPoint, grip: Grip | None = None) -> bool:
        """Press the tool down; False beside the face."""
        self._viewport.session.input_arrived(at.time_s)
        begun = super().begin(at, grip)
        if begun:
            self._viewport.set_dragging(True)
        return begun

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self._viewport.session.input_arrived(way[-1].time_s)
        going = super().moved(way)
        # The ring rides along with the frame that shows the stroke.
        self._viewport.set_pointer(self.under, RING_DELAY_S)
        return going

    def lifted(self) -> None:
        self._viewport.set_dragging(False)
        session = self._viewport.session
        steps = session.document.position
        super().lifted()
        if self._bare and session.document.position > steps and session.tools.tool == Tool.BRUSH:
            session.post(NOTHING_SHOWS)

    def dropped(self) -> None:
        self._viewport.set_dragging(False)
        super().dropped()

    def _samples(self, way: Sequence[PenPoint]) -> list[PenSample]:
        before = None if self.under is None else self.under.chart
        samples = super()._samples(way)
        renderer = self._viewport.renderer
        return samples if renderer is None else joined_over_grooves(samples, before, renderer.position_mm)

    def _charts_under(self, positions: Sequence[QPointF]) -> list[tuple[float, float] | None]:
        points = self._viewport.pick(positions)
        self.under = points[-1]
        shown = [point.detail_weight > BARE for point in points if point is not None]
        if shown:
            self._bare = not any(shown) and self._bare is not False
        return [None if point is None else point.chart for point in points]


class CameraDrag(Hold):
    """A drag that turns, shifts or zooms what is looked at."""

    def __init__(
        self, viewport: Viewport, drag: Drag, start: QPointF, clicked: Callable[[QPointF], object] | None = None
    ) -> None:
        self._viewport = viewport
        self._drag = drag
        self._start = start
        self._clicked = clicked  # told when nothing was dragged after all
        self._camera = viewport.session.document.state.camera
        viewport.set_pointer(None)
        viewport.set_dragging(True)

    def moved(self, way: Sequence[PenPoint]) -> bool:
        offset = way[-1].position - self._start
        if self._clicked is not None and math.hypot(offset.x(), offset.y()) <= CLICK_PX:
            return True
        self._clicked = None
        height = self._viewport.height()
        self._viewport.set_camera(dragged(self._camera, self._drag, offset.x(), offset.y(), height))
        return True

    def lifted(self) -> None:
        self._viewport.set_dragging(False)
        if self._clicked is not None:
            self._clicked(self._start)

    def dropped(self) -> None:
        self._viewport.set_camera(self._camera)
        self._viewport.set_dragging(False)


class LightDrag(Hold):
    """A drag that turns the light; one undo step."""

    def __init__(self, viewport: Viewport, start: QPointF) -> None:
        self._viewport = viewport
        self._start = start
        self._light = viewport.session.document.state.lighting
        self._drag = SliderDrag(viewport.session.document, tr("Turn light"))
        viewport.set_pointer(None)
        viewport.set_dragging(True)

    def moved(self, way: Sequence[PenPoint]) -> bool:
        offset = way[-1].position - self._start
        self._drag.preview(turned_light(self._light, offset.x(), offset.y()))
        return True

    def lifted(self) -> None:
        self._drag.finish()
        self._viewport.set_dragging(False)

    def dropped(self) -> None:
        self._drag.cancel()
        self._viewport.set_dragging(False)


class ViewportInput(QObject):
    """Listens to a viewport's events.

    Parameters
    ----------
    viewport : Viewport

    Signals
    -------
    menu_asked(QPointF)
        A right click that dragged nothing.
    """

    menu_asked = Signal(QPointF)

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._session = viewport.session
        self.readout = Readout(viewport)
        self.brush_drags = BrushDrags(self._session.tools, self.readout.tell)
        self.handles = HandleInput(viewport)
        self.pen = PenSource(viewport, self._pressed, self._hover)
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            return self._wheel(event)
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            return self._gesture(event)
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.brush_drags.keep():
                return True
            if event.key() == Qt.Key.Key_Delete and self.handles.clear():
                return True
            return self.cancel() if event.key() == Qt.Key.Key_Escape else self._nudge(event)
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.handles.means(event):
            event.accept()
            return True
        if kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyRelease) and isinstance(event, QKeyEvent):
            self._hold(event, kind == QEvent.Type.ShortcutOverride)
        elif kind == QEvent.Type.FocusOut:
            self.brush_drags.held = None
            self.brush_drags.keep()
        return False

    def _hold(self, event: QKeyEvent, down: bool) -> None:
        """A key is held that lets the left button change the tool, in Maya's habit."""
        adjusts = HELD.get(Qt.Key(event.key()))
        if adjusts is None or event.isAutoRepeat():
            return
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        held = down and plain and self._session.preferences.navigation is Navigation.MAYA
        self.brush_drags.held = adjusts if held else None

    def cancel(self) -> bool:
        """Esc: take back the gesture that is going on. False when there is none."""
        if self._viewport.split_bar.cancel() or self.brush_drags.cancel():
            return True
        dropped = self.pen.cancel()
        return self._session.stroke_tool.cancel() or dropped

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

    # ---- pen and mouse -------------------------------------------------------------------------------

    def _pressed(self, at: PenPoint) -> Hold | None:
        """What a press begins: an end of the axes is clicked, the camera is dragged, or the tool is at work."""
        button = _BUTTONS.get(at.button)
        if button is None:
            return None
        photo = self._viewport.photo
        if photo.layer is not None and not photo.edited:
            return photo_hold(photo, at)
        adjusting = self.brush_drags.pressed(at)
        if adjusting is not None:
            return adjusting
        axis = self._viewport.axis_at(at.position) if button is Button.LEFT else None
        if axis is not None:
            self._viewport.turn_to(axis.yaw_deg, axis.pitch_deg, self._session.document.state.camera)
            return Hold()
        grip = self.handles.grip_at(at.position) if button is Button.LEFT else None
        if grip is not None:
            return self._handle(at, grip)
        drag = drag_for(
            self._session.preferences.navigation,
            button,
            alt=bool(at.modifiers & Qt.KeyboardModifier.AltModifier),
            shift=bool(at.modifiers & Qt.KeyboardModifier.ShiftModifier),
            control=bool(at.modifiers & Qt.KeyboardModifier.ControlModifier),
        )
        if drag is None and at.double and not at.modifiers and self.handles.insert_point(at.position):
            return Hold()
        if drag is None:
            stroke = FaceStroke(self._viewport)
            if stroke.begin(at):
                self._show_pointer(stroke.under)
                return stroke
            if self._near_skin(at.position):
                self._session.post(BESIDE)
                return Hold()
            # Well beside the face any drag turns it, and with Shift the light.
            drag = Drag.LIGHT if at.modifiers == Qt.KeyboardModifier.ShiftModifier else Drag.ORBIT
        if photo.edited:
            return PhotoDrag(photo, at.position)
        if drag is Drag.LIGHT:
            return LightDrag(self._viewport, at.position)
        plain_right = button is Button.RIGHT and at.modifiers == Qt.KeyboardModifier.NoModifier
        return CameraDrag(self._viewport, drag, at.position, self.menu_asked.emit if plain_right else None)

    def _handle(self, at: PenPoint, grip: Grip) -> Hold:
        """A handle is dragged; a double click gives a tangent back to the smooth curve."""
        if at.double and grip.side is not None:
            clear_handle(self._session.document, grip)
            return Hold()
        stroke = FaceStroke(self._viewport)
        return stroke if stroke.begin(at, grip) else Hold()

    def _near_skin(self, position: QPointF) -> bool:
        """Whether skin lies within a finger's breadth; eyes and teeth are amidst it."""
        turns = [2.0 * math.pi * i / 12 for i in range(12)]
        ring = [QPointF(math.cos(t), math.sin(t)) * radius for radius in NEAR_PX for t in turns]
        return any(self._viewport.pick([position + offset for offset in ring]))

    # ---- pointer, wheel, touchpad --------------------------------------------------------------------

    def _hover(self, position: QPointF | None) -> None:
        if self.brush_drags.hovered(position):
            return
        self.handles.pointer = position
        photo = self._viewport.photo
        if position is None or (photo.layer is not None and not photo.edited):
            self._viewport.set_pointer(None)
            self._viewport.hover_axis(None)
            self._viewport.setCursor(Qt.CursorShape.ArrowCursor)
            return
        axis = self._viewport.axis_at(position)
        self._viewport.hover_axis(axis)
        self._show_pointer(None if axis is not None else self._viewport.pick([position])[0])

    def _show_pointer(self, point: SurfacePoint | None) -> None:
        """Ring and cursor over this point of the skin, or over none."""
        self._viewport.set_pointer(point)
        tool = self._session.tools.tool
        if point is None:
            self._viewport.setCursor(Qt.CursorShape.ArrowCursor)
        elif tool == Tool.SELECT:
            on_handle = self.handles.under_pointer is not None
            shapes = Qt.CursorShape
            self._viewport.setCursor(shapes.SizeAllCursor if on_handle else shapes.PointingHandCursor)
        else:
            self._viewport.setCursor(QCursor(Qt.CursorShape.CrossCursor))

    def _wheel(self, event: QWheelEvent) -> bool:
        if self.pen.down:
            return True
        if self._viewport.photo.layer is not None:
            steps = (event.angleDelta().y() or event.angleDelta().x()) / WHEEL_STEP
            self._viewport.photo.zoom(ZOOM_PER_STEP**steps, event.position())
            return True
        camera = self._session.document.state.camera
        pixels = event.pixelDelta()
        if not pixels.isNull() and event.phase() != Qt.ScrollPhase.NoScrollPhase:
            self._two_fingers(camera, pixels.x(), pixels.y(), event.modifiers())
        else:
            steps = (event.angleDelta().y() or event.angleDelta().x()) / WHEEL_STEP
            self._viewport.set_camera(zoomed_by_wheel(camera, steps, self._under(event.position())))
        return True

    def _under(self, position: QPointF) -> tuple[float, float, float] | None:
        """The skin under a point of the widget in mm; None beside it."""
        point, renderer = self._viewport.pick([position])[0], self._viewport.renderer
        if point is None or renderer is None:
            return None
        x, y, z = (float(v) for v in renderer.position_mm(point.chart))
        return x, y, z

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
        if not self.pen.give_way():
            return True
        if self._viewport.photo.layer is not None:
            self._viewport.photo.zoom(math.exp(event.value()), event.position())
            return True
        camera = self._session.document.state.camera
        self._viewport.set_camera(dolly(camera, math.exp(-event.value())))
        return True

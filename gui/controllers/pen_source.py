"""From Qt's events to what a pressed pen does: one machine for mouse, pen and finger, on the face and on the chart.

A press asks the surface what it begins and gets a `Hold`: a stroke, a turn of the camera, a rubber band. The
hold follows the pen until it lifts, and ends in one of three ways:

- the pen lifts: what was done is kept;
- the pen is lost (its release went elsewhere, the window lost the keyboard, a menu or a dialog opened, the surface
  was hidden): kept as well, up to there;
- Esc: taken back.

Every sample of the pen counts, however busy the program is: over the surface Qt leaves out no moves that wait to be
read. What came in together is handed to the hold in one go, so that a slow step makes the next one longer, not late.

After a loss or Esc nothing happens until the pen lifts. While one pen is down, every other one is ignored, mouse
events that the system makes up from the pen's included; only a pen takes over from a finger, whose hand was resting.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QWidget

from rhytid.gui.controllers.pen_reach import PenReach

# The pen's way is followed on the screen in steps of this many logical pixels.
STEP_PX = 3.0
MAX_STEPS = 48
# A second press no farther from the pen than this is the first one again; farther away, a release was lost.
SAME_PRESS_PX = 4.0


class PenKind(Enum):
    """What touches the surface."""

    MOUSE = "mouse"
    FINGER = "finger"
    PEN = "pen"
    ERASER = "eraser"


class PenState(Enum):
    """What the machine waits for."""

    UP = "up"  # a press
    DOWN = "down"  # the release of a pen that does something
    SPENT = "spent"  # the release of a pen that does nothing any more
    PASSED = "passed"  # the release of a pen that is down on something else, a button over the surface


@dataclass(frozen=True)
class PenPoint:
    """A pen at one moment.

    Attributes
    ----------
    position : QPointF
        On the surface in logical pixels; finite.
    pressure : float
        0..1; 1 for mouse and finger.
    time_s : float
        When the event came in, as of `time.perf_counter`.
    kind : PenKind
    modifiers : Qt.KeyboardModifier
    button : Qt.MouseButton
        What was pressed or released; the pen's tip is the left one. Of a move: none.
    double : bool
        The second press of a double click.
    """

    position: QPointF
    pressure: float
    time_s: float
    kind: PenKind
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    double: bool = False


class Hold:
    """What a pressed pen does until it lifts; this one does nothing."""

    def moved(self, way: Sequence[PenPoint]) -> bool:
        """The pen went through `way`, oldest first. False when nothing is left to do until it lifts."""
        return True

    def lifted(self) -> None:
        """The pen is up or lost: keep what was done."""

    def dropped(self) -> None:
        """Take back what was done."""


_MOUSE = {
    QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
}  # fmt: skip
_TABLET = {QEvent.Type.TabletPress, QEvent.Type.TabletMove, QEvent.Type.TabletRelease}
_PRESSES = {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.TabletPress}
_RELEASES = {QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease}
# Each of these may come with the pen down, and its release then goes elsewhere or nowhere.
_LOSSES = {QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked, QEvent.Type.Hide,
           QEvent.Type.Resize}  # fmt: skip
_PENS = {PenKind.PEN, PenKind.ERASER}
_PASS_ON = QEvent.Type(QEvent.registerEventType())  # posted: its turn comes after the moves that wait already
_EVERY_MOVE = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents


class PenSource(QObject):
    """Listens to a surface's events.

    Parameters
    ----------
    surface : QWidget
        Gets the pointer's events.
    pressed : callable
        Told where a pen touches down; gives what it does, None when that is not the surface's business.
    hovered : callable
        Told where a pen is that does nothing, None when it left.
    keys : QWidget, optional
        Has the keyboard focus while the pen is down; the surface itself by default.
    """

    def __init__(
        self,
        surface: QWidget,
        pressed: Callable[[PenPoint], Hold | None],
        hovered: Callable[[QPointF | None], None],
        keys: QWidget | None = None,
    ) -> None:
        super().__init__(surface)
        self._surface = surface
        self._keys = keys if keys is not None else surface
        self._pressed, self._hovered = pressed, hovered
        self._state = PenState.UP
        self._hold: Hold | None = None
        self._last = PenPoint(QPointF(), 1.0, 0.0, PenKind.MOUSE)
        self._way: list[PenPoint] = []  # of the pen that is down, not handed on yet
        self._hover_at: QPointF | None = None  # of one in the air, not told yet
        self._kind, self._button = PenKind.MOUSE, Qt.MouseButton.NoButton
        self._tablet_seen = False
        self._reach = PenReach(self, self._left)
        for widget in {self._surface, self._keys}:
            widget.installEventFilter(self)

    @property
    def state(self) -> PenState:
        return self._state

    @property
    def down(self) -> bool:
        """The pen is down and does something."""
        return self._state is PenState.DOWN

    def lose(self) -> None:
        """End what the pen does and keep it; nothing happens until it lifts."""
        self._end(PenState.SPENT, kept=True)

    def cancel(self) -> bool:
        """Esc: take back what the pen does; nothing happens until it lifts. False when it does nothing."""
        return self._end(PenState.SPENT, kept=False)

    def give_way(self) -> bool:
        """A gesture of several fingers begins: what one of them did is taken back. False while a pen is down."""
        if self.down and self._kind is PenKind.FINGER:
            self.cancel()
        return not self.down

    # ---- events --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.TabletLeaveProximity:
            self._left()
        elif kind in _LOSSES:
            self.lose()
        elif watched is not self._surface:
            return False
        elif kind in _MOUSE and isinstance(event, QMouseEvent):
            self._mouse(event)
            return True
        elif kind in _TABLET and isinstance(event, QTabletEvent):
            taken = self._tablet(event)
            event.setAccepted(taken)  # of what is not taken Qt makes mouse events, for what lies over the surface
            return taken
        elif self.down:
            return kind == QEvent.Type.ContextMenu
        elif kind == QEvent.Type.Leave:
            QCoreApplication.setAttribute(_EVERY_MOVE, True)
            self._hover_at = None
            self._hovered(None)
        elif kind == QEvent.Type.Enter and isinstance(event, QEnterEvent):
            QCoreApplication.setAttribute(_EVERY_MOVE, False)
            self._hovered(event.position())
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == _PASS_ON:
            self._pass_on()
            return True
        return super().event(event)

    def _mouse(self, event: QMouseEvent) -> None:
        kind = self._kind_of(event)
        if kind is None or not _finite(event.position()):
            return
        point = PenPoint(event.position(), 1.0, time.perf_counter(), kind, event.modifiers(), event.button(),
                         event.type() == QEvent.Type.MouseButtonDblClick)  # fmt: skip
        if event.type() in _RELEASES:
            self._up(point)
            return
        if self._held_by(kind) and not event.buttons() & self._button:
            self._end(PenState.UP, kept=True)
        if event.type() in _PRESSES:
            self._down(point)
        else:
            self._move(point)

    def _kind_of(self, event: QMouseEvent) -> PenKind | None:
        """Mouse or finger; None when the event was made up from a pen's that was here already."""
        device = event.pointingDevice().type()
        if device == QInputDevice.DeviceType.TouchScreen:
            return PenKind.FINGER
        from_pen = device in (QInputDevice.DeviceType.Stylus, QInputDevice.DeviceType.Airbrush)
        made_up = event.source() in (
            Qt.MouseEventSource.MouseEventSynthesizedBySystem, Qt.MouseEventSource.MouseEventSynthesizedByQt
        )  # fmt: skip
        return None if self._tablet_seen and (from_pen or made_up) else PenKind.MOUSE

    def _tablet(self, event: QTabletEvent) -> bool:
        self._tablet_seen = True
        kind = PenKind.ERASER if event.pointerType() == QPointingDevice.PointerType.Eraser else PenKind.PEN
        if not _finite(event.position()):
            return True
        point = PenPoint(event.position(), self._pressure(event), time.perf_counter(), kind, event.modifiers(),
                         event.button())  # fmt: skip
        if event.type() in _RELEASES:
            return self._up(point)
        touches = event.buttons() != Qt.MouseButton.NoButton or event.pressure() > 0
        if event.type() not in _PRESSES:
            if self._held_by(kind) and not touches:
                self._end(PenState.UP, kept=True)
            return self._move(point)
        return self._down(point)

    def _pressure(self, event: QTabletEvent) -> float:
        pressure = event.pressure()
        return min(max(pressure, 0.0), 1.0) if math.isfinite(pressure) else self._last.pressure

    def _left(self) -> None:
        """A pen is out of reach: if it was down, its release is lost."""
        if self._kind in _PENS:
            self._end(PenState.UP, kept=True)

    # ---- the machine ---------------------------------------------------------------------------------

    def _held_by(self, kind: PenKind) -> bool:
        return self._state is not PenState.UP and self._kind is kind

    def _down(self, point: PenPoint) -> bool:
        if self.down or (self._held_by(point.kind) and self._button != point.button):
            if self._is_second(point):
                return self._state is not PenState.PASSED
            # A pen over a resting hand, or a press after a release that was lost.
            self._end(PenState.UP, kept=self._kind is point.kind)
        hold: Hold | None = None
        if not self._is_over(point):
            self._keys.setFocus(Qt.FocusReason.MouseFocusReason)
            hold = self._pressed(point)
        self._kind, self._button = point.kind, point.button
        self._last = point
        self._hold = hold
        self._enter(PenState.PASSED if hold is None else PenState.DOWN)
        return hold is not None

    def _is_second(self, point: PenPoint) -> bool:
        """Whether a press while a pen is down is another pen's or button's, or the same one told twice."""
        if self._kind is not point.kind:
            return not (self._kind is PenKind.FINGER and point.kind in _PENS)
        if self._button != point.button:
            return True
        way = point.position - self._last.position
        return math.hypot(way.x(), way.y()) <= SAME_PRESS_PX

    def _move(self, point: PenPoint) -> bool:
        if self.down:
            if self._kind is point.kind:
                self._follow(point)
            return True
        if self._state is PenState.PASSED and self._kind is point.kind:
            return False
        if self._is_over(point):
            return False
        self._ask_turn()
        self._hover_at = point.position
        # Not taken from a pen in the air: of Qt's mouse events come Enter and Leave.
        return self._held_by(point.kind)

    def _is_over(self, point: PenPoint) -> bool:
        """A pen points at something that lies over the surface; of a mouse the surface is not even told."""
        return point.kind in _PENS and self._surface.childAt(point.position.toPoint()) is not None

    def _follow(self, point: PenPoint) -> None:
        self._ask_turn()
        self._way += steps_between(self._last, point)
        self._last = point

    def _ask_turn(self) -> None:
        if not self._way and self._hover_at is None:
            QCoreApplication.postEvent(self, QEvent(_PASS_ON))

    def _pass_on(self) -> None:
        """Hand on where the pen has been since the last time."""
        at, self._hover_at = self._hover_at, None
        if at is not None and not self.down:
            self._hovered(at)
        hold, way = self._hold, self._way
        self._way = []
        if hold is None or not way:
            return
        try:
            going = hold.moved(way)
        except Exception:
            self.cancel()  # once is enough: the next move would fail the same way
            raise
        if not going:
            self.lose()

    def _up(self, point: PenPoint) -> bool:
        if not self._held_by(point.kind):
            return self._state is not PenState.UP or point.kind not in _PENS
        if point.button not in (self._button, Qt.MouseButton.NoButton):
            return True
        taken = self._state is not PenState.PASSED
        self._end(PenState.UP, kept=True)
        if taken:
            self._hovered(point.position)
        return taken

    def _end(self, state: PenState, *, kept: bool) -> bool:
        """Leave the hold, if there is one, for a state without; whether there was one."""
        if kept:
            self._pass_on()
        self._way = []
        hold, self._hold = self._hold, None
        if hold is not None or state is PenState.UP:
            self._enter(state)
        if hold is None:
            return False
        if kept:
            hold.lifted()
        else:
            hold.dropped()
        return True

    def _enter(self, state: PenState) -> None:
        self._state = state
        self._reach.watch(state is not PenState.UP and self._kind in _PENS)


def steps_between(start: PenPoint, end: PenPoint) -> list[PenPoint]:
    """The way from `start`, which is left out, to `end` in steps of a few pixels; place and pressure change evenly."""
    way, share_s = end.position - start.position, end.time_s - start.time_s
    n = min(max(math.ceil(math.hypot(way.x(), way.y()) / STEP_PX), 1), MAX_STEPS)
    shares = ((i + 1) / n for i in range(n))
    return [
        replace(
            end,
            position=start.position + way * share,
            pressure=start.pressure + (end.pressure - start.pressure) * share,
            time_s=start.time_s + share_s * share,
        )
        for share in shares
    ]


def _finite(position: QPointF) -> bool:
    return math.isfinite(position.x()) and math.isfinite(position.y())

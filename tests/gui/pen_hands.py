"""Hands for tests: events of mouse, pen, eraser and finger, sent to a widget as Qt would."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication, QWidget

LEFT, RIGHT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
NO_KEY = Qt.KeyboardModifier.NoModifier
_KINDS = QPointingDevice.PointerType
_PEN_CAN = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure


def device(kind: QInputDevice.DeviceType, pointer: QPointingDevice.PointerType) -> QPointingDevice:
    """A device of the test's own; the system's need a driver."""
    return QPointingDevice(f"{pointer.name}", 70 + pointer.value, kind, pointer, _PEN_CAN, 1, 3, "",
                           QPointingDeviceUniqueId())  # fmt: skip


PEN = device(QInputDevice.DeviceType.Stylus, _KINDS.Pen)
ERASER = device(QInputDevice.DeviceType.Stylus, _KINDS.Eraser)
FINGER = device(QInputDevice.DeviceType.TouchScreen, _KINDS.Finger)


class Hands:
    """Everything that can touch a widget.

    Parameters
    ----------
    surface : QWidget
    """

    def __init__(self, surface: QWidget) -> None:
        self.surface = surface

    def mouse(
        self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton = LEFT, buttons: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = NO_KEY, source: Qt.MouseEventSource | None = None,
        by: QPointingDevice | None = None,
    ) -> None:  # fmt: skip
        by = by if by is not None else QPointingDevice.primaryPointingDevice()
        source = source if source is not None else Qt.MouseEventSource.MouseEventNotSynthesized
        everywhere = self.surface.mapToGlobal(at)
        event = QMouseEvent(kind, at, at, everywhere, button, buttons, keys, source, by)
        QApplication.sendEvent(self.surface, event)
        if kind == QEvent.Type.MouseMove:
            QApplication.sendPostedEvents()  # moves are handed on together once none waits

    def tablet(
        self, kind: QEvent.Type, at: QPointF, pressure: float = 0.5, by: QPointingDevice = PEN,
        button: Qt.MouseButton = LEFT, buttons: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEY,
    ) -> bool:  # fmt: skip
        event = QTabletEvent(kind, by, at, self.surface.mapToGlobal(at), pressure, 0, 0, 0.0, 0.0, 0.0, keys, button,
                             buttons)  # fmt: skip
        QApplication.sendEvent(self.surface, event)
        if kind == QEvent.Type.TabletMove:
            QApplication.sendPostedEvents()
        return event.isAccepted()

    def press(self, at: QPointF, pen: str = "mouse", **options: object) -> None:
        """`pen`: "mouse", "finger", "pen" or "eraser"."""
        self._touch(QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress, at, pen, LEFT, LEFT, **options)

    def move(self, at: QPointF, pen: str = "mouse", **options: object) -> None:
        self._touch(QEvent.Type.MouseMove, QEvent.Type.TabletMove, at, pen, NO_BUTTON, LEFT, **options)

    def hover(self, at: QPointF, pen: str = "mouse") -> None:
        """A move with nothing pressed."""
        options = {"pressure": 0.0} if pen in ("pen", "eraser") else {}
        self._touch(QEvent.Type.MouseMove, QEvent.Type.TabletMove, at, pen, NO_BUTTON, NO_BUTTON, **options)

    def release(self, at: QPointF, pen: str = "mouse", **options: object) -> None:
        self._touch(QEvent.Type.MouseButtonRelease, QEvent.Type.TabletRelease, at, pen, LEFT, NO_BUTTON, **options)

    def draw(self, way: list[QPointF], pen: str = "mouse") -> None:
        """Press, move and release along a way."""
        self.press(way[0], pen)
        for at in way[1:]:
            self.move(at, pen)
        self.release(way[-1], pen)

    def leave_reach(self, by: QPointingDevice = PEN) -> None:
        """The pen is lifted off the tablet; only the application is told."""
        at = QPointF()
        event = QTabletEvent(QEvent.Type.TabletLeaveProximity, by, at, at, 0.0, 0, 0, 0.0, 0.0, 0.0, NO_KEY,
                             NO_BUTTON, NO_BUTTON)  # fmt: skip
        QApplication.sendEvent(QApplication.instance(), event)

    def _touch(self, mouse_kind, tablet_kind, at, pen, button, buttons, **options) -> None:  # type: ignore[no-untyped-def]
        if pen in ("pen", "eraser"):
            self.tablet(tablet_kind, at, by=ERASER if pen == "eraser" else PEN, button=button, buttons=buttons,
                        **options)  # fmt: skip
        else:
            self.mouse(mouse_kind, at, button, buttons, by=FINGER if pen == "finger" else None, **options)

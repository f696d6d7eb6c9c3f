"""When a pen left the tablet's reach."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject


class PenReach(QObject):
    """Tells when a pen left the tablet's reach; only the application hears of it, so one listens to all its events.

    Parameters
    ----------
    left : callable
    """

    def __init__(self, parent: QObject, left: Callable[[], None]) -> None:
        super().__init__(parent)
        self._left = left
        self._watching = False

    def watch(self, on: bool) -> None:
        """Listen from now on, or no longer."""
        application = QCoreApplication.instance()
        if on == self._watching or application is None:
            return
        self._watching = on
        if on:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.TabletLeaveProximity:
            self._left()
        return False

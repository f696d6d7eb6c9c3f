"""When the viewport paints, and what reaches the screen with it.

Qt puts the whole window together whenever anything in it was painted, which costs a software renderer about as much
as drawing the face. So one event of a hand makes one picture of the window: the viewport is painted together with all
that waits to be painted, and panels that follow an edit wait for the picture of the face that answers to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

FRAME_S = 1.0 / 60.0
HOLD_MS = 100  # longest time that panels wait for the face: what comes later than that, a hand feels
PLAYED_HOLD_MS = 400  # the same while a clip plays, when no hand waits


def on_screen(widget: QWidget) -> bool:
    """Whether the system shows the widget's window.

    While Qt lays a window out it resizes what is in it several times, each time with a picture that nobody sees.
    """
    handle = widget.window().windowHandle()
    return handle is not None and handle.isExposed()


class FramePacing(QObject):
    """Paints a widget when asked to, at most at the screen's rate.

    Parameters
    ----------
    widget : QWidget
    awaited : callable
        Whether a picture is on its way that the widget will be asked to paint.
    played : callable
        Whether a clip plays.

    Signals
    -------
    due()
        The widget is about to be painted.
    """

    due = Signal()

    def __init__(self, widget: QWidget, awaited: Callable[[], bool], played: Callable[[], bool]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._awaited, self._played = awaited, played
        self._window: QWidget | None = None
        self._painting = False
        self._painted_s = 0.0
        self._frame = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._frame.timeout.connect(self._paint)
        self._hold = QTimer(self, singleShot=True)
        self._hold.timeout.connect(self._paint_panels)

    @property
    def waiting(self) -> bool:
        """A frame was asked for and is still to come."""
        return self._frame.isActive()

    def request(self, delay_s: float = 0.0) -> None:
        """Paint soon: at once when the last frame is a screen's period ago, else when it will be.

        Parameters
        ----------
        delay_s : float
            How long the frame may wait for another reason to paint.
        """
        now = time.perf_counter()
        wait_ms = max(int((max(self._painted_s + FRAME_S, now + delay_s) - now) * 1e3), 0)
        if not self._frame.isActive() or self._frame.remainingTime() > wait_ms + 1:
            self._frame.start(wait_ms)

    def painted(self) -> None:
        """The widget has been painted just now."""
        self._painted_s = time.perf_counter()

    def watch(self, window: QWidget) -> None:
        """This is the window that the widget is in now."""
        if window is not self._window:
            if self._window is not None:
                self._window.removeEventFilter(self)
            window.installEventFilter(self)
            self._window = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the window's wish to be painted for the widget's next frame; Qt asks for nothing more until then."""
        if event.type() != QEvent.Type.UpdateRequest or self._painting:
            return False
        if self._frame.isActive():
            return True
        if not self._awaited():
            return False
        if not self._hold.isActive():
            self._hold.start(PLAYED_HOLD_MS if self._played() else HOLD_MS)
        return True

    def _paint(self) -> None:
        self.due.emit()
        if self._widget.isVisible():
            self._painting = True
            self._widget.repaint()  # and with it what else waits in the window
            self._painting = False
            self._hold.stop()
        else:
            self._paint_panels()

    def _paint_panels(self) -> None:
        if self._window is not None:
            self._painting = True
            QCoreApplication.sendEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
            self._painting = False

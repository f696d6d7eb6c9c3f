"""What plays by the clock: time never waits for a picture, and frames that the machine is too slow for are left out.

Each frame waits until the last one is on its way to the screen, and then shows what the clock says by then; one that is
late is not left to wait for the next tick.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal


class Player(QObject):
    """Base of what plays; says by `span`, `time_s`, `fps`, `loop` and `show` what.

    Parameters
    ----------
    busy : callable
        Whether a picture of the face is still being computed.

    Attributes
    ----------
    clock : callable
        Seconds that pass.

    Signals
    -------
    changed()
        Something that a bar shows: what is played, when, whether it plays.
    """

    changed = Signal()
    loop: bool

    def __init__(self, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._busy = busy
        self._started = (0.0, 0.0)  # clock and time of what is played
        self._late = False  # a frame was due while the last one was computed
        self.clock = time.perf_counter
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)

    @property
    @abstractmethod
    def fps(self) -> float:
        """Frames a second."""

    @property
    def span(self) -> tuple[float, float] | None:
        """First and last second of what is played; None where there is nothing."""
        return None

    @property
    def time_s(self) -> float:
        """Time of the frame that is shown."""
        return 0.0

    def show(self, time_s: float) -> None:
        """Show the frame at a time."""

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def play(self) -> None:
        """Go on from the frame that is shown, or from the beginning at the end."""
        span = self.span
        if span is not None:
            start, end = span
            self._started = self.clock(), self.time_s if start <= self.time_s < end else start
            self._timer.start(round(1000 / self.fps))
            self.changed.emit()

    def pause(self) -> None:
        self._timer.stop()
        self.changed.emit()

    def toggle(self) -> None:
        """Play, or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def scrub(self, time_s: float) -> None:
        """Show a frame and stay there."""
        self._timer.stop()
        self.show(time_s)

    def catch_up(self) -> None:
        """What was computed is there: show the frame that has been due meanwhile."""
        if self._late and self.playing:
            self._step()

    def _step(self) -> None:
        span = self.span
        self._late = span is not None and self._busy()
        if span is None or self._late:
            return
        start, end = span
        clock, begin = self._started
        now = begin + self.clock() - clock
        if now > end and not self.loop:
            self._timer.stop()
            now = end
        elif now > end:
            self._started, now = (self.clock(), start), start
        self.show(now)

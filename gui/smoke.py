"""The smoke run: the real window draws until the refined detail shows, and leaves a picture."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.picture_file import write_picture
from rhytid.gui.viewport.viewport import Viewport

LOOK_EVERY_MS = 50
SETTLE_LOOKS = 8  # so that panels and the refined picture are painted too


class SmokeRun(QObject):
    """Watches a window.

    Parameters
    ----------
    session : EditorSession
    viewport : Viewport
        The window's, which shows the session.
    window : QWidget
        What the picture is of.
    screenshot : Path or None
        Where the picture goes.
    limit_s : float
        Longest time to wait for the detail.

    Signals
    -------
    finished(reason)
        "" when all went well.
    """

    finished = Signal(str)

    def __init__(
        self, session: EditorSession, viewport: Viewport, window: QWidget, screenshot: Path | None, limit_s: float
    ) -> None:
        super().__init__(window)
        self._session = session
        self._viewport = viewport
        self._window = window
        self._screenshot = screenshot
        self._limit_s = limit_s
        self._calm = 0
        self._error = ""
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        session.message_posted.connect(self._note)

    def start(self) -> None:
        # The pointer must not leave a brush ring in the picture, wherever it happens to be.
        self._session.tools.show_ring = False
        self._end_s = time.perf_counter() + self._limit_s
        self._timer.start()

    def _note(self, text: str, severity: str) -> None:
        if severity == "error":
            self._error = text

    def _look(self) -> None:
        if self._error:
            self._finish(self._error)
        elif time.perf_counter() > self._end_s:
            self._finish(f"no refined detail after {self._limit_s:.0f} s")
        elif not self._viewport.shows_refined or self._session.jobs.busy:
            self._calm = 0
        else:
            self._calm += 1
            if self._calm >= SETTLE_LOOKS:
                self._finish(self._save())

    def _save(self) -> str:
        if self._screenshot is None:
            return ""
        self._screenshot.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_picture(self._screenshot, self._window.grab().toImage())
        except (OSError, ValueError) as error:
            return str(error)
        return ""

    def _finish(self, reason: str) -> None:
        self._timer.stop()
        self.finished.emit(reason)

"""Work of which only the newest counts, on a thread of its own: what is asked for later stops what goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.engine import Control
from rhytid.gui.controllers.error_log import record_failure

_LONGEST_WAIT_S = 30.0


class LatestWork(QObject):
    """Runs one work after the other.

    Parameters
    ----------
    label : str
        Names the thread, and in the log what fails.

    Signals
    -------
    done(result), failed(message)
        Of the newest work alone, on the thread of Qt.
    progressed(float)
        Share of the newest work that is done, 0..1.
    """

    done = Signal(object)
    failed = Signal(str)
    progressed = Signal(float)
    _ended = Signal(int, object, object)
    _shared = Signal(int, float)

    def __init__(self, label: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._label = label
        self._newest = 0
        self._next: tuple[int, Callable[[Control], Any]] | None = None
        self._waiting = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._ended.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._shared.connect(self._tell_share, Qt.ConnectionType.QueuedConnection)
        self.busy = False

    def ask(self, work: Callable[[Control], Any]) -> None:
        """Do this instead of what goes on; `work` gets a control that raises `Cancelled` when it is overtaken."""
        with self._waiting:
            if self._closed:
                return
            self._newest += 1
            self._next = self._newest, work
            self._waiting.notify()
        self.busy = True
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._label, daemon=True)
            self._thread.start()

    def cancel(self) -> None:
        """Want nothing any more."""
        with self._waiting:
            self._newest += 1
            self._next = None
        self.busy = False

    def close(self) -> None:
        """End; waits, as a thread in native code must not outlive the interpreter."""
        self.cancel()
        with self._waiting:
            self._closed = True
            self._waiting.notify()
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _run(self) -> None:
        while True:
            with self._waiting:
                self._waiting.wait_for(lambda: self._next is not None or self._closed)
                if self._next is None:
                    return
                (number, work), self._next = self._next, None
            result: Any = None
            error: BaseException | None = None
            try:
                result = work(self._control(number))
            except Cancelled:
                continue
            except Exception as raised:
                error = raised
            self._ended.emit(number, result, error)

    def _control(self, number: int) -> Control:
        return Control(lambda: number != self._newest, lambda share: self._shared.emit(number, share))

    @Slot(int, object, object)
    def _tell(self, number: int, result: Any, error: BaseException | None) -> None:
        if number != self._newest:
            return
        self.busy = False
        if error is None:
            self.done.emit(result)
        else:
            record_failure(error, self._label)
            self.failed.emit(str(error) or type(error).__name__)

    @Slot(int, float)
    def _tell_share(self, number: int, share: float) -> None:
        if number == self._newest:
            self.progressed.emit(share)

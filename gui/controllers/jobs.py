"""Long work off the GUI thread: one job at a time, with progress, cancel and a message when it fails."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.engine import Control
from rhytid.gui.controllers.error_log import record_failure
from rhytid.gui.controllers.memory import give_back_memory

_LONGEST_WAIT_S = 30.0


@dataclass
class _Job:
    label: str
    work: Callable[[Control], Any]
    done: Callable[[Any], None] | None
    failed: Callable[[BaseException], None] | None
    control: Control
    cancelled: threading.Event
    result: Any = None
    error: BaseException | None = None


class Jobs(QObject):
    """Runs jobs one after the other on a thread of their own.

    Signals
    -------
    job_started(label), job_progressed(label, fraction), job_finished(label), job_cancelled(label)
    job_failed(label, message)
        `message` is for a person; the traceback is in the log.
    """

    job_started = Signal(str)
    job_progressed = Signal(str, float)
    job_finished = Signal(str)
    job_cancelled = Signal(str)
    job_failed = Signal(str, str)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[_Job] = deque()
        self._current: _Job | None = None
        self._thread: threading.Thread | None = None
        self._ended.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._current is not None

    def start(
        self,
        label: str,
        work: Callable[[Control], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run ``work(control)`` in the background.

        Parameters
        ----------
        label : str
            Shown in the status bar, for example "Export".
        work : callable
            Must touch neither widgets nor the document; frozen states are safe to read. What it reports by calling
            `control` is shown, and raises `Cancelled` once the person has asked to stop.
        done : callable, optional
            Gets the result, on the GUI thread.
        failed : callable, optional
            Gets the exception, on the GUI thread, beside `job_failed`.
        """
        cancelled = threading.Event()
        control = Control(cancelled.is_set, lambda share: self.job_progressed.emit(label, share))
        self._waiting.append(_Job(label, work, done, failed, control, cancelled))
        self._next()

    def cancel(self) -> None:
        """Ask the running job to stop."""
        if self._current is not None:
            self._current.cancelled.set()

    def close(self) -> None:
        """Stop everything without a result; waits, as a thread in native code must not outlive the interpreter."""
        self._waiting.clear()
        self.cancel()
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        job = self._current = self._waiting.popleft()
        self.job_started.emit(job.label)
        self._thread = threading.Thread(target=self._run, args=(job,), name=f"job {job.label}", daemon=True)
        self._thread.start()

    def _run(self, job: _Job) -> None:
        try:
            job.result = job.work(job.control)
        except BaseException as error:
            job.error = error
        give_back_memory()
        self._ended.emit(job)

    @Slot(object)
    def _finish(self, job: _Job) -> None:
        self._current = None
        try:
            self._tell(job)
        finally:  # what waits does not suffer from a listener that fails
            self._next()

    def _tell(self, job: _Job) -> None:
        if job.error is None:
            self.job_finished.emit(job.label)
            if job.done is not None:
                job.done(job.result)
        elif isinstance(job.error, Cancelled) or job.cancelled.is_set():
            self.job_cancelled.emit(job.label)
        else:
            record_failure(job.error, job.label)
            self.job_failed.emit(job.label, str(job.error) or type(job.error).__name__)
            if job.failed is not None:
                job.failed(job.error)

"""The detail scheduler as seen from the GUI thread: states in, Qt signals out."""

from __future__ import annotations

import threading
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.document.state import DocumentState
from rhytid.gui.controllers.detail_scheduler import MOMENT_S, Backend, Delivery, DetailScheduler


class DetailWorker(QObject):
    """Computes pose and detail in the background.

    Deliveries that wait for the GUI thread are merged, so that a slow frame is followed by one upload and
    not by a queue of them.

    Signals
    -------
    delivered(Delivery)
        On the GUI thread.
    failed(BaseException)
        A state could not be computed; the surface keeps showing the last one that could.
    """

    delivered = Signal(object)
    failed = Signal(object)
    _arrived = Signal()
    _raised = Signal(object)

    def __init__(self, backend: Backend, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.backend = backend
        self._lock = threading.Lock()
        self._inbox: Delivery | None = None
        self._arrived.connect(self._empty_inbox, Qt.ConnectionType.QueuedConnection)
        self._raised.connect(self.failed, Qt.ConnectionType.QueuedConnection)
        self._scheduler = DetailScheduler(self.backend, self._receive, self._raised.emit)

    def submit(self, state: DocumentState, input_s: float | None = None, moment_s: float = MOMENT_S) -> int:
        """Ask for the pose and detail of `state`. Returns at once with the generation of the result."""
        return self._scheduler.submit(state, input_s, moment_s)

    def note_seen(self, generation: int) -> None:
        """See `DetailScheduler.note_seen`."""
        self._scheduler.note_seen(generation)

    def set_full_resolution(self, resolution: int) -> None:
        self._scheduler.set_full_resolution(resolution)

    @property
    def last_generation(self) -> int:
        """Generation of the newest state that was asked for."""
        return self._scheduler.last_generation

    @property
    def idle(self) -> bool:
        """Everything asked for was computed and handed over."""
        with self._lock:
            return self._inbox is None and self._scheduler.idle

    def close(self) -> None:
        self._scheduler.close()

    def _receive(self, delivery: Delivery) -> None:
        """On the background thread."""
        with self._lock:
            waiting = self._inbox
            if waiting is not None and delivery.pose is None:
                delivery = replace(delivery, pose=waiting.pose)
            self._inbox = delivery
        if waiting is None:
            self._arrived.emit()

    @Slot()
    def _empty_inbox(self) -> None:
        with self._lock:
            delivery, self._inbox = self._inbox, None
        if delivery is not None:
            self.delivered.emit(delivery)

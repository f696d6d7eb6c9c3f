"""Where wrinkles begin to show on the clip, looked for in the background once nothing has changed for a moment."""

from __future__ import annotations

import threading
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from rhytid.core.detail.engines import Engines
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.face.onset_marks import OnsetMark, onset_marks

CALM_MS = 400
_LONGEST_WAIT_S = 30.0


class Onsets(QObject):
    """Follows clip and strokes while somebody looks.

    Signals
    -------
    found(tuple of OnsetMark)
    """

    found = Signal(object)
    _made = Signal(object, object)

    def __init__(self, document: Document, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._engines = document, engines
        self._wanted: object = None
        self._thread: threading.Thread | None = None
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._look)
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def follow(self, state: DocumentState) -> None:
        """Something changed."""
        clip = state.clip
        wanted = (clip.tracks, clip.fps, clip.start_s, clip.end_s, state.strokes, state.settings, state.identity)
        if wanted != self._wanted:
            self._wanted = wanted
            self._calm.start()

    def close(self) -> None:
        """Look no more; waits for what is under way."""
        self._calm.stop()
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _look(self) -> None:
        if self._thread is not None:
            return  # `_take` looks again
        state, wanted = self._document.state, self._wanted
        if not state.clip.tracks:
            self.found.emit(())
            return
        self._thread = threading.Thread(target=self._work, args=(state, wanted), name="onsets", daemon=True)
        self._thread.start()

    def _work(self, state: DocumentState, wanted: object) -> None:
        strokes = [stroke for stroke in state.strokes if stroke.visible]
        if self._engines.runnable_so_far(state.settings) is not None:
            strokes += generated_strokes(replace(state, clip=type(state.clip)()), self._engines)
        self._made.emit(wanted, onset_marks(state, strokes))

    @Slot(object, object)
    def _take(self, wanted: object, marks: tuple[OnsetMark, ...]) -> None:
        self._thread = None
        if wanted == self._wanted:
            self.found.emit(marks)
        else:
            self._look()

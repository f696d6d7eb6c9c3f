"""What is wrong with the document's drawn lines: looked for on a thread of its own, mended as one undo step."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from rhytid.core.detail.engine import Control
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.error_log import record_failure
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.controllers.stroke_gestures import replacement, touchable

if TYPE_CHECKING:
    from rhytid.core.detail.line_lint import Finding

REST_MS = 250  # without a change, before lines are looked at
_LONGEST_WAIT_S = 30.0


class LineCheck(QObject):
    """Follows the document while somebody watches.

    Parameters
    ----------
    document : Document
    jobs : Jobs
        Mend many lines at once.

    Attributes
    ----------
    findings : tuple of Finding
        Of the lines as they were when they were last looked at.

    Signals
    -------
    changed()
        Other findings.
    """

    changed = Signal()
    _looked = Signal(object, object)

    def __init__(self, document: Document, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._jobs = document, jobs
        self.findings: tuple[Finding, ...] = ()
        self._watched = False
        self._looked_at: object = None
        self._thread: threading.Thread | None = None
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._look)
        self._looked.connect(self._take, Qt.ConnectionType.QueuedConnection)
        document.state_changed.connect(self._follow)

    def watch(self, on: bool) -> None:
        """Look at the lines from now on whenever they change, or no longer."""
        self._watched = on
        if on and self._looked_at != _judged(self._document.state):
            self._rest.start(0)

    @property
    def idle(self) -> bool:
        """Nothing is looked at, and what was found is told."""
        return self._thread is None and not self._rest.isActive()

    def mend(self, finding: Finding) -> bool:
        """Make one finding go away, as one undo step."""
        from rhytid.core.detail.line_mending import mended  # the rules are first needed when somebody looks

        before = touchable(self._document.state, self._document.state.strokes)
        return self._put(before, mended(before, finding), tr("Mend line"))

    def mend_all(self) -> None:
        """Make all findings go away that can be, as one undo step."""
        state = self._document.state
        before, age = touchable(state, state.strokes), state.age

        def work(_control: Control) -> tuple[Stroke, ...]:
            from rhytid.core.detail.line_mending import all_mended

            return all_mended(before, age)

        def done(after: tuple[Stroke, ...]) -> None:
            if self._document.state.strokes is state.strokes:
                self._put(before, after, tr("Mend lines"))

        self._jobs.start(tr("Mend lines"), work, done)

    def close(self) -> None:
        """End the work in the background."""
        self._watched = False
        self._rest.stop()
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _put(self, before: Sequence[Stroke], after: Sequence[Stroke], label: str) -> bool:
        return tuple(before) != tuple(after) and execute(self._document, replacement(before, after, label))

    def _follow(self, new: DocumentState, old: DocumentState) -> None:
        moved = new.strokes is not old.strokes or new.layers is not old.layers or new.age != old.age
        if moved and self._watched:
            self._rest.start(REST_MS)

    def _look(self) -> None:
        if self._thread is not None or not self._watched:
            return  # what comes back is looked at again
        state = self._document.state
        strokes = touchable(state, state.layering.seen(state.strokes))
        asked = _judged(state)

        def run() -> None:
            from rhytid.core.detail.line_lint import findings

            found: tuple[Finding, ...] = ()
            try:
                found = findings(strokes, state.age)
            except Exception as error:  # the lines can be edited all the same
                record_failure(error, "Check of lines")
            self._looked.emit(asked, found)

        self._thread = threading.Thread(target=run, name="line check", daemon=True)
        self._thread.start()

    @Slot(object, object)
    def _take(self, asked: object, found: tuple[Finding, ...]) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        self._looked_at = asked
        if found != self.findings:
            self.findings = found
            self.changed.emit()
        if self._watched and asked != _judged(self._document.state):
            self._rest.start(0)


def _judged(state: DocumentState) -> tuple[object, ...]:
    """What the findings follow from."""
    return state.strokes, state.layers, state.age

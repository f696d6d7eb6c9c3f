"""Show me: the face makes the expression that brings strokes out, and comes back to what it was.

What is shown is the preview of a gesture that is given up at the end, so that nothing of it stays: no step of the
history, no weight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.bringing_out import DURATION_S, bringing_out, share_shown
from rhytid.core.document.commands import Batch, SetActionUnits, SetExpressionWeights
from rhytid.core.document.document import Document, Gesture
from rhytid.core.document.expression import effective_expression
from rhytid.core.lines.stroke import Stroke

_FRAME_MS = 33


class ShowMe(QObject):
    """Plays one show at a time.

    Parameters
    ----------
    document : Document
    busy : callable
        Whether a picture of the face is still being computed; frames wait for it, time does not.

    Attributes
    ----------
    clock : callable
        Seconds.

    Signals
    -------
    ended()
        The face is as it was.
    """

    ended = Signal()

    def __init__(self, document: Document, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._busy = document, busy
        self._gesture: Gesture | None = None
        self._before = self._there = np.zeros(len(ARKIT_NAMES), np.float32)
        self._units: dict[str, float] = {}
        self._started_s = 0.0
        self.clock = time.perf_counter
        self._timer = QTimer(self, interval=_FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)
        document.state_changed.connect(self._look)
        document.history_changed.connect(self._look)

    @property
    def playing(self) -> bool:
        return self._gesture is not None

    def play(self, strokes: Iterable[Stroke]) -> bool:
        """Bring strokes out; False when no expression does, or while a stroke is being drawn."""
        there = bringing_out(strokes)
        self.cancel()
        if there is None or not self._document.settle():
            return False
        state = self._document.state
        self._before, self._there = effective_expression(state), there
        self._units = {name: 0.0 for name, _ in state.action_units if name in action_unit_table().weights}
        self._gesture = self._document.begin_gesture("Show me", passing=True)
        self._started_s = self.clock()
        self._timer.start()
        return True

    def cancel(self) -> bool:
        """Back to the face before; False when nothing is shown."""
        gesture = self._gesture
        if gesture is None:
            return False
        self._close()
        gesture.cancel()
        return True

    def _step(self) -> None:
        gesture, time_s = self._gesture, self.clock() - self._started_s
        if gesture is None or not gesture.alive or time_s >= DURATION_S:
            self.cancel()
        elif not self._busy():
            gesture.preview(self._worn(share_shown(time_s)))

    def _look(self, *_states: object) -> None:
        """Something else may have ended the gesture."""
        if self._gesture is not None and not self._gesture.alive:
            self._close()

    def _close(self) -> None:
        self._timer.stop()
        self._gesture = None
        self.ended.emit()

    def _worn(self, share: float) -> Batch:
        """The command that makes a share of the way; weights alone say it, for units would add to them."""
        weights = self._before + share * (self._there - self._before)
        named = {name: float(weight) for name, weight in zip(ARKIT_NAMES, weights, strict=True)}
        return Batch((SetActionUnits(self._units), SetExpressionWeights(named)), "Show me")

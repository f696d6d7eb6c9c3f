"""A recording that drives the face: played, scrubbed, and given up or kept as one undo step.

What is shown is the preview of a gesture, so that playing makes no history; another edit, undo or another project ends
it as they end every gesture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from rhytid.core.document.document import Document, Gesture
from rhytid.core.language import tr
from rhytid.gui.controllers.player import Player

if TYPE_CHECKING:
    from rhytid.core.io.motion import Motion

MOST_FPS = 120
_LEAST_FPS = 24  # to begin with: recordings may have a row a second


class Playback(Player):
    """See the module.

    Parameters
    ----------
    document : Document
    busy : callable
        Whether a picture of the face is still being computed.

    Attributes
    ----------
    loop : bool
        Begin again at the end.
    fps : int
        Frames a second that are shown at most; time runs as it was recorded.
    """

    def __init__(self, document: Document, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(busy, parent)
        self._document = document
        self._gesture: Gesture | None = None
        self._motion: Motion | None = None
        self._time_s = 0.0
        self._fps = 30
        self.loop = True
        document.state_changed.connect(self._look)
        document.history_changed.connect(self._look)

    @property
    def motion(self) -> Motion | None:
        """The recording that drives the face; None while there is none."""
        return self._motion

    @property
    def time_s(self) -> float:
        """Time of the frame that is shown."""
        return self._time_s

    @property
    def span(self) -> tuple[float, float] | None:
        return None if self._motion is None else (0.0, self._motion.duration_s)

    @property
    def fps(self) -> int:
        return self._fps

    @fps.setter
    def fps(self, fps: int) -> None:
        self._fps = min(max(fps, 1), MOST_FPS)
        self._timer.setInterval(round(1000 / self._fps))
        self.changed.emit()

    def open(self, motion: Motion) -> bool:
        """Let a recording drive the face, and play it; False while a stroke is being drawn."""
        self.cancel()
        if not self._document.settle():
            return False
        self._gesture = self._document.begin_gesture(tr("Expression of {0}", motion.name))
        self._motion, self._time_s = motion, 0.0
        self.fps = max(round(motion.fps), _LEAST_FPS)
        self.show(0.0)
        self.play()
        return True

    def show(self, time_s: float) -> None:
        """Show the frame at a time of the recording."""
        motion, gesture = self._motion, self._gesture
        if motion is None or gesture is None or not gesture.alive:
            return
        from rhytid.core.face.driven import worn_at

        self._time_s = min(max(time_s, 0.0), motion.duration_s)
        gesture.preview(worn_at(motion, self._time_s))
        self.changed.emit()

    def use_frame(self) -> None:
        """Keep the expression that is shown, as one undo step."""
        gesture = self._gesture
        if gesture is not None:
            self._close()
            gesture.commit()

    def cancel(self) -> bool:
        """Go back to the expression before; False when nothing drives the face."""
        gesture = self._gesture
        if gesture is None:
            return False
        self._close()
        gesture.cancel()
        return True

    def _look(self, *_states: object) -> None:
        """Something else may have ended the gesture."""
        if self._gesture is not None and not self._gesture.alive:
            self._close()

    def _close(self) -> None:
        self._timer.stop()
        self._gesture = self._motion = None
        self.changed.emit()

"""Pictures of the steps of the history: made while the hand rests, latest first, and kept within a bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from rhytid.core.cancelled import Cancelled
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.gui.controllers.error_log import record_failure

REST_MS = 1200  # without a change, before anything is drawn
KEPT_BYTES = 24 << 20
LINGER_S = 60.0  # that what draws waits for the next step, before it gives its memory back
_LONGEST_WAIT_S = 30.0


class Drawer(Protocol):
    """What draws a state."""

    def picture(self, state: DocumentState, cancelled: Callable[[], bool]) -> npt.NDArray[np.uint8] | None:
        """uint8 (H, W, 3), sRGB; None for a state that cannot be drawn. Raises `Cancelled` once `cancelled` says so."""
        ...


def _process() -> AbstractContextManager[Drawer]:
    from rhytid.gui.render.step_pictures import StateDrawer  # what draws is slow to import, and first asked for here

    return StateDrawer()


class HistoryPictures(QObject):
    """Draws the steps that are looked at, one after the other.

    Parameters
    ----------
    document : Document
    at_rest : callable
        Whether the face on the screen is complete; nothing is drawn before.
    open_drawer : callable, optional
        What draws, as a context manager; a process of its own by default.

    Signals
    -------
    made(int)
        The picture of a history entry is there, by the entry's id.
    """

    made = Signal(int)
    _drawn = Signal(int, object)

    def __init__(
        self, document: Document, at_rest: Callable[[], bool],
        open_drawer: Callable[[], AbstractContextManager[Drawer]] = _process, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document, self._at_rest = document, at_rest
        self._wanted: tuple[int, ...] = ()
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._missing: set[int] = set()
        self._closed = False
        self._painter = _Painter(open_drawer, self._drawn.emit)
        self._drawn.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._begin)
        document.state_changed.connect(self._wait)
        document.history_changed.connect(self._forget)

    @property
    def kept_bytes(self) -> int:
        """What the pictures take."""
        return sum(image.sizeInBytes() for image in self._images.values())

    def picture(self, entry_id: int) -> QImage | None:
        """The picture of a history entry, if there is one yet."""
        image = self._images.get(entry_id)
        if image is not None:
            self._images.move_to_end(entry_id)
        return image

    def want(self, entry_ids: Sequence[int]) -> None:
        """These entries are looked at, the first of them most; replaces what was wanted before."""
        self._wanted = tuple(entry_ids)
        self._wait()

    def close(self) -> None:
        """End the work in the background, for good."""
        self._closed = True
        self._rest.stop()
        self._painter.close()

    def _wait(self, *_states: object) -> None:
        """The hand does something: nothing new is begun until it rests."""
        self._painter.ask(())
        if self._waiting() and not self._closed:
            self._rest.start()
        else:
            self._rest.stop()

    def _waiting(self) -> list[int]:
        return [one for one in self._wanted if one not in self._images and one not in self._missing]

    def _begin(self) -> None:
        if not self._at_rest():
            self._rest.start()
            return
        states = dict(zip(self._document.entry_ids, map(self._document.state_at, range(len(self._document.labels))),
                          strict=True))  # fmt: skip
        self._painter.ask([(one, states[one]) for one in self._waiting() if one in states])

    @Slot(int, object)
    def _take(self, entry_id: int, pixels: npt.NDArray[np.uint8] | None) -> None:
        if pixels is None:
            self._missing.add(entry_id)
            return
        height, width = pixels.shape[:2]
        self._images[entry_id] = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        while self.kept_bytes > KEPT_BYTES:
            self._images.popitem(last=False)
        self.made.emit(entry_id)

    def _forget(self) -> None:
        """Steps that are gone need no picture any more."""
        there = set(self._document.entry_ids)
        for entry_id in [one for one in self._images if one not in there]:
            del self._images[entry_id]
        self._missing &= there


class _Painter:
    """Draws on a thread that lives as long as what draws."""

    def __init__(
        self, open_drawer: Callable[[], AbstractContextManager[Drawer]],
        tell: Callable[[int, npt.NDArray[np.uint8] | None], None],
    ) -> None:  # fmt: skip
        self._open, self._tell = open_drawer, tell
        self._wake = threading.Condition()
        self._asked: list[tuple[int, DocumentState]] = []
        self._closed = False
        self._thread: threading.Thread | None = None

    def ask(self, steps: Sequence[tuple[int, DocumentState]]) -> None:
        """Draw these, in their order; what waited before is forgotten."""
        with self._wake:
            self._asked = list(steps)
            self._wake.notify_all()
            if steps and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="history pictures", daemon=True)
                self._thread.start()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=_LONGEST_WAIT_S)

    def _next(self) -> tuple[int, DocumentState] | None:
        """What is to be drawn next; None once nothing was asked for a while."""
        with self._wake:
            self._wake.wait_for(lambda: self._asked or self._closed, LINGER_S)
            if self._closed or not self._asked:
                self._thread = None
                return None
            return self._asked.pop(0)

    def _run(self) -> None:
        try:
            with self._open() as drawer:
                while (step := self._next()) is not None:
                    self._tell(step[0], drawer.picture(step[1], lambda: self._closed))
        except Cancelled:
            return
        except Exception as error:  # a history without pictures can be used all the same
            with self._wake:
                self._closed = True
            record_failure(error, "History pictures")

"""A telephone drives the face: what Live Link Face streams is shown, frozen to be drawn on, and recorded as keys.

A thread reads a socket and keeps the newest frame; the thread of Qt looks sixty times a second, and whenever a picture
was computed, and shows it, unless the last one is still being computed. What is shown is the preview of a gesture: it
makes no history until it is frozen, and then is one undo step. An edit freezes it too, for the artist goes on with the
face that was there.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from rhytid.core.document.document import Document, Gesture
from rhytid.core.face.worn import worn
from rhytid.core.io.live_link import MAX_PACKET_BYTES, PORT, LiveFeed, LivePacket, Smoother
from rhytid.core.io.motion import Motion
from rhytid.core.language import tr

LOOPBACK = "127.0.0.1"
LOST_AFTER_S = 1.0
_TICK_MS = 16
_TOLD_EVERY = 8  # ticks: what is said of the stream changes no faster than it is read
_PATIENCE_S = 0.25


class LiveLink(QObject):
    """See the module.

    Parameters
    ----------
    document : Document
    busy : callable
        Whether a picture of the face is still being computed.

    Attributes
    ----------
    turns_head : bool
        The head turns as that of the person at the telephone.

    Signals
    -------
    changed()
        Something that the dialog shows.
    lost(str), found(str)
        A source fell silent, or is back.
    """

    changed = Signal()
    lost = Signal(str)
    found = Signal(str)

    def __init__(self, document: Document, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._busy = document, busy
        self.feed = LiveFeed()
        self.turns_head = True
        self._smoother = Smoother()
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._gesture: Gesture | None = None
        self._source = ""
        self._shown: LivePacket | None = None
        self._frozen = self._silent = self._recording = False
        self._ticks = 0
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._step)

    # ---- the socket ----------------------------------------------------------------------------------

    @property
    def listening(self) -> bool:
        return self._socket is not None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; port 0 while it does not."""
        return ("", 0) if self._socket is None else self._socket.getsockname()[:2]

    def start(self, host: str = LOOPBACK, port: int = PORT) -> None:
        """Listen at an address of this machine; raises `OSError` where that cannot be."""
        self.stop()
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            listener.bind((host, port))
            listener.settimeout(_PATIENCE_S)
        except (OSError, OverflowError) as error:
            listener.close()
            raise OSError(tr("Live Link cannot listen at {0}, port {1}: {2}", host, port, error)) from None
        self.feed = LiveFeed()
        self._smoother.forget()
        self._frozen = self._silent = False
        self._source, self._shown = "", None
        self._socket, self._ending = listener, threading.Event()
        self._thread = threading.Thread(
            target=_receive, args=(listener, self.feed, self._ending), name="live link", daemon=True
        )
        self._thread.start()
        self._timer.start()
        self.changed.emit()

    def stop(self) -> None:
        """Listen no more; the expression from before comes back, unless it was frozen."""
        self._timer.stop()
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        if self._socket is not None:
            self._socket.close()
        self._thread = self._socket = None
        self._recording = False
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        self.changed.emit()

    def cancel(self) -> bool:
        """Listen no more, and give the expression from before back; False while no telephone moves the face."""
        if not self.showing:
            return False
        self.stop()
        return True

    # ---- what is shown -------------------------------------------------------------------------------

    @property
    def source(self) -> str:
        """Who drives the face; the first that comes unless another one was chosen."""
        return self._source

    @source.setter
    def source(self, source: str) -> None:
        self._source, self._shown = source, None
        self._smoother.forget()
        self.changed.emit()

    @property
    def smoothing_s(self) -> float:
        return self._smoother.time_s

    @smoothing_s.setter
    def smoothing_s(self, time_s: float) -> None:
        self._smoother.time_s = time_s

    @property
    def showing(self) -> bool:
        """The face moves as the person at the telephone."""
        return self._gesture is not None and self._gesture.alive

    @property
    def frozen(self) -> bool:
        """The face keeps the expression that it had, and can be drawn on."""
        return self._frozen

    @property
    def silent(self) -> bool:
        """Nothing has come from the source for a second."""
        return self._silent

    def toggle_frozen(self) -> None:
        """Keep the expression that is shown as one undo step, or follow the telephone again."""
        if not self.listening:
            return
        self._frozen = not self._frozen
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.commit()
        self._shown = None
        self._smoother.forget()
        self.changed.emit()

    # ---- recording -----------------------------------------------------------------------------------

    @property
    def recording(self) -> bool:
        return self._recording

    def record(self) -> None:
        """Keep what comes from the source from now on; it goes on while the face is frozen."""
        if self.listening and self._source:
            self.feed.record(self._source)
            self._recording = True
            self.changed.emit()

    def recorded(self) -> Motion | None:
        """End the recording; None where nothing came."""
        self._recording = False
        self.changed.emit()
        return self.feed.recorded()

    # ---- the clock -----------------------------------------------------------------------------------

    def catch_up(self) -> None:
        """What was computed is there: show the frame that has come meanwhile."""
        if self.showing:
            self._look()

    def _step(self) -> None:
        self._ticks += 1
        self._look()
        if self._ticks % _TOLD_EVERY == 0:
            self.changed.emit()

    def _look(self) -> None:
        if not self._source:
            self._source = next(iter(self.feed.sources), "")
        packet = self.feed.latest(self._source)
        if packet is not None:
            self._look_for_silence(packet)
            if packet is not self._shown and not self._frozen and not self._busy():
                self._show(packet)

    def _look_for_silence(self, packet: LivePacket) -> None:
        silent = self.feed.age_s(packet) > LOST_AFTER_S
        if silent != self._silent:
            self._silent = silent
            (self.lost if silent else self.found).emit(self._source)
            self.changed.emit()

    def _show(self, packet: LivePacket) -> None:
        if self._gesture is not None and not self._gesture.alive:  # an edit took the expression over
            self._gesture, self._frozen = None, True
            self.changed.emit()
            return
        if self._gesture is None:
            if self._document.gesture_active and not self._document.settle():
                return  # a stroke is being drawn
            self._gesture = self._document.begin_gesture(tr("Expression of {0}", self._source))
        self._shown = packet
        weights, turn = self._smoother(packet)
        self._gesture.preview(worn(self._source, weights, turn if self.turns_head else None))


def _receive(listener: socket.socket, feed: LiveFeed, ending: threading.Event) -> None:
    """Take packets until the end; a datagram that is longer than any packet is cut, and is none."""
    while not ending.is_set():
        with contextlib.suppress(TimeoutError, ConnectionError):
            feed.take(listener.recvfrom(MAX_PACKET_BYTES + 1)[0])

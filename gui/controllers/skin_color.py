"""The document's colours of skin and irises for viewport and chart, made in the background while sliders move."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.albedo_map import Rgb, SkinColors
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.eye_color import IRIS_COLOR, iris_picture
from rhytid.core.maps.revisions import Revisions

if TYPE_CHECKING:
    from rhytid.core.face.skin_color import SkinColorKey

RESOLUTION = 1024
GATHER_MS = 5  # what one event of the hand changes is one colour
_LONGEST_WAIT_S = 30.0
_Key = tuple["SkinColorKey", "Rgb | None"]


class SkinColor(QObject):
    """Follows the document's complexion, seed, age, albedo and paint, and the colour of its irises.

    Where paint alone changed, nothing but its texels is made again. One colour is in work at a time; once it is there
    the newest is next, so that a drag shows as many as there is time for.

    Signals
    -------
    changed(SkinColors)
        Read-only; on the GUI thread.

    Attributes
    ----------
    latest : SkinColors or None
        The newest colour; None before the first was made.
    iris : 3 floats or None
        Colour of the irises that goes with it, whose picture is made, too; None for those of the head.
    """

    changed = Signal(object)
    _made = Signal(object, object)

    def __init__(self, document: Document, cache: ArrayCache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._cache = cache
        self.latest: SkinColors | None = None
        self.iris: Rgb | None = None
        self._wanted: _Key | None = None
        self._shown: _Key | None = None
        self._making: _Key | None = None
        self._thread: threading.Thread | None = None
        self._last: tuple[DocumentState, SkinColors] | None = None  # that was taken: what comes next is made from it
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._make)
        self._made.connect(self._take, Qt.ConnectionType.QueuedConnection)
        document.state_changed.connect(self._follow)

    def start(self) -> None:
        """Make the first one."""
        self._follow(self._document.state, None)

    def close(self) -> None:
        """Make no more; waits for the one in work, which could not be handed over any more."""
        self._gather.stop()
        self._document.state_changed.disconnect(self._follow)
        self._wanted = self._shown  # or a result that is still on its way would begin the next one
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    @property
    def idle(self) -> bool:
        """The colour of the document is known, or nobody has asked for one yet."""
        return self._wanted == self._shown

    def _follow(self, new: DocumentState, _old: DocumentState | None) -> None:
        from rhytid.core.face.skin_color import skin_color_key  # the first picture of all does without

        wanted = skin_color_key(new, strands=True), new.iris
        if wanted != self._wanted:
            self._wanted = wanted
            if not self._gather.isActive():
                self._gather.start()

    def _make(self) -> None:
        if self._making is None and self._wanted != self._shown:
            self._making = self._wanted
            work = self._wanted, self._document.state
            self._thread = threading.Thread(target=self._work, args=work, name="skin color", daemon=True)
            self._thread.start()

    def _work(self, key: _Key, state: DocumentState) -> None:
        from rhytid.core.face.skin_color import repainted_colors, skin_colors

        iris_picture(IRIS_COLOR if state.iris is None else state.iris)  # is kept for who shows it
        again = None if self._last is None else repainted_colors(state, *self._last, self._cache, strands=True)
        if again is None:
            made, revisions = skin_colors(state, RESOLUTION, self._cache, strands=True), Revisions.first()
        else:
            made, revisions = again[0], (again[0].revisions or Revisions.first()).with_change(again[1])
        self._made.emit(key, (state, made._replace(revisions=revisions)))

    @Slot(object, object)
    def _take(self, key: _Key, made: tuple[DocumentState, SkinColors]) -> None:
        self._making = None
        if self._wanted == self._shown:
            return  # the document came back to what is shown
        self._last = made
        self._shown, self.latest, self.iris = key, made[1], key[1]
        self.changed.emit(self.latest)
        self._make()

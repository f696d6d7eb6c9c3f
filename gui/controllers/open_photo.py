"""The document's photo as pixels, for panel and viewport, decoded in the background."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.photo.image import Photo, PhotoError, photo_of
from rhytid.core.photo.layer import PhotoLayer

_LONGEST_WAIT_S = 30.0


class OpenPhoto(QObject):
    """Follows the document's photo.

    Signals
    -------
    changed()
        `photo` is another; on the GUI thread.

    Attributes
    ----------
    photo : Photo or None
        None while there is none, or it has not been decoded yet.
    """

    changed = Signal()
    _decoded = Signal(str, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.photo: Photo | None = None
        self._known: Photo | None = None
        self._refused = ""
        self._thread: threading.Thread | None = None
        self._decoded.connect(self._take, Qt.ConnectionType.QueuedConnection)
        document.state_changed.connect(self._follow)
        self._follow(document.state, None)

    def note(self, photo: Photo) -> None:
        """This photo is about to be shown, and need not be decoded again."""
        self._known = photo

    def close(self) -> None:
        """Decode no more; waits for the one in work."""
        self._document.state_changed.disconnect(self._follow)
        if self._thread is not None:
            self._thread.join(timeout=_LONGEST_WAIT_S)

    def _follow(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is None or new.photo is not old.photo:
            self._look(new.photo)

    def _look(self, layer: PhotoLayer | None) -> None:
        if layer is None:
            self._show(None)
        elif self._known is not None and self._known.digest == layer.digest:
            self._show(self._known)
        else:
            self._show(None)
            if self._thread is None and layer.digest != self._refused:
                self._thread = threading.Thread(target=self._decode, args=(layer,), name="photo", daemon=True)
                self._thread.start()

    def _show(self, photo: Photo | None) -> None:
        if photo is not self.photo:
            self.photo = photo
            self.changed.emit()

    def _decode(self, layer: PhotoLayer) -> None:
        try:
            found: Photo | None = photo_of(layer.data, layer.name)
        except PhotoError:  # the project came from elsewhere, or a package for its kind of file is missing here
            found = None
        self._decoded.emit(layer.digest, found)

    @Slot(str, object)
    def _take(self, digest: str, photo: Photo | None) -> None:
        self._thread = None
        if photo is None:
            self._refused = digest
        else:
            self._known = photo
        self._look(self._document.state.photo)

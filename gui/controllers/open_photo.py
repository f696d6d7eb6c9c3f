"""The document's photos as pixels, for panel and viewport, decoded in the background."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.photo.image import Photo, PhotoError, photo_of
from rhytid.core.photo.layer import PhotoLayer

THUMBNAIL_PX = 224
_LONGEST_WAIT_S = 30.0


class OpenPhoto(QObject):
    """Follows the document's photos.

    Signals
    -------
    changed()
        `photo` is another; on the GUI thread.
    thumbnails_changed()
        There are more of them.

    Attributes
    ----------
    photo : Photo or None
        The one that is looked at; None while there is none, or it has not been decoded yet.
    thumbnails : dict of str to QImage
        By the photo's digest, at most 224 px a side.
    """

    changed = Signal()
    thumbnails_changed = Signal()
    _decoded = Signal(str, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.photo: Photo | None = None
        self.thumbnails: dict[str, QImage] = {}
        self._known: Photo | None = None
        self._refused: set[str] = set()
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
        if old is None or new.photo is not old.photo or new.other_photos is not old.other_photos:
            self._look(new)

    def _look(self, state: DocumentState) -> None:
        layer, known = state.photo, self._known
        self._show(known if layer is not None and known is not None and known.digest == layer.digest else None)
        if self.photo is not None and self.photo.digest not in self.thumbnails:
            self._keep_thumbnail(self.photo)
        if self._thread is not None or layer is None:
            return
        wanted = [one for one in (layer, *state.other_photos) if one.digest not in self._refused]
        missing = [one for one in wanted if one.digest not in self.thumbnails or (one is layer and self.photo is None)]
        if missing:
            self._thread = threading.Thread(target=self._decode, args=missing[:1], name="photo", daemon=True)
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
        state = self._document.state
        if photo is None:
            self._refused.add(digest)
        else:
            self._keep_thumbnail(photo)
            if state.photo is not None and state.photo.digest == digest:
                self._known = photo
        self._look(state)

    def _keep_thumbnail(self, photo: Photo) -> None:
        height, width = photo.pixels.shape[:2]
        image = QImage(photo.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        keep = Qt.AspectRatioMode.KeepAspectRatio
        # Two steps: the smooth one alone would take its time over a large photo.
        coarse = image.scaled(4 * THUMBNAIL_PX, 4 * THUMBNAIL_PX, keep)
        smooth = Qt.TransformationMode.SmoothTransformation
        self.thumbnails[photo.digest] = coarse.scaled(THUMBNAIL_PX, THUMBNAIL_PX, keep, smooth)
        self.thumbnails_changed.emit()

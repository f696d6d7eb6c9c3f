"""The wrinkle library of the window: its items, and their pictures made in the background."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from rhytid.core.document.wrinkle_library import LibraryItem, WrinkleLibrary
from rhytid.core.files.state_folder import cache_dir, data_dir
from rhytid.core.files.writing import replacing
from rhytid.gui.controllers.error_log import record_failure

if TYPE_CHECKING:
    from rhytid.gui.render.wrinkle_pictures import WrinklePictures

PICTURE_PX = 152  # twice their size on the screen, for HiDPI
MOST_KEPT_BYTES = 20 << 20  # of pictures, some 2000; those of items that are no more would stay for ever
_LONGEST_WAIT_S = 30.0


class Library(QObject):
    """Reads the library when it is first asked for, and again after every change.

    Parameters
    ----------
    library : WrinkleLibrary, optional
        That of this user by default.
    pictures : Path or None, optional
        Folder that keeps pictures between runs; that of this user by default, None for none.

    Attributes
    ----------
    items : tuple of LibraryItem
    problems : tuple of str
        A line about each file that cannot be read.

    Signals
    -------
    changed()
        Items or problems are others.
    picture_made(digest, QImage)
    """

    changed = Signal()
    picture_made = Signal(str, QImage)
    _read = Signal(object, object)
    _drawn = Signal(str, QImage)

    def __init__(
        self, library: WrinkleLibrary | None = None, pictures: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        if library is None:
            library, pictures = _of_this_user()
        self.library = library
        self.items: tuple[LibraryItem, ...] = ()
        self.problems: tuple[str, ...] = ()
        self._worker = _Worker(library, pictures, self._read.emit, self._drawn.emit)
        self._images: dict[str, QImage] = {}
        self._reading = False
        self._read.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._drawn.connect(self._take_picture, Qt.ConnectionType.QueuedConnection)

    def reload(self) -> None:
        """Read the folders again, in the background."""
        self._reading = True
        self._worker.read()

    def picture(self, item: LibraryItem) -> QImage | None:
        """The item's picture; None until `picture_made` brings it."""
        image = self._images.get(item.digest)
        if image is None:
            self._worker.draw(item)
        return image

    @property
    def idle(self) -> bool:
        """Nothing is read or drawn, and what was read is told."""
        return self._worker.idle and not self._reading

    def close(self) -> None:
        """End the work in the background."""
        self._worker.close()

    @Slot(object, object)
    def _take(self, items: list[LibraryItem], problems: list[str]) -> None:
        self.items, self.problems = tuple(items), tuple(problems)
        self.changed.emit()
        self._reading = False

    @Slot(str, QImage)
    def _take_picture(self, digest: str, image: QImage) -> None:
        self._images[digest] = image
        self.picture_made.emit(digest, image)


def _of_this_user() -> tuple[WrinkleLibrary, Path | None]:
    try:
        return WrinkleLibrary(data_dir() / "wrinkles"), cache_dir() / "wrinkle-pictures"
    except OSError:
        return WrinkleLibrary(None), None


class _Worker:
    """Reads and draws on a thread that lives as long as there is something to do."""

    def __init__(
        self, library: WrinkleLibrary, folder: Path | None, read: Callable[[object, object], None],
        drawn: Callable[[str, QImage], None],
    ) -> None:  # fmt: skip
        self._library, self._folder = library, folder
        self._tell_read, self._tell_drawn = read, drawn
        self._asked: deque[LibraryItem | None] = deque()  # None to read
        self._known: set[str] = set()
        self._closed = False
        self._blind = False  # there is no OpenGL
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        return self._thread is None

    def read(self) -> None:
        self._ask(None)

    def draw(self, item: LibraryItem) -> None:
        if item.digest not in self._known:
            self._known.add(item.digest)
            self._ask(item)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._asked.clear()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=_LONGEST_WAIT_S)

    def _ask(self, what: LibraryItem | None) -> None:
        with self._lock:
            if self._closed:
                return
            self._asked.append(what)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wrinkle library", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._thread = None
                    return
                asked = self._asked.popleft()
            try:
                if asked is None:
                    self._tell_read(*self._library.read())
                else:
                    self._draw_with(asked)
            except Exception as error:  # an item without a picture can be used all the same
                record_failure(error, "Wrinkle library")

    def _draw_with(self, first: LibraryItem) -> None:
        """Draw an item and all that wait behind it, with one context."""
        from rhytid.gui.render.offscreen import NoOpenGLError  # what draws is slow to import, and first asked for here
        from rhytid.gui.render.wrinkle_pictures import WrinklePictures

        kept = self._kept(first)
        if kept is not None:
            self._tell_drawn(first.digest, kept)
            return
        if self._blind:
            return
        try:
            with WrinklePictures(PICTURE_PX) as pictures:
                self._draw_waiting(first, pictures)
        except NoOpenGLError:
            self._blind = True
            raise

    def _draw_waiting(self, item: LibraryItem, pictures: WrinklePictures) -> None:
        while True:
            image = self._kept(item)
            if image is None:
                pixels = pictures.picture(item.wrinkles.strokes)
                self._keep(item, pixels[..., ::-1])
                height, width = pixels.shape[:2]
                image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
            self._tell_drawn(item.digest, image)
            with self._lock:
                following = self._asked[0] if self._asked else None
                if following is not None:
                    self._asked.popleft()
            if following is None:
                self._prune()
                return
            item = following

    def _path(self, item: LibraryItem) -> Path | None:
        from rhytid.gui.render.wrinkle_pictures import VERSION

        return None if self._folder is None else self._folder / f"{item.digest[:40]}-{VERSION}-{PICTURE_PX}.jpg"

    def _kept(self, item: LibraryItem) -> QImage | None:
        path = self._path(item)
        image = QImage() if path is None or not path.is_file() else QImage(str(path))
        return image if image.width() == PICTURE_PX else None

    def _keep(self, item: LibraryItem, bgr: object) -> None:
        path = self._path(item)
        if path is None:
            return
        done, data = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, 92))  # type: ignore[call-overload]
        with suppress(OSError):  # it is drawn again at the next start
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                temporary.write_bytes(data.tobytes() if done else b"")

    def _prune(self) -> None:
        """Take the oldest pictures away where there are too many."""
        if self._folder is None:
            return
        with suppress(OSError):
            found = [(path.stat(), path) for path in self._folder.glob("*.jpg")]
            n_bytes = sum(stat.st_size for stat, _ in found)
            for stat, path in sorted(found, key=lambda one: one[0].st_mtime):
                if n_bytes <= MOST_KEPT_BYTES:
                    break
                path.unlink(missing_ok=True)
                n_bytes -= stat.st_size

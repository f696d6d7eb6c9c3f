"""From photos to the document's face: a job that shows what is found as it sharpens, and one undo step in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from rhytid.core.detail.engine import Control
from rhytid.core.document.commands import Command, SetCamera, TakePhoto
from rhytid.core.document.document import Document, Gesture
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.language import tr
from rhytid.core.photo.layer import PhotoLayer
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.controllers.open_photo import OpenPhoto

if TYPE_CHECKING:
    from rhytid.core.head.head import Head
    from rhytid.core.io.motion import Motion
    from rhytid.core.photo.face_finder import FoundFace
    from rhytid.core.photo.fit import HeadFit, PhotoLandmarks
    from rhytid.core.photo.image import Photo
    from rhytid.core.photo.photo_face import PhotoFace, PhotoTools

Source = Path | tuple[bytes, str]
"""A file, or the bytes of one with a name for it."""
FINDING, FACE_FROM = tr("New from photo"), tr("Face from")


@dataclass(frozen=True, eq=False)
class FacesInPhoto:
    """A photo and the faces in it, the likeliest first."""

    photo: Photo
    faces: tuple[FoundFace, ...]


@dataclass(frozen=True)
class _Anew(Command):
    """What a command makes of another document, seen through this one's camera."""

    fresh: DocumentState
    then: Command

    @property
    def label(self) -> str:
        return self.then.label

    def apply(self, state: DocumentState) -> DocumentState:
        return self.then.apply(replace(self.fresh, camera=state.camera))


class _Shown:
    """What has been found so far, as a gesture of the document.

    Parameters
    ----------
    document : Document
    label : str
        Of the undo step in the open document.
    fresh : DocumentState or None
        What a new document begins with; None to change the open one.
    begin : callable or None
        Makes a state the new document.
    """

    def __init__(
        self,
        document: Document,
        label: str,
        fresh: DocumentState | None,
        begin: Callable[[DocumentState], None] | None,
    ) -> None:
        self._document = document
        self._fresh, self._begin = fresh, begin
        self._former = document.state.camera
        self._last: TakePhoto | None = None
        if fresh is not None:
            document.execute(SetCamera.of(Camera()))
        self._gesture: Gesture = document.begin_gesture(label, exclusive=True)

    @property
    def alive(self) -> bool:
        """Nothing has taken the document away, as another project does."""
        return self._gesture.alive

    @property
    def has_color(self) -> bool:
        """Enough was found to go on with."""
        return self._last is not None and self._last.albedo is not None

    def show(self, command: TakePhoto) -> None:
        self._gesture.preview(command if self._fresh is None else _Anew(self._fresh, command))
        self._last = command

    def keep(self) -> None:
        """Make it a step of the document, or the first one of the new document."""
        if self._fresh is None or self._begin is None:
            self._gesture.commit()
        elif self._gesture.alive and self._last is not None:
            camera = self._document.state.camera
            self._gesture.cancel()
            self._begin(replace(self._fresh, camera=camera))
            self._document.execute(self._last)

    def drop(self) -> None:
        """Go back to what was open before."""
        if self._gesture.alive:
            self._gesture.cancel()
            self._document.execute(SetCamera.of(self._former))


class PhotoReading(QObject):
    """Reads photos for a document.

    While a face is being found the document can be looked at but not edited; `Jobs.cancel` brings back what was open.

    Signals
    -------
    began()
        Another try at a photo: what was said of the last one is of no interest any more.
    stage_changed(text)
        What is going on.
    finished()
        A face was found and is the document's.
    """

    began = Signal()
    stage_changed = Signal(str)
    finished = Signal()
    _found = Signal(object, object, object)

    def __init__(
        self,
        document: Document,
        jobs: Jobs,
        open_photo: OpenPhoto,
        finish_edits: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._jobs = jobs
        self._open_photo = open_photo
        self._finish_edits = finish_edits
        self._tools: PhotoTools | None = None
        self._shown: _Shown | None = None
        self._landmarks: dict[str, PhotoLandmarks] = {}
        self._found.connect(self._show, Qt.ConnectionType.QueuedConnection)
        jobs.job_cancelled.connect(self._drop)

    @property
    def active(self) -> bool:
        """A face is being found."""
        return self._shown is not None

    def cancel(self) -> bool:
        """Stop, and show again what was open before. False when nothing is being read."""
        if self._shown is None:
            return False
        self._jobs.cancel()
        return True

    def find(
        self, sources: Sequence[Source], then: Callable[[list[FacesInPhoto]], None], label: str = FINDING
    ) -> None:
        """Read files and look for faces in them; the document is not touched. `then` is called on the GUI thread."""

        def work(control: Control) -> list[FacesInPhoto]:
            from rhytid.core.photo.face_finder import NoFace
            from rhytid.core.photo.image import photo_of, read_photo

            photos = [read_photo(one) if isinstance(one, Path) else photo_of(*one) for one in sources]
            finder = self._opened().finder
            found = []
            for number, photo in enumerate(photos):
                control(number / len(photos))
                try:
                    found.append(FacesInPhoto(photo, finder.find(photo.pixels)))
                except NoFace as error:
                    raise NoFace(f"{photo.name}: {error}") from None
            return found

        self.began.emit()
        self._jobs.start(label, work, then)

    def express(self, photo: Photo, face: FoundFace, label: str, then: Callable[[Motion], None]) -> None:
        """Read nothing but the expression of a face; the document is not touched. As `find`."""

        def work(_control: Control) -> Motion:
            from rhytid.core.face.driven import motion_of_photo
            from rhytid.core.head.load import default_head

            return motion_of_photo(photo, self._opened().finder, default_head(), face)

        self._jobs.start(label, work, then)

    def make(
        self,
        photos: Sequence[Photo],
        faces: Sequence[FoundFace],
        fresh: DocumentState,
        begin: Callable[[DocumentState], None],
    ) -> None:
        """Make a new document of photos of one person; until all is found the present one comes back on `cancel`.

        Parameters
        ----------
        faces : sequence of FoundFace
            The person's face in each photo.
        fresh : DocumentState
            What the new document begins with.
        begin : callable
            Makes a state the new document.
        """

        def read(tools: PhotoTools, control: Control) -> Iterator[PhotoFace]:
            from rhytid.core.photo.photo_face import read_photos

            return read_photos(photos, tools, faces=faces, control=control)

        self._open_photo.note(photos[0])
        self._start(f"{FACE_FROM} {photos[0].name}", read, fresh.age, fresh, begin)

    def refit(self) -> None:
        """Read the document's photos again from the present fit, with their pins; what is locked stays."""
        state, photo = self._document.state, self._open_photo.photo
        layer = state.photo
        if layer is None or photo is None or self.active:
            return
        before = (layer, *state.other_photos)

        def read(tools: PhotoTools, control: Control) -> Iterator[PhotoFace]:
            from rhytid.core.photo.image import photo_of
            from rhytid.core.photo.photo_face import read_photos

            photos = [photo, *(photo_of(other.data, other.name) for other in state.other_photos)]
            faces = [
                face_of_fit(tools.finder.find(one.pixels), known.fit, tools.head)
                for one, known in zip(photos, before, strict=True)
            ]
            return read_photos(photos, tools, faces=faces, locks=layer.locks, before=before, control=control)

        albedo = self._document.state.albedo
        age = self._document.state.age if albedo is None else albedo.age
        self._start(tr("Refine {0}", photo.name), read, age)

    def landmarks_of(self, layer: PhotoLayer) -> PhotoLandmarks | None:
        """Landmarks of the document's photo; None until `look` has found them."""
        return self._landmarks.get(layer.digest)

    def look(self) -> None:
        """Find the landmarks of the document's photo, for `landmarks_of`."""
        layer, photo = self._document.state.photo, self._open_photo.photo
        if layer is None or photo is None or self._jobs.busy or self.landmarks_of(layer) is not None:
            return

        def work(_control: Control) -> PhotoLandmarks:
            from rhytid.core.photo.observation import observe

            tools = self._opened()
            seen = observe(photo, tools.finder, face_of_fit(tools.finder.find(photo.pixels), layer.fit, tools.head))
            return _landmarks(seen)

        def done(found: PhotoLandmarks) -> None:
            self._landmarks[layer.digest] = found

        self._jobs.start(tr("Find landmarks"), work, done)

    # ---- in the background ---------------------------------------------------------------------------

    def _opened(self) -> PhotoTools:
        """On the thread of a job; there is one at a time."""
        if self._tools is None:
            from rhytid.core.head.load import default_head
            from rhytid.core.photo.photo_face import PhotoTools

            self._tools = PhotoTools(default_head())
        return self._tools

    def _start(
        self,
        label: str,
        read: Callable[[PhotoTools, Control], Iterator[PhotoFace]],
        age: float,
        fresh: DocumentState | None = None,
        begin: Callable[[DocumentState], None] | None = None,
    ) -> None:
        from rhytid.core.face.from_photo import taken

        self._finish_edits()
        shown = self._shown = _Shown(self._document, label, fresh, begin)

        def work(control: Control) -> None:
            self._found.emit(shown, None, None)
            for found in read(self._opened(), control):
                self._found.emit(shown, found, taken(found, age))

        self._jobs.start(label, work, lambda _: self._keep(), self._fail)

    @Slot(object, object, object)
    def _show(self, shown: _Shown, found: PhotoFace | None, command: TakePhoto | None) -> None:
        from rhytid.core.photo.photo_face import Stage

        if shown is not self._shown or not shown.alive:
            if shown is self._shown:
                self._jobs.cancel()
            return
        stages = list(Stage)
        if found is None or command is None:
            self.stage_changed.emit(stages[0].value)
            return
        self._landmarks[command.photo.digest] = _landmarks(found.observation)
        shown.show(command)
        following = stages.index(found.stage) + 1
        if following < len(stages):
            self.stage_changed.emit(stages[following].value)

    def _keep(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.keep()
            self.finished.emit()

    def _drop(self, _label: str) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.drop()

    def _fail(self, _error: BaseException) -> None:
        """A head with its colour is worth keeping; the message says what is missing."""
        if self._shown is not None and self._shown.has_color:
            self._keep()
        else:
            self._drop("")


def face_of_fit(faces: Sequence[FoundFace], fit: HeadFit, head: Head) -> FoundFace:
    """The face nearest to where a head was fitted."""
    middle = fit.camera.project(fit.vertices(head)[head.landmarks]).mean(axis=0)

    def distance(face: FoundFace) -> float:
        x, y, width, height = face.box
        return float(np.hypot(x + width / 2 - middle[0], y + height / 2 - middle[1]))

    return min(faces, key=distance)


def _landmarks(seen: object) -> PhotoLandmarks:
    from rhytid.core.photo.fit import PhotoLandmarks
    from rhytid.core.photo.observation import Observation

    assert isinstance(seen, Observation)
    return PhotoLandmarks(seen.landmarks, seen.size, seen.focal_px)

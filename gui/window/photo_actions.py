"""The actions of photos: a new face of files, of what was dropped and of the clipboard; fit again, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QWidget

from rhytid.core.document.commands import RemovePhoto
from rhytid.core.face.engine_choice import new_state_so_far
from rhytid.core.language import tr
from rhytid.core.photo.image import PHOTO_SUFFIXES
from rhytid.core.photo.layer import MAX_PHOTOS
from rhytid.gui.controllers.edits import clipboard_has_strokes, guarded, paste_strokes
from rhytid.gui.controllers.photo_reading import FacesInPhoto, Source
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.picture_file import encoded
from rhytid.gui.window.path_questions import PathQuestions
from rhytid.gui.window.project_actions import ProjectActions

if TYPE_CHECKING:
    from rhytid.core.photo.face_finder import FoundFace

PASTED_NAME = "Pasted picture.png"


class PhotoActions(QObject):
    """What the actions of photos do.

    Parameters
    ----------
    session : EditorSession
    projects : ProjectActions
        Asks before the open work is left, and begins the new document.
    paths : PathQuestions
    parent : QWidget
        The window under the dialogs.
    """

    def __init__(
        self, session: EditorSession, projects: ProjectActions, paths: PathQuestions, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._projects = projects
        self._paths = paths
        self._parent = parent

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        edit = partial(guarded, self._session)
        return {
            "new_from_photo": self.choose,
            "paste": self.paste,
            "refit_photo": edit(self._session.photos.refit),
            "remove_photo": edit(lambda: self._session.document.execute(RemovePhoto())),
            "through_photo": lambda on: self._session.view.look(through_photo=on),
            "in_photo": lambda on: self._session.view.look(in_photo=on),
            "photo_network": self._render_by_network,
        }

    def _render_by_network(self, on: bool) -> None:
        self._session.view.photo_network = on

    def choose(self) -> None:
        """Ask for photos of one person."""
        paths = self._paths.open_several(tr("New from Photo"), PHOTO_SUFFIXES, tr("Photos"))
        if paths:
            self.take(paths)

    def paste(self) -> None:
        """Paste the strokes that the clipboard holds, or make a face of the picture or the files there."""
        if clipboard_has_strokes():
            guarded(self._session, partial(paste_strokes, self._session))()
            return
        sources = sources_in(QGuiApplication.clipboard().mimeData())
        if sources:
            self.take(sources)
        else:
            self._session.post(tr("The clipboard holds no picture and no picture file"), "warning")

    def take(self, sources: Sequence[Source]) -> None:
        """Make a new face of photos of one person, once it is sure that they show one and that no work is lost."""
        if self._session.photos.active:
            self._session.post(tr("Another photo is being read; press Esc to stop it"), "warning")
        elif len(sources) > MAX_PHOTOS:
            self._session.post(tr("Choose up to {MAX_PHOTOS} photos of one person", MAX_PHOTOS=MAX_PHOTOS), "warning")
        else:
            self._session.photos.find(sources, self._chosen)

    def _chosen(self, found: list[FacesInPhoto]) -> None:
        faces = []
        for one in found:
            face = chosen_face(one, self._parent)
            if face is None:
                return
            faces.append(face)

        def make() -> None:
            fresh = new_state_so_far(self._session.engines)
            photos = [one.photo for one in found]
            self._session.photos.make(photos, faces, fresh, self._projects.files.new_project)

        self._projects.ask_before_losing_work(make)


def chosen_face(found: FacesInPhoto, parent: QWidget) -> FoundFace | None:
    """The face of a photo, or the one that is chosen of several; None where none is."""
    number = 0
    if len(found.faces) > 1:
        from rhytid.gui.dialogs.choose_face import ChooseFaceDialog

        boxes = [face.box for face in found.faces]
        dialog = ChooseFaceDialog(found.photo.name, found.photo.pixels, boxes, parent)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return None
        number = dialog.chosen()
    return found.faces[number]


def sources_in(data: QMimeData) -> list[Source]:
    """Photos that were dropped or copied: files, a picture, or text that names files."""
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if not files and data.hasText() and not data.hasImage():
        lines = (line.strip().strip('"') for line in data.text().splitlines())
        files = [Path(QUrl(line).toLocalFile() if line.startswith("file:") else line) for line in lines if line]
    photos: list[Source] = [path for path in files if path.suffix.lower() in PHOTO_SUFFIXES]
    if photos and len(photos) == len(files):
        return photos
    if not files and data.hasImage():
        image = QImage(data.imageData())
        if not image.isNull():
            return [(encoded(image), PASTED_NAME)]
    return []

"""Asking which file to open or write, beginning in the folder that was used last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from rhytid.core.document.project import PROJECT_SUFFIX
from rhytid.core.language import tr
from rhytid.core.photo.image import PHOTO_SUFFIXES
from rhytid.gui.controllers.files import ENVIRONMENT_SUFFIX, HEAD_SUFFIXES, MAP_SUFFIXES, SCAN_SUFFIXES
from rhytid.gui.preferences import Preferences

# As `core.face.driven` has them, which is slow to import.
DRIVER_SUFFIXES = (".csv", ".tsv", ".json", PROJECT_SUFFIX, *PHOTO_SUFFIXES)


def _filter(title: str, *suffixes: str) -> str:
    return f"{title} (" + " ".join(f"*{suffix}" for suffix in suffixes) + ")"


PROJECT_FILTER = _filter(tr("Rhytid projects"), PROJECT_SUFFIX)
COLOR_FILTER = _filter(tr("Pictures"), *PHOTO_SUFFIXES)
MAP_FILTER = _filter(tr("Displacement maps"), *MAP_SUFFIXES)
FACE_FILTER = _filter(tr("Projects and maps"), PROJECT_SUFFIX, *MAP_SUFFIXES)
DRIVER_FILTER = _filter(tr("Recordings, photos and projects"), *DRIVER_SUFFIXES)
KEYS_FILTER = _filter(tr("Recordings and clips"), ".csv", ".tsv", ".json")
ENVIRONMENT_FILTER = _filter(tr("Environments"), ENVIRONMENT_SUFFIX, ".exr")
HEAD_FILTER = _filter(tr("Heads"), *HEAD_SUFFIXES)
SCAN_FILTER = _filter(tr("Scans"), *SCAN_SUFFIXES)


class PathQuestions:
    """Asks for paths over a window and remembers their folder.

    Parameters
    ----------
    preferences : Preferences
        Keeps the folder.
    parent : QWidget
    """

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        self._preferences = preferences
        self._parent = parent

    def open(self, title: str, file_filter: str) -> Path | None:
        """A file that is there; None when the artist gave up."""
        name, _ = QFileDialog.getOpenFileName(self._parent, title, self._preferences.last_folder, file_filter)
        return self._noted(name)

    def open_several(self, title: str, suffixes: tuple[str, ...], kind: str) -> list[Path]:
        """Files that are there; none when the artist gave up."""
        folder = self._preferences.last_folder
        names, _ = QFileDialog.getOpenFileNames(self._parent, title, folder, _filter(kind, *suffixes))
        return [path for path in map(self._noted, names) if path is not None]

    def save(self, title: str, suffixes: tuple[str, ...], kind: str) -> Path | None:
        """Where to write a file of the given kind, with one of the suffixes; None when the artist gave up."""
        from rhytid.gui.dialogs.save_file import ask_save

        folder = self._preferences.last_folder
        path = ask_save(self._parent, title, _filter(kind, *suffixes), suffixes, folder)
        return None if path is None else self._noted(str(path))

    def folder(self, title: str) -> Path | None:
        """A folder that is there; None when the artist gave up."""
        name = QFileDialog.getExistingDirectory(self._parent, title, self._preferences.last_folder)
        return self._noted(name)

    def save_project(self) -> Path | None:
        """Where to write the project, by the very name that was typed; None when the artist gave up."""
        folder = self._preferences.last_folder
        name, _ = QFileDialog.getSaveFileName(self._parent, tr("Save Project"), folder, PROJECT_FILTER)
        return self._noted(name)

    def _noted(self, name: str) -> Path | None:
        if not name:
            return None
        path = Path(name)
        self._preferences.last_folder = str(path.parent)
        return path

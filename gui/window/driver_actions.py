"""The action that drives the face: by a recording, a photo or another project."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.language import tr
from rhytid.core.photo.image import PHOTO_SUFFIXES
from rhytid.gui.controllers.edits import guarded
from rhytid.gui.controllers.photo_reading import FacesInPhoto
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.window.path_questions import DRIVER_FILTER, PathQuestions
from rhytid.gui.window.photo_actions import chosen_face

if TYPE_CHECKING:
    from rhytid.core.io.motion import Motion


class DriverActions:
    """What the action of drivers does.

    Parameters
    ----------
    session : EditorSession
    paths : PathQuestions
    parent : QWidget
        The window under the dialogs.
    """

    def __init__(self, session: EditorSession, paths: PathQuestions, parent: QWidget) -> None:
        self._session = session
        self._paths = paths
        self._parent = parent

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        return {"drive": self.choose}

    def choose(self) -> None:
        """Ask for a driver; the recording that drives the face so far gives the former expression back."""
        self._session.playback.cancel()
        guarded(self._session, self._ask)()

    def _ask(self) -> None:
        path = self._paths.open(tr("Drive Expression from"), DRIVER_FILTER)
        if path is not None:
            self.drive(path)

    def take(self, path: Path) -> None:
        """A driver that is known already, because it was dropped on the window."""
        self._session.playback.cancel()
        guarded(self._session, lambda: self.drive(path))()

    def drive(self, path: Path) -> None:
        """Read a driver in the background; what holds still is worn as one undo step, a recording is played.

        Where a photo shows several faces it is asked whose expression is meant.
        """
        label = tr("Drive from {0}", path.name)
        if path.suffix.lower() in PHOTO_SUFFIXES:
            self._session.photos.find([path], partial(self._found, label), label)
            return

        def work(_control: Control) -> Motion:
            from rhytid.core.face.driven import read_driver
            from rhytid.core.head.load import default_head

            return read_driver(path, default_head())

        self._session.jobs.start(label, work, self._take)

    def _found(self, label: str, found: list[FacesInPhoto]) -> None:
        (one,) = found
        face = chosen_face(one, self._parent)
        if face is not None:
            self._session.photos.express(one.photo, face, label, self._take)

    def _take(self, motion: Motion) -> None:
        from rhytid.core.face.driven import worn_at

        if motion.is_still:
            self._session.execute(worn_at(motion))
            self._session.post(tr("The face wears the expression of {0}", motion.name))
        elif not self._session.playback.open(motion):
            self._session.post(tr("{0} was read while a stroke was drawn; drive the face again", motion.name),
                               "warning")
        elif motion.remarks:
            self._session.post(f"{motion.name}: {'; '.join(motion.remarks)}")

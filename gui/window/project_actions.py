"""Projects: begin, open, save, keep from being lost, bring back after a crash; with the questions that this takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from rhytid.core.document.project import PROJECT_SUFFIX
from rhytid.core.face.engine_choice import new_state_so_far
from rhytid.core.language import tr
from rhytid.gui.controllers.files import Files
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.starters import STARTERS, Starter
from rhytid.gui.picture_file import encoded
from rhytid.gui.preferences import Preferences
from rhytid.gui.viewport.viewport import Viewport
from rhytid.gui.window.message_bar import MessageBar
from rhytid.gui.window.path_questions import PROJECT_FILTER, PathQuestions

if TYPE_CHECKING:
    from rhytid.core.document.recovery import Comparison, Recovery

THUMBNAIL_PX = 256


def thumbnail(viewport: Viewport) -> bytes | None:
    """A small PNG of the face for the project file; None before there is a picture."""
    picture = viewport.picture_of_b()
    if picture.isNull():
        return None
    side = min(picture.width(), picture.height())
    square = picture.copy((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
    return encoded(square.scaled(THUMBNAIL_PX, THUMBNAIL_PX, mode=Qt.TransformationMode.SmoothTransformation))


class ProjectActions(QObject):
    """The actions of projects.

    Parameters
    ----------
    session : EditorSession
    preferences : Preferences
        Keeps the list of recent projects.
    viewport : Viewport
        Gives the picture for the file.
    messages : MessageBar
        Offers what a crash has left.
    paths : PathQuestions
    parent : QWidget
        The window under the dialogs.
    """

    def __init__(
        self,
        session: EditorSession,
        preferences: Preferences,
        viewport: Viewport,
        messages: MessageBar,
        paths: PathQuestions,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._document = session.document
        self._messages = messages
        self._paths = paths
        self._parent = parent
        self.files = Files(session, preferences.add_recent, partial(thumbnail, viewport), self)
        self.files.replace_asked.connect(self._ask_replace)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        own = {"new": self.new, "open": self.open, "save": self.save, "save_as": self.save_as}
        return own | {name: partial(self.start_with, starter) for name, starter in STARTERS.items()}

    def new(self) -> None:
        self.ask_before_losing_work(self.files.new_project)

    def start_with(self, starter: Starter) -> None:
        """Start over with a face to begin with."""
        face = starter.of(new_state_so_far(self._session.engines))
        self.ask_before_losing_work(lambda: self.files.new_project(face))

    def open(self) -> None:
        def choose() -> None:
            path = self._paths.open(tr("Open Project"), PROJECT_FILTER)
            if path is not None:
                self.files.open_project(path)

        self.ask_before_losing_work(choose)

    def open_path(self, path: Path) -> None:
        self.ask_before_losing_work(lambda: self.files.open_project(path))

    def save(self, then: Callable[[], None] | None = None) -> None:
        path = self._document.path
        if path is None:
            self.save_as(then)
        else:
            self._document.settle()
            self.files.save_project(path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        self._document.settle()
        path = self._paths.save_project()
        if path is not None:
            # The dialog has asked about a file of the very name that it gives, and of no other.
            self.files.save_project(path, then, replace=path.suffix == PROJECT_SUFFIX)

    def _ask_replace(self, path: Path, was_ours: bool, then: Callable[[], None] | None) -> None:
        from rhytid.gui.dialogs.replace_question import Answer, ask_replace

        answer = ask_replace(path, was_ours, self._parent)
        if answer is Answer.REPLACE:
            self.files.save_project(path, then, replace=True)
        elif answer is Answer.SAVE_AS:
            self.save_as(then)

    def ask_before_losing_work(self, then: Callable[[], None]) -> None:
        """Run `then` once nothing would be lost: at once, after saving, or when the artist says so."""
        self._session.playback.cancel()
        self._session.finish_edits()
        if not self._document.is_modified:
            then()
            return
        name = self._document.path.name if self._document.path is not None else tr("this face")
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self._parent,
            tr("Unsaved work"),
            tr("Save the changes to {name}?", name=name),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            self.save(then)
        elif answer == buttons.Discard:
            then()

    # ---- after a crash -------------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Offer what autosave kept of a crashed run, without standing in the way of new work."""
        if self.files.recoveries():
            self._messages.show_message(
                tr("The program ended unexpectedly, and work that was not saved was kept."),
                "warning",
                tr("Look at it\u2026"),
                self.recover,
            )

    def recover(self) -> None:
        found = self.files.recoveries()
        if found:
            self.files.compare(found, lambda compared: self._choose_recovery(found, compared))

    def _choose_recovery(self, found: Sequence[Recovery], compared: Sequence[Comparison]) -> None:
        from rhytid.gui.dialogs.recovery_dialog import RecoveryDialog

        dialog = RecoveryDialog(found, compared, time.time(), self._parent)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            chosen = dialog.chosen()
            self.ask_before_losing_work(lambda: self.files.recover(chosen, self._offer_the_rest))
        elif dialog.discard_all:
            for recovery in found:
                recovery.discard()

    def _offer_the_rest(self) -> None:
        """What was chosen cannot be opened, as the message says; other work may be."""
        text = self._messages.text
        self._messages.show_message(text, "error", tr("Look at other kept work\u2026"), self.recover)

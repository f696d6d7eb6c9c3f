"""Faces of scans: ask for the scan and what is wanted of it, make the face in the background, open it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.face.engine_choice import new_state_so_far
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.preferences import Preferences
from rhytid.gui.window.path_questions import SCAN_FILTER, PathQuestions
from rhytid.gui.window.project_actions import ProjectActions


class ScanActions:
    """The action of scans.

    Parameters
    ----------
    session : EditorSession
    projects : ProjectActions
        Asks about unsaved work and opens the face.
    preferences : Preferences
    paths : PathQuestions
    parent : QWidget
        The window under the dialogs.
    """

    def __init__(
        self, session: EditorSession, projects: ProjectActions, preferences: Preferences, paths: PathQuestions,
        parent: QWidget,
    ) -> None:  # fmt: skip
        self._session = session
        self._projects = projects
        self._preferences = preferences
        self._paths = paths
        self._parent = parent

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its name."""
        return {"new_from_scan": self.choose}

    def choose(self) -> None:
        """Ask for a scan."""
        path = self._paths.open(tr("New from Scan"), SCAN_FILTER)
        if path is not None:
            self.take(path)

    def open(self, path: Path) -> None:
        """A mesh as head, or as scan where it is one."""
        from rhytid.core.scan.kind import may_be_scan

        is_scan = may_be_scan(path)
        if is_scan and path.suffix.lower() != ".ply":  # which no head is read from
            answer = QMessageBox.question(
                self._parent,
                tr("Scan or head"),
                tr("Is {0} a scan, whose detail is wanted? Otherwise it is opened as a head.", shown(path.name)),
            )
            is_scan = answer == QMessageBox.StandardButton.Yes
        if is_scan:
            self.take(path)
        else:
            self._projects.files.use_head(path)

    def take(self, path: Path) -> None:
        """Ask what is wanted of a scan; make the face in the background, then open it."""
        from rhytid.gui.dialogs.scan_dialog import ScanDialog

        dialog = ScanDialog(path, self._preferences, self._parent)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        options, project = dialog.options(), dialog.project()

        fresh = new_state_so_far(self._session.engines)

        def work(control: Control) -> tuple[str, ...]:
            from rhytid.core.head.load import default_head
            from rhytid.core.scan.face import face_of_scan, save_scan_face

            scan = face_of_scan(path, default_head(), options, control)
            save_scan_face(scan, fresh, project, overwrite=True)  # the dialog has asked
            return scan.remarks

        def done(remarks: tuple[str, ...]) -> None:
            if remarks:
                self._session.post(f"{shown(path.name)}: " + "; ".join(remarks))
            self._projects.files.open_project(project)

        self._projects.ask_before_losing_work(
            lambda: self._session.jobs.start(tr("Face of {0}", shown(path.name)), work, done)
        )

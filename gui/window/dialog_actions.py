"""The actions of the window that open a dialog. Each dialog's module is imported when it is first opened."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from rhytid.core.detail.request import SourceDetail
from rhytid.gui.controllers.jobs import JobControl
from rhytid.gui.manual.opening import explain_control, open_manual
from rhytid.gui.manual.pages import START
from rhytid.gui.window.actions import SPECS

if TYPE_CHECKING:
    from rhytid.core.document.recovery import Comparison, Recovery
    from rhytid.core.io.export_options import ExportReport
    from rhytid.gui.controllers.files import Files
    from rhytid.gui.controllers.second_face import Load
    from rhytid.gui.dialogs.first_steps import FirstSteps
    from rhytid.gui.window.main_window import MainWindow

ACCEPTED = QDialog.DialogCode.Accepted


class DialogActions(QObject):
    """Opens dialogs and does what they were accepted for.

    Parameters
    ----------
    window : MainWindow
    files : Files
    """

    def __init__(self, window: MainWindow, files: Files) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._files = files
        self._first_steps: FirstSteps | None = None

    # ---- maps and export -----------------------------------------------------------------------------

    def import_map(self, path: Path) -> None:
        """Ask how the values of a map are meant, then import it in the background."""
        from rhytid.gui.dialogs.import_displacement import ImportDialog

        dialog = ImportDialog(path, self._session.document.state, self._window)
        if dialog.exec() != ACCEPTED:
            return
        reading, expression, age = dialog.reading(), dialog.expression(), dialog.age()

        def load(_control: JobControl) -> SourceDetail:
            from rhytid.core.io.displacement_file import source_detail

            return source_detail(path, expression, age, reading)

        self._files.import_map(load, path.name, dialog.pose_command())

    def map_as_face(self, path: Path) -> Load | None:
        """Ask how the values of another face's map are meant; gives what reads it, None when given up."""
        from rhytid.gui.controllers.second_face import face_of_map
        from rhytid.gui.dialogs.import_displacement import ImportDialog

        dialog = ImportDialog(path, self._session.document.state, self._window)
        if dialog.exec() != ACCEPTED:
            return None
        return face_of_map(path, dialog.reading(), dialog.expression(), dialog.age())

    def export(self) -> None:
        """Ask what to export, then write it in the background."""
        pose = self._window.viewport.pose
        if pose is None:
            return
        from rhytid.gui.dialogs.export_dialog import ExportDialog, ExportReportDialog

        path = self._session.document.path
        name = path.stem if path is not None else "face"
        dialog = ExportDialog(pose.head, pose.vertices, self._window.preferences, name, self._window)
        if dialog.exec() != ACCEPTED:
            return
        options, folder, state = dialog.options(), dialog.folder(), self._session.document.state

        def look(_control: JobControl) -> list[Path]:
            from rhytid.core.files.outputs import foreign
            from rhytid.core.io.export_options import planned_files

            return foreign(folder / name for name in planned_files(options))

        def begin(found: list[Path]) -> None:
            from rhytid.gui.dialogs.save_file import ask_replace

            if not found or ask_replace(self._window, found):
                self._session.jobs.start("Export", lambda control: work(control, bool(found)), done)

        def work(control: JobControl, overwrite: bool) -> ExportReport:
            from rhytid.core.face.face import Face

            face = Face.of(state, pose.head)
            return face.write(folder, replace(options, overwrite=overwrite), control, control.cancelled)

        def done(report: ExportReport) -> None:
            self._session.post(f"Exported {len(report.files)} files to {report.folder}")
            ExportReportDialog(report, self._window).open()

        self._session.jobs.start("Export", look, begin)

    # ---- preferences and help ------------------------------------------------------------------------

    def preferences(self) -> None:
        from rhytid.gui.dialogs.preferences_dialog import PreferencesDialog

        PreferencesDialog(self._window.preferences, self._window).exec()

    def hint(self) -> None:
        """The hint of the first start."""
        from rhytid.gui.dialogs.first_steps import FirstSteps

        if self._first_steps is None:
            self._first_steps = FirstSteps(self._window.preferences, self._window.viewport)
        self._first_steps.show()
        self._first_steps.raise_()

    def hint_at_first_start(self) -> None:
        if not self._window.preferences.hint_dismissed:
            self.hint()

    def manual(self) -> None:
        open_manual(START, self._window)

    def explain(self) -> None:
        """The manual at what is under the pointer."""
        explain_control(self._window)

    def shortcuts(self) -> None:
        from rhytid.gui.dialogs.shortcuts_dialog import ShortcutsDialog

        rows = [(spec.text, spec.keys) for spec in SPECS]
        ShortcutsDialog(rows, self._session.view.navigation, self._window).exec()

    def about(self) -> None:
        from rhytid.gui.dialogs.about_dialog import AboutDialog

        AboutDialog(self._window.viewport.driver_name, self._window).exec()

    # ---- after a crash -------------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Offer what autosave kept of a crashed run, without standing in the way of new work."""
        if self._files.recoveries():
            self._window.messages.show_message(
                "The program ended unexpectedly, and work that was not saved was kept.",
                "warning",
                "Look at it\u2026",
                self.recover,
            )

    def recover(self) -> None:
        found = self._files.recoveries()
        if found:
            self._files.compare(found, lambda compared: self._choose_recovery(found, compared))

    def _choose_recovery(self, found: Sequence[Recovery], compared: Sequence[Comparison]) -> None:
        from rhytid.gui.dialogs.recovery_dialog import RecoveryDialog

        dialog = RecoveryDialog(found, compared, time.time(), self._window)
        if dialog.exec() == ACCEPTED:
            chosen = dialog.chosen()
            ask = self._window.window_actions.ask_before_losing_work
            ask(lambda: self._files.recover(chosen, self._offer_the_rest))
        elif dialog.discard_all:
            for recovery in found:
                recovery.discard()

    def _offer_the_rest(self) -> None:
        """What was chosen cannot be opened, as the message says; other work may be."""
        text = self._window.messages.text
        self._window.messages.show_message(text, "error", "Look at other kept work\u2026", self.recover)

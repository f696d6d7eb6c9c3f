"""Scan dialog: how fine its detail is taken, whether with colour and lines, and where the face is written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFileDialog, QFormLayout, QWidget

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.document.project import PROJECT_SUFFIX
from rhytid.core.document.state import AGE_DEFAULT
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.scan.face import SIZES, ScanOptions, head_file_of
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.place_row import PlaceRow
from rhytid.gui.dialogs.save_file import ask_replace
from rhytid.gui.preferences import Preferences
from rhytid.gui.widgets.labels_and_buttons import text_label

_KEPT = "scan"


class ScanDialog(Dialog):
    """Asks for `ScanOptions` and the project's file; remembers what was chosen last.

    Parameters
    ----------
    scan : Path
    preferences : Preferences
    """

    def __init__(self, scan: Path, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(tr("New from scan"), tr("Make Face"), parent)
        self._preferences = preferences
        self.size_box = QComboBox()
        for side in SIZES:
            self.size_box.addItem(f"{side} × {side}", side)
        self.size_box.setCurrentIndex(SIZES.index(ScanOptions().resolution))
        self.colors = QCheckBox(tr("Its colour"))
        self.lines = QCheckBox(tr("Its wrinkles as strokes"))
        for box in (self.colors, self.lines):
            box.setChecked(True)
        self.age_box = QDoubleSpinBox()
        self.age_box.setRange(AGE_MIN, LIFE_MAX)
        self.age_box.setDecimals(0)
        self.age_box.setValue(AGE_DEFAULT)
        self.age_box.setSuffix(tr(" years"))
        self._file = PlaceRow(self._ask_file, str(scan.with_suffix(PROJECT_SUFFIX)))
        self.file_line = self._file.line
        form = QFormLayout()
        form.addRow(text_label(tr("A face of {0}", shown(scan.name)), "soft"))
        form.addRow(tr("Detail"), self.size_box)
        form.addRow(tr("Take over"), self.colors)
        form.addRow("", self.lines)
        form.addRow(tr("Age"), self.age_box)
        form.addRow(tr("Save as"), self._file)
        self.body.addLayout(form)
        told = tr("Takes some minutes, in the background. The head is written beside the project; keep both together.")
        self.body.addWidget(text_label(told, "soft"))
        self.finish_layout()
        self.setMinimumWidth(480)
        self._restore()
        self.file_line.textChanged.connect(self._update)
        self._update()

    def options(self) -> ScanOptions:
        """What was chosen."""
        size = int(self.size_box.currentData())
        return ScanOptions(size, self.age_box.value(), self.colors.isChecked(), self.lines.isChecked())

    def project(self) -> Path:
        """Where to write the face."""
        path = self._file.path
        if not path.name or path.suffix == PROJECT_SUFFIX:
            return path
        return path.with_name(path.name + PROJECT_SUFFIX)

    def accept(self) -> None:
        from rhytid.core.files.failures import WriteError
        from rhytid.core.files.outputs import foreign

        try:
            there = foreign([self.project(), head_file_of(self.project())])
        except WriteError as error:
            self.tell_problem(str(error))
            return
        if there and not ask_replace(self, there):
            return
        size, colors, lines = self.size_box.currentData(), self.colors.isChecked(), self.lines.isChecked()
        self._preferences.remember(_KEPT, {"size": size, "colors": colors, "lines": lines})
        super().accept()

    def _ask_file(self, text: str) -> str:
        project = tr("Rhytid projects") + f" (*{PROJECT_SUFFIX})"
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save Face As"), text, project,
            options=QFileDialog.Option.DontConfirmOverwrite,  # asked once, when the face is made
        )  # fmt: skip
        return name

    def _update(self) -> None:
        problem = ""
        if not self.project().name:
            problem = tr("Say where the face is written.")
        elif not self.project().absolute().parent.is_dir():
            problem = tr("{0} is no folder. Choose another place.", self.project().parent)
        self.tell_problem(problem)

    def _restore(self) -> None:
        stored = self._preferences.remembered(_KEPT)
        if stored.get("size") in SIZES:
            self.size_box.setCurrentIndex(SIZES.index(int(str(stored["size"]))))
        for name, box in (("colors", self.colors), ("lines", self.lines)):
            if isinstance(stored.get(name), bool):
                box.setChecked(bool(stored[name]))

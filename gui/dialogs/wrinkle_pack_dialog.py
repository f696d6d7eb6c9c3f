"""Wrinkle pack dialog: budget, layout, size, where; and what the pack does not show."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from rhytid.core.language import tr
from rhytid.core.pack.layouts import LAYOUTS
from rhytid.core.pack.options import MOST_MAPS, SIZES, PackOptions
from rhytid.core.pack.writing import PackReport
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.place_row import folder_row
from rhytid.gui.preferences import Preferences
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import text_label

_HEAT_PX = 300
_KEPT = "wrinkle_pack"


class WrinklePackDialog(Dialog):
    """Asks for `PackOptions` and a folder; remembers what was chosen last.

    Parameters
    ----------
    preferences : Preferences
    age : float
        Of the document, which the pack is for.
    name : str
        First part of the file names, as the project's name.
    """

    def __init__(self, preferences: Preferences, age: float, name: str = "face", parent: QWidget | None = None) -> None:
        super().__init__(tr("Export wrinkle pack"), tr("Export"), parent)
        self._preferences = preferences
        self.layout_box = QComboBox()
        for layout in LAYOUTS.values():
            self.layout_box.addItem(tr(layout.title), layout.name)
        self.budget = QSpinBox()
        self.budget.setRange(1, MOST_MAPS)
        self.budget.setValue(3)
        self.budget.setSuffix(tr(" wrinkle maps"))
        self.size_box = QComboBox()
        for side in SIZES:
            self.size_box.addItem(f"{side} × {side}", side)
        self.size_box.setCurrentIndex(SIZES.index(2048))
        self.green = QComboBox()
        for text, value in ((tr("As the layout's program"), ""), (tr("OpenGL, Y+"), "opengl"),
                            (tr("DirectX, Y−"), "directx")):  # fmt: skip
            self.green.addItem(text, value)
        self.colors = QCheckBox(tr("Colour maps"))
        self.colors.setChecked(True)
        self.heights = QCheckBox(tr("Displacement maps"))
        self.name = QLineEdit(name)
        self._folder = folder_row(self, tr("Folder of the wrinkle pack"))
        self.folder_line = self._folder.line
        form = QFormLayout()
        form.addRow(tr("Layout"), self.layout_box)
        form.addRow(tr("Budget"), self.budget)
        form.addRow(tr("Size"), self.size_box)
        form.addRow(tr("Normal green"), self.green)
        form.addRow("", self.colors)
        form.addRow("", self.heights)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Folder"), self._folder)
        self.body.addLayout(form)
        told = tr("The detail over all expressions at {0} years. Takes some minutes, in the background.", f"{age:g}")
        self.summary = text_label(told, "soft")
        self.body.addWidget(self.summary)
        self.finish_layout()
        self.setMinimumWidth(480)
        self._restore()
        for box in (self.layout_box, self.size_box, self.green):
            box.currentIndexChanged.connect(self._update)
        self.budget.valueChanged.connect(self._update)
        for line in (self.name, self.folder_line):
            line.textChanged.connect(self._update)
        self._update()

    def options(self) -> PackOptions:
        """What was chosen; raises `ValueError` where it makes no pack."""
        return PackOptions(
            self.layout_box.currentData(), self.budget.value(), int(self.size_box.currentData()),
            self.green.currentData() or None, colors=self.colors.isChecked(), heights=self.heights.isChecked(),
            name=self.name.text().strip(),
        )  # fmt: skip

    def folder(self) -> Path:
        """Where to write."""
        return self._folder.path

    def accept(self) -> None:
        values = {"layout": self.layout_box.currentData(), "size": self.size_box.currentData()}
        values |= {"budget": self.budget.value(), "folder": self._folder.text}
        self._preferences.remember(_KEPT, values)
        super().accept()

    def _update(self) -> None:
        problem, waits = "", False
        try:
            self.options()
        except ValueError as error:
            problem = str(error)
        if not problem and self.folder().is_file():
            problem = tr("{0} is a file. Choose a folder.", self.folder())
        if not problem and not self._folder.text:
            problem, waits = tr("Choose a folder."), True
        self.tell_problem(problem, waits)

    def _restore(self) -> None:
        stored = self._preferences.remembered(_KEPT)
        for key, box in (("layout", self.layout_box), ("size", self.size_box)):
            at = next((i for i in range(box.count()) if str(box.itemData(i)) == str(stored.get(key))), -1)
            if at >= 0:
                box.setCurrentIndex(at)
        budget = str(stored.get("budget", ""))
        if budget.isdecimal():
            self.budget.setValue(int(budget[:3]))
        self.folder_line.setText(str(stored.get("folder", "")))


class WrinklePackReportDialog(Dialog):
    """What a finished pack does not show: where, by how much, and the five worst expressions."""

    def __init__(self, report: PackReport, parent: QWidget | None = None) -> None:
        super().__init__(tr("Wrinkle pack finished"), "", parent)
        self.report = report
        left = report.residual
        found = (f"{value:.1f}" for value in (left.mean_um, left.p95_um, left.without_um))
        said = tr("On other expressions off by {0} µm, 95 % below {1} µm; the neutral map alone by {2} µm", *found)
        self.body.addWidget(text_label(said, "title"))
        where = text_label(str(report.folder), "soft")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(where)
        row = QHBoxLayout()
        self.heat = QLabel()
        picture = QPixmap(str(report.heat_map))
        self.heat.setPixmap(picture.scaledToWidth(_HEAT_PX, Qt.TransformationMode.SmoothTransformation))
        row.addWidget(self.heat)
        worst = "\n".join(f"{one.mean_um:.1f} µm  {one.name}" for one in left.worst)
        self.worst = text_label(tr("Worst expressions:") + "\n" + worst, "")
        self.worst.setAlignment(Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.worst, 1)
        self.body.addLayout(row)
        self.open_folder = QPushButton(icon("folder"), tr("Open folder"))
        self.open_folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report.folder))))
        self.buttons.addButton(self.open_folder, self.buttons.ButtonRole.ActionRole)
        self.finish_layout()

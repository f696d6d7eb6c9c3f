"""Export dialog: what, how fine, where; and what came out."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.head.head import Float32, Head
from rhytid.core.head.subdivide import MAX_FACES, n_faces_after, surface_faces
from rhytid.core.io.export_meshes import DEFAULT_EDGE_MM, chosen_levels, counted, face_count_limits
from rhytid.core.io.export_options import MESH_FORMATS, RESOLUTIONS, WHAT, ExportOptions, ExportReport, planned_files
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog, heading
from rhytid.gui.preferences import Preferences
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import text_label

_WHAT_TEXT = {
    "displaced_mesh": (tr("Displaced mesh"), tr("The face with its wrinkles as real geometry")),
    "base_mesh": (tr("Base mesh with shapes (GLB)"),
                  tr("Light mesh with normal map, morph targets of expression and age")),
    "hair": (tr("Hair"), tr("Brows, lashes and beard as ribbons, in the format of the displaced mesh")),
    "displacement": (tr("Displacement (EXR and 16-bit PNG)"), tr("In mm; a JSON beside the PNG states scale and zero")),
    "normal_map": (tr("Normal map"), tr("Tangent space")),
    "albedo": (tr("Albedo"), tr("Skin colour, sRGB")),
    "roughness": (tr("Roughness"), tr("Of forehead, nose and lips, as the viewport's")),
    "specular": (tr("Specular level"), tr("0.35 is open skin, less lies in pores")),
    "cavity": (tr("Cavity"), tr("Dark where pores and wrinkles are deep")),
    "occlusion": (tr("Ambient occlusion"), tr("How much of the surroundings the skin sees")),
    "line_map": (tr("Line map"), tr("All visible strokes, one texel wide")),
    "distance_field": (tr("Distance field"), tr("Distance to the nearest line")),
}
_MAPS = frozenset(_WHAT_TEXT) - {"displaced_mesh", "base_mesh", "hair"}


class ExportDialog(Dialog):
    """Asks for `ExportOptions` and a folder; remembers what was chosen last.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Present shape in mm, for the estimate of the mesh's density.
    preferences : Preferences
    name : str
        First part of the file names, as the project's name.
    """

    def __init__(
        self, head: Head, vertices: Float32, preferences: Preferences, name: str = "face", parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Export"), tr("Export"), parent)
        self._head, self._vertices, self._preferences = head, vertices, preferences
        self._surface = head.faces[surface_faces(head)]
        self._n_other = len(head.faces) - len(self._surface)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addLayout(self._what_column())
        columns.addLayout(self._how_column(), 1)
        self.body.addLayout(columns)
        self.body.addLayout(self._folder_row(name))
        self.summary = text_label("", "soft")
        self.summary.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.problem = text_label("", "error")
        self.problem.hide()
        self.body.addWidget(self.summary)
        self.body.addWidget(self.problem)
        self.finish_layout()
        self.setMinimumWidth(660)
        self._restore()
        self._connect()
        self._update()

    # --- building --------------------------------------------------------------------------------------

    def _what_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(heading(tr("What")))
        self.what: dict[str, QCheckBox] = {}
        for what, (title, tip) in _WHAT_TEXT.items():
            box = QCheckBox(title)
            box.setToolTip(tip)
            box.setChecked(True)
            column.addWidget(box)
            self.what[what] = box
        column.addSpacing(8)
        column.addWidget(heading(tr("Pose")))
        self.pose_current = QRadioButton(tr("As on the screen"))
        self.pose_neutral = QRadioButton(tr("Neutral"))
        self.pose_neutral.setToolTip(tr("Without expression, with the detail of the neutral face"))
        self.pose_current.setChecked(True)
        poses = QButtonGroup(self)
        for button in (self.pose_current, self.pose_neutral):
            poses.addButton(button)
            column.addWidget(button)
        column.addStretch(1)
        return column

    def _how_column(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(heading(tr("Displaced mesh")))
        form = _form()
        self.mesh_format = QComboBox()
        for name in MESH_FORMATS:
            self.mesh_format.addItem(name.upper(), name)
        form.addRow(tr("Format"), self.mesh_format)
        self.by_edge, self.by_count = QRadioButton(tr("Edges of")), QRadioButton(tr("At most"))
        density = QButtonGroup(self)
        density.addButton(self.by_edge)
        density.addButton(self.by_count)
        self.by_edge.setChecked(True)
        self.edge = QDoubleSpinBox()
        self.edge.setRange(0.1, 10.0)
        self.edge.setDecimals(2)
        self.edge.setSingleStep(0.1)
        self.edge.setValue(DEFAULT_EDGE_MM)
        self.edge.setSuffix(" mm")
        self.edge.setToolTip(tr("Median edge length on the face; subdivision halves it step by step"))
        self.count = QDoubleSpinBox()
        least, most = face_count_limits(self._head)
        self.count.setRange(math.ceil(least / 1000), MAX_FACES // 1000)
        self.count.setDecimals(0)
        self.count.setSingleStep(50.0)
        self.count.setValue(1000.0)
        self.count.setSuffix(tr(" thousand faces"))
        self.count.setToolTip(tr("This head makes {0} faces at least and {1} at most", counted(least), counted(most)))
        form.addRow(self.by_edge, self.edge)
        form.addRow(self.by_count, self.count)
        self.estimate = text_label("", "soft")
        self.estimate.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.estimate.setAlignment(Qt.AlignmentFlag.AlignTop)
        form.addRow("", self.estimate)
        column.addLayout(form)
        column.addWidget(heading(tr("Maps")))
        form = _form()
        self.resolution = QComboBox()
        for side in RESOLUTIONS:
            self.resolution.addItem(f"{side} × {side}", side)
        self.resolution.setCurrentIndex(RESOLUTIONS.index(4096))
        form.addRow(tr("Size"), self.resolution)
        self.padding = QSpinBox()
        self.padding.setRange(0, 64)
        self.padding.setValue(16)
        self.padding.setSuffix(" texels")
        self.padding.setToolTip(tr("How far the maps run on beyond the skin's edge, so that no seam shows in mip "
                                   "levels"))
        form.addRow(tr("Edge padding"), self.padding)
        self.green = QComboBox()
        self.green.addItem(tr("OpenGL, Y+ (Blender, Maya, Unity)"), "opengl")
        self.green.addItem(tr("DirectX, Y− (Unreal, 3ds Max)"), "directx")
        form.addRow(tr("Normal green"), self.green)
        self.normal_bits = QComboBox()
        self.normal_bits.addItem(tr("8 bits"), 8)
        self.normal_bits.addItem(tr("16 bits"), 16)
        form.addRow(tr("Normal depth"), self.normal_bits)
        self.exr = QComboBox()
        self.exr.addItem(tr("One channel (Y)"), "Y")
        self.exr.addItem(tr("Three equal channels (RGB)"), "RGB")
        self.exr.setToolTip(tr("Most programs read one grey channel; some insist on a colour"))
        form.addRow("EXR", self.exr)
        column.addLayout(form)
        self.verify = QCheckBox(tr("Read everything back and compare"))
        self.verify.setToolTip(tr("Proves that the files hold what the viewport showed"))
        self.verify.setChecked(True)
        column.addWidget(self.verify)
        column.addStretch(1)
        return column

    def _folder_row(self, name: str) -> QFormLayout:
        form = _form()
        self.name = QLineEdit(name)
        self.name.setToolTip(tr("First part of every file name"))
        form.addRow(tr("Name"), self.name)
        self.folder_line = QLineEdit()
        self.folder_line.setPlaceholderText(tr("Choose a folder"))
        browse = QPushButton(icon("folder"), tr("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.folder_line, 1)
        row.addWidget(browse)
        form.addRow(tr("Folder"), row)
        return form

    def _connect(self) -> None:
        for box in (*self.what.values(), self.by_edge, self.verify, self.pose_current):
            box.toggled.connect(self._update)
        for combo in (self.mesh_format, self.resolution, self.green, self.normal_bits, self.exr):
            combo.currentIndexChanged.connect(self._update)
        for spin in (self.edge, self.count, self.padding):
            spin.valueChanged.connect(self._update)
        for line in (self.name, self.folder_line):
            line.textChanged.connect(self._update)

    # --- answers ---------------------------------------------------------------------------------------

    def options(self) -> ExportOptions:
        """What was chosen.

        Raises
        ------
        ValueError
            The choice makes no export; the message says why.
        """
        by_edge = self.by_edge.isChecked()
        return ExportOptions(
            what=frozenset(what for what, box in self.what.items() if box.isChecked()),
            mesh_format=self.mesh_format.currentData(),
            target_edge_mm=self.edge.value() if by_edge else None,
            face_count=None if by_edge else int(self.count.value() * 1000.0),
            resolution=int(self.resolution.currentData()),
            padding_px=self.padding.value(),
            green=self.green.currentData(),
            normal_bits=8 if self.normal_bits.currentData() == 8 else 16,
            exr_channels=self.exr.currentData(),
            pose="current" if self.pose_current.isChecked() else "neutral",
            name=self.name.text().strip(),
            verify=self.verify.isChecked(),
        )

    def folder(self) -> Path:
        """Where to write."""
        return Path(self.folder_line.text().strip()).expanduser()

    def accept(self) -> None:
        self._remember()
        super().accept()

    # --- showing ---------------------------------------------------------------------------------------

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of the export"), self.folder_line.text())
        if chosen:
            self.folder_line.setText(chosen)

    def _update(self) -> None:
        what = {name for name, box in self.what.items() if box.isChecked()}
        mesh = "displaced_mesh" in what
        self.mesh_format.setEnabled(mesh or "hair" in what)
        for widget in (self.by_edge, self.by_count, self.estimate):
            widget.setEnabled(mesh)
        self.edge.setEnabled(mesh and self.by_edge.isChecked())
        self.count.setEnabled(mesh and not self.by_edge.isChecked())
        maps = bool(what & _MAPS) or bool(what & {"base_mesh", "displaced_mesh"})
        self.resolution.setEnabled(maps)
        self.padding.setEnabled(maps)
        self.green.setEnabled("normal_map" in what)
        self.normal_bits.setEnabled("normal_map" in what)
        self.exr.setEnabled("displacement" in what)
        problem, waits = "", False
        try:
            options = self.options()
            density = self._density(options) if mesh else ""
        except ValueError as error:
            problem = str(error)
        else:
            self.estimate.setText(density)
            files = planned_files(options)
            self.summary.setText(tr("Writes {0} files: {1}", len(files), ", ".join(files)))
            if not self.folder_line.text().strip():
                problem, waits = tr("Choose a folder."), True
            elif self.folder().exists() and not self.folder().is_dir():
                problem = tr("{0} is a file. Choose a folder.", self.folder())
            elif self.folder().is_dir() and (self.folder() / "export.json").exists():
                self.summary.setText(self.summary.text() + tr("\nThe folder holds an earlier export; files of the same "
                                                              "name are replaced."))  # fmt: skip
        if problem and not what:
            problem = tr("Choose at least one thing to export.")
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem) and not waits)
        if self.accept_button is not None:
            self.accept_button.setEnabled(not problem)
            self.accept_button.setToolTip(problem)

    def _density(self, options: ExportOptions) -> str:
        levels = chosen_levels(self._head, self._vertices, options)
        n_faces = n_faces_after(self._surface, levels) + self._n_other
        text = tr("{0} subdivisions, about {1} faces", levels, counted(n_faces))
        if options.face_count is not None:
            least, most = face_count_limits(self._head)
            text += tr("; this head makes {0} to {1}", counted(least), counted(most))
        if n_faces > 3_000_000:
            text += tr(". Large: some programs will take long to open it.")
        return text

    def _restore(self) -> None:
        stored = self._preferences.remembered("export")
        chosen = str(stored.get("what", "")).split(",")
        if any(what in WHAT for what in chosen):
            for what, box in self.what.items():
                box.setChecked(what in chosen)
        for key, combo in self._combos().items():
            at = next((i for i in range(combo.count()) if str(combo.itemData(i)) == str(stored.get(key))), -1)
            if at >= 0:
                combo.setCurrentIndex(at)
        for key, take in (("edge_mm", self.edge.setValue), ("count", self.count.setValue),
                          ("padding_px", lambda value: self.padding.setValue(int(value)))):  # fmt: skip
            try:
                take(float(stored[key]))
            except (KeyError, ValueError, TypeError, OverflowError):
                continue  # never exported before, or a store edited by hand
        (self.by_count if str(stored.get("by_edge")) == "false" else self.by_edge).setChecked(True)
        self.folder_line.setText(str(stored.get("folder", "")))

    def _remember(self) -> None:
        values: dict[str, Any] = {key: combo.currentData() for key, combo in self._combos().items()}
        values["what"] = ",".join(what for what, box in self.what.items() if box.isChecked())
        values |= {"edge_mm": self.edge.value(), "count": self.count.value(), "padding_px": self.padding.value()}
        values["by_edge"] = "true" if self.by_edge.isChecked() else "false"
        values["folder"] = self.folder_line.text().strip()
        self._preferences.remember("export", values)

    def _combos(self) -> dict[str, QComboBox]:
        return {"mesh_format": self.mesh_format, "resolution": self.resolution, "green": self.green,
                "normal_bits": self.normal_bits, "exr_channels": self.exr}  # fmt: skip


class ExportReportDialog(Dialog):
    """The files of a finished export with their sizes, and what reading them back showed."""

    def __init__(self, report: ExportReport, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export finished"), "", parent)
        self.report = report
        total = sum(file.n_bytes for file in report.files)
        done = tr("{0} files, {1}, in {2:.1f} s", len(report.files), _bytes(total), report.elapsed_s)
        head = text_label(done, "title")
        self.body.addWidget(head)
        where = text_label(str(report.folder), "soft")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(where)
        tree = QTreeWidget()
        tree.setRootIsDecorated(False)
        tree.setHeaderLabels([tr("File"), tr("What"), tr("Size"), tr("Read back")])
        checks: dict[str, list[bool]] = {}
        notes: dict[str, list[str]] = {}
        for check in report.checks:
            checks.setdefault(check.file, []).append(check.passed)
            notes.setdefault(check.file, []).append(f"{check.what}: {check.found}")
        for file in report.files:
            passed = checks.get(file.name)
            kind = _WHAT_TEXT.get(file.kind, ("About the export", ""))[0].split(" (")[0]
            outcome = "" if passed is None else "same" if all(passed) else "differs"
            item = QTreeWidgetItem([file.name, kind, _bytes(file.n_bytes), outcome])
            if passed is not None:
                item.setIcon(3, icon("check", "good") if all(passed) else icon("warning", "warning"))
            item.setToolTip(3, "\n".join(notes.get(file.name, ())))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight)
            tree.addTopLevelItem(item)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(True)
        self.files = tree
        self.body.addWidget(tree, 1)
        self.open_folder = QPushButton(icon("folder"), tr("Open folder"))
        self.open_folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report.folder))))
        self.buttons.addButton(self.open_folder, self.buttons.ButtonRole.ActionRole)
        self.finish_layout()
        self.resize(680, 420)


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    form.setHorizontalSpacing(10)
    form.setVerticalSpacing(6)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _bytes(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 100_000 else f"{number / 1e3:.0f} kB"

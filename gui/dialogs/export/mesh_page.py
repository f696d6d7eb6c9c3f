"""How meshes are written: formats, unit, up axis and density."""

from __future__ import annotations

import math
from collections.abc import Set
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.blender_bridge import why_none_in_sight
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.subdivide import MAX_FACES
from rhytid.core.io.blender_writing import BLENDER_SUFFIXES
from rhytid.core.io.export_options import AUTO, BASE_FORMATS, MESH_FORMATS, ExportOptions
from rhytid.core.io.mesh_density import DEFAULT_EDGE_MM, chosen_levels, counted, face_count_limits, faces_in_file
from rhytid.core.io.usd_file import USD_SUFFIXES, why_no_usd
from rhytid.core.language import tr
from rhytid.gui.dialogs.export.page import Choice, Page, form, take_in
from rhytid.gui.dialogs.export.relief_meter import ReliefMeter
from rhytid.gui.widgets.labels_and_buttons import text_label

_LARGE = 3_000_000
_FORMATS_IN_A_ROW = 4
_USD_TIP = tr("Welded quads with shapes on a skeleton, materials and subdivision")
_BASE_TIP = {
    "glb": tr("Triangles with shapes, normal map and colour; always in metres, Y up"),
    "obj": tr("Welded quads for subdivision and displacement, at rest"),
    "usda": _USD_TIP, "usdc": _USD_TIP, "usdz": _USD_TIP,
    "fbx": tr("With shapes; written by Blender, which has to be there"),
    "abc": tr("The posed quads at each frame of the clip; written by Blender, which has to be there"),
}  # fmt: skip


class MeshPage(Page):
    """See the module.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Present shape in mm, for the estimate of the mesh's density.
    displacement : float32 (H, H), optional
        Of the viewport in mm; how much of it meshes keep is measured.
    """

    def __init__(
        self, head: Head, vertices: Float32, displacement: Float32 | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._head, self._vertices = head, vertices
        self._meter = ReliefMeter(head, vertices, displacement)
        self._meter.measured.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        rows = form()
        formats = QGridLayout()
        self.base_formats: dict[str, QCheckBox] = {}
        self._missing: dict[str, str] = {}
        for number, name in enumerate(BASE_FORMATS):
            box = QCheckBox(name.upper())
            self._missing[name] = _missing(name)
            box.setToolTip(self._missing[name] or _BASE_TIP[name])
            box.toggled.connect(self.changed)
            formats.addWidget(box, *divmod(number, _FORMATS_IN_A_ROW))
            self.base_formats[name] = box
        self.base_formats["glb"].setChecked(True)
        rows.addRow(tr("Base mesh as"), formats)
        self.shapes_obj = QCheckBox(tr("Shapes as OBJ"))
        self.shapes_obj.setToolTip(tr("Each expression as an OBJ with the vertices of the base mesh's OBJ"))
        self.shapes_obj.toggled.connect(self.changed)
        rows.addRow("", self.shapes_obj)
        self.mesh_format = QComboBox()
        for name in MESH_FORMATS:
            if not _missing(name):
                self.mesh_format.addItem(name.upper(), name)
        rows.addRow(tr("Displaced as"), self.mesh_format)
        self.unit = QComboBox()
        self.unit.addItem(tr("As the program takes it"), AUTO)
        for unit, text in (("mm", tr("Millimetres")), ("cm", tr("Centimetres")), ("m", tr("Metres"))):
            self.unit.addItem(text, unit)
        rows.addRow(tr("Unit"), self.unit)
        self.up_axis = QComboBox()
        self.up_axis.addItem(tr("As the program takes it"), AUTO)
        self.up_axis.addItem(tr("Y up"), "y")
        self.up_axis.addItem(tr("Z up"), "z")
        rows.addRow(tr("Up axis"), self.up_axis)
        self.placed = text_label("", "soft")
        rows.addRow("", self.placed)
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
        self.count.setRange(math.ceil(face_count_limits(head)[0] / 1000), MAX_FACES // 1000)
        self.count.setDecimals(0)
        self.count.setSingleStep(50.0)
        self.count.setValue(1000.0)
        self.count.setSuffix(tr(" thousand faces"))
        rows.addRow(self.by_edge, self.edge)
        rows.addRow(self.by_count, self.count)
        self.estimate = text_label("", "soft")
        self.estimate.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.estimate.setAlignment(Qt.AlignmentFlag.AlignTop)
        rows.addRow("", self.estimate)
        column.addLayout(rows)
        self._boxes = {"mesh_format": self.mesh_format, "unit": self.unit, "up_axis": self.up_axis}
        for combo in self._boxes.values():
            combo.currentIndexChanged.connect(self.changed)
        self.by_edge.toggled.connect(self.changed)
        self.edge.valueChanged.connect(self.changed)
        self.count.valueChanged.connect(self.changed)
        self.mesh_format.currentIndexChanged.connect(self._limit_count)
        self._limit_count()
        self._meter.start()

    def choice(self) -> dict[str, Any]:
        """Fields of `ExportOptions`, and what stands in the controls of the density that is not chosen."""
        return {
            **{name: box.currentData() for name, box in self._boxes.items()},
            "base_formats": [name for name, box in self.base_formats.items() if box.isChecked()],
            "shapes_obj": self.shapes_obj.isChecked(),
            "by_edge": self.by_edge.isChecked(), "edge_mm": self.edge.value(), "count": self.count.value(),
        }  # fmt: skip

    def take(self, choice: Choice) -> None:
        for name, box in self._boxes.items():
            take_in(box, choice, name)
        formats = choice.get("base_formats", ())
        if any(name in self.base_formats for name in formats):
            for name, check in self.base_formats.items():
                check.setChecked(name in formats and not self._missing[name])
        if isinstance(choice.get("shapes_obj"), bool):
            self.shapes_obj.setChecked(choice["shapes_obj"])
        for name, spin in (("edge_mm", self.edge), ("count", self.count)):
            if isinstance(choice.get(name), int | float):
                spin.setValue(float(choice[name]))
        if isinstance(choice.get("by_edge"), bool):
            (self.by_edge if choice["by_edge"] else self.by_count).setChecked(True)

    def fields(self) -> dict[str, Any]:
        """Fields of `ExportOptions`."""
        choice, by_edge = self.choice(), self.by_edge.isChecked()
        return {
            "mesh_format": choice["mesh_format"], "base_formats": frozenset(choice["base_formats"]),
            "shapes_obj": choice["shapes_obj"] and "obj" in choice["base_formats"],
            "unit": choice["unit"], "up_axis": choice["up_axis"],
            "target_edge_mm": self.edge.value() if by_edge else None,
            "face_count": None if by_edge else int(self.count.value() * 1000.0),
        }  # fmt: skip

    def show_use(self, what: Set[str]) -> None:
        """Only what is of use for these kinds of files can be set."""
        displaced, base = "displaced_mesh" in what, "base_mesh" in what
        self.mesh_format.setEnabled(displaced or "hair" in what)
        for name, check in self.base_formats.items():
            check.setEnabled(base and not self._missing[name])
        self.shapes_obj.setEnabled(base and self.base_formats["obj"].isChecked())
        for widget in (self.by_edge, self.by_count, self.estimate):
            widget.setEnabled(displaced)
        self.edge.setEnabled(displaced and self.by_edge.isChecked())
        self.count.setEnabled(displaced and not self.by_edge.isChecked())
        formats = (set(self.choice()["base_formats"]) if base else set()) | (
            {self.mesh_format.currentData()} if self.mesh_format.isEnabled() else set()
        )
        for box in (self.unit, self.up_axis, self.placed):
            box.setEnabled(bool(formats - {"glb"}))

    def show_density(self, options: ExportOptions) -> None:
        """Say what the options make of the meshes.

        Raises
        ------
        ValueError
            They make none.
        """
        placings = {name: options.placing(name) for name in (*sorted(options.base_formats), options.mesh_format)}
        said = [tr("{0}: {1}, {2} up", name.upper(), one.unit, one.up.upper()) for name, one in placings.items()]
        self.placed.setText("; ".join(said))
        if "displaced_mesh" not in options.what:
            self.estimate.setText("")
            return
        levels = chosen_levels(self._head, self._vertices, options)
        n_faces = faces_in_file(self._head, levels, options.mesh_format)
        kind = options.mesh_format.upper()
        text = tr("{0} subdivisions, about {1} faces in the {2}", levels, counted(n_faces), kind)
        if levels in self._meter.shares:
            text += tr("; keeps {0} % of the relief's slopes", round(100 * self._meter.shares[levels]))
        if options.face_count is not None:
            least, most = face_count_limits(self._head, options.mesh_format)
            text += tr("; this head makes {0} to {1}", counted(least), counted(most))
        if n_faces > _LARGE:
            text += tr(". Large: some programs will take long to open it.")
        self.estimate.setText(text)

    def _limit_count(self) -> None:
        least, most = face_count_limits(self._head, self.mesh_format.currentData())
        self.count.setMinimum(math.ceil(least / 1000))
        self.count.setToolTip(tr("This head makes {0} faces at least and {1} at most", counted(least), counted(most)))


def _missing(base_format: str) -> str:
    """What this machine lacks for a format and what to do; "" where nothing is."""
    if f".{base_format}" in USD_SUFFIXES:
        return why_no_usd()
    return why_none_in_sight() if f".{base_format}" in BLENDER_SUFFIXES else ""

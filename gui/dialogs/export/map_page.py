"""How maps are written."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from PySide6.QtWidgets import QComboBox, QSpinBox, QVBoxLayout, QWidget

from rhytid.core.io.export_options import RESOLUTIONS
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.language import tr
from rhytid.gui.dialogs.export.page import Choice, Page, form, take_in
from rhytid.gui.dialogs.export.shared_skin import SharedSkin

_NO_MAPS = frozenset({"hair"})


class MapPage(Page):
    """See the module.

    Parameters
    ----------
    own : OwnLayout, optional
        The head's, where it has one of its own, so that one must be chosen.
    """

    def __init__(self, own: OwnLayout | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        has_own = own is not None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        rows = form()
        self.resolution = QComboBox()
        for side in RESOLUTIONS:
            self.resolution.addItem(f"{side} × {side}", side)
        self.resolution.setCurrentIndex(RESOLUTIONS.index(4096))
        rows.addRow(tr("Size"), self.resolution)
        self.layout_box = QComboBox()
        self.layout_box.addItem(tr("The head's own"), "own")
        self.layout_box.addItem(tr("Chart"), "chart")
        self.layout_box.setToolTip(tr("Texture coordinates of maps and meshes: the head's with its tiles and materials,"
                                      " or those of the chart"))
        rows.addRow(tr("Layout"), self.layout_box)
        rows.setRowVisible(self.layout_box, has_own)
        self.shared = SharedSkin(own)
        rows.addRow("", self.shared)
        rows.setRowVisible(self.shared, has_own)
        self.padding = QSpinBox()
        self.padding.setRange(0, 64)
        self.padding.setValue(16)
        self.padding.setSuffix(" texels")
        self.padding.setToolTip(tr("How far the maps run on beyond the skin's edge, so that no seam shows in mip "
                                   "levels"))
        rows.addRow(tr("Edge padding"), self.padding)
        self.green = QComboBox()
        self.green.addItem(tr("OpenGL, Y+ (Blender, Maya, Unity)"), "opengl")
        self.green.addItem(tr("DirectX, Y− (Unreal, 3ds Max)"), "directx")
        rows.addRow(tr("Normal green"), self.green)
        self.normal_bits = QComboBox()
        self.normal_bits.addItem(tr("8 bits"), 8)
        self.normal_bits.addItem(tr("16 bits"), 16)
        rows.addRow(tr("Normal depth"), self.normal_bits)
        self.exr = QComboBox()
        self.exr.addItem(tr("One channel (Y)"), "Y")
        self.exr.addItem(tr("Three equal channels (RGB)"), "RGB")
        self.exr.setToolTip(tr("Most programs read one grey channel; some insist on a colour"))
        rows.addRow(tr("EXR channels"), self.exr)
        column.addLayout(rows)
        column.addStretch(1)
        self._boxes = {"resolution": self.resolution, "green": self.green, "normal_bits": self.normal_bits,
                       "exr_channels": self.exr}  # fmt: skip
        if has_own:
            self._boxes["layout"] = self.layout_box
        for box in self._boxes.values():
            box.currentIndexChanged.connect(self.changed)
        self.layout_box.currentIndexChanged.connect(self._show_shared)
        self._show_shared()
        self.padding.valueChanged.connect(self.changed)

    def choice(self) -> dict[str, Any]:
        """Fields of `ExportOptions`."""
        return {name: box.currentData() for name, box in self._boxes.items()} | {"padding_px": self.padding.value()}

    def take(self, choice: Choice) -> None:
        for name, box in self._boxes.items():
            take_in(box, choice, name)
        if isinstance(choice.get("padding_px"), int):
            self.padding.setValue(min(max(choice["padding_px"], 0), 64))

    def _show_shared(self) -> None:
        self.shared.show_for(self.layout_box.currentData())

    def show_use(self, what: Set[str]) -> None:
        """Only what is of use for these kinds of files can be set."""
        maps = bool(what - _NO_MAPS)
        self.resolution.setEnabled(maps)
        self.padding.setEnabled(maps)
        self.layout_box.setEnabled(bool(what))
        self.green.setEnabled("normal_map" in what)
        self.normal_bits.setEnabled("normal_map" in what)
        self.exr.setEnabled("displacement" in what)

"""As which files maps are written: formats, depths, and bands and masks as one picture or apart."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.map_names import MAP_FORMATS, PICTURE_FORMATS, WITH_UNIT
from rhytid.core.language import tr
from rhytid.gui.dialogs.export.page import Choice, Page, form, take_in

_FILES = frozenset({"displaced_mesh", "base_mesh", "hair"})
_PACKED = frozenset({"bands", "region_masks"})


class FormatPage(Page):
    """See the module.

    Attributes
    ----------
    map_formats, picture_formats : dict of format to QCheckBox
        Of maps with a unit, and of others beside PNG.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        rows = form()
        self.map_formats = self._checks(MAP_FORMATS, tr("Displacement, vectors, curvature and bands"))
        for name in ExportOptions.map_formats:
            self.map_formats[name].setChecked(True)
        rows.addRow(tr("Maps with a unit as"), _row(self.map_formats))
        self.float_bits = QComboBox()
        self.float_bits.addItem(tr("32-bit floats"), 32)
        self.float_bits.addItem(tr("Half floats (16 bits)"), 16)
        rows.addRow(tr("EXR depth"), self.float_bits)
        self.tiff_bits = QComboBox()
        self.tiff_bits.addItem(tr("16-bit integers"), 16)
        self.tiff_bits.addItem(tr("32-bit floats"), 32)
        rows.addRow(tr("TIFF depth"), self.tiff_bits)
        self.picture_formats = self._checks(PICTURE_FORMATS, tr("Normals, colour, masks and all other maps; an EXR of "
                                                                "the albedo is linear light"))  # fmt: skip
        rows.addRow(tr("Others as PNG and"), _row(self.picture_formats))
        self.packing = QComboBox()
        self.packing.addItem(tr("Channels of one picture"), "packed")
        self.packing.addItem(tr("Apart"), "apart")
        self.packing.addItem(tr("Both"), "both")
        self.packing.setToolTip(tr("Bands are red, green and blue of one picture, or three; masks are four a picture, "
                                   "or one"))  # fmt: skip
        rows.addRow(tr("Bands and masks"), self.packing)
        column.addLayout(rows)
        column.addStretch(1)
        self._boxes = {"float_bits": self.float_bits, "tiff_bits": self.tiff_bits, "packing": self.packing}
        for box in self._boxes.values():
            box.currentIndexChanged.connect(self.changed)

    def choice(self) -> dict[str, Any]:
        """Fields of `ExportOptions`, sets as lists."""
        return {name: box.currentData() for name, box in self._boxes.items()} | {
            "map_formats": _checked(self.map_formats), "picture_formats": _checked(self.picture_formats),
        }  # fmt: skip

    def take(self, choice: Choice) -> None:
        for name, box in self._boxes.items():
            take_in(box, choice, name)
        for name, checks in (("map_formats", self.map_formats), ("picture_formats", self.picture_formats)):
            if name in choice:
                for kind, check in checks.items():
                    check.setChecked(kind in choice[name])

    def fields(self, what: Set[str]) -> dict[str, Any]:
        """Fields of `ExportOptions` for these kinds of files; formats that none of them needs may be none."""
        choice = self.choice()
        needed = bool(what & WITH_UNIT)
        formats = frozenset(choice["map_formats"]) or (frozenset() if needed else ExportOptions.map_formats)
        return choice | {"map_formats": formats, "picture_formats": frozenset(choice["picture_formats"])}

    def show_use(self, what: Set[str]) -> None:
        """Only what is of use for these kinds of files can be set."""
        with_unit = bool(what & WITH_UNIT)
        for check in self.map_formats.values():
            check.setEnabled(with_unit)
        for check in self.picture_formats.values():
            check.setEnabled(bool(what - WITH_UNIT - _FILES))
        self.float_bits.setEnabled(with_unit and self.map_formats["exr"].isChecked())
        self.tiff_bits.setEnabled(with_unit and self.map_formats["tiff"].isChecked())
        self.packing.setEnabled(bool(what & _PACKED))

    def _checks(self, formats: tuple[str, ...], tip: str) -> dict[str, QCheckBox]:
        checks = {name: QCheckBox(name.upper()) for name in formats}
        for check in checks.values():
            check.setToolTip(tip)
            check.toggled.connect(self.changed)
        return checks


def _row(checks: dict[str, QCheckBox]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(16)
    for check in checks.values():
        row.addWidget(check)
    row.addStretch(1)
    return row


def _checked(checks: dict[str, QCheckBox]) -> list[str]:
    return [name for name, check in checks.items() if check.isChecked()]

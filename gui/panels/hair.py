"""Panel of the hair: brows, lashes, stubble and vellus as strands."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from rhytid.core.document.commands import ResetHair, SetHair
from rhytid.core.document.document import Document
from rhytid.core.document.limits import HAIR_RANGES
from rhytid.core.document.state import DocumentState
from rhytid.core.hair.settings import Hair
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.panel import Panel
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

_DEFAULT = Hair()
_DENSITIES = (
    ("brows", tr("Brows"), tr("How many hairs the brows have; 1 is common, 0 none")),
    ("lashes", tr("Lashes"), tr("How many lashes both lids have; 1 is common, 0 none")),
    ("stubble", tr("Stubble"), tr("Cut hairs of a beard of a day or two")),
    ("vellus", tr("Vellus"), tr("Short pale down on cheeks, lip and jaw")),
)
_SHAPES = (
    ("length", tr("Length"), tr("Factor on the length of all strands")),
    ("thickness", tr("Thickness"), tr("Factor on the thickness of all strands")),
)
_COLORS = (
    ("melanin", tr("Darkness"), tr("Pigment of the hair: white, blond, brown, black")),
    ("redness", tr("Redness"), tr("Share of the red pigment")),
    ("grey", tr("Grey"), tr("More or fewer grey hairs than the age brings")),
)


class HairPanel(Panel):
    """Densities, shape and colour of the strands."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self.rows: dict[str, SliderRow] = {}
        self.density_group = FoldGroup(tr("Density"), resettable=True)
        self.density_group.reset_requested.connect(lambda: self.execute(ResetHair()))
        assert self.density_group.reset_button is not None
        self.reset = self.density_group.reset_button
        self.reset.setToolTip(tr("Reset all hair"))
        self.shape_group, self.color_group = FoldGroup(tr("Strands")), FoldGroup(tr("Hair colour"))
        groups = ((self.density_group, _DENSITIES), (self.shape_group, _SHAPES), (self.color_group, _COLORS))
        for group, rows in groups:
            for field, label, tip in rows:
                self._row(group, field, label, tip)
            column.addWidget(group)
        self.over_albedo = QCheckBox(tr("Over the photo's skin"))
        self.over_albedo.setToolTip(tr("Strands also over a skin colour from a photo or a file, which has hair of its "
                                       "own"))
        self.over_albedo.clicked.connect(lambda checked: self.execute(SetHair(over_albedo=checked)))
        self.density_group.body.addWidget(self.over_albedo)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self.refresh(document.state, None)

    def _row(self, group: FoldGroup, field: str, label: str, tip: str) -> None:
        row = SliderRow(label, *HAIR_RANGES[field], getattr(_DEFAULT, field), step=0.02, tip=tip)
        bind_row(row, self.document, lambda value: SetHair(**{field: value}))
        group.body.addWidget(row)
        self.rows[field] = row

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is not None and new.hair is old.hair and (new.albedo is None) == (old.albedo is None):
            return
        for field, row in self.rows.items():
            row.set_number(getattr(new.hair, field))
        self.over_albedo.setChecked(new.hair.over_albedo)
        self.over_albedo.setVisible(new.albedo is not None)
        self.reset.setEnabled(new.hair != _DEFAULT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels(self.rows.values(), self.width() - 16)

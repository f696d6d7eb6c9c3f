"""Group of the Skin panel on what was painted by hand."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout

from rhytid.core.document.commands import ClearPaint, SetPaintLayer
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.maps.paint import Paint
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import tool_button
from rhytid.gui.widgets.slider_row import SliderRow

_PERCENT = 100.0


class PaintedLayerGroup(FoldGroup):
    """Whether paint shows, how much of it, and the button that takes it away."""

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Painted by hand"))
        self.shows = QCheckBox(tr("Show paint"))
        self.shows.setToolTip(tr("What the paint tool (Shift+B) painted lies over all that is generated"))
        self.shows.clicked.connect(lambda on: execute(document, SetPaintLayer(visible=on)))
        self.clear = tool_button("trash", tr("Clear paint"))
        self.clear.clicked.connect(lambda: execute(document, ClearPaint()))
        line = QHBoxLayout()
        line.setContentsMargins(6, 2, 4, 0)
        line.addWidget(self.shows)
        line.addStretch(1)
        line.addWidget(self.clear)
        self.body.addLayout(line)
        self.opacity = SliderRow(tr("Opacity"), 0.0, _PERCENT, _PERCENT, step=1.0, decimals=0, suffix=" %",
                                 tip=tr("How much of the paint shows"))  # fmt: skip
        bind_row(self.opacity, document, lambda value: SetPaintLayer(opacity=value / _PERCENT))
        self.body.addWidget(self.opacity)

    def show_state(self, state: DocumentState) -> None:
        """Show the layer; without paint there is nothing to set."""
        paint = state.paint or Paint()
        self.opacity.set_number(paint.opacity * _PERCENT)
        self.shows.setChecked(paint.visible)
        self.clear.setEnabled(not paint.empty)

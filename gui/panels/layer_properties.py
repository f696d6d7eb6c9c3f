"""Editor of what the selected layers of strokes are like."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rhytid.core.document.commands import Batch, MergeLayers, SetLayer, SetMask
from rhytid.core.document.document import Document
from rhytid.core.document.limits import LAYER_STRENGTH
from rhytid.core.language import tr
from rhytid.core.lines.layer import StrokeLayer
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.widgets.labels_and_buttons import tool_button
from rhytid.gui.widgets.slider_row import SliderRow

_PERCENT = 100.0


class LayerProperties(QWidget):
    """Strength of one or many layers, and what can be done with them.

    Signals
    -------
    duplicate_requested(), strokes_requested(), mask_requested()
        Copy the layers; select the strokes in them; take the mask tool to the last of them.
    """

    duplicate_requested = Signal()
    strokes_requested = Signal()
    mask_requested = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.layers: tuple[StrokeLayer, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 4, 5, 6)
        column.setSpacing(2)
        low, high = LAYER_STRENGTH
        self.strength = SliderRow(
            tr("Strength"), low * _PERCENT, high * _PERCENT, _PERCENT, step=1.0, decimals=0, suffix=" %",
            tip=tr("Factor on the depth of all strokes of the layer; below zero valleys become ridges"),
        )  # fmt: skip
        bind_row(self.strength, document, lambda value: SetLayer(self._ids(), strength=value / _PERCENT))
        column.addWidget(self.strength)
        self.solo = tool_button("solo", tr("Show only the strokes of this layer"), checkable=True, text=tr("Solo"))
        self.solo.clicked.connect(lambda on: execute(self.document, SetLayer(self._ids(), solo=on)))
        self.lock = tool_button("lock", tr("No tool changes the strokes of this layer"), checkable=True,
                                text=tr("Lock"))
        self.lock.clicked.connect(lambda on: execute(self.document, SetLayer(self._ids(), locked=on)))
        self.duplicate = tool_button("duplicate", tr("A copy of the layer with copies of its strokes"))
        self.duplicate.clicked.connect(self.duplicate_requested)
        self.merge = tool_button("strokes", tr("Make the selected layers one; all strokes look as they did"))
        self.merge.clicked.connect(lambda: execute(self.document, MergeLayers(self._ids())))
        self.select = tool_button("select", tr("Select the strokes of the layer"))
        self.select.clicked.connect(self.strokes_requested)
        self.mask = tool_button("mask", tr("Paint the layer's mask: what is painted hides its strokes (Shift+K)"))
        self.mask.clicked.connect(self.mask_requested)
        self.clear_mask = tool_button("close", tr("Take the mask away: all strokes of the layer show again"))
        self.clear_mask.clicked.connect(self._clear_masks)
        line = QHBoxLayout()
        line.setContentsMargins(6, 1, 2, 0)
        line.setSpacing(4)
        for button in (self.solo, self.lock, self.mask, self.clear_mask, self.duplicate, self.merge,
                       self.select):  # fmt: skip
            line.addWidget(button)
        line.addStretch(1)
        column.addLayout(line)

    def _ids(self) -> tuple[str, ...]:
        return tuple(layer.id for layer in self.layers)

    def show_layers(self, layers: Sequence[StrokeLayer]) -> None:
        """Show what `layers` are like; where they differ the row says "mixed"."""
        self.layers = tuple(layers)
        if not layers:
            return
        strengths = {layer.strength for layer in layers}
        self.strength.set_number(layers[-1].strength * _PERCENT, mixed=len(strengths) > 1)
        self.solo.setChecked(all(layer.solo for layer in layers))
        self.lock.setChecked(all(layer.locked for layer in layers))
        self.merge.setEnabled(len(layers) > 1)
        self.clear_mask.setEnabled(any(layer.mask is not None for layer in layers))

    def _clear_masks(self) -> None:
        commands = tuple(SetMask(layer.id, None) for layer in self.layers if layer.mask is not None)
        execute(self.document, Batch(commands))

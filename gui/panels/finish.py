"""Groups of the Detail panel on what happens to the detail at the end: its bands, and locked skin."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QPushButton

from rhytid.core.document.commands import LockSkin, SetBands, SmoothSkin
from rhytid.core.document.document import Document
from rhytid.core.document.limits import BAND_STRENGTH
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.theme import icon
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.slider_row import SliderRow

_PERCENT = 100.0
_ROWS = (
    ("folds", tr("Folds"), tr("Whatever is broader than about 3 mm, imported, drawn or generated")),
    ("fine_lines", tr("Fine lines"), tr("Whatever is 1 to 3 mm broad")),
    ("pores", tr("Finest"), tr("Whatever is finer than about 1 mm: pores and the skin's own texture")),
)


class FinishGroup(FoldGroup):
    """Strengths of the bands, and the button that frees locked skin."""

    def __init__(self, document: Document) -> None:
        super().__init__(tr("Whole relief by size"))
        self._document = document
        self.rows: dict[str, SliderRow] = {}
        low, high = BAND_STRENGTH
        for field, label, tip in _ROWS:
            row = SliderRow(label, low * _PERCENT, high * _PERCENT, _PERCENT, step=1.0, decimals=0, suffix=" %",
                            tip=tip)  # fmt: skip
            bind_row(row, document, lambda value, field=field: SetBands(**{field: value / _PERCENT}))
            self.body.addWidget(row)
            self.rows[field] = row
        self.pores = QPushButton(icon("reset"), tr("Bring all pores back"))
        self.pores.setToolTip(tr("Undoes what the eraser rubbed away as pores"))
        self.pores.clicked.connect(self._bring_pores_back)
        self.body.addWidget(self.pores)
        self.free = QPushButton(icon("unlock"), tr("Free all locked skin"))
        self.free.setToolTip(tr("Locked skin follows the sliders again; the mask tool (Shift+K) locks skin"))
        self.free.clicked.connect(self._free)
        self.body.addWidget(self.free)

    def show_state(self, state: DocumentState) -> None:
        """Show the strengths, and whether any skin is locked."""
        for field, row in self.rows.items():
            row.set_number(getattr(state.bands, field) * _PERCENT)
        self.pores.setVisible(state.smoothed is not None)
        self.free.setVisible(state.lock is not None)

    def _bring_pores_back(self) -> None:
        smoothed = self._document.state.smoothed
        if smoothed is not None:
            execute(self._document, SmoothSkin(np.zeros_like(smoothed.mask)))

    def _free(self) -> None:
        lock = self._document.state.lock
        if lock is not None:
            execute(self._document, LockSkin(np.zeros_like(lock.mask), lock.held))

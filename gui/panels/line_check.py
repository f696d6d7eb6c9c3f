"""Panel that says why lines look wrong, and mends them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QWidget

from rhytid.core.detail.line_lint import Fault, Finding
from rhytid.core.document.document import Document
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import CHART_MM
from rhytid.gui.controllers.line_check import LineCheck
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.panels.panel import Panel
from rhytid.gui.panels.stroke_words import stroke_title
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import text_label

_REMEDIES = {
    Fault.ACROSS: tr("Mend turns it along the skin"),
    Fault.TOO_DEEP: tr("Mend makes it shallower"),
    Fault.TOO_WIDE: tr("Mend makes it narrower"),
    Fault.BLUNT: tr("Mend lets the ends run out"),
    Fault.DOUBLED: tr("Mend takes the lesser line away"),
    Fault.OVER_BORDER: tr("Mend ends it at the border"),
    Fault.OFF_SKIN: tr("Mend takes away what lies there"),
    Fault.KINKED: tr("Mend smooths it"),
    Fault.TWIN: tr("Mend varies this one a little"),
}
_BORDERS = {
    "eye": tr("Runs into the eye"),
    "mouth": tr("Runs into the mouth"),
    "nostril": tr("Runs into the nostril"),
    "lips": tr("Runs over the lip's border"),
}


def reason(finding: Finding, stroke: Stroke, other: Stroke | None, age: float) -> str:
    """Why a line looks wrong, in an artist's words."""
    limit = f"{finding.limit_mm:.2f}"
    named = "" if other is None else shown(stroke_title(other))
    deep = abs(stroke.depth_mm) * float(stroke.pressure.max())
    return {
        Fault.ACROSS: tr("Runs across the skin's tension: skin never folds this way here"),
        Fault.TOO_DEEP: tr("{0:.2f} mm deep: at {1:.0f} hardly more than {2} mm here", deep, age, limit),
        Fault.TOO_WIDE: tr("{0:.1f} mm wide: hardly more than {1:.1f} mm here", stroke.width * CHART_MM,
                           finding.limit_mm),
        Fault.BLUNT: tr("Ends at full depth: a wrinkle runs out"),
        Fault.DOUBLED: tr("Lies in the groove of {0}", named),
        Fault.OVER_BORDER: _BORDERS.get(finding.where, _BORDERS["lips"]),
        Fault.OFF_SKIN: tr("Lies at the skin's edge, where no detail shows"),
        Fault.KINKED: tr("Turns sharply, or to and fro: skin folds in soft bends"),
        Fault.TWIN: tr("Exact mirror image of {0}: no face is that even", named),
    }[finding.fault]


class LineCheckPanel(Panel):
    """Findings; a click selects the line and shows its place.

    Parameters
    ----------
    document : Document
    selection : Selection
    check : LineCheck

    Signals
    -------
    place_asked(x, y)
        Show this place of the chart on the face.
    """

    place_asked = Signal(float, float)

    def __init__(
        self, document: Document, selection: Selection, check: LineCheck, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, parent)
        self.selection, self.check = selection, check
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Findings"))
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(16, 16))
        self.list.setStyleSheet("QListWidget { border: 0; border-radius: 0; } QListWidget::item { padding: 4px; }")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        self._stack.addWidget(self.list, 1)
        self.note = text_label("", "soft")
        self.note.setContentsMargins(8, 3, 8, 3)
        self._stack.addWidget(self.note)
        self.mend, self.mend_all = QPushButton(tr("Mend")), QPushButton(tr("Mend All"))
        self.mend.setToolTip(tr("Make the chosen finding go away, as one step"))
        self.mend_all.setToolTip(tr("Make all findings go away, as one step"))
        self.mend.clicked.connect(self._mend)
        self.mend_all.clicked.connect(check.mend_all)
        row = QHBoxLayout()
        row.setContentsMargins(6, 4, 6, 6)
        row.addWidget(self.mend)
        row.addWidget(self.mend_all)
        self._stack.addLayout(row)
        check.changed.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.check.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self.check.watch(False)
        super().hideEvent(event)

    def _show(self) -> None:
        row = self.list.currentRow()
        self.list.clear()
        state = self.document.state
        strokes = {stroke.id: stroke for stroke in state.strokes}
        for finding in self.check.findings:
            stroke = strokes.get(finding.stroke)
            if stroke is None:
                continue
            why = reason(finding, stroke, strokes.get(finding.other), state.age)
            item = QListWidgetItem(icon("warning"), f"{shown(stroke_title(stroke))}\n{why}")
            item.setToolTip(_REMEDIES[finding.fault])
            item.setData(Qt.ItemDataRole.UserRole, finding)
            self.list.addItem(item)
        count = self.list.count()
        self.note.setText(tr("Nothing looks wrong") if not count else tr("{0} findings", count))
        self.list.setCurrentRow(min(max(row, 0), count - 1))
        self._enable()

    def _enable(self) -> None:
        self.mend.setEnabled(self.list.currentItem() is not None)
        self.mend_all.setEnabled(self.list.count() > 0)

    def _go(self, item: QListWidgetItem) -> None:
        finding: Finding = item.data(Qt.ItemDataRole.UserRole)
        self.selection.set((finding.stroke,))
        self.place_asked.emit(*finding.at)

    def _mend(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.check.mend(item.data(Qt.ItemDataRole.UserRole))

"""Preferences > Compute: the devices that the learned detail may be computed on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QPushButton, QRadioButton, QVBoxLayout, QWidget

from rhytid.core.learned.runtime import AUTOMATIC
from rhytid.gui.controllers.compute import Compute, DeviceRow
from rhytid.gui.panels.panel import text_label
from rhytid.gui.preferences import Preferences

_INTRODUCTION = (
    "What computes the learned detail while you work. Exports are always computed on the processor, so that "
    "they come out the same everywhere."
)
_TIME_TIP = "Time of the networks in one step of a slider; less is faster"


class ComputePage(QWidget):
    """A row for "Automatic" and one per device: choose it, what it was measured at, or why it cannot be used."""

    def __init__(self, preferences: Preferences, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences, self._compute = preferences, compute
        self.choices: dict[str, QRadioButton] = {}
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 16, 14, 12)
        column.setSpacing(8)
        column.addWidget(text_label(_INTRODUCTION, "soft"))
        self._rows = QVBoxLayout()
        column.addLayout(self._rows)
        row = QHBoxLayout()
        self.again = QPushButton("Measure again")
        self.again.setToolTip("Times all devices once more, for instance after another driver was installed; "
                              "takes about a second")  # fmt: skip
        self.again.clicked.connect(compute.measure_again)
        row.addWidget(self.again)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        compute.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        if self._rows.count():
            old = self._rows.takeAt(0).widget()
            old.hide()
            old.deleteLater()
        self.choices = {}
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(0, 1)
        rows = self._compute.rows()
        chosen = next((row.device.title for row in rows if row.in_use), "")
        self._choice(grid, AUTOMATIC, "Automatic: the fastest one", True)
        if self._preferences.compute_device == AUTOMATIC and chosen:
            grid.addWidget(text_label(f"now: {chosen}", "soft", wrap=False), 0, 1, Qt.AlignmentFlag.AlignRight)
        for row in rows:
            self._device(grid, row)
        if not rows:
            grid.addWidget(text_label("Devices are looked for once the face is finished.", "soft"),
                           grid.rowCount(), 0, 1, 2)  # fmt: skip
        self._rows.addWidget(table)
        self.again.setEnabled(not self._compute.busy)
        self.again.setText("Measuring ..." if self._compute.busy else "Measure again")

    def _device(self, grid: QGridLayout, row: DeviceRow) -> None:
        self._choice(grid, row.device.name, row.device.title, not row.reason)
        at = grid.rowCount() - 1
        state = f"{row.ms:.1f} ms" if row.ms is not None else "cannot be used" if row.reason else "not measured"
        label = text_label(f"in use, {state}" if row.in_use else state, "" if row.in_use else "soft", wrap=False)
        label.setToolTip(_TIME_TIP if row.ms is not None else "")
        grid.addWidget(label, at, 1, Qt.AlignmentFlag.AlignRight)
        if row.reason:
            reason = text_label(row.reason[:1].upper() + row.reason[1:] + ".", "soft")
            reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            reason.setContentsMargins(24, 0, 0, 4)
            grid.addWidget(reason, at + 1, 0, 1, 2)

    def _choice(self, grid: QGridLayout, name: str, title: str, enabled: bool) -> None:
        button = QRadioButton(title)
        button.setEnabled(enabled)
        button.setChecked(self._preferences.compute_device == name)
        button.clicked.connect(lambda _=False: setattr(self._preferences, "compute_device", name))
        self._group.addButton(button)
        self.choices[name] = button
        grid.addWidget(button, grid.rowCount(), 0)

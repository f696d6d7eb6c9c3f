"""Preferences > Compute: the devices that the learned detail may be computed on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QPushButton, QRadioButton, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.core.learned.runtime import AUTOMATIC, devices
from rhytid.gui.controllers.compute import Compute, DeviceRow
from rhytid.gui.preferences import Preferences
from rhytid.gui.widgets.labels_and_buttons import text_label

_INTRODUCTION = (
    tr("What computes the learned detail while you work. Exports are always computed on the processor, so that they "
       "come "
       "out the same everywhere. Times are those of the networks in one step of a slider.")
)


class _Choice:
    """One row: a device to choose, what is known of it, and below why it cannot be used."""

    def __init__(self, grid: QGridLayout, title: str) -> None:
        at = grid.rowCount()
        self.button = QRadioButton(title)
        self.state = text_label("", "soft", wrap=False)
        self.reason = text_label("", "soft")
        self.reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reason.setContentsMargins(24, 0, 0, 4)
        grid.addWidget(self.button, at, 0)
        grid.addWidget(self.state, at, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.reason, at + 1, 0, 1, 2)

    def show(self, state: str, reason: str = "") -> None:
        self.state.setText(state)
        self.reason.setText(f"{reason[:1].upper()}{reason[1:]}." if reason else "")
        self.reason.setVisible(bool(reason))
        self.button.setEnabled(not reason)


class ComputePage(QWidget):
    """Automatic, or one of the devices of this platform; a choice acts at once."""

    def __init__(self, preferences: Preferences, compute: Compute, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences, self._compute = preferences, compute
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 16, 14, 12)
        column.setSpacing(8)
        column.addWidget(text_label(_INTRODUCTION, "soft"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(0, 1)
        titles = {AUTOMATIC: tr("Automatic: the fastest")} | {device.name: device.title for device in devices()}
        self._rows = {name: _Choice(grid, title) for name, title in titles.items()}
        self.choices = {name: row.button for name, row in self._rows.items()}
        group = QButtonGroup(self)
        for name, button in self.choices.items():
            group.addButton(button)
            button.clicked.connect(lambda _=False, name=name: setattr(preferences, "compute_device", name))
        column.addLayout(grid)
        row = QHBoxLayout()
        self.again = QPushButton(tr("Measure again"))
        self.again.setToolTip(tr("Times all devices once more, for instance after another driver was installed; takes "
                                 "about a second"))  # fmt: skip
        self.again.clicked.connect(compute.measure_again)
        row.addWidget(self.again)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        compute.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        known = {row.device.name: row for row in self._compute.rows()}
        wanted = self._preferences.compute_device
        self.choices[wanted if wanted in self.choices else AUTOMATIC].setChecked(True)
        chosen = next((row.device.title for row in known.values() if row.in_use), "")
        self._rows[AUTOMATIC].show(tr("now: {chosen}", chosen=chosen) if chosen and wanted == AUTOMATIC else "")
        for name, choice in self._rows.items():
            if name in known:
                choice.show(*_shown(known[name]))
            elif name != AUTOMATIC:
                choice.show(tr("not looked for yet"))
        self.again.setEnabled(not self._compute.busy)
        self.again.setText(tr("Measuring ...") if self._compute.busy else tr("Measure again"))


def _shown(row: DeviceRow) -> tuple[str, str]:
    """State and reason of a device."""
    if row.reason:
        return tr("cannot be used"), row.reason
    state = tr("not measured") if row.ms is None else f"{row.ms:.1f} ms"
    return tr("in use, {state}", state=state) if row.in_use else state, ""

"""After a crash: which autosaved work to take up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rhytid.core.document.autosave import Recovery
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.panels.panel import text_label


def recovery_text(recovery: Recovery, now_s: float) -> str:
    """Name of the work and when it was saved, as "smile.rhytid, 4 minutes before, 18:52"."""
    name = recovery.original.name if recovery.original is not None else "A face without a file"
    minutes = max(now_s - recovery.saved_at_s, 0.0) / 60.0
    if minutes < 90:
        ago = f"{minutes:.0f} minutes ago" if minutes >= 2 else "just now"
    else:
        ago = f"{minutes / 60:.0f} hours ago" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days ago"
    saved = datetime.fromtimestamp(recovery.saved_at_s)
    return f"{name}\n{ago}, {saved:%H:%M on %d %B}"


class RecoveryDialog(Dialog):
    """Offers autosaved work. Accepted: open `chosen()`. `discard_all` was pressed: throw all of it away.

    Parameters
    ----------
    recoveries : sequence of Recovery
        Newest first.
    now_s : float
        Present time in seconds of the epoch.
    """

    def __init__(self, recoveries: Sequence[Recovery], now_s: float, parent: QWidget | None = None) -> None:
        super().__init__("Recover work", "Recover", parent)
        self._recoveries = tuple(recoveries)
        self.discard_all = False
        one = len(self._recoveries) == 1
        self.body.addWidget(text_label("The program ended unexpectedly", "title"))
        self.body.addWidget(text_label("This work was not saved, but a copy of it was kept. Files you saved are "
                                       "untouched.", "soft"))  # fmt: skip
        self.list = QListWidget()
        self.list.setStyleSheet("QListWidget::item { padding: 5px 6px; }")
        for recovery in self._recoveries:
            self.list.addItem(QListWidgetItem(recovery_text(recovery, now_s)))
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _: self.accept())
        self.body.addWidget(self.list, 1)
        self.buttons.button(self.buttons.StandardButton.Cancel).setText("Not now")
        discard = self.buttons.addButton("Discard" if one else "Discard all", self.buttons.ButtonRole.DestructiveRole)
        discard.clicked.connect(self._discard)
        self.finish_layout()
        self.resize(440, 280)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def chosen(self) -> Recovery:
        """The work to take up again."""
        return self._recoveries[max(self.list.currentRow(), 0)]

    def _discard(self) -> None:
        self.discard_all = True
        self.reject()

"""After a crash: which autosaved work to take up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from rhytid.core.document.recovery import Comparison, Recovery, Standing
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.widgets.labels_and_buttons import text_label

# From how many seconds on a unit is used, its length in seconds, its name.
_UNITS = ((2 * 86400.0, 86400.0, "day"), (2 * 3600.0, 3600.0, "hour"), (60.0, 60.0, "minute"), (0.0, 1.0, "second"))


def recovery_text(recovery: Recovery, comparison: Comparison, now_s: float) -> str:
    """Name of the work, when it was kept, and how it stands to the file that it belongs to."""
    name = shown(recovery.original.name) if recovery.original is not None else tr("A face without a file")
    passed_s = now_s - recovery.saved_at_s
    if passed_s < -60.0:
        ago = tr("The clock was set back since")
    else:
        ago = tr("Just now") if passed_s < 120.0 else f"{duration(passed_s)} ago"
    saved = datetime.fromtimestamp(recovery.saved_at_s)
    return f"{name}\n{ago}, {saved:%H:%M on %d %B %Y}\n{standing_text(comparison)}"


def standing_text(comparison: Comparison) -> str:
    """How kept work stands to its file, in one sentence."""
    apart = duration(abs(comparison.later_s))
    if comparison.standing is Standing.NO_FILE:
        return tr("It was never saved.")
    if comparison.standing is Standing.GONE:
        return tr("The file is gone or cannot be read: this is the only copy.")
    if comparison.standing is Standing.SAME:
        return tr("The file holds the same work: nothing is lost.")
    if comparison.standing is Standing.NEWER:
        by = f", by {apart}" if comparison.later_s > 0.0 else ""  # by content, whatever the clocks say
        return tr("Newer than the file{by}: the file is as it was before this work.", by=by)
    if comparison.later_s < 0.0:
        return tr("OLDER than the file, by {apart}: the file was written again since.", apart=apart)
    return tr("The file was changed by another one meanwhile, {apart} before this work: they differ.", apart=apart)


def duration(seconds: float) -> str:
    """A length of time in its largest fitting unit, as "4 minutes"."""
    _, length_s, unit = next(known for known in _UNITS if seconds >= known[0])
    count = round(seconds / length_s)
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


class RecoveryDialog(Dialog):
    """Offers autosaved work. Accepted: open `chosen()`. `discard_all` was pressed: throw all of it away.

    Parameters
    ----------
    recoveries : sequence of Recovery
        Newest first.
    comparisons : sequence of Comparison
        How each stands to its file.
    now_s : float
        Present time in seconds of the epoch.
    """

    def __init__(
        self,
        recoveries: Sequence[Recovery],
        comparisons: Sequence[Comparison],
        now_s: float,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Recover work"), tr("Recover"), parent)
        self._recoveries = tuple(recoveries)
        self.discard_all = False
        one = len(self._recoveries) == 1
        self.body.addWidget(text_label(tr("The program ended unexpectedly"), "title"))
        self.body.addWidget(text_label(tr("This work was not saved, but a copy of it was kept. Files you saved are "
                                          "untouched."), "soft"))  # fmt: skip
        self.list = QListWidget()
        self.list.setStyleSheet("QListWidget::item { padding: 5px 6px; }")
        for recovery, comparison in zip(self._recoveries, comparisons, strict=True):
            self.list.addItem(QListWidgetItem(recovery_text(recovery, comparison, now_s)))
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(lambda _: self.accept())
        self.body.addWidget(self.list, 1)
        self.buttons.button(self.buttons.StandardButton.Cancel).setText(tr("Not now"))
        discard = self.buttons.addButton(tr("Discard") if one else tr("Discard all"),
                                         self.buttons.ButtonRole.DestructiveRole)
        discard.clicked.connect(self._discard)
        self.finish_layout()
        self.resize(520, 320)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def chosen(self) -> Recovery:
        """The work to take up again."""
        return self._recoveries[max(self.list.currentRow(), 0)]

    def _discard(self) -> None:
        self.discard_all = True
        self.reject()

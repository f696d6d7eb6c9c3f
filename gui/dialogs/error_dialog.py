"""Says what went wrong, what it means and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.dialogs.dialog import Dialog
from gui.panels.panel import text_label
from gui.theme import pixmap


class ErrorDialog(Dialog):
    """An error as an artist needs it.

    Parameters
    ----------
    title : str
        What was tried: "The map was not imported".
    what_happened : str
    remedy : str
        What to do now.
    details : str
        Traceback or log, folded away at first.
    """

    def __init__(
        self, title: str, what_happened: str, remedy: str = "", details: str = "", *, warning: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__("Rhytid", "", parent)
        row = QHBoxLayout()
        row.setSpacing(14)
        sign = QLabel()
        name, shade = ("warning", "warning") if warning else ("error", "error")
        sign.setPixmap(pixmap(name, 32, self.devicePixelRatioF(), shade))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(7)
        column.addWidget(text_label(title, "title"))
        self.what_happened = text_label(what_happened)
        self.what_happened.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.what_happened)
        if remedy:
            column.addWidget(text_label(remedy, "soft"))
        row.addLayout(column, 1)
        self.body.addLayout(row)
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setMinimumHeight(160)
        self.details.hide()
        self.body.addWidget(self.details, 1)
        self.more = QPushButton("Details")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_details)
        if details:
            self.buttons.addButton(self.more, self.buttons.ButtonRole.ActionRole)
            copy = self.buttons.addButton("Copy", self.buttons.ButtonRole.ActionRole)
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(f"{title}\n{what_happened}\n\n{details}"))
        self.finish_layout()
        self.setMinimumWidth(460)

    def _show_details(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.adjustSize()

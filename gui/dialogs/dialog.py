"""What the dialogs share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from rhytid.gui.manual.opening import explain_control
from rhytid.gui.widgets.focus import keep_wheel_from_values
from rhytid.gui.widgets.labels_and_buttons import text_label


class Dialog(QDialog):
    """A dialog with a body and a row of buttons.

    Parameters
    ----------
    title : str
    accept_text : str
        Text of the button that does it; "" leaves only Close.
    """

    def __init__(self, title: str, accept_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setObjectName(type(self).__name__)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(16, 14, 16, 14)
        self.body.setSpacing(10)
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Close if not accept_text else kinds.Ok | kinds.Cancel)
        self.accept_button = self.buttons.button(kinds.Ok)
        if self.accept_button is not None:
            self.accept_button.setText(accept_text)
            self.accept_button.setDefault(True)
        for button in self.buttons.buttons():
            button.setIcon(type(button.icon())())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        QShortcut(QKeySequence("F1"), self).activated.connect(lambda: explain_control(self))

    def finish_layout(self) -> None:
        """Call last: puts the buttons below the body, Return presses the one that does it, and nothing is squeezed."""
        self.body.addWidget(self.buttons)
        main = self.accept_button or self.buttons.button(QDialogButtonBox.StandardButton.Close)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(button is main)
            button.setDefault(button is main)
        keep_wheel_from_values(self)
        # Qt's own first size is at most two thirds of the screen and leaves wrapped lines no room.
        size = self.sizeHint()
        self.resize(size.width(), max(size.height(), self.body.totalHeightForWidth(size.width())))


def heading(text: str) -> QWidget:
    """A heading inside a dialog."""
    return text_label(text, "heading")

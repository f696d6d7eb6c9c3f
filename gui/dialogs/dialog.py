"""What the dialogs share."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLayout, QPushButton, QVBoxLayout, QWidget

from rhytid.gui.manual.opening import explain_control
from rhytid.gui.widgets.focus import keep_wheel_from_values
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label

# What the window system puts round a window, with something to spare: its true size is not known before it shows.
_FRAME_PX = QSize(16, 48)


class Dialog(QDialog):
    """A dialog with a body and a row of buttons; on a screen that is too low for it, the body scrolls.

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
        self._inside = QWidget()
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(16, 14, 16, 10)
        self.body.setSpacing(10)
        kinds = QDialogButtonBox.StandardButton
        self.problem = text_label("", "error")
        self.problem.hide()
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
        self.body.addWidget(self.problem)
        area = scroll_area(self._inside)
        area.setMinimumWidth(self._inside.minimumSizeHint().width())
        foot = self._foot = QVBoxLayout()
        foot.setContentsMargins(16, 0, 16, 14)
        foot.addWidget(self.buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addLayout(foot)
        main = self.accept_button or self.buttons.button(QDialogButtonBox.StandardButton.Close)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(button is main)
            button.setDefault(button is main)
        keep_wheel_from_values(self)
        # Qt's own first size is at most two thirds of the screen and leaves wrapped lines no room.
        size = self._inside.sizeHint().expandedTo(foot.sizeHint())
        height = max(size.height(), self.body.totalHeightForWidth(size.width()))
        self.resize(size.width(), height + foot.sizeHint().height())

    def tell_problem(self, problem: str, waits: bool = False) -> None:
        """Say below the body why the button that does it cannot be pressed, "" where it can.

        What `waits` for an answer that was not given yet is told by the button alone.
        """
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem) and not waits)
        if self.accept_button is not None:
            self.accept_button.setEnabled(not problem)
            self.accept_button.setToolTip(problem)

    def showEvent(self, event: QShowEvent) -> None:
        for widget in (self._inside, *self._inside.findChildren(QWidget)):  # pages that are not in sight, too
            widget.ensurePolished()
            widget.updateGeometry()
        for layout in self._inside.findChildren(QLayout):
            layout.invalidate()
        width, foot = self.width(), self._foot.sizeHint().height()
        least = max(self._inside.minimumSizeHint().height(), self.body.totalHeightForWidth(width))
        wanted = self.size().expandedTo(QSize(width, least + foot))
        self.resize(wanted.boundedTo(self.screen().availableSize() - _FRAME_PX))
        super().showEvent(event)


def heading(text: str) -> QWidget:
    """A heading inside a dialog."""
    return text_label(text, "heading")

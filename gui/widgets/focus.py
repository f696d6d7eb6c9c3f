"""Who has the keyboard and the wheel: search boxes that give it back, values that the wheel leaves alone."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QWidget

from rhytid.gui.theme import icon


class SearchBox(QLineEdit):
    """A line to search with: Esc, Enter or a click elsewhere gives the keyboard back to the window.

    Parameters
    ----------
    hint : str
        Shown while it is empty.
    """

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        self.addAction(icon("search", "text_faint"), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the search as well; Enter keeps what it found."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        self.clearFocus()

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        super().focusOutEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Not every widget takes the keyboard with a click; it is gone from here all the same."""
        pressed = event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent)
        if pressed and isinstance(watched, QWidget) and watched is not self and not self.isAncestorOf(watched):
            self.clearFocus()
        return False


class _QuietWheel(QObject):
    """Passes the wheel on to what scrolls, unless the widget under it has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Wheel or (isinstance(watched, QWidget) and watched.hasFocus()):
            return False
        event.ignore()
        return True


def keep_wheel_from_values(holder: QWidget) -> None:
    """Let the wheel change choices and numbers inside of `holder` only where they have the focus."""
    quiet = _QuietWheel(holder)
    values: list[QWidget] = [*holder.findChildren(QAbstractSpinBox), *holder.findChildren(QComboBox)]
    for value in values:
        value.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        value.installEventFilter(quiet)

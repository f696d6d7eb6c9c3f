"""Opening the manual: at its front page, at what is under the pointer, at an entry of a menu."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from rhytid.gui.manual.topics import topic_in_menu, topic_of


def open_manual(place: str, window: QWidget) -> None:
    """Show the manual at `place`, over `window`; it goes on in the window of the manual that is open there."""
    from rhytid.gui.manual.window import Manual

    manual = window.findChild(Manual, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if manual is None or not manual.isVisible():
        manual = Manual(window)
        if isinstance(window, QDialog):
            window.finished.connect(manual.close)
    manual.open(place)
    manual.show()
    manual.raise_()
    manual.activateWindow()


def explain_control(window: QWidget) -> None:
    """Open the manual at the control under the pointer, at the one with the focus if the pointer is elsewhere."""
    control = QApplication.widgetAt(QCursor.pos())
    if not _belongs(control, window):
        control = window.focusWidget() or window
    open_manual(topic_of(control), window)


class MenuHelp(QObject):
    """F1 in an open menu: the manual at the entry that is highlighted.

    Parameters
    ----------
    window : QWidget
        Owner of the menus.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        for menu in window.findChildren(QMenu):
            menu.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or event.key() != Qt.Key.Key_F1:
            return False
        assert isinstance(watched, QMenu)
        place = topic_in_menu(watched)
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        open_manual(place, self._window)
        return True


def _belongs(control: QWidget | None, window: QWidget) -> bool:
    while control is not None and control is not window:
        control = control.parentWidget()
    return control is window

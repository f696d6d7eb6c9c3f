"""What all panels share: they read the document when it changes and edit it with commands only."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rhytid.core.document.commands import Command
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.gui.controllers.slider_gesture import execute


class Panel(QWidget):
    """Base of the dock panels.

    Signals
    -------
    requested(action)
        Name of an action of the window: for work that needs more than a command.
    """

    requested = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setObjectName(type(self).__name__)
        self.setMinimumWidth(240)
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(0)
        document.state_changed.connect(self._state_changed)

    def sizeHint(self) -> QSize:
        return QSize(320, 480)

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        """Show `new`; only what differs from `old` needs a touch, everything when it is None."""

    def execute(self, command: Command) -> bool:
        """One undo step; False while a stroke is being drawn."""
        return execute(self.document, command)

    def _state_changed(self, new: DocumentState, old: DocumentState) -> None:
        self.refresh(new, old)

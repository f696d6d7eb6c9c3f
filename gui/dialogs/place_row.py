"""A row of a dialog that asks where to write: a path to type, and the system's dialog to choose it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from rhytid.core.language import tr
from rhytid.gui.theme import icon


class PlaceRow(QHBoxLayout):
    """See the module.

    Parameters
    ----------
    ask : callable
        Opens the system's dialog at a path, and gives the chosen one, "" when it is given up.
    text : str
        The path to begin with.

    Attributes
    ----------
    line : QLineEdit
    """

    def __init__(self, ask: Callable[[str], str], text: str = "") -> None:
        super().__init__()
        self._ask = ask
        self.line = QLineEdit(text)
        browse = QPushButton(icon("folder"), tr("Browse…"))
        browse.clicked.connect(self._browse)
        self.addWidget(self.line, 1)
        self.addWidget(browse)

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.line.text().strip()

    @property
    def path(self) -> Path:
        """The same as a path."""
        return Path(self.text).expanduser()

    def _browse(self) -> None:
        chosen = self._ask(self.line.text())
        if chosen:
            self.line.setText(chosen)


def folder_row(parent: QWidget, title: str) -> PlaceRow:
    """A row for a folder; `title` is that of the system's dialog."""
    row = PlaceRow(lambda text: QFileDialog.getExistingDirectory(parent, title, text))
    row.line.setPlaceholderText(tr("Choose a folder"))
    return row

"""A row of buttons of which one is down: a choice among few."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from rhytid.gui.theme import dress


class Segments(QWidget):
    """Buttons side by side.

    Parameters
    ----------
    choices : sequence of (name, text, tip)

    Signals
    -------
    chosen(name)
        A button was pressed by hand; `choose` does not send it.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self.buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        for name, text, tip in choices:
            button = QPushButton(text)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setMinimumWidth(20)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            dress(button, "QPushButton { padding: 3px 2px; } QPushButton:checked { background: @selected@; }")
            button.clicked.connect(lambda _on=False, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            row.addWidget(button)
            self.buttons[name] = button

    def choose(self, name: str) -> None:
        """Show `name` as chosen; none for a name that is not there."""
        self._group.setExclusive(False)
        for own, button in self.buttons.items():
            button.setChecked(own == name)
        self._group.setExclusive(True)

"""Left and right of one shape: a single slider while they are linked, two when they are not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QToolButton, QWidget

from rhytid.core.language import tr
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import ICON_SIZE
from rhytid.gui.widgets.slider_row import SliderRow

CHAIN_PX = 22


class PairRow(QWidget):
    """Rows `both`, `left` and `right` with a chain between them.

    Values that differ are always shown as two sliders; closing the chain asks for them to become equal.

    Signals
    -------
    link_requested()
        The chain was closed over values that differ.
    """

    link_requested = Signal()

    def __init__(self, both: SliderRow, left: SliderRow, right: SliderRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.both, self.left, self.right = both, left, right
        self._linked = True
        self.chain = QToolButton()
        self.chain.setIconSize(ICON_SIZE)
        self.chain.setAutoRaise(True)
        self.chain.setFixedSize(CHAIN_PX, both.sizeHint().height())
        self.chain.setStyleSheet("QToolButton { padding: 1px; }")
        self.chain.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.chain.setAccessibleName(tr("Link left and right of {0}", both.label))
        self.chain.clicked.connect(self._toggle)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        for line, row in enumerate((both, left, right)):
            grid.addWidget(row, line, 0)
        grid.addWidget(self.chain, 0, 1, 3, 1, Qt.AlignmentFlag.AlignTop)
        self._arrange()

    @property
    def rows(self) -> tuple[SliderRow, SliderRow, SliderRow]:
        return self.both, self.left, self.right

    @property
    def linked(self) -> bool:
        """What the artist asked for."""
        return self._linked

    @property
    def is_split(self) -> bool:
        """Two sliders are shown."""
        return not self._linked or self.left.number != self.right.number

    def set_linked(self, linked: bool) -> None:
        """Show one slider or two; values that differ stay two."""
        self._linked = linked
        self._arrange()

    def set_values(self, left: float, right: float) -> None:
        """Show the values without telling anyone."""
        was_split = self.is_split
        self.left.set_number(left)
        self.right.set_number(right)
        self.both.set_number(max(left, right))
        if self.is_split != was_split:
            self._arrange()

    def _toggle(self) -> None:
        if self._linked and not self.is_split:
            self.set_linked(False)
        else:
            differs = self.left.number != self.right.number
            self.set_linked(True)
            if differs:
                self.link_requested.emit()

    def _arrange(self) -> None:
        split = self.is_split
        self.both.setVisible(not split)
        self.left.setVisible(split)
        self.right.setVisible(split)
        self.chain.setIcon(icon("unlink", "accent") if split else icon("link", "text_faint"))
        self.chain.setToolTip(
            tr("Left and right move on their own. Click to link them.")
            if split
            else tr("Left and right move together. Click to set them apart.")
        )

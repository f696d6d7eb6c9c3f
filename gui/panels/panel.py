"""What all panels share: they read the document when it changes and edit it with commands only."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from rhytid.core.document.commands import Command
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.gui.controllers.slider_gesture import execute
from rhytid.gui.panels.slider_row import SliderRow
from rhytid.gui.theme import icon

ICON_SIZE = QSize(16, 16)


class Panel(QWidget):
    """Base of the dock panels.

    Attributes
    ----------
    title : str
        For the dock's title.
    icon_name : str
        Icon of `resources/icons`.
    """

    title = ""
    icon_name = ""

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


def tool_button(
    icon_name: str, tip: str, *, checkable: bool = False, on: str = "accent", text: str = ""
) -> QToolButton:
    """A flat icon button of the panels' tool rows."""
    button = QToolButton()
    button.setIcon(icon(icon_name, "text_soft" if checkable else "text", on))
    button.setIconSize(ICON_SIZE)
    button.setToolTip(tip)
    button.setAccessibleName(text or tip.split("\n")[0])
    button.setCheckable(checkable)
    button.setAutoRaise(True)
    if text:
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def scroll_area(content: QWidget) -> QScrollArea:
    """`content` in an area that scrolls up and down only."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def text_label(text: str, role: str = "", *, wrap: bool = True) -> QLabel:
    """A label in one of the roles of the style sheet: soft, heading, title, warning, error."""
    label = QLabel(text)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


def separator() -> QFrame:
    """A thin horizontal line."""
    line = QFrame()
    line.setProperty("role", "separator")
    return line


def align_labels(rows: Iterable[SliderRow], width_px: int, share: float = 0.40) -> None:
    """Let the grooves of `rows` begin at one place: as far right as the longest label needs, within `share`.

    `width_px` is what the widest row has; the groove stays long enough to aim at.
    """
    rows = list(rows)
    if rows:
        wanted = max(row.label_hint() for row in rows)
        room = min(row.label_room(width_px) for row in rows)
        common = max(min(wanted, int(width_px * share), room), 48)
        for row in rows:
            row.set_label_width(common)

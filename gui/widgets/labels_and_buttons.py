"""Labels, buttons, lines and scroll areas in the program's style."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QToolButton, QWidget

from rhytid.gui.theme import icon

ICON_SIZE = QSize(16, 16)


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

"""A small bar of buttons that floats beside what is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

_GAP_PX = 14
_ICON = QSize(18, 18)


class LineBar(QFrame):
    """Actions as buttons, over the widget that shows what they act on.

    Parameters
    ----------
    groups : sequence of sequences of QAction
        With a line between two groups.
    parent : QWidget
        Which the bar lies over.
    """

    def __init__(self, groups: Sequence[Sequence[QAction]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lineBar")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 2, 3, 2)
        row.setSpacing(1)
        self.buttons: dict[str, QToolButton] = {}
        for number, group in enumerate(groups):
            if number:
                line = QFrame()
                line.setFrameShape(QFrame.Shape.VLine)
                row.addWidget(line)
            for action in group:
                button = QToolButton()
                button.setDefaultAction(action)
                button.setAutoRaise(True)
                button.setIconSize(_ICON)
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                row.addWidget(button)
                self.buttons[action.objectName().removeprefix("action_")] = button
        self.hide()

    def place(self, around: QRect | None) -> None:
        """Float above a rectangle of the parent, below it where there is no room; hide without one."""
        room = self.parentWidget().rect()
        if around is None or not around.intersects(room):
            self.hide()
            return
        self.adjustSize()
        above, below = around.top() - self.height() - _GAP_PX, around.bottom() + _GAP_PX
        y = above if above >= room.top() else min(below, room.bottom() - self.height())
        x = min(max(around.center().x() - self.width() // 2, room.left()), room.right() - self.width())
        self.move(x, y)
        self.show()
        self.raise_()

"""A group of rows under a header that folds it away."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.gui.theme import colour, dress, pixmap
from rhytid.gui.widgets.labels_and_buttons import tool_button


class _Header(QAbstractButton):
    """Title with a chevron; Left and Right fold and unfold, as in a tree."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.note = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(120, self.fontMetrics().height() + 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2.0
        name = "chevron_down" if self.isChecked() else "chevron_right"
        arrow = pixmap(name, 12, self.devicePixelRatioF(), "text_soft")
        painter.drawPixmap(5, round(middle - 6), arrow)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colour("text" if self.underMouse() or self.isChecked() else "text_soft"))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(23, 0, self.width() - 26, self.height()), align, self.text())
        if self.note:
            left = 23 + painter.fontMetrics().horizontalAdvance(self.text()) + 9
            painter.setFont(self.font())
            painter.setPen(colour("accent"))
            painter.drawText(QRectF(left, 0, self.width() - left, self.height()), align, self.note)
        if self.hasFocus():
            painter.setPen(QPen(colour("focus"), 1.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.setChecked(event.key() == Qt.Key.Key_Right)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle()
        else:
            super().keyPressEvent(event)


class FoldGroup(QWidget):
    """Header and content.

    Parameters
    ----------
    title : str
    resettable : bool
        Put a reset button into the header; it sends `reset_requested`.
    """

    reset_requested = Signal()

    def __init__(self, title: str, *, resettable: bool = False, folded: bool = False,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.title = title
        self.header = _Header(title)
        bar = QWidget()
        bar.setObjectName("fold_bar")
        dress(bar, "#fold_bar { background: @panel@; }")
        line = QHBoxLayout(bar)
        line.setContentsMargins(0, 0, 3, 0)
        line.setSpacing(2)
        line.addWidget(self.header, 1)
        self.reset_button = None
        if resettable:
            self.reset_button = tool_button("reset", tr("Reset {0}", title.lower()))
            self.reset_button.clicked.connect(self.reset_requested)
            self.reset_button.setEnabled(False)
            line.addWidget(self.reset_button)
        self.content = QWidget()
        self.body = QVBoxLayout(self.content)
        self.body.setContentsMargins(2, 3, 3, 7)
        self.body.setSpacing(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 1)
        outer.setSpacing(0)
        outer.addWidget(bar)
        outer.addWidget(self.content)
        self.header.toggled.connect(self.content.setVisible)
        if folded:
            self.header.setChecked(False)

    def set_note(self, note: str) -> None:
        """A few characters beside the title, as how many values are not zero."""
        if note != self.header.note:
            self.header.note = note
            self.header.update()
        if self.reset_button is not None:
            self.reset_button.setEnabled(bool(note))

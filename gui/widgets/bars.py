"""Bars side by side, with their names: a plot of few numbers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rhytid.gui.theme import colour

_NAMES_PX, _VALUE_PX = 40.0, 16.0


class Bars(QWidget):
    """One bar for each name, or two where a second set of values is given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: list[str] = []
        self.sets: list[list[float]] = []
        self.form = "{:.1f}"

    def sizeHint(self) -> QSize:
        return QSize(560, 170)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 110)

    def show_values(self, names: Sequence[str], sets: Sequence[Sequence[float]], form: str) -> None:
        """Show sets of values, the first one in front of the eye."""
        self.names, self.sets, self.form = list(names), [list(values) for values in sets], form
        self.update()

    def bar(self, at: int, which: int) -> QRectF:
        """Where a bar stands."""
        cell = self.width() / max(len(self.names), 1)
        room = self.height() - _NAMES_PX - _VALUE_PX
        most = max((value for values in self.sets for value in values), default=0.0) or 1.0
        height = room * self.sets[which][at] / most
        width = cell * 0.7 / len(self.sets)
        return QRectF(cell * (at + 0.15) + which * width, _VALUE_PX + room - height, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("field"))
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        cell = self.width() / max(len(self.names), 1)
        wrapped = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        for at, name in enumerate(self.names):
            for which, shade in zip(range(len(self.sets)), ("accent", "text_faint"), strict=False):
                box = self.bar(at, which)
                painter.fillRect(box, colour(shade))
                painter.setPen(colour("text"))
                above = QRectF(box.left() - 20, box.top() - _VALUE_PX, box.width() + 40, _VALUE_PX)
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, self.form.format(self.sets[which][at]))
            painter.setPen(colour("text_soft"))
            painter.drawText(QRectF(cell * at, self.height() - _NAMES_PX + 2, cell, _NAMES_PX - 2), wrapped, name)

"""What is painted over the head of the pin dialog: lines between landmarks, a name, the colours of the residual."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from rhytid.core.language import tr
from rhytid.gui.dialogs.fit_picture import WORST_MM, residual_colours
from rhytid.gui.theme import colour

# iBUG's landmarks as lines: jaw, brows, nose, eyes, lips; the last four close.
_LINES = ((0, 17, False), (17, 22, False), (22, 27, False), (27, 31, False), (31, 36, False), (36, 42, True),
          (42, 48, True), (48, 60, True), (60, 68, True))  # fmt: skip


def paint_lines(painter: QPainter, places: Sequence[QPointF | None]) -> None:
    """Lines along jaw, brows, nose, eyes and lips; hidden landmarks have no place."""
    painter.setPen(QPen(QColor(240, 240, 240, 120), 1.0))
    for first, end, closes in _LINES:
        numbers = [*range(first, end), *([first] if closes else [])]
        for one, other in itertools.pairwise(places[number] for number in numbers):
            if one is not None and other is not None:
                painter.drawLine(one, other)


def paint_name(painter: QPainter, at: QPointF, words: str, size: QSize) -> None:
    """A name beside a point, within a widget of that size."""
    box = QRectF(painter.fontMetrics().boundingRect(words)).adjusted(-6, -4, 6, 4)
    box.moveTopLeft(at + QPointF(14, -box.height() - 8))
    box.moveLeft(max(min(box.left(), size.width() - box.width()), 0.0))
    box.moveTop(max(box.top(), 0.0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 20, 20, 190))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(240, 240, 240))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def paint_legend(painter: QPainter, size: QSize) -> None:
    """The colours of the residual with their mm, in the lower left corner."""
    bar = QRectF(14, size.height() - 26, 160, 10)
    ramp = QLinearGradient(bar.topLeft(), bar.topRight())
    for step in range(9):
        red, green, blue = (int(value) for value in residual_colours(np.array([WORST_MM * step / 8]))[0])
        ramp.setColorAt(step / 8, QColor(red, green, blue))
    painter.setPen(colour("line"))
    painter.setBrush(ramp)
    painter.drawRect(bar)
    painter.setPen(colour("text"))
    flags = Qt.AlignmentFlag
    above = bar.translated(0, -20).adjusted(0, 0, 0, 8)
    painter.drawText(above, flags.AlignLeft, "0")
    painter.drawText(above, flags.AlignHCenter, tr("away by"))
    painter.drawText(above, flags.AlignRight, f"{WORST_MM:g} mm")

"""The cross-section of a stroke in mm, drawn as the displacement is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from rhytid.core.language import tr
from rhytid.core.lines.section import section_of
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.theme import colour

_GATHER_MS = 15  # what one event of the hand changes is one section
_HEIGHT_PX = 116
_LEAST_MM = 0.05
_LEFT_PX, _BELOW_PX, _RIM_PX = 40.0, 18.0, 6.0
Float64 = npt.NDArray[np.float64]


class SectionPlot(QWidget):
    """Relief across the middle of a stroke, left and right as they are seen along it.

    Attributes
    ----------
    across_mm, height_mm : float64 (K,)
        What is shown, as of `core.lines.section.section_of`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stroke: Stroke | None = None
        self.across_mm: Float64 = np.array([-1.0, 1.0])
        self.height_mm: Float64 = np.zeros(2)
        self.setFixedHeight(_HEIGHT_PX)
        self.setAccessibleName(tr("Cross-section"))
        self.setToolTip(tr("The relief across the middle of the stroke in mm, as the face has it at full depth"))
        self._soon = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._soon.timeout.connect(self._find)

    def show_stroke(self, stroke: Stroke) -> None:
        """Show this one, in a moment."""
        if stroke != self._stroke:
            self._stroke = stroke
            if not self._soon.isActive():
                self._soon.start()

    def _find(self) -> None:
        if self._stroke is not None:
            self.across_mm, self.height_mm = section_of(self._stroke)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(_LEFT_PX, _RIM_PX, -_RIM_PX, -_BELOW_PX)
        painter.fillRect(area, colour("field"))
        low, high = self._range()
        left, right = float(self.across_mm[0]), float(self.across_mm[-1])

        def place(x: float, y: float) -> QPointF:
            return QPointF(area.left() + (x - left) / (right - left) * area.width(),
                           area.bottom() - (y - low) / (high - low) * area.height())  # fmt: skip

        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        for x in ticks(left, right, 6):
            at = place(x, low)
            painter.setPen(QPen(colour("line_soft"), 1.0))
            painter.drawLine(at, QPointF(at.x(), area.top()))
            painter.setPen(colour("text_soft"))
            painter.drawText(QRectF(at.x() - 24, at.y() + 2, 48, _BELOW_PX - 2), Qt.AlignmentFlag.AlignCenter, f"{x:g}")
        for y in ticks(low, high, 4):
            at = place(left, y)
            painter.setPen(QPen(colour("text_faint" if y == 0 else "line_soft"), 1.0))
            painter.drawLine(at, QPointF(area.right(), at.y()))
            painter.setPen(colour("text_soft"))
            beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, at.y() - 8, _LEFT_PX - 5, 16), beside, f"{y:g}".replace("-", "−"))
        painter.drawText(QRectF(0, area.bottom() + 2, _LEFT_PX - 5, _BELOW_PX - 2), Qt.AlignmentFlag.AlignRight, "mm")
        painter.setClipRect(area)
        painter.setPen(QPen(colour("accent"), 1.8))
        line = [place(x, y) for x, y in zip(self.across_mm.tolist(), self.height_mm.tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(line))

    def _range(self) -> tuple[float, float]:
        """Heights that fit in, with room above and below."""
        most = max(float(np.abs(self.height_mm).max()), _LEAST_MM)
        low, high = min(float(self.height_mm.min()), -0.2 * most), max(float(self.height_mm.max()), 0.2 * most)
        return low - 0.08 * most, high + 0.08 * most


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers between two, at equal steps of 1, 2 or 5 times a power of ten; about `most` of them at the most."""
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(step * factor for factor in (1, 2, 5, 10) if (high - low) / (step * factor) <= most)
    return [round(i * step, 10) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]

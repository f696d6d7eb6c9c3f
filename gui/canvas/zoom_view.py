"""A view of the chart that zooms and pans, with a colour bar: what the canvas draws in."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from rhytid.gui.canvas.layers import legend_colours
from rhytid.gui.theme import COLOURS

ZOOM_STEP = 1.2  # factor of one wheel notch
_MAX_PX = 60_000.0  # most screen pixels for the chart's side
_MIN_SHARE = 0.4  # the chart never gets smaller than this share of the view


class ZoomView(pg.GraphicsView):
    """Graphics view in chart units: x right, y down, the forehead on top, the subject's right on the left.

    Attributes
    ----------
    box : pyqtgraph.ViewBox
        Holds the items.
    legend_mm : float or None
        The colour bar spans minus to plus this; None hides it.

    Signals
    -------
    moved()
        After every zoom and pan.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._ready = False  # pyqtgraph resizes the view while it is being made
        super().__init__(parent, background=COLOURS["canvas"])
        self.box = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False, defaultPadding=0.0)
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.setCentralItem(self.box)
        self.legend_mm: float | None = None
        self._fitted = True
        self._centre, self._scale = QPointF(0.5, 0.5), 256.0
        self.setAcceptDrops(False)  # the window takes what is dropped, wherever
        self.setFrameShape(self.Shape.NoFrame)
        self.setStyleSheet("border: 0; border-radius: 0;")
        self._ready = True
        self.fit()

    def take_theme(self) -> None:
        self.setBackground(COLOURS["canvas"])

    # --- coordinates ---------------------------------------------------------------------------------

    def chart_at(self, position: QPointF) -> QPointF:
        """Chart coordinate of a point of the widget; may lie outside 0..1."""
        transform = self.viewportTransform().inverted()[0]
        return self.box.mapSceneToView(transform.map(position))

    def position_of(self, x: float, y: float) -> QPointF:
        """Point of the widget that shows a chart coordinate."""
        return self.viewportTransform().map(self.box.mapViewToScene(QPointF(x, y)))

    def px_per_chart(self) -> float:
        """Logical pixels for the chart's side."""
        return self._scale

    # --- zoom and pan --------------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole chart."""
        self._fitted = True
        width, height = max(self.viewport().width(), 1), max(self.viewport().height(), 1)
        scale = 0.96 * min(width, height)
        self._show(QPointF(0.5, 0.5), scale)

    def zoom(self, factor: float, position: QPointF | None = None) -> None:
        """Zoom by `factor` and keep the chart under `position` (default: the middle) where it is."""
        size = self.viewport().size()
        position = position if position is not None else QPointF(size.width() / 2, size.height() / 2)
        anchor = self.chart_at(position)
        smallest = _MIN_SHARE * min(size.width(), size.height())
        scale = min(max(self.px_per_chart() * factor, smallest), _MAX_PX)
        centre = anchor + QPointF(size.width() / 2 - position.x(), size.height() / 2 - position.y()) / scale
        self._fitted = False
        self._show(centre, scale)

    def pan(self, offset_px: QPointF) -> None:
        """Move the chart by `offset_px` on the screen."""
        self._fitted = False
        scale = self.px_per_chart()
        self._show(self._centre - offset_px / scale, scale)

    def _show(self, centre: QPointF, scale: float) -> None:
        centre = QPointF(min(max(centre.x(), -0.1), 1.1), min(max(centre.y(), -0.1), 1.1))
        self._centre, self._scale = centre, scale
        half_x, half_y = self.viewport().width() / scale / 2, self.viewport().height() / scale / 2
        self.box.setRange(QRectF(centre.x() - half_x, centre.y() - half_y, 2 * half_x, 2 * half_y), padding=0)
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self._ready:
            super().resizeEvent(event)
            return
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
        else:
            self._show(self._centre, self._scale)

    # --- legend --------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.legend_mm is not None:
            painter = QPainter(self.viewport())
            self._paint_legend(painter, self.legend_mm)
            painter.end()

    def _paint_legend(self, painter: QPainter, range_mm: float) -> None:
        """Colour bar with its ends in mm, lower left."""
        metrics = painter.fontMetrics()
        size = self.viewport().size()
        bar = QRectF(14, size.height() - 14 - metrics.height() - 10, min(150, size.width() - 40), 8)
        box = bar.adjusted(-8, -8, 8, metrics.height() + 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 130))
        painter.drawRoundedRect(box, 4, 4)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        table = legend_colours()
        for stop in np.linspace(0, 255, 17).astype(int).tolist():
            gradient.setColorAt(stop / 255.0, QColor(*(int(v) for v in table[stop])))
        painter.setBrush(gradient)
        painter.drawRect(bar)
        painter.setPen(QColor(235, 235, 235))
        below = QRectF(bar.left() - 4, bar.bottom() + 2, bar.width() + 8, metrics.height())
        for text, align in ((f"−{range_mm:g}", Qt.AlignmentFlag.AlignLeft), ("0", Qt.AlignmentFlag.AlignHCenter),
                            (f"+{range_mm:g} mm", Qt.AlignmentFlag.AlignRight)):  # fmt: skip
            painter.drawText(below, align, text)

"""What lies over the face without being part of it: brush ring, axis gizmo, selected lines, legend.

A transparent child widget, so that moving the ring costs no frame of the renderer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from core.document.state import Camera
from gui.render.camera import GizmoAxis, gizmo_axes, gizmo_hit

GIZMO_RADIUS_PX = 34.0
GIZMO_MARGIN_PX = 18.0
_SHADOW = QColor(0, 0, 0, 150)


@dataclass(frozen=True)
class Legend:
    """Colour bar of a view mode.

    Attributes
    ----------
    title : str
        Quantity and unit.
    stops : sequence of (0..1, QColor)
        From the low end to the high one.
    labels : (str, str, str)
        At the low end, the middle and the high end.
    """

    title: str
    stops: Sequence[tuple[float, QColor]]
    labels: tuple[str, str, str]


@dataclass(frozen=True)
class OverlayLine:
    """A polyline over the face: points in logical pixels and its look."""

    points: QPolygonF
    colour: QColor
    width_px: float = 1.6


class Overlay(QWidget):
    """Paints over its parent; all mouse events go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self._rings: list[OverlayLine] = []
        self._lines: list[OverlayLine] = []
        self._camera: Camera | None = None
        self._hot_axis: tuple[float, float] | None = None
        self._legend: Legend | None = None
        self._ring_rect = QRect()

    def set_rings(self, rings: Sequence[OverlayLine]) -> None:
        """Brush rings; only their surroundings are painted again."""
        if not rings and not self._rings:
            return
        self._rings = list(rings)
        rect = QRect()
        for ring in self._rings:
            rect = rect.united(ring.points.boundingRect().toAlignedRect().adjusted(-4, -4, 4, 4))
        self.update(rect.united(self._ring_rect))
        self._ring_rect = rect

    def set_lines(self, lines: Sequence[OverlayLine]) -> None:
        """Lines of selected or all strokes."""
        if lines or self._lines:
            self._lines = list(lines)
            self.update()

    def set_gizmo(self, camera: Camera | None) -> None:
        """Axes as seen from `camera`; None hides them."""
        if camera != self._camera:
            self._camera = camera
            self.update(self.gizmo_rect().toAlignedRect())

    def set_legend(self, legend: Legend | None) -> None:
        if legend != self._legend:
            self._legend = legend
            self.update()

    def gizmo_rect(self) -> QRectF:
        """Where the gizmo is, in logical pixels."""
        side = 2 * GIZMO_RADIUS_PX + 20
        return QRectF(self.width() - side - GIZMO_MARGIN_PX + 8, GIZMO_MARGIN_PX - 8, side, side)

    def axis_at(self, position: QPointF) -> GizmoAxis | None:
        """The end of the gizmo under `position`."""
        if self._camera is None or not self.gizmo_rect().contains(position):
            return None
        offset = (position - self.gizmo_rect().center()) / GIZMO_RADIUS_PX
        return gizmo_hit(self._camera, offset.x(), offset.y(), 0.3)

    def hover(self, position: QPointF | None) -> None:
        """Highlight the end of the gizmo under the pointer."""
        axis = None if position is None else self.axis_at(position)
        hot = None if axis is None else (axis.yaw_deg, axis.pitch_deg)
        if hot != self._hot_axis:
            self._hot_axis = hot
            self.update(self.gizmo_rect().toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self._lines:
            _stroke(painter, line, closed=False)
        for ring in self._rings:
            _stroke(painter, ring, closed=True)
        if self._camera is not None and event.region().intersects(self.gizmo_rect().toAlignedRect()):
            self._paint_gizmo(painter, self._camera)
        if self._legend is not None:
            self._paint_legend(painter, self._legend)
        painter.end()

    def _paint_gizmo(self, painter: QPainter, camera: Camera) -> None:
        center = self.gizmo_rect().center()
        font = QFont(self.font())
        font.setPixelSize(10)
        font.setBold(True)
        painter.setFont(font)
        for axis in gizmo_axes(camera):
            end = center + QPointF(axis.x, axis.y) * GIZMO_RADIUS_PX
            fade = 0.55 + 0.45 * (axis.depth * 0.5 + 0.5)
            colour = QColor.fromRgbF(*(channel * fade for channel in axis.rgb))
            hot = self._hot_axis == (axis.yaw_deg, axis.pitch_deg)
            if axis.label:
                painter.setPen(QPen(colour, 2.0))
                painter.drawLine(center, end)
            radius = 8.0 if axis.label else 5.5
            painter.setPen(QPen(QColor(255, 255, 255) if hot else colour.darker(115), 1.4))
            fill = QColor(colour)
            fill.setAlpha(255 if axis.label else 70)
            painter.setBrush(fill)
            painter.drawEllipse(end, radius, radius)
            if axis.label:
                painter.setPen(QColor(20, 20, 20))
                painter.drawText(
                    QRectF(end.x() - 9, end.y() - 9, 18, 18), Qt.AlignmentFlag.AlignCenter, axis.label
                )

    def _paint_legend(self, painter: QPainter, legend: Legend) -> None:
        bar = QRectF(20, self.height() - 46, min(280.0, self.width() - 60.0), 10)
        panel = bar.adjusted(-14, -28, 14, 26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(24, 24, 24, 190))
        painter.drawRoundedRect(panel, 5, 5)
        gradient = QLinearGradient(bar.left(), 0, bar.right(), 0)
        for position, colour in legend.stops:
            gradient.setColorAt(position, colour)
        painter.setBrush(gradient)
        painter.drawRect(bar)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(225, 225, 225))
        painter.drawText(bar.adjusted(0, -22, 0, -6), Qt.AlignmentFlag.AlignLeft, legend.title)
        row = bar.adjusted(-8, 13, 8, 20)
        flags = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, flag in zip(legend.labels, flags, strict=True):
            painter.drawText(row, flag, text)


def _stroke(painter: QPainter, line: OverlayLine, closed: bool) -> None:
    """A line with a dark rim, so that it shows on light and dark skin."""
    path = QPainterPath()
    path.addPolygon(line.points)
    if closed:
        path.closeSubpath()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_SHADOW, line.width_px + 1.6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)
    painter.setPen(QPen(line.colour, line.width_px, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)

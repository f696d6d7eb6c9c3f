"""A menu round the pointer: rings of choices, the nearest to hand in the middle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from rhytid.gui.theme import colour

HOLE_PX, RING_PX, GAP_PX = 26.0, 62.0, 3.0


@dataclass(frozen=True)
class RadialItem:
    """One choice.

    Attributes
    ----------
    text : str
    icon : QIcon
    choose : callable
    checked : bool
    """

    text: str
    icon: QIcon
    choose: Callable[[], object]
    checked: bool = False


class RadialMenu(QWidget):
    """Rings from the inside out; a click or the release of the key over a choice takes it, anything else none.

    Parameters
    ----------
    rings : sequence of sequences of RadialItem
        Each begins at the top and goes clockwise.
    key : Qt.Key, optional
        The key that opened it: its release over a choice takes that choice.
    """

    def __init__(self, rings: Sequence[Sequence[RadialItem]], parent: QWidget, key: Qt.Key | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("radialMenu")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMouseTracking(True)
        self.rings = [list(ring) for ring in rings if ring]
        self._key = key
        self._hot: RadialItem | None = None
        side = round(2 * (HOLE_PX + len(self.rings) * RING_PX)) + 4
        self.resize(side, side)
        self.setMask(QRegion(self.rect(), QRegion.RegionType.Ellipse))  # round also where windows cannot be clear

    def popup(self, at: QPoint) -> None:
        """Open round a point of the screen, wholly on it."""
        half, free = self.width() // 2, self.screen().availableGeometry()
        corner = at - QPoint(half, half)
        self.move(
            min(max(corner.x(), free.left()), free.right() - self.width()),
            min(max(corner.y(), free.top()), free.bottom() - self.height()),
        )
        self.show()
        self.setFocus()

    @property
    def centre(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def place_of(self, item: RadialItem) -> QPoint:
        """The middle of a choice on the menu."""
        for index, ring in enumerate(self.rings):
            if item in ring:
                turn = 2 * math.pi * ring.index(item) / len(ring)
                radius = HOLE_PX + (index + 0.5) * RING_PX
                return (self.centre + radius * QPointF(math.sin(turn), -math.cos(turn))).toPoint()
        raise ValueError(f"{item.text} is not on the menu")

    def item_at(self, place: QPointF) -> RadialItem | None:
        """The choice under a point of the menu."""
        way = place - self.centre
        index = math.floor((math.hypot(way.x(), way.y()) - HOLE_PX) / RING_PX)
        if not 0 <= index < len(self.rings):
            return None
        ring = self.rings[index]
        turn = math.atan2(way.x(), -way.y()) / (2 * math.pi)
        return ring[round(turn * len(ring)) % len(ring)]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hot = self.item_at(event.position())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._take(self.item_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._key is not None and event.key() == self._key and not event.isAutoRepeat() and self._hot is not None:
            self._take(self._hot)

    def _take(self, item: RadialItem | None) -> None:
        self.close()
        if item is not None:
            item.choose()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, ring in enumerate(self.rings):
            inner = HOLE_PX + index * RING_PX + GAP_PX
            for item in ring:
                self._paint_item(painter, item, inner, inner + RING_PX - GAP_PX, 360.0 / len(ring))

    def _paint_item(self, painter: QPainter, item: RadialItem, inner: float, outer: float, span: float) -> None:
        ring = next(ring for ring in self.rings if item in ring)
        middle = 90.0 - span * ring.index(item)
        gap = math.degrees(GAP_PX / inner) / 2
        path = QPainterPath()
        boxes = [QRectF(self.centre - QPointF(r, r), self.centre + QPointF(r, r)) for r in (inner, outer)]
        path.arcMoveTo(boxes[1], middle - span / 2 + gap / 2)
        path.arcTo(boxes[1], middle - span / 2 + gap / 2, span - gap)
        path.arcTo(boxes[0], middle + span / 2 - gap, -(span - 2 * gap))
        path.closeSubpath()
        shade = colour("selected" if item is self._hot else "button_down" if item.checked else "panel")
        shade.setAlpha(238)
        painter.fillPath(path, shade)
        place = QPointF(self.place_of(item))
        item.icon.paint(painter, QRectF(place.x() - 10, place.y() - 20, 20, 20).toRect())
        painter.setPen(colour("accent" if item.checked else "text"))
        font = painter.font()
        font.setPointSizeF(self.font().pointSizeF() * 0.85)
        painter.setFont(font)
        words = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(place.x() - 32, place.y() + 2, 64, 28), words, item.text)

"""A square that is dragged over: two values at once."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rhytid.gui.theme import colour

_PAD_PX = 10.0
_STEP = 0.02


class Plane(QWidget):
    """Two shares of 0..1: x to the right, y up. Arrow keys step; Esc gives a drag up.

    Signals
    -------
    changing(float, float), drag_finished(), drag_cancelled()
    """

    changing = Signal(float, float)
    drag_finished = Signal()
    drag_cancelled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(160, 190)
        self.texts = ("", "", "", "")  # left, right, bottom, top
        self._place = (0.0, 0.0)
        self._dragging = False

    def sizeHint(self) -> QSize:
        return QSize(280, 220)

    @property
    def place(self) -> tuple[float, float]:
        return self._place

    def show_place(self, x: float, y: float) -> None:
        """Put the mark at shares of 0..1."""
        place = (min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        if place != self._place:
            self._place = place
            self.update()

    def point_of(self, x: float, y: float) -> QPointF:
        """Where two shares are on the widget."""
        box = self._box()
        return QPointF(box.left() + x * box.width(), box.bottom() - y * box.height())

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)

    def _go(self, at: QPointF) -> None:
        box = self._box()
        self.show_place((at.x() - box.left()) / box.width(), (box.bottom() - at.y()) / box.height())
        self.changing.emit(*self._place)

    def _end(self, *, kept: bool) -> None:
        if self._dragging:
            self._dragging = False
            (self.drag_finished if kept else self.drag_cancelled).emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging = True
            self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._go(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._end(kept=True)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._dragging:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (-_STEP, 0.0), Qt.Key.Key_Right: (_STEP, 0.0),
            Qt.Key.Key_Down: (0.0, -_STEP), Qt.Key.Key_Up: (0.0, _STEP),
        }.get(Qt.Key(event.key()))  # fmt: skip
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._end(kept=False)
        elif step is not None and not self._dragging:
            self.show_place(self._place[0] + step[0], self._place[1] + step[1])
            self.changing.emit(*self._place)
            self.drag_finished.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._box()
        painter.setPen(QPen(colour("focus" if self.hasFocus() else "line_soft"), 1.0))
        painter.setBrush(colour("field"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QPen(colour("line_soft"), 1.0))
        for share in (0.25, 0.5, 0.75):
            painter.drawLine(self.point_of(share, 0.0), self.point_of(share, 1.0))
            painter.drawLine(self.point_of(0.0, share), self.point_of(1.0, share))
        inner = box.adjusted(6, 4, -6, -4)
        flags = Qt.AlignmentFlag
        painter.setPen(colour("text_soft"))
        left, right, bottom, top = self.texts
        painter.drawText(inner, flags.AlignLeft | flags.AlignVCenter, left)
        painter.drawText(inner, flags.AlignRight | flags.AlignVCenter, right)
        painter.drawText(inner, flags.AlignHCenter | flags.AlignBottom, bottom)
        painter.drawText(inner, flags.AlignHCenter | flags.AlignTop, top)
        at = self.point_of(*self._place)
        painter.setPen(QPen(colour("accent_dim"), 1.0))
        painter.drawLine(QPointF(at.x(), box.top()), QPointF(at.x(), box.bottom()))
        painter.drawLine(QPointF(box.left(), at.y()), QPointF(box.right(), at.y()))
        painter.setPen(QPen(colour("line"), 1.5))
        painter.setBrush(colour("accent"))
        painter.drawEllipse(at, 6.0, 6.0)

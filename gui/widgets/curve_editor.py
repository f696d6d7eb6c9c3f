"""A curve from 0..1 to 0..1 under the mouse: points to drag, add and take away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from rhytid.core.lines.response import Points, Response
from rhytid.gui.theme import colour

_MARGIN_PX = 7.0
_GRAB_PX = 9.0
_APART = 0.02
_KEYS = frozenset({
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Delete, Qt.Key.Key_Escape,
})  # fmt: skip


class CurveEditor(QWidget):
    """A smooth curve through points.

    A press on a point drags it, elsewhere it puts one onto the curve and drags that; a double click or the right button
    takes a point away. The first and the last stay at their ends. Arrow keys move the chosen point, Del takes it away.

    Parameters
    ----------
    name : str
        For people who hear the window.
    most : int
        The most points.

    Attributes
    ----------
    marker : float or None
        0..1, a place on the curve that is marked.

    Signals
    -------
    changing(points)
        Under the hand.
    finished(), cancelled()
        The hand let go, or gave up.
    """

    changing = Signal(tuple)
    finished = Signal()
    cancelled = Signal()

    def __init__(self, name: str, most: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most = most
        self._points: Points = ((0.0, 0.0), (1.0, 1.0))
        self._before = self._points
        self._chosen: int | None = None
        self._held = False
        self._marker: float | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumHeight(54)

    def sizeHint(self) -> QSize:
        return QSize(200, 60)

    @property
    def points(self) -> Points:
        return self._points

    @points.setter
    def points(self, points: Points) -> None:
        if points != self._points and not self._held:
            self._points, self._chosen = Response.through(points).points, None
            self.update()

    @property
    def marker(self) -> float | None:
        return self._marker

    @marker.setter
    def marker(self, way: float | None) -> None:
        if way != self._marker:
            self._marker = way
            self.update()

    # --- places ------------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN_PX, _MARGIN_PX, -_MARGIN_PX, -_MARGIN_PX)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a point of the curve is on the widget."""
        area = self._area()
        return QPointF(area.left() + x * area.width(), area.bottom() - y * area.height())

    def _value_at(self, place: QPointF) -> tuple[float, float]:
        area = self._area()
        x = (place.x() - area.left()) / max(area.width(), 1.0)
        y = (area.bottom() - place.y()) / max(area.height(), 1.0)
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _point_at(self, place: QPointF) -> int | None:
        away = [(self.place_of(*point) - place).manhattanLength() for point in self._points]
        nearest = min(range(len(away)), key=away.__getitem__)
        return nearest if away[nearest] <= _GRAB_PX * 1.5 else None

    # --- edits -------------------------------------------------------------------------------------------

    def _put(self, points: Points) -> None:
        if points != self._points:
            self._points = points
            self.update()
            self.changing.emit(points)

    def _move(self, number: int, x: float, y: float) -> None:
        last = len(self._points) - 1
        if number == 0 or number == last:
            x = self._points[number][0]
        else:
            low, high = self._points[number - 1][0] + _APART, self._points[number + 1][0] - _APART
            x = min(max(x, low), high)
        self._put((*self._points[:number], (x, y), *self._points[number + 1 :]))

    def _add(self, x: float) -> int | None:
        number = next(i for i, point in enumerate(self._points) if point[0] >= x)
        near = min(abs(point[0] - x) for point in self._points)
        if number == 0 or near < _APART or len(self._points) >= self._most:
            return None
        self._put((*self._points[:number], (x, Response(self._points)(x)), *self._points[number:]))
        return number

    def _remove(self, number: int) -> bool:
        if not 0 < number < len(self._points) - 1:
            return False
        self._chosen = None
        self._put((*self._points[:number], *self._points[number + 1 :]))
        return True

    # --- Qt ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._before = self._points
        number = self._point_at(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            if number is not None and self._remove(number):
                self.finished.emit()
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = True
        self._chosen = number if number is not None else self._add(self._value_at(event.position())[0])
        self.update()
        if number is None and self._chosen is not None:
            self._move(self._chosen, *self._value_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held and self._chosen is not None:
            self._move(self._chosen, *self._value_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held and event.button() == Qt.MouseButton.LeftButton:
            self._held = False
            self.finished.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        number = self._point_at(event.position())
        if number is not None and self._remove(number):
            self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self._held:
            self._held = False
            self._points = self._before
            self.update()
            self.cancelled.emit()
        elif key in steps and self._chosen is not None:
            x, y = self._points[self._chosen]
            self._move(self._chosen, x + 0.02 * steps[key][0], min(max(y + 0.02 * steps[key][1], 0.0), 1.0))
            self.finished.emit()
        elif key == Qt.Key.Key_Delete and self._chosen is not None and self._remove(self._chosen):
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event) -> bool:  # type: ignore[no-untyped-def]
        if event.type() == event.Type.ShortcutOverride and self._chosen is not None and event.key() in _KEYS:
            event.accept()  # these keys belong to the chosen point, all others to the window
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area()
        enabled = self.isEnabled()
        painter.fillRect(self.rect(), colour("canvas"))
        painter.setPen(QPen(colour("line_soft"), 1))
        for k in range(5):
            x, y = area.left() + k * area.width() / 4, area.top() + k * area.height() / 4
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        if self._marker is not None:
            painter.setPen(QPen(colour("focus"), 1.5))
            x = self.place_of(self._marker, 0.0).x()
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        count = max(int(area.width() / 2), 2)
        curve = Response(self._points).at([i / count for i in range(count + 1)])
        line = QPolygonF([self.place_of(i / count, float(y)) for i, y in enumerate(curve)])
        painter.setPen(QPen(colour("accent" if enabled else "text_faint"), 2))
        painter.drawPolyline(line)
        for number, point in enumerate(self._points):
            chosen = number == self._chosen and enabled
            painter.setBrush(colour("accent" if chosen else "window"))
            painter.setPen(QPen(colour("accent" if enabled else "text_faint"), 1.5))
            painter.drawEllipse(self.place_of(*point), 4.0, 4.0)
        painter.end()

    def changeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().changeEvent(event)
        self.update()

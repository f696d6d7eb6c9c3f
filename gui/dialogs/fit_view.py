"""The head of the pin dialog: turned with the mouse, its landmarks dragged to where they belong."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.head.head import Head
from rhytid.core.head.pins import HeadPin
from rhytid.core.language import tr
from rhytid.gui.controllers.latest_work import LatestWork
from rhytid.gui.dialogs.fit_picture import WORST_MM, FitPicture, View, draw_fit, residual_colours
from rhytid.gui.theme import colour

POINT_PX, GRAB_PX = 3.5, 9.0
_DEG_PER_PX = 0.4
_ZOOM_PER_STEP = 1.15
_MOST_ZOOM = 12.0
_RESTS_MS = 250
# iBUG's landmarks as lines: jaw, brows, nose, eyes, lips; the last three close.
_LINES = ((0, 17, False), (17, 22, False), (22, 27, False), (27, 31, False), (31, 36, False), (36, 42, True),
          (42, 48, True), (48, 60, True), (60, 68, True))  # fmt: skip


class FitView(QWidget):
    """Draws a head with its residual as colours and its landmarks, and lets them be dragged.

    Parameters
    ----------
    head : Head
        One that was registered.
    pins : tuple of HeadPin

    Signals
    -------
    pinned()
        `pins` are others, and the hand rests.
    """

    pinned = Signal()

    def __init__(self, head: Head, pins: tuple[HeadPin, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Head with its landmarks"))
        self.setMouseTracking(True)
        self.head, self.pins, self.view = head, pins, View()
        self.picture: FitPicture | None = None
        self._held: int | None = None
        self._turning: QPointF | None = None
        self._drawing = LatestWork("picture of a fit", self)
        self._drawing.done.connect(self._show)
        self._rests = QTimer(self, interval=_RESTS_MS, singleShot=True)
        self._rests.timeout.connect(self.pinned)

    def sizeHint(self) -> QSize:
        return QSize(600, 460)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, 300)

    @property
    def busy(self) -> bool:
        """A picture is on its way."""
        return self._drawing.busy

    def show_head(self, head: Head) -> None:
        """Show another fit."""
        self.head = head
        self._draw()

    def set_pins(self, pins: tuple[HeadPin, ...]) -> None:
        """Replace all pins."""
        self.pins = pins
        self.update()
        self.pinned.emit()

    def look(self, yaw_deg: float) -> None:
        """Look from the front (0), or from the subject's left (+) or right."""
        self.view = View(yaw_deg=yaw_deg)
        self._draw()

    def place_of(self, landmark: int) -> QPointF | None:
        """Where a landmark is drawn; None before there is a picture, and where the head hides it."""
        picture = self.picture
        if picture is None or not picture.is_seen[landmark]:
            return None
        x, y = picture.landmarks_px[landmark] / self.devicePixelRatioF()
        return QPointF(x, y)

    def close_down(self) -> None:
        """Draw nothing any more."""
        self._rests.stop()
        self._drawing.close()

    # ---- the picture ---------------------------------------------------------------------------------

    def _draw(self) -> None:
        ratio = self.devicePixelRatioF()
        size = max(round(self.width() * ratio), 16), max(round(self.height() * ratio), 16)
        head, view = self.head, self.view

        def work(_control: Control) -> FitPicture:
            return draw_fit(head, view, size)

        self._drawing.ask(work)

    def _show(self, picture: FitPicture) -> None:
        self.picture = picture
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colour("canvas"))
        if self.picture is None:
            painter.setPen(colour("text_soft"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Drawing…"))
            return
        painter.drawImage(QRectF(self.rect()), self.picture.image)
        self._paint_lines(painter)
        held = {pin.landmark for pin in self.pins}
        for landmark in range(len(self.picture.is_seen)):
            at = self.place_of(landmark)
            if at is not None:
                painter.setPen(QPen(QColor(20, 20, 20), 1.0))
                painter.setBrush(colour("accent") if landmark in held else QColor(240, 240, 240))
                painter.drawEllipse(at, *(2 * (POINT_PX + (1.5 if landmark in held else 0),)))
        self._paint_legend(painter)

    def _paint_lines(self, painter: QPainter) -> None:
        painter.setPen(QPen(QColor(240, 240, 240, 120), 1.0))
        for first, end, closes in _LINES:
            numbers = [*range(first, end), *([first] if closes else [])]
            places = [self.place_of(number) for number in numbers]
            for one, other in itertools.pairwise(places):
                if one is not None and other is not None:
                    painter.drawLine(one, other)

    def _paint_legend(self, painter: QPainter) -> None:
        bar = QRectF(14, self.height() - 26, 160, 10)
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

    # ---- the mouse -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        near = self._landmark_near(at)
        if event.button() is Qt.MouseButton.RightButton:
            if any(pin.landmark == near for pin in self.pins):
                self.set_pins(tuple(pin for pin in self.pins if pin.landmark != near))
        elif near is not None and event.button() is Qt.MouseButton.LeftButton:
            self._held = near
        else:
            self._turning = at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._held is not None:
            self._pin(self._held, at)
        elif self._turning is not None:
            way = at - self._turning
            self._turning = at
            pitch = min(max(self.view.pitch_deg + _DEG_PER_PX * way.y(), -80.0), 80.0)
            self.view = replace(self.view, yaw_deg=self.view.yaw_deg - _DEG_PER_PX * way.x(), pitch_deg=pitch)
            self._draw()
        else:
            shape = Qt.CursorShape
            self.setCursor(shape.ArrowCursor if self._landmark_near(at) is None else shape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and self._rests.isActive():
            self._rests.start(0)
        self._held = self._turning = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        zoom = self.view.zoom * _ZOOM_PER_STEP ** (event.angleDelta().y() / 120)
        self.view = replace(self.view, zoom=min(max(zoom, 0.5), _MOST_ZOOM))
        self._draw()
        event.accept()

    def _landmark_near(self, at: QPointF) -> int | None:
        nearest, least = None, GRAB_PX
        for landmark in range(68):
            place = self.place_of(landmark)
            if place is not None and math.hypot(place.x() - at.x(), place.y() - at.y()) <= least:
                nearest, least = landmark, math.hypot(place.x() - at.x(), place.y() - at.y())
        return nearest

    def _pin(self, landmark: int, at: QPointF) -> None:
        """Put a landmark where the pointer is, if that is on the head."""
        picture, ratio = self.picture, self.devicePixelRatioF()
        place = None if picture is None else picture.place_at(at.x() * ratio, at.y() * ratio)
        if picture is None or place is None:
            return
        others = tuple(pin for pin in self.pins if pin.landmark != landmark)
        self.pins = (*others, HeadPin(landmark, place))
        picture.landmarks_px[landmark] = at.x() * ratio, at.y() * ratio
        picture.is_seen[landmark] = True
        self._rests.start(_RESTS_MS)
        self.update()

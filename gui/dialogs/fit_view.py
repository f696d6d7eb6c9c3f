"""The head of the pin dialog: turned with the mouse, its landmarks put where they belong with mouse and keys."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.head.head import Head
from rhytid.core.head.pins import N_LANDMARKS, HeadPin
from rhytid.core.language import tr
from rhytid.gui.controllers.latest_work import LatestWork
from rhytid.gui.dialogs.fit_marks import paint_legend, paint_lines, paint_name
from rhytid.gui.dialogs.fit_picture import FitPicture, View, draw_fit, mirrored_pin
from rhytid.gui.dialogs.landmark_words import LANDMARK_WORDS, MIRRORED
from rhytid.gui.theme import colour

POINT_PX, GRAB_PX = 3.5, 9.0
_DEG_PER_PX = 0.4
_ZOOM_PER_STEP = 1.15
_RESTS_MS = 250
_NUDGE_PX, _FAR_NUDGE_PX = 1, 10
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class FitView(QWidget):
    """Draws a head with its residual as colours and its landmarks, and lets them be dragged.

    Parameters
    ----------
    head : Head
        One that was registered.
    pins : tuple of HeadPin

    Attributes
    ----------
    both_sides : bool
        What is done to a landmark is done to that of the other side, too.

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
        self.both_sides = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._earlier: list[tuple[HeadPin, ...]] = []  # pins before each step
        self._before = pins  # the present drag
        self._held: int | None = None
        self._hot: int | None = None  # under the pointer
        self._chosen: int | None = None  # what the keys move
        self._turning: QPointF | None = None
        self._panning = False
        self._drawing = LatestWork("picture of a fit", self)
        self._drawing.done.connect(self._show)
        self._rests = QTimer(self, interval=_RESTS_MS, singleShot=True)
        self._rests.timeout.connect(self.pinned)

    def sizeHint(self) -> QSize:
        return QSize(660, 460)

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

    def choose(self, landmark: int | None) -> None:
        """Let the keys move this landmark."""
        self._chosen = landmark
        self.update()

    def set_pins(self, pins: tuple[HeadPin, ...]) -> None:
        """Replace all pins, as one step."""
        before = self.pins
        if pins != before:
            self._take(pins)
            self._keep_step(before)

    def undo(self) -> None:
        """Go back to the pins before the last step."""
        if self._earlier:
            self._take(self._earlier.pop())

    def give_up(self) -> bool:
        """End a drag where it began; False where there is none."""
        if self._held is None:
            return False
        self._held = None
        self._rests.stop()
        self._take(self._before)
        return True

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
        head, view, pins = self.head, self.view, self.pins

        def work(_control: Control) -> FitPicture:
            return draw_fit(head, view, size, pins)

        self._drawing.ask(work)

    def _show(self, picture: FitPicture) -> None:
        self.picture = picture
        for pin in self.pins:  # some may have moved meanwhile
            picture.move(pin)
        self.update()

    def _take(self, pins: tuple[HeadPin, ...]) -> None:
        self.pins = pins
        self._draw()
        self.pinned.emit()

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
        paint_lines(painter, [self.place_of(number) for number in range(N_LANDMARKS)])
        held = {pin.landmark for pin in self.pins}
        named = self._hot if self._held is None else self._held
        for landmark in range(N_LANDMARKS):
            at = self.place_of(landmark)
            if at is not None:
                painter.setPen(QPen(QColor(20, 20, 20), 1.0))
                painter.setBrush(colour("accent") if landmark in held else QColor(240, 240, 240))
                painter.drawEllipse(at, *(2 * (POINT_PX + (1.5 if landmark in held else 0),)))
                if landmark in (named, self._chosen):
                    painter.setPen(QPen(QColor(255, 255, 255), 1.5))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawEllipse(at, GRAB_PX, GRAB_PX)
        named = self._chosen if named is None else named
        at = None if named is None else self.place_of(named)
        if named is not None and at is not None:
            paint_name(painter, at, LANDMARK_WORDS[named], self.size())
        paint_legend(painter, self.size())

    # ---- mouse and keys ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        near = self._landmark_near(at)
        buttons = Qt.MouseButton
        if event.button() is buttons.RightButton:
            if near is not None:
                self._free(near)
        elif near is not None and event.button() is buttons.LeftButton:
            self._held, self._before = near, self.pins
            self.choose(near)
        elif event.button() in (buttons.LeftButton, buttons.MiddleButton):
            self._turning = at
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._panning = bool(shifted) or event.button() is buttons.MiddleButton

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._held is not None:
            self._pin(self._held, at)
        elif self._turning is not None:
            way = at - self._turning
            self._turning = at
            self.view = self._panned(way) if self._panning else self._turned(way)
            self._draw()
        else:
            hot = self._landmark_near(at)
            if hot != self._hot:
                self._hot = hot
                shape = Qt.CursorShape
                self.setCursor(shape.ArrowCursor if hot is None else shape.PointingHandCursor)
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._keep_step(self._before)
            if self._rests.isActive():
                self._rests.start(0)
        self._held = self._turning = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        at, side = event.position(), min(self.width(), self.height())
        about = (at.x() - self.width() / 2) / side, (at.y() - self.height() / 2) / side
        self.view = self.view.zoomed(_ZOOM_PER_STEP ** (event.angleDelta().y() / 120), about)
        self._draw()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen, key = self._chosen, event.key()
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif chosen is not None and key in _ARROWS:
            x, y = _ARROWS[key]
            far = _FAR_NUDGE_PX if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _NUDGE_PX
            at = self.place_of(chosen)
            before = self.pins
            if at is not None:
                self._pin(chosen, at + far * QPointF(x, y))
                self._keep_step(before)
        elif chosen is not None and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._free(chosen)
        elif key != Qt.Key.Key_Escape or not self.give_up():
            super().keyPressEvent(event)

    def _keep_step(self, before: tuple[HeadPin, ...]) -> None:
        if self.pins != before:
            self._earlier.append(before)

    def _panned(self, way: QPointF) -> View:
        side = min(self.width(), self.height())
        x, y = self.view.pan
        return replace(self.view, pan=(x + way.x() / side, y + way.y() / side))

    def _turned(self, way: QPointF) -> View:
        pitch = min(max(self.view.pitch_deg + _DEG_PER_PX * way.y(), -80.0), 80.0)
        return replace(self.view, yaw_deg=self.view.yaw_deg - _DEG_PER_PX * way.x(), pitch_deg=pitch)

    def _landmark_near(self, at: QPointF) -> int | None:
        nearest, least = None, GRAB_PX
        for landmark in range(N_LANDMARKS):
            place = self.place_of(landmark)
            if place is not None and math.hypot(place.x() - at.x(), place.y() - at.y()) <= least:
                nearest, least = landmark, math.hypot(place.x() - at.x(), place.y() - at.y())
        return nearest

    def _free(self, landmark: int) -> None:
        gone = {landmark, MIRRORED[landmark]} if self.both_sides else {landmark}
        self.set_pins(tuple(pin for pin in self.pins if pin.landmark not in gone))

    def _pin(self, landmark: int, at: QPointF) -> None:
        """Put a landmark where a point of the picture is, if that is on the head."""
        picture, ratio = self.picture, self.devicePixelRatioF()
        place = None if picture is None else picture.place_at(at.x() * ratio, at.y() * ratio)
        if picture is None or place is None:
            return
        pin = HeadPin(landmark, place)
        other = mirrored_pin(self.head, pin) if self.both_sides else None
        moved = (pin,) if other is None else (pin, other)
        numbers = {one.landmark for one in moved}
        self.pins = (*(one for one in self.pins if one.landmark not in numbers), *moved)
        for one in moved:
            picture.move(one)
        self._rests.start(_RESTS_MS)
        self.update()

"""Pins on the photo: drawn over the viewport, set and moved with the left button, freed with the right one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rhytid.core.head.load import default_head
from rhytid.core.language import tr
from rhytid.gui.controllers.pen_source import Hold, PenPoint
from rhytid.gui.controllers.pin_fit import pin_at
from rhytid.gui.theme import colour
from rhytid.gui.viewport.photo_view import PhotoView

if TYPE_CHECKING:
    from rhytid.core.photo.fit import Pin

PIN_PX, GRAB_PX = 4.0, 9.0
ZOOM_PER_STEP = 1.15


class PinLayer(QWidget):
    """Draws the pins over a viewport and lets every event through."""

    def __init__(self, photo: PhotoView, parent: QWidget) -> None:
        super().__init__(parent)
        self._photo = photo
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        photo.session.pins.changed.connect(self.update)
        self.setVisible(False)

    def place(self) -> None:
        """Cover the viewport while the photo is looked through."""
        self.setGeometry(self.parentWidget().rect())
        self.setVisible(self._photo.layer is not None and not self._photo.edited)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for held, reached in self._places():
            painter.setPen(QPen(colour("accent"), 1.5))
            painter.drawLine(held, reached)
            painter.setPen(QPen(colour("line"), 1.5))
            painter.setBrush(colour("accent"))
            painter.drawRect(QRectF(held.x() - PIN_PX, held.y() - PIN_PX, 2 * PIN_PX, 2 * PIN_PX))

    def _places(self) -> Iterator[tuple[QPointF, QPointF]]:
        """Of each pin: where it is held, and where the head has it."""
        photo, pose = self._photo, self._photo.pose()
        layer = photo.layer
        if layer is None or pose is None:
            return
        for pin in photo.session.pins.pins:
            corners = pose.vertices[pose.head.triangles[pin.triangle]]
            x, y = (float(value) for value in layer.fit.camera.project(pin.barycentric @ corners))
            yield photo.to_widget(*pin.pixel), photo.to_widget(x, y)


class PinHold(Hold):
    """A pin under the hand."""

    def __init__(self, photo: PhotoView, pins: Sequence[Pin], held: int) -> None:
        self._photo = photo
        self._pins = list(pins)
        self._held = held
        photo.session.pins.move(self._pins)

    def moved(self, way: Sequence[PenPoint]) -> bool:
        pixel = self._photo.to_photo(way[-1].position)
        self._pins[self._held] = replace(self._pins[self._held], pixel=pixel)
        self._photo.session.input_arrived(way[-1].time_s)
        self._photo.session.pins.move(self._pins)
        return self._photo.session.pins.active

    def lifted(self) -> None:
        self._photo.session.pins.finish()

    def dropped(self) -> None:
        self._photo.session.pins.cancel()


class PhotoDrag(Hold):
    """The photo moves with the hand."""

    def __init__(self, photo: PhotoView, start: QPointF) -> None:
        self._photo = photo
        self._last = start

    def moved(self, way: Sequence[PenPoint]) -> bool:
        self._photo.move(way[-1].position - self._last)
        self._last = way[-1].position
        return True


def photo_hold(photo: PhotoView, at: PenPoint) -> Hold:
    """What a press on the photo begins: a pin is set, taken hold of or freed, or the photo is moved."""
    near = _pin_near(photo, at.position)
    if at.button is Qt.MouseButton.RightButton:
        if near is not None and _begin(photo, tr("Free pin")):
            pins = list(photo.session.pins.pins)
            del pins[near]
            photo.session.pins.move(pins)
            photo.session.pins.finish()
        return Hold()
    if at.button is not Qt.MouseButton.LeftButton:
        return PhotoDrag(photo, at.position)
    layer, pose = photo.layer, photo.pose()
    assert layer is not None
    if near is not None:
        held = photo.session.pins.pins
        return PinHold(photo, held, near) if _begin(photo, tr("Move pin")) else Hold()
    pin = None if pose is None else pin_at(layer, pose.head, pose.vertices, photo.to_photo(at.position))
    if pin is None:
        return PhotoDrag(photo, at.position)
    if not _begin(photo, tr("Set pin")):
        return Hold()
    return PinHold(photo, (*layer.pins, pin), len(layer.pins))


def _pin_near(photo: PhotoView, position: QPointF) -> int | None:
    """Number of the nearest pin that is near enough."""
    nearest, least = None, GRAB_PX
    for number, pin in enumerate(photo.session.pins.pins):
        offset = photo.to_widget(*pin.pixel) - position
        distance = math.hypot(offset.x(), offset.y())
        if distance <= least:
            nearest, least = number, distance
    return nearest


def _begin(photo: PhotoView, label: str) -> bool:
    """Begin a step of the pins; where the landmarks are not known yet they are looked for first."""
    session, layer, pose = photo.session, photo.layer, photo.pose()
    if layer is None or pose is None or session.photos.active:
        return False
    landmarks = session.photos.landmarks_of(layer)
    if landmarks is None:
        session.post(tr("Finding the landmarks of the photo; set the pin again in a moment"))
        session.photos.look()
        return False
    if pose.head is not default_head():
        session.post(tr("Pins move the head that comes with the program; choose Head > Default Head first"), "warning")
        return False
    return session.pins.begin(label, landmarks, pose.head)

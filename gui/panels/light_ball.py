"""A ball that shows where the key light comes from, and is turned by dragging."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rhytid.core.language import tr
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.gui.theme import colour

Irradiance = Callable[[np.ndarray], np.ndarray]


def sphere_image(
    side_px: int,
    irradiance: Irradiance | None = None,
    key_direction: tuple[float, float, float] | None = None,
    key_intensity: float = 0.0,
    exposure: float = 0.0,
) -> QImage:
    """A matt ball in the light of an environment and of the key light, as a picture with transparent corners.

    Parameters
    ----------
    side_px : int
    irradiance : callable, optional
        Irradiance / pi (N, 3) of unit normals (N, 3); None = a dim even light.
    key_direction : unit vector towards the key light in head space, optional
    key_intensity : float
    exposure : float
        Stops.
    """
    axis = (np.arange(side_px) + 0.5) / side_px * 2.0 - 1.0
    x, y = np.meshgrid(axis, -axis)
    squared = x * x + y * y
    z = np.sqrt(np.clip(1.0 - squared, 0.0, 1.0))
    normals = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    light = irradiance(normals) if irradiance is not None else np.full((len(normals), 3), 0.12)
    if key_direction is not None:
        light = light + np.clip(normals @ np.asarray(key_direction), 0.0, None)[:, None] * key_intensity / math.pi
    bright = 0.7 * np.clip(light, 0.0, None) * 2.0**exposure
    # The exponential rolls off, so that a strong lamp does not burn the ball out.
    shaded = srgb_from_linear(1.0 - np.exp(-bright)).reshape(side_px, side_px, 3)
    cover = np.clip((1.0 - np.sqrt(squared)) * side_px / 2.0 + 0.5, 0.0, 1.0)
    rgba = np.concatenate([shaded, cover[..., None]], axis=-1)
    pixels = np.ascontiguousarray(np.round(rgba * 255.0).astype(np.uint8))
    return QImage(pixels.data, side_px, side_px, 4 * side_px, QImage.Format.Format_RGBA8888).copy()


def direction_of(yaw_deg: float, pitch_deg: float) -> tuple[float, float, float]:
    """Unit vector towards a light, in head space (X the subject's left, Y up, Z forward)."""
    yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
    return math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)


class LightBall(QWidget):
    """Drag over the ball to turn the light; the rim is the side, a drag with the right button goes behind.

    Signals
    -------
    direction_changing(float, float), drag_finished(), reset_requested()
        Yaw and pitch in degrees.
    """

    direction_changing = Signal(float, float)
    drag_finished = Signal()
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.yaw_deg, self.pitch_deg = 0.0, 0.0
        self._irradiance: Irradiance | None = None
        self._intensity, self._exposure = 1.0, 0.0
        self._image: QImage | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(tr("Direction of the key light"))
        self.setToolTip(
            tr("Direction of the key light: drag over the ball.\nRight button: light from behind. "
               "Arrow keys turn by 5°, double click resets.")
        )

    def sizeHint(self) -> QSize:
        return QSize(104, 104)

    def show_light(
        self, yaw_deg: float, pitch_deg: float, intensity: float, exposure: float, irradiance: Irradiance | None
    ) -> None:
        """Show a light without telling anyone."""
        shown = (self.yaw_deg, self.pitch_deg, self._intensity, self._exposure, self._irradiance)
        if shown != (yaw_deg, pitch_deg, intensity, exposure, irradiance) or self._image is None:
            self.yaw_deg, self.pitch_deg = yaw_deg, pitch_deg
            self._intensity, self._exposure, self._irradiance = intensity, exposure, irradiance
            self._image = None
            self.update()

    def _ball(self) -> QRectF:
        side = min(self.width(), self.height()) - 8.0
        return QRectF((self.width() - side) / 2.0, (self.height() - side) / 2.0, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ball = self._ball()
        direction = direction_of(self.yaw_deg, self.pitch_deg)
        if self._image is None:
            self._image = sphere_image(round(ball.width() * self.devicePixelRatioF()), self._irradiance, direction,
                                       self._intensity, self._exposure)  # fmt: skip
        painter.drawImage(ball, self._image)
        painter.setPen(QPen(colour("focus" if self.hasFocus() else "line"), 1.5))
        painter.drawEllipse(ball)
        spot = ball.center() + QPointF(direction[0], -direction[1]) * (ball.width() / 2.0)
        behind = direction[2] < 0.0
        painter.setPen(QPen(colour("line"), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush if behind else colour("accent"))
        if behind:
            painter.setPen(QPen(colour("accent"), 2.0))
        painter.drawEllipse(spot, 5.0, 5.0)

    def _aim(self, position: QPointF, behind: bool) -> None:
        ball = self._ball()
        x = (position.x() - ball.center().x()) / (ball.width() / 2.0)
        y = -(position.y() - ball.center().y()) / (ball.width() / 2.0)
        length = math.hypot(x, y)
        if length > 0.999:
            x, y = x / length * 0.999, y / length * 0.999
        z = math.sqrt(max(1.0 - x * x - y * y, 0.0)) * (-1.0 if behind else 1.0)
        self._turn_to(math.degrees(math.atan2(x, z)), math.degrees(math.asin(y)))

    def _turn_to(self, yaw_deg: float, pitch_deg: float) -> None:
        yaw_deg = round((yaw_deg + 180.0) % 360.0 - 180.0, 1)
        pitch_deg = round(min(max(pitch_deg, -90.0), 90.0), 1)
        if (yaw_deg, pitch_deg) != (self.yaw_deg, self.pitch_deg):
            self.direction_changing.emit(yaw_deg, pitch_deg)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton) and not self._dragging:
            self._dragging = True
            self._aim(event.position(), event.button() == Qt.MouseButton.RightButton)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._aim(event.position(), bool(event.buttons() & Qt.MouseButton.RightButton))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._dragging and not event.buttons():
            self._dragging = False
            self.drag_finished.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_requested.emit()

    def contextMenuEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        event.accept()  # the right button aims from behind

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turn = {
            Qt.Key.Key_Left: (-5.0, 0.0), Qt.Key.Key_Right: (5.0, 0.0),
            Qt.Key.Key_Up: (0.0, 5.0), Qt.Key.Key_Down: (0.0, -5.0),
        }.get(Qt.Key(event.key()))  # fmt: skip
        if turn is None:
            super().keyPressEvent(event)
            return
        self._turn_to(self.yaw_deg + turn[0], self.pitch_deg + turn[1])
        self.drag_finished.emit()

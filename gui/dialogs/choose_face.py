"""Which of several faces in a photo is meant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.theme import colour
from rhytid.gui.widgets.labels_and_buttons import text_label

Box = tuple[float, float, float, float]
_SIDE_PX = 560
_NUMBER_PX = 20


class FaceChoice(QWidget):
    """The photo with a numbered box round each face; a click, a digit or an arrow key chooses.

    Signals
    -------
    accepted()
        A double click on a face.
    """

    accepted = Signal()

    def __init__(self, pixels: npt.NDArray[np.uint8], boxes: Sequence[Box]) -> None:
        super().__init__()
        height, width = pixels.shape[:2]
        image = QImage(np.ascontiguousarray(pixels).data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._scale = _SIDE_PX / max(width, height)
        size = QSize(round(width * self._scale), round(height * self._scale))
        smooth = Qt.TransformationMode.SmoothTransformation
        self._image = image.scaled(size * self.devicePixelRatioF(), Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        self._boxes = [QRectF(*(value * self._scale for value in box)) for box in boxes]
        self.chosen = 0
        self.setFixedSize(size)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Faces in the photo"))

    def choose(self, number: int) -> None:
        """Choose a face, counted from 0."""
        if 0 <= number < len(self._boxes):
            self.chosen = number
            self.update()

    def face_at(self, position: QPointF) -> int | None:
        """The smallest box under a point."""
        under = [number for number, box in enumerate(self._boxes) if box.contains(position)]
        return min(under, key=lambda number: self._boxes[number].width(), default=None)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawImage(QRectF(self.rect()), self._image)
        for number, box in enumerate(self._boxes):
            name = "accent" if number == self.chosen else "text"
            painter.setPen(QPen(colour(name), 3.0 if number == self.chosen else 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
            plate = QRectF(box.topLeft(), QSize(_NUMBER_PX, _NUMBER_PX))
            painter.fillRect(plate, colour(name))
            painter.setPen(colour("line"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, str(number + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.face_at(event.position())
        if number is not None:
            self.choose(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.face_at(event.position()) is not None:
            self.accepted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None:
            self.choose((self.chosen + step) % len(self._boxes))
        elif event.text().isdigit():
            self.choose(int(event.text()) - 1)
        else:
            super().keyPressEvent(event)


class ChooseFaceDialog(Dialog):
    """Asks which face of a photo is meant; the likeliest is chosen at first."""

    def __init__(
        self, name: str, pixels: npt.NDArray[np.uint8], boxes: Sequence[Box], parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Several faces"), tr("Use This Face"), parent)
        label = text_label("")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(tr("{0} shows {1} faces. Which one?", shown(name), len(boxes)))
        self.body.addWidget(label)
        self.choice = FaceChoice(pixels, boxes)
        self.choice.accepted.connect(self.accept)
        self.body.addWidget(self.choice, 0, Qt.AlignmentFlag.AlignHCenter)
        self.finish_layout()
        self.choice.setFocus()

    def chosen(self) -> int:
        """Number of the face, counted from 0."""
        return self.choice.chosen

"""A row of thumbnails of the photos of one person: which of them is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.photo.layer import PhotoLayer

_SIDE_PX = 44


class PhotoChoice(QWidget):
    """Hidden while there is one photo only.

    Parameters
    ----------
    thumbnails : mapping of str to QImage
        By the photo's digest; what is missing comes later.

    Signals
    -------
    chosen(number)
    """

    chosen = Signal(int)

    def __init__(self, thumbnails: Mapping[str, QImage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.buttons: list[QToolButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 0, 6, 4)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self.setVisible(False)

    def show_photos(self, photos: Sequence[PhotoLayer], number: int) -> None:
        """Show these photos, of which that with `number` is looked at."""
        while len(self.buttons) > len(photos):
            self.buttons.pop().deleteLater()
        while len(self.buttons) < len(photos):
            button = QToolButton()
            button.setCheckable(True)
            button.setIconSize(QSize(_SIDE_PX, _SIDE_PX))
            button.clicked.connect(lambda _on, button=button: self._click(button))
            self._row.insertWidget(len(self.buttons), button)
            self.buttons.append(button)
        for button, photo in zip(self.buttons, photos, strict=True):
            button.setProperty("number", photo.number)
            button.setChecked(photo.number == number)
            button.setToolTip(tr("{0}\nLook at this photo: its expression, light and pins", shown(photo.name)))
            button.setAccessibleName(tr("Photo {0}", photo.number + 1))
            image = self._thumbnails.get(photo.digest)
            pixmap = QPixmap() if image is None else fitting(image, _SIDE_PX, self.devicePixelRatioF())
            button.setIcon(QIcon(pixmap))
        self.setVisible(len(photos) > 1)

    def _click(self, button: QToolButton) -> None:
        button.setChecked(True)  # one of them always is
        self.chosen.emit(button.property("number"))


def fitting(image: QImage, side_px: int, ratio: float) -> QPixmap:
    """A picture that fits into a square of logical pixels."""
    side = round(side_px * ratio)
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    small = QPixmap.fromImage(image.scaled(side, side, keep, smooth))
    small.setDevicePixelRatio(ratio)
    return small

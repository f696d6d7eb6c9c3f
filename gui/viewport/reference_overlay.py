"""A reference picture over the view, which the pointer does not notice."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget


class ReferenceOverlay(QWidget):
    """Fits the picture into its parent and keeps its proportions.

    Parameters
    ----------
    viewport : QWidget
    """

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.setObjectName("referenceOverlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._image: QImage | None = None
        self._opacity = 0.0
        viewport.installEventFilter(self)
        self.hide()

    def show_picture(self, image: QImage | None, opacity: float) -> None:
        """Lay `image` over the view; None takes it away."""
        self._image, self._opacity = image, opacity
        self.setVisible(image is not None and opacity > 0.0)
        self._follow()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._follow()
        return False

    def _follow(self) -> None:
        self.setGeometry(self.parentWidget().rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(self._opacity)
        size = QSizeF(self._image.size()).scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(),
                     size.height())  # fmt: skip
        painter.drawImage(box, self._image)

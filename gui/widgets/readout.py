"""Numbers beside the pointer while a drag changes them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QWidget

_ASIDE_PX = 22


class Readout(QLabel):
    """A small label over a surface; the pointer does not notice it.

    Parameters
    ----------
    surface : QWidget
    """

    def __init__(self, surface: QWidget) -> None:
        super().__init__(surface)
        self.setObjectName("readout")
        self.setProperty("role", "readout")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def tell(self, at: QPointF | None, text: str) -> None:
        """Show `text` beside a point of the surface; None hides it."""
        if at is None:
            self.hide()
            return
        self.setText(text)
        self.adjustSize()
        room = self.parentWidget().size() - self.size()
        place = at.toPoint()
        self.move(max(min(place.x() + _ASIDE_PX, room.width()), 0), max(place.y() - self.height() - _ASIDE_PX, 0))
        self.show()
        self.raise_()

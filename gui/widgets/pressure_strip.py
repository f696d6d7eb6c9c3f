"""A strip that shows what curves make of a pen's pressure."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTabletEvent
from PySide6.QtWidgets import QWidget

from rhytid.core.language import tr
from rhytid.core.lines.response import LINEAR, Response
from rhytid.gui.theme import colour


class PressureStrip(QWidget):
    """A sample line of rising and falling pressure, and what a pen draws over it.

    Attributes
    ----------
    depth, width_of : Response
        What the pressure makes of both.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.depth = self.width_of = LINEAR
        self._drawn: list[tuple[QPointF, float]] = []
        self.setFixedHeight(40)
        self.setTabletTracking(True)
        self.setAccessibleName(tr("Test strip"))
        self.setToolTip(tr("What light and firm pressure draw; try your pen here"))

    def show_curves(self, depth: Response, width: Response) -> None:
        """Draw with these."""
        self.depth, self.width_of = depth, width
        self.update()

    def tabletEvent(self, event: QTabletEvent) -> None:
        if event.type() == QTabletEvent.Type.TabletPress:
            self._drawn.clear()
        if event.pressure() > 0:
            self._drawn.append((event.position(), event.pressure()))
        event.accept()
        self.update()

    def sample(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x and y in pixels and pressure of the line that is shown, (N,) each."""
        if len(self._drawn) > 1:
            places = np.array([(at.x(), at.y()) for at, _ in self._drawn])
            return places[:, 0], places[:, 1], np.array([pressure for _, pressure in self._drawn])
        share = np.linspace(0, 1, 80)
        wave = self.height() * (0.5 + 0.12 * np.sin(2 * np.pi * share))
        return 8 + share * (self.width() - 16), wave, 1 - np.abs(2 * share - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colour("field"))
        x, y, pressure = self.sample()
        depth, breadth = self.depth.at(pressure), self.width_of.at(pressure)
        painter.setPen(Qt.PenStyle.NoPen)
        for at in np.argsort(depth).tolist():
            ink = colour("accent")
            ink.setAlphaF(float(0.08 + 0.92 * depth[at]))
            radius = max(float(breadth[at]) * 7.0, 0.6)
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(float(x[at]), float(y[at])), radius, radius)

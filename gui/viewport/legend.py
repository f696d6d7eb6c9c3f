"""The colour bar of the false colour views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render.colormaps import diverging
from rhytid.gui.render.view_mode import ViewMode

WIDTH_PX, HEIGHT_PX, MARGIN_PX = 300, 62, 12
GIZMO_PX = 140  # kept free on the other side


@dataclass(frozen=True)
class Legend:
    """Colours and what they mean.

    Attributes
    ----------
    title : str
        Quantity and unit.
    stops : sequence of (0..1, QColor)
        From the low end to the high one.
    labels : (str, str, str)
        At the low end, the middle and the high end.
    """

    title: str
    stops: Sequence[tuple[float, QColor]]
    labels: tuple[str, str, str]


def legend_of(mode: ViewMode, displacement_range_mm: float, tension_range: float) -> Legend | None:
    """Legend of a view mode; None for views that show no quantity."""
    if mode is ViewMode.DISPLACEMENT:
        r = displacement_range_mm
        title, low, high = tr("Displacement (mm)"), f"\u2212{r:g}", f"+{r:g}"
    elif mode is ViewMode.TENSION:
        title, low, high = tr("Tension"), f"stretched {tension_range:.0%}", f"squeezed {tension_range:.0%}"
    else:
        return None
    colours = diverging()
    stops = [(i / 16, QColor(*(int(c) for c in colours[round(i / 16 * 255)]))) for i in range(17)]
    return Legend(title, stops, (low, "0", high))


def shown_mode(session: EditorSession) -> ViewMode:
    """What shows on the surface: the chosen view, or the difference of A and B in the colours of displacement."""
    return ViewMode.DISPLACEMENT if session.comparison.shows_difference else ViewMode(session.view.view_mode)


def shown_range_mm(session: EditorSession) -> float:
    """What the colours of displacement span, minus to plus, in mm."""
    comparison = session.comparison
    return comparison.difference_um / 1000 if comparison.shows_difference else session.view.displacement_range_mm


def shown_legend(session: EditorSession, tension_range: float) -> Legend | None:
    """Legend of what shows on the surface; None where that is no quantity."""
    legend = legend_of(shown_mode(session), shown_range_mm(session), tension_range)
    if legend is None or not session.comparison.shows_difference:
        return legend
    um = session.comparison.difference_um
    return replace(legend, title=tr("B less A (µm)"), labels=(f"\u2212{um:g}", "0", f"+{um:g}"))


class LegendBar(QWidget):
    """Lies over the upper left of its parent; mouse events go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._legend: Legend | None = None
        self.hide()

    def set_legend(self, legend: Legend | None) -> None:
        """Show a legend; None hides the bar."""
        self._legend = legend
        self.setVisible(legend is not None)
        self.place()
        self.update()

    def place(self) -> None:
        """Follow the parent's size."""
        parent = self.parentWidget()
        width = min(WIDTH_PX, parent.width() - GIZMO_PX)
        self.setGeometry(MARGIN_PX, MARGIN_PX, width, HEIGHT_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._legend is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(24, 24, 24, 200))
        painter.drawRoundedRect(self.rect(), 4, 4)
        bar = QRectF(12, 26, self.width() - 24, 9)
        gradient = QLinearGradient(bar.left(), 0, bar.right(), 0)
        for position, colour in self._legend.stops:
            gradient.setColorAt(position, colour)
        painter.setBrush(gradient)
        painter.drawRect(bar)
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(225, 225, 225))
        painter.drawText(QRectF(12, 6, bar.width(), 16), Qt.AlignmentFlag.AlignLeft, self._legend.title)
        row = QRectF(12, 40, bar.width(), 16)
        flags = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, flag in zip(self._legend.labels, flags, strict=True):
            painter.drawText(row, flag, text)
        painter.end()

"""Real mouse events on slider rows, for tests."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from rhytid.gui.widgets.slider_row import SliderRow


def point_at(row: SliderRow, share: float) -> QPoint:
    """Point of the groove at a share of its length."""
    groove = row.groove_rect()
    return QPointF(groove.left() + share * groove.width(), groove.center().y()).toPoint()


def drag(row: SliderRow, start: float, end: float, steps: int = 6, release: bool = True) -> None:
    """Press at one share of the groove, move to another, release."""
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=point_at(row, start))
    for step in range(1, steps + 1):
        QTest.mouseMove(row, point_at(row, start + (end - start) * step / steps))
    if release:
        QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=point_at(row, end))


def wheel(widget: QWidget, notches: float, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
          at: QPointF | None = None) -> QWheelEvent:  # fmt: skip
    """Send a wheel event and return it, accepted or not."""
    centre = at if at is not None else QPointF(widget.rect().center())
    place = QPointF(widget.mapToGlobal(centre.toPoint()))
    event = QWheelEvent(centre, place, QPoint(), QPoint(0, round(120 * notches)),
                        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


def double_click(row: SliderRow, share: float) -> None:
    """A double click as the window system sends it: press, release, double click, release."""
    position = point_at(row, share)
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=position)
    QTest.mouseDClick(row, Qt.MouseButton.LeftButton, pos=position)

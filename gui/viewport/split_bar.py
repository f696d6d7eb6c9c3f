"""The divider between A and B with its badges, over the viewport."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QWidget

from rhytid.core.language import tr
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.theme import colour

GRAB_PX = 5  # on both sides of the line
GRIP_PX = 11  # half its height
BADGE_GAP_PX = 10
BADGE_ABOVE_PX = 66  # clear of the message bar
LINE = QColor(235, 235, 235)
SHADE = QColor(0, 0, 0, 110)


class SplitBar(QWidget):
    """A line that is dragged with the left button; every other press goes to the viewport below.

    Parameters
    ----------
    parent : QWidget
        The viewport, which gets the keyboard when the line is pressed.
    """

    def __init__(self, session: EditorSession, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("splitBar")
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setMouseTracking(True)
        self.setToolTip("")
        self.setAccessibleName(tr("Divider between A and B"))
        self._session = session
        self._grabbed: tuple[float, float] | None = None  # offset of the pointer from the line; position before
        self._hot = False
        self.badges = Badge("A", parent), Badge("B", parent)
        session.comparison.events.connect(lambda _info: self.follow())
        session.view.events.in_photo.connect(lambda _on: self.follow())
        session.document.state_changed.connect(lambda _new, _old: self._name_sides())
        session.engine_choices.changed.connect(self._name_sides)
        self.follow()

    def follow(self) -> None:
        """Show the comparison as it is now."""
        comparison = self._session.comparison
        undivided = self._session.view.in_photo  # a photo has no A
        self.setVisible(comparison.divided and not undivided)
        for badge, shown in zip(self.badges, (comparison.divider is not None, comparison.divided), strict=True):
            badge.setVisible(shown and not undivided)
        if comparison.divider is not None:
            self._name_sides()

    def place(self) -> None:
        """Follow the parent's size and the divider."""
        comparison, parent = self._session.comparison, self.parentWidget()
        width, height = parent.width(), parent.height()
        x = round(comparison.position * width)
        self.setGeometry(x - GRAB_PX, 0, 2 * GRAB_PX + 1, height)
        a, b = self.badges
        top = height - BADGE_ABOVE_PX - a.height()
        a.move(max(x - BADGE_GAP_PX - a.width(), 4) if comparison.divided else 12, top)
        b.move(min(x + BADGE_GAP_PX, width - b.width() - 4), top)

    @property
    def dragged(self) -> bool:
        return self._grabbed is not None

    def cancel(self) -> bool:
        """Put the divider back to where the drag took it; False when none is going on."""
        if self._grabbed is None:
            return False
        self._session.comparison.move_divider(self._grabbed[1])
        self._grabbed = None
        return True

    def _name_sides(self) -> None:
        comparison, engines = self._session.comparison, self._session.engine_choices
        if comparison.kept is None:
            return
        for badge, state in zip(self.badges, (comparison.kept.state, self._session.document.state), strict=True):
            badge.tell(f"{engines.title(engines.drawing(state))}, {state.age:.0f} y")
        self.place()

    # ---- mouse ---------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if event.button() != Qt.MouseButton.LeftButton or not plain:
            event.ignore()  # turns the camera
            return
        self.parentWidget().setFocus(Qt.FocusReason.MouseFocusReason)
        self._grabbed = event.position().x() - GRAB_PX, self._session.comparison.position

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            x = self.mapToParent(event.position()).x() - self._grabbed[0]
            self._session.comparison.move_divider(x / max(self.parentWidget().width(), 1))
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._grabbed is not None:
            self._grabbed = None
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._session.comparison.move_divider(0.5)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hot = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: object) -> None:
        self._hot = False
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = GRAB_PX + 0.5
        line = colour("accent") if self._hot or self.dragged else LINE
        painter.setPen(QPen(SHADE, 3))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        painter.setPen(QPen(line, 1))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        middle = self.height() / 2
        painter.setPen(QPen(SHADE, 1))
        painter.setBrush(line)
        painter.drawRoundedRect(QRectF(x - 5, middle - GRIP_PX, 10, 2 * GRIP_PX), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(50, 50, 50))
        for side in (-1, 1):
            tip, back = QPointF(x + side * 3.6, middle), x + side * 1.2
            painter.drawPolygon(QPolygonF([tip, QPointF(back, middle - 3), QPointF(back, middle + 3)]))
        painter.end()


class Badge(QLabel):
    """The letter of a side and what draws it; mouse events go through it."""

    def __init__(self, letter: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"badge{letter}")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setStyleSheet("QLabel { background: rgba(24, 24, 24, 205); border-radius: 4px; padding: 3px 8px; }")
        self.letter = letter
        self._told = ""
        self.hide()

    def take_theme(self) -> None:
        self.tell(self._told)

    def tell(self, text: str) -> None:
        """Say what the side shows."""
        self._told = text
        soft, accent = colour("text_soft").name(), colour("accent").name()
        side = f'<b style="color: {accent}">{self.letter}</b>'
        self.setText(f'{side}&nbsp; <span style="color: {soft}">{escape(text)}</span>')
        self.adjustSize()

"""A plain widget that a pen source listens to, for tests without OpenGL."""

from __future__ import annotations

from collections.abc import Sequence

from pen_hands import Hands
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from rhytid.gui.controllers.pen_source import Hold, PenPoint, PenSource


class Noted(Hold):
    """A hold that notes what becomes of it."""

    def __init__(self, at: PenPoint) -> None:
        self.points = [at]
        self.end = ""
        self.goes_on = True

    def moved(self, way: Sequence[PenPoint]) -> bool:
        assert not self.end
        self.points += way
        return self.goes_on

    def lifted(self) -> None:
        self.end += "kept"

    def dropped(self) -> None:
        self.end += "dropped"


class Rig:
    """A window with a surface and a line edit beside it."""

    def __init__(self, qtbot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        column = QVBoxLayout(self.window)
        self.edit, self.surface = QLineEdit(), QWidget()
        self.surface.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.surface.setMouseTracking(True)
        column.addWidget(self.edit)
        column.addWidget(self.surface, 1)
        self.window.resize(300, 300)
        self.holds: list[Noted] = []
        self.hovers: list[QPointF | None] = []
        self.refuses = False
        self.source = PenSource(self.surface, self._pressed, self.hovers.append)
        self.hands = Hands(self.surface)
        with qtbot.waitExposed(self.window):
            self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow, timeout=5000)

    def _pressed(self, at: PenPoint) -> Hold | None:
        if self.refuses:
            return None
        self.holds.append(Noted(at))
        return self.holds[-1]

    @property
    def ends(self) -> list[str]:
        return [hold.end for hold in self.holds]

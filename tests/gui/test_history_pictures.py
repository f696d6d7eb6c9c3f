"""Pictures of the history's steps: which are drawn, when, in which order, and what they take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from rhytid.core.document.commands import SetAge
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.gui.controllers import history_pictures
from rhytid.gui.controllers.history_pictures import HistoryPictures
from rhytid.gui.panels.history import HistoryPanel


class Painter:
    """Paints the age as a grey; waits at the gate before each."""

    def __init__(self) -> None:
        self.ages: list[float] = []
        self.begun = 0
        self.gate = threading.Event()
        self.gate.set()

    @contextmanager
    def open(self):
        yield self

    def picture(self, state: DocumentState, cancelled: Callable[[], bool]) -> np.ndarray | None:
        self.begun += 1
        while not self.gate.wait(0.01):
            if cancelled():
                raise history_pictures.Cancelled
        self.ages.append(state.age)
        return None if state.head.path else np.full((64, 64, 3), state.age, np.uint8)


@pytest.fixture
def painter(monkeypatch) -> Painter:
    monkeypatch.setattr(history_pictures, "REST_MS", 30)
    return Painter()


@pytest.fixture
def made(qapp, painter, qtbot):
    """A document, its pictures and the panel that shows them."""
    document = Document()
    pictures = HistoryPictures(document, lambda: True, painter.open)
    panel = HistoryPanel(document, pictures)
    qtbot.addWidget(panel)
    panel.resize(320, 300)
    panel.show()
    yield document, pictures, panel
    painter.gate.set()
    pictures.close()


def grey(panel: HistoryPanel, row: int) -> int:
    """What the middle of a step's picture looks like."""
    image = panel.list.item(row).icon().pixmap(44).toImage()
    return image.pixelColor(image.rect().center()).red()


def test_each_step_in_sight_gets_its_picture_latest_first(made, painter, qtbot):
    document, _pictures, panel = made
    for age in (20.0, 40.0, 60.0):
        document.execute(SetAge(age))
    assert painter.ages == []  # never while the hand works
    qtbot.waitUntil(lambda: grey(panel, 0) == 30)
    assert painter.ages == [60.0, 40.0, 20.0, 30.0]
    assert [grey(panel, row) for row in range(4)] == [30, 20, 40, 60]
    document.undo()
    document.redo()
    qtbot.wait(80)
    assert len(painter.ages) == 4  # going there and back draws nothing anew


def test_steps_of_a_busy_hand_wait_until_it_rests(made, painter, qtbot, monkeypatch):
    document, pictures, _panel = made
    monkeypatch.setattr(pictures, "_at_rest", lambda: False)
    document.execute(SetAge(50.0))
    qtbot.wait(120)
    assert painter.ages == []  # the face on the screen comes first
    monkeypatch.setattr(pictures, "_at_rest", lambda: True)
    painter.gate.clear()
    qtbot.waitUntil(lambda: painter.begun == 1)
    document.execute(SetAge(51.0))
    document.execute(SetAge(52.0))
    painter.gate.set()
    qtbot.waitUntil(lambda: len(painter.ages) == 4)
    assert painter.ages[1] == 52.0  # what was waiting gave way to the latest


def test_hidden_steps_are_not_drawn(made, painter, qtbot):
    document, _pictures, panel = made
    panel.hide()
    document.execute(SetAge(50.0))
    qtbot.wait(120)
    assert painter.ages == []
    panel.show()
    qtbot.waitUntil(lambda: len(painter.ages) == 2)
    for age in range(20, 60):
        document.execute(SetAge(float(age)))
    qtbot.waitUntil(lambda: 59.0 in painter.ages)
    qtbot.wait(120)
    assert 20.0 not in painter.ages  # far above what is in sight
    panel.list.scrollToTop()
    qtbot.waitUntil(lambda: 20.0 in painter.ages)


def test_pictures_stay_within_their_bound_and_go_with_their_steps(made, painter, qtbot, monkeypatch):
    document, pictures, panel = made
    bound = 9 * 64 * 64 * 3
    monkeypatch.setattr(history_pictures, "KEPT_BYTES", bound)
    for age in range(40, 60):
        document.execute(SetAge(float(age)))
    qtbot.waitUntil(lambda: 59.0 in painter.ages)
    panel.list.scrollToTop()
    qtbot.waitUntil(lambda: grey(panel, 0) == 30)
    assert 0 < pictures.kept_bytes <= bound
    document.go_to(0)
    document.execute(SetAge(33.0))
    there = [pictures.picture(one) is not None for one in document.entry_ids]
    assert there == [True, False]
    assert pictures.kept_bytes == 64 * 64 * 3


def test_a_step_that_cannot_be_drawn_is_asked_for_once(made, painter, qtbot):
    document, pictures, _panel = made
    document.new(DocumentState(head=HeadReference("gone.obj")))
    document.execute(SetAge(40.0))
    qtbot.waitUntil(lambda: len(painter.ages) == 2)
    qtbot.wait(100)
    assert len(painter.ages) == 2
    assert pictures.kept_bytes == 0


def test_the_pointer_on_a_step_shows_it_large_and_a_click_goes_there(made, qtbot):
    document, _pictures, panel = made
    document.execute(SetAge(60.0))
    qtbot.waitUntil(lambda: grey(panel, 0) == 30)
    place = panel.list.visualItemRect(panel.list.item(0)).center()
    view = panel.list.viewport()
    QApplication.sendEvent(view, QHelpEvent(QHelpEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert "<img" in QToolTip.text()
    QToolTip.hideText()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert document.state.age == 30.0

"""The page of the start and the tour, by hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.commands import ApplyExpressionPreset, SetAge
from rhytid.gui.dialogs.tour import STEPS

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(driver, asked):
    """The page; work that is lost is let go."""
    driver.window.actions_by_name["welcome"].trigger()
    yield driver.window.first_minute.page
    driver.window.first_minute.page.hide()


@pytest.mark.parametrize(("name", "age", "smiles"), [
    ("start_young", 22, False), ("start_smiling", 45, True), ("start_old", 70, False)])  # fmt: skip
def test_a_starter_begins_a_face(driver, page, name, age, smiles):
    assert not page.starters[name].icon().isNull()
    QTest.mouseClick(page.starters[name], LEFT)
    assert not page.isVisible()
    state = driver.document.state
    assert state.age == age
    assert (state.expression[ARKIT_INDEX["mouthSmileLeft"]] > 0.3) is smiles
    assert not driver.document.is_modified
    assert not driver.document.can_undo


def test_escape_goes_on_with_the_face_that_is_there(driver, page):
    before = driver.document.state
    over = driver.viewport.mapTo(driver.window, driver.viewport.rect().center())
    assert page.geometry().center().x() == pytest.approx(over.x(), abs=2)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert driver.document.state is before


def test_the_page_stays_inside_a_window_whose_panels_leave_the_face_little_room(driver, page):
    window, size = driver.window, driver.window.size()
    window.resize(900, 600)
    driver.settle()
    assert window.rect().contains(page.geometry())
    assert driver.viewport.width() < page.width() or driver.viewport.width() > 900 // 2
    window.resize(size)
    driver.settle()


def test_recent_projects_are_opened_and_missing_ones_left_out(driver, asked, tmp_path, monkeypatch):
    there = tmp_path / "anna.rhytid"
    there.write_bytes(b"")
    monkeypatch.setattr(driver.session.preferences.store, "_values", {
        "files/recent": [str(there), str(tmp_path / "gone.rhytid")]})  # fmt: skip
    opened = []
    monkeypatch.setattr(driver.window.first_minute, "_open_path", opened.append)
    driver.window.actions_by_name["welcome"].trigger()
    page = driver.window.first_minute.page
    assert [entry.text() for entry in page.recent] == ["anna.rhytid"]
    QTest.mouseClick(page.recent[0], LEFT)
    assert opened == [there]


def test_the_page_can_stay_away(driver, page):
    preferences = driver.session.preferences
    page.hide()
    assert driver.window.first_minute.at_start()
    QTest.mouseClick(driver.window.first_minute.page.again, LEFT, pos=QPoint(8, 8))
    assert not preferences.welcome
    driver.window.first_minute.page.hide()
    assert not driver.window.first_minute.at_start()
    assert not driver.window.first_minute.page.isVisible()
    preferences.welcome = True


def test_the_tour_waits_for_the_hand_and_ends(driver):
    driver.window.actions_by_name["tour"].trigger()
    card = driver.window.first_minute.card
    assert card.at == 0
    driver.wait_s(0.2)
    assert card.at == 0, "it waits"
    middle = driver.at((0.5, 0.5))
    driver.drag([middle, middle + QPoint(20, 0), middle + QPoint(50, 0)], Qt.MouseButton.RightButton)
    assert card.at == 1
    driver.document.execute(ApplyExpressionPreset("smile"))
    assert card.at == 2
    driver.settle()
    driver.draw((0.42, 0.14), (0.52, 0.14))
    assert card.at == 3
    driver.document.execute(SetAge(60))
    assert card.at == 4
    driver.key("z", Qt.KeyboardModifier.ControlModifier)
    assert card.at == len(STEPS)
    QTest.mouseClick(card.skip, LEFT)
    driver.wait(lambda: driver.window.first_minute.card is None)

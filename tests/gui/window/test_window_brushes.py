"""Brushes by mouse and keys: taken, kept, renamed, deleted; and a stroke that is drawn with one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from rhytid.core.lines.stroke import Profile
from rhytid.gui.controllers.tool_settings import Tool

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def brushes(driver):
    dock = driver.window.docks["tool"]
    dock.show()
    dock.raise_()
    group = dock.build().brushes
    driver.session.tools.tool = Tool.BRUSH
    driver.wait(lambda: group.list.isVisible() and all(not icon_is_empty(group, row) for row in range(8)))
    return group


def icon_is_empty(group, row: int) -> bool:
    return group.list.item(row).data(Qt.ItemDataRole.UserRole) not in group._pictures


def names(group) -> list[str]:
    return [group.list.item(row).text() for row in range(group.list.count())]


def click(group, name: str) -> None:
    item = group.list.item(names(group).index(name))
    group.list.scrollToItem(item)
    QTest.mouseClick(group.list.viewport(), LEFT, pos=group.list.visualItemRect(item).center())


def test_a_brush_is_taken_and_draws(driver, brushes, errors):
    click(brushes, "Fresh scar")
    driver.draw((0.35, 0.55), (0.42, 0.60))
    stroke = driver.document.state.strokes[-1]
    assert (stroke.profile, stroke.depth_mm, stroke.tint) == (Profile.SCAR, -0.25, 0.5)
    assert stroke.width == pytest.approx(0.013)
    brushes.list.setFocus()
    click(brushes, "Crease")
    QTest.keyClick(brushes.list, Qt.Key.Key_Right)
    QTest.keyClick(brushes.list, Qt.Key.Key_Return)
    assert driver.session.tools.profile is Profile.FOLD
    assert errors == []


def test_the_pen_is_kept_renamed_and_deleted(driver, brushes, errors):
    driver.session.tools.width, driver.session.tools.smooth = 0.021, 0.77
    QTest.keyClicks(brushes.name, "Mine")
    QTest.mouseClick(brushes.keep, LEFT)
    assert "Mine" in names(brushes)
    click(brushes, "Fine line")
    assert driver.session.tools.width == pytest.approx(0.006)
    click(brushes, "Mine")
    assert (driver.session.tools.width, driver.session.tools.smooth) == (0.021, 0.77)
    QTest.keyClick(brushes.list, Qt.Key.Key_F2)
    editor = brushes.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "Yours")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    driver.wait(lambda: brushes._brushes.keys() >= {"Yours"} and "Mine" not in names(brushes))
    QTest.keyClicks(brushes.name, "Furrow")
    QTest.keyClick(brushes.name, Qt.Key.Key_Return)
    assert brushes.note.isVisible(), "that name is taken"
    brushes.name.clear()
    item = brushes.list.item(names(brushes).index("Yours"))
    brushes.list.scrollToItem(item)
    brushes.list.customContextMenuRequested.emit(brushes.list.visualItemRect(item).center())
    menu = QApplication.activePopupWidget()
    menu.actions()[-1].trigger()
    menu.close()
    assert "Yours" not in names(brushes)
    assert errors == []

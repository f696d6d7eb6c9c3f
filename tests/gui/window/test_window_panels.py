"""Panels, status bar and preferences as parts of the real window."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QTabBar

from rhytid.core.document.commands import SetAge
from rhytid.gui.preferences import Navigation, Preferences
from rhytid.gui.settings_file import SettingsFile
from rhytid.gui.widgets.slider_row import SliderRow
from rhytid.gui.window.actions import MENUS, SPECS, TOOLBAR
from rhytid.gui.window.docks import DOCKS


def test_a_drag_of_the_age_slider_is_one_step_and_changes_the_face(driver):
    # The colour is written in full: mip levels under a stroke of paint, of an earlier test, are not the driver's.
    driver.document.execute(SetAge(45.0))
    driver.settle()
    driver.reset()
    driver.window.docks["age"].raise_()
    driver.wait_s(0.1)
    row: SliderRow = driver.window.docks["age"].build().row
    before, steps = driver.picture(), len(driver.document.labels)
    y = row.height() // 4
    start, end = QPoint(row.width() // 3, y), QPoint(row.width() * 3 // 5, y)
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=start)
    for i in range(1, 11):
        place = start + (end - start) * (i / 10)
        QTest.mouseMove(row, place)
        QApplication.processEvents()
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=end)
    driver.settle()
    assert driver.document.state.age > 35
    assert len(driver.document.labels) == steps + 1
    assert not np.array_equal(driver.picture(), before)
    driver.document.undo()
    assert np.array_equal(driver.picture(), before)


@pytest.mark.parametrize("spec", DOCKS, ids=lambda spec: spec.name)
def test_every_panel_can_be_opened(driver, spec):
    dock = driver.window.docks[spec.name]
    dock.show()
    dock.raise_()
    driver.wait_s(0.05)
    assert dock.panel is not None
    assert dock.panel.isVisible()


def test_every_action_is_in_a_menu_and_says_what_it_does(driver):
    listed = {name for _, names in MENUS for name in names if name[0] not in "-#"}
    (spaces,) = [menu for menu in driver.window.menuBar().findChildren(QMenu) if menu.title() == "&Workspaces"]
    listed |= {action.objectName().removeprefix("action_") for action in spaces.actions()}
    assert {spec.name for spec in SPECS} - listed == {"much_smaller", "much_larger", "explain"}, "keys alone"
    assert set(TOOLBAR) - {"-"} <= listed
    for spec in SPECS:
        action = driver.window.actions_by_name[spec.name]
        assert action.statusTip() or spec.name.startswith("much_")
    shown = [driver.window.actions_by_name[name] for name in TOOLBAR if name != "-"]
    assert all(not action.icon().isNull() for action in shown)


def test_no_shortcut_is_taken_twice():
    keys = [key for spec in SPECS for key in spec.keys]
    assert len(keys) == len(set(keys))


def test_bracket_keys_change_the_size_of_the_tool(driver):
    width = driver.session.tools.width
    driver.key("]")
    assert driver.session.tools.width == pytest.approx(width * 1.1)
    driver.key("[")
    assert driver.session.tools.width == pytest.approx(width)


def test_the_status_bar_tells_the_displacement_under_the_pointer(driver):
    driver.settle()
    driver.move(driver.at((0.5, 0.2)))
    driver.wait(lambda: "mm" in driver.window.status.readout.text())
    x = float(driver.window.status.readout.text().split()[1])
    assert x == pytest.approx(0.5, abs=0.01)
    driver.move(QPoint(6, 200))
    driver.wait(lambda: driver.window.status.readout.text() == "")


def test_cancel_in_the_status_bar_stops_the_running_work(driver):
    import time

    def work(control):
        while True:
            control(0.3)
            time.sleep(0.002)

    driver.session.jobs.start("Export", work)
    driver.wait(lambda: driver.window.status.progress.isVisible())
    from PySide6.QtWidgets import QToolButton

    button = driver.window.status.progress.findChild(QToolButton, "cancelJob")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert not driver.window.status.progress.isVisible()
    assert "cancelled" in driver.window.messages.text


def test_the_layout_is_remembered_and_can_be_reset(driver, tmp_path):
    preferences = Preferences(SettingsFile(tmp_path / "layout.json"))
    window = driver.window
    kept, window.preferences = window.preferences, preferences
    try:
        window.docks["lighting"].close()
        window.remember_layout()
        window.reset_layout()
        assert window.docks["lighting"].isVisibleTo(window)
        window.restore_layout()
        assert window.docks["lighting"].isHidden()
    finally:
        window.preferences = kept
        window.reset_layout()
        driver.settle()


def test_a_reset_layout_leaves_no_tab_bar_behind(driver):
    window = driver.window
    try:
        window.reset_layout()
        driver.settle()
        window.tabifyDockWidget(window.docks["tool"], window.docks["age"])
        window.docks["lighting"].setFloating(True)
        window.docks["history"].hide()
        driver.settle()
        window.reset_layout()
        driver.settle()
        tabs = [
            [bar.tabText(at) for at in range(bar.count())]
            for bar in window.findChildren(QTabBar)
            if bar.isVisible() and bar.parentWidget() is window and bar.geometry().intersects(window.rect())
        ]
        titles = sorted(title for titles in tabs for title in titles)
        assert titles == sorted({*titles})  # each dock is one tab of one bar
        stacks = Counter((spec.area, min(spec.stack, 1)) for spec in DOCKS)  # a low window has two of them a side
        assert sorted(map(len, tabs)) == sorted(count for count in stacks.values() if count > 1)
    finally:
        window.reset_layout()
        driver.settle()


def test_keys_reach_the_window_again_once_a_dialog_has_closed(driver):
    window = driver.window
    window.activateWindow()
    driver.wait(window.isActiveWindow)
    dialog = QDialog(window)
    QTimer.singleShot(200, dialog.reject)
    dialog.exec()
    driver.wait(window.isActiveWindow, limit_s=5.0)


def test_the_first_window_fits_the_screen(driver, tmp_path):
    window, size = driver.window, driver.window.size()
    kept, window.preferences = window.preferences, Preferences(SettingsFile(tmp_path / "layout.json"))
    try:
        window.resize(window.screen().availableSize() * 1.1)
        window.restore_layout()
        fitting = window.screen().availableSize().expandedTo(window.minimumSize())
        assert (window.width(), window.height()) == (fitting.width(), fitting.height())
    finally:
        window.preferences = kept
        window.resize(size)
        window.reset_layout()
        driver.settle()


def test_wrinkle_actions_are_enabled_when_they_can_do_something(driver):
    actions = driver.window.actions_by_name
    assert not actions["delete"].isEnabled()
    driver.draw((0.30, 0.55), (0.42, 0.60))
    actions["select_all"].trigger()
    assert actions["delete"].isEnabled()
    actions["mirror_selected"].trigger()
    assert len(driver.document.state.strokes) == 2
    actions["duplicate"].trigger()
    assert len(driver.document.state.strokes) == 4
    actions["delete"].trigger()
    assert len(driver.document.state.strokes) == 2
    assert not actions["extract_lines"].isEnabled()


def test_undo_names_the_step(driver):
    driver.document.execute(SetAge(44.0))
    assert "age" in driver.window.actions_by_name["undo"].text()
    driver.document.undo()
    assert "age" in driver.window.actions_by_name["redo"].text()


def test_preferences_reach_the_session_of_the_program(qapp, private_state):
    import argparse

    from rhytid.gui.app import Editor

    arguments = argparse.Namespace(
        project=None, head=None, size=(1000, 700), smoke=False, screenshot=None, timings=None
    )
    editor = Editor(arguments, 0.0)
    try:
        editor.preferences.navigation = Navigation.BLENDER
        assert editor.session.preferences.navigation is Navigation.BLENDER
        editor.preferences.show_statistics = True
        assert not editor.window.statusBar().speed.isHidden()
        assert editor.window.actions_by_name["statistics"].isChecked()
        editor.session.tools.pressure_to_depth = False
        editor.preferences.pressure_exponent = 2.0
        assert editor.session.tools.pressure_exponent == 2.0
        assert not editor.session.tools.pressure_to_depth, "only the preference that changed acts"
    finally:
        editor.window.close_now()
        editor.window.deleteLater()

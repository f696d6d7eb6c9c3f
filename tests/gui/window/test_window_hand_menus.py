"""Menus round the pointer, the palette, keys that were chosen, drags of the brush: through real events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from rhytid.core.document.state import Camera
from rhytid.gui.controllers.key_map import PRESETS, KeyMap
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.dialogs.keys_page import KeysPage
from rhytid.gui.dialogs.palette import CommandPalette, fit, split_number
from rhytid.gui.preferences import Navigation, Preferences
from rhytid.gui.render.camera import project
from rhytid.gui.settings_file import SettingsFile
from rhytid.gui.widgets.radial_menu import RadialMenu
from rhytid.gui.window.actions import SPECS

RIGHT = Qt.MouseButton.RightButton
CONTROL = Qt.KeyboardModifier.ControlModifier
OWN_KEYS = {spec.name: spec.keys for spec in SPECS}
CHEEK = ((0.30, 0.55), (0.42, 0.60))


@pytest.fixture
def preferences(driver):
    """The window's; as they were afterwards."""
    own = driver.session.preferences
    yield own
    own.key_preset, own.own_keys, own.navigation = "rhytid", (), Navigation.MAYA


def only(kind):
    (found,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
    return found


# ---- size and strength ------------------------------------------------------------------------------


def test_control_and_the_right_button_drag_size_or_strength(driver):
    tools, middle = driver.session.tools, driver.at((0.5, 0.5))
    width, depth = tools.width, tools.depth_mm
    driver.press(middle, RIGHT, CONTROL)
    driver.move(middle + QPoint(50, 2), CONTROL)
    readout = driver.window.viewport_input.readout
    assert readout.isVisible()
    assert "mm wide" in readout.text()
    driver.release(middle + QPoint(50, 2), RIGHT, CONTROL)
    assert tools.width == pytest.approx(width * np.exp(50 * 0.008), rel=0.03)
    assert tools.depth_mm == depth
    assert not readout.isVisible()
    width = tools.width
    driver.drag([middle, middle + QPoint(0, -8), middle + QPoint(3, -40)], RIGHT, CONTROL)
    assert tools.depth_mm == pytest.approx(depth + 40 * 0.005, abs=0.02)
    assert tools.width == width
    assert driver.document.state.camera == Camera()
    assert driver.document.state.strokes == ()


def test_escape_takes_a_drag_of_the_size_back(driver):
    tools, middle = driver.session.tools, driver.at((0.5, 0.5))
    width = tools.width
    driver.press(middle, RIGHT, CONTROL)
    driver.move(middle + QPoint(60, 0), CONTROL)
    assert tools.width > width
    driver.key(Qt.Key.Key_Escape)
    driver.release(middle + QPoint(60, 0), RIGHT, CONTROL)
    assert tools.width == width


def test_b_held_drags_the_size_in_mayas_habit(driver):
    tools, middle = driver.session.tools, driver.at((0.5, 0.5))
    width = tools.width
    QTest.keyPress(driver.viewport, Qt.Key.Key_B)
    driver.drag([middle, middle + QPoint(-30, 0), middle + QPoint(-60, 0)])
    QTest.keyRelease(driver.viewport, Qt.Key.Key_B)
    assert tools.width < width
    assert driver.document.state.strokes == ()
    driver.draw(*CHEEK)
    assert len(driver.document.state.strokes) == 1


def test_f_changes_the_size_by_the_pointer_in_blenders_habit(driver, preferences):
    preferences.key_preset = "blender"
    tools, middle = driver.session.tools, driver.at((0.5, 0.5))
    width, depth, camera = tools.width, tools.depth_mm, driver.document.state.camera
    driver.move(middle)
    driver.key("f")
    driver.move(middle + QPoint(40, 0))
    assert tools.width > width
    driver.press(middle + QPoint(40, 0))
    driver.release(middle + QPoint(40, 0))
    kept = tools.width
    driver.move(middle)
    assert tools.width == kept, "a click keeps it"
    driver.key("f", Qt.KeyboardModifier.ShiftModifier)
    driver.move(middle + QPoint(40, 0))
    assert tools.depth_mm > depth
    driver.press(middle + QPoint(40, 0), RIGHT)
    driver.release(middle + QPoint(40, 0), RIGHT)
    assert (tools.width, tools.depth_mm) == (kept, depth)
    assert driver.document.state.strokes == ()
    assert driver.document.state.camera == camera


# ---- looking ----------------------------------------------------------------------------------------


def test_the_wheel_zooms_at_the_pointer(driver):
    chart = (0.35, 0.55)
    before, distance = driver.at(chart), driver.document.state.camera.distance_mm
    for delta in (120, 120, -120, -120, -120):
        position = QPointF(driver.at(chart))
        event = QWheelEvent(
            position, driver.viewport.mapToGlobal(position), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(driver.viewport, event)
        driver.settle()
        way = driver.at(chart) - before
        assert max(abs(way.x()), abs(way.y())) <= 2
    assert driver.document.state.camera.distance_mm > distance
    size = (driver.viewport.width(), driver.viewport.height())
    assert project(driver.document.state.camera, size, [(0.0, 0.0, 0.0)]).shape == (1, 2)


def test_tab_hides_the_panels_and_brings_them_back(driver):
    docks = driver.window.docks
    shown = [name for name, dock in docks.docks.items() if dock.isVisible()]
    assert shown
    driver.key(Qt.Key.Key_Tab)
    assert not any(dock.isVisible() for dock in docks.docks.values())
    driver.key(Qt.Key.Key_Tab)
    assert [name for name, dock in docks.docks.items() if dock.isVisible()] == shown


def test_tab_in_a_panel_still_goes_to_the_next_control(driver):
    dock = driver.window.docks["tool"]
    dock.raise_()
    row = dock.build().rows["width"]
    row.setFocus()
    driver.key(Qt.Key.Key_Tab, widget=row)
    assert dock.isVisible()
    assert not row.hasFocus()


# ---- menus ------------------------------------------------------------------------------------------


def test_space_opens_a_ring_that_chooses_tool_view_and_light(driver):
    for ring, wanted, reached in (
        (0, "Eraser", lambda: driver.session.tools.tool == Tool.ERASER),
        (1, "Normals", lambda: driver.session.view.view_mode == "normals"),
        (2, "Overcast", lambda: driver.document.state.lighting.environment == "overcast"),
    ):
        driver.key(Qt.Key.Key_Space)
        menu = only(RadialMenu)
        item = next(item for item in menu.rings[ring] if item.text == wanted)
        assert menu.item_at(QPointF(menu.place_of(item))) is item
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.place_of(item))
        assert reached()


def test_the_ring_closes_without_a_choice(driver):
    driver.key(Qt.Key.Key_Space)
    menu = only(RadialMenu)
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.centre.toPoint())
    assert driver.session.tools.tool == Tool.BRUSH
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, RadialMenu) and w.isVisible()]


def test_a_right_click_opens_a_menu_and_selects_the_stroke_under_it(driver):
    driver.draw(*CHEEK)
    (stroke,) = driver.document.state.strokes
    driver.session.selection.clear()
    x, y = stroke.points[len(stroke.points) // 2].tolist()
    driver.settle()
    driver.press(driver.at((x, y)), RIGHT)
    driver.release(driver.at((x, y)), RIGHT)
    menu = only(QMenu)
    assert tuple(driver.session.selection.ids) == (stroke.id,)
    delete = next(a for a in menu.actions() if a.objectName() == "action_delete")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(delete).center())
    assert driver.document.state.strokes == ()


def test_a_right_drag_turns_and_opens_no_menu(driver):
    middle = driver.at((0.5, 0.5))
    driver.drag([middle, middle + QPoint(30, 0), middle + QPoint(60, 0)], RIGHT)
    assert driver.document.state.camera.yaw_deg != 0
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]


# ---- the palette ------------------------------------------------------------------------------------


@pytest.fixture
def palette(driver):
    driver.session.preferences.remember("palette", {"recent": ()})
    opened = []

    def open_it() -> CommandPalette:
        driver.key("p", Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        opened.append(only(CommandPalette))
        return opened[-1]

    yield open_it
    for one in [w for w in QApplication.topLevelWidgets() if isinstance(w, CommandPalette)]:
        one.close()


def test_the_palette_runs_a_command_and_remembers_it(driver, palette):
    first = palette()
    QTest.keyClicks(first.line, "eras")
    assert first.shown()[0].name == "eraser"
    QTest.keyClick(first.line, Qt.Key.Key_Return)
    assert driver.session.tools.tool == Tool.ERASER
    assert palette().shown()[0].name == "eraser"


def test_the_palette_sets_a_slider(driver, palette):
    one = palette()
    QTest.keyClicks(one.line, "age 60")
    assert one.shown()[0].row is not None
    steps = driver.document.position
    QTest.keyClick(one.line, Qt.Key.Key_Return)
    assert driver.document.state.age == 60
    assert driver.document.position == steps + 1


def test_letters_that_begin_words_fit_best():
    assert fit("sb", "Smooth Brush") < fit("sb", "Absurd bob")
    assert fit("xyz", "Smooth") is None
    assert split_number("brow inner up +10%") == ("brow inner up", "+10%")
    assert split_number("age") == ("age", "")


# ---- keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_gives_two_actions_one_key(preset):
    preferences = Preferences(SettingsFile(None))
    preferences.key_preset = preset
    assert KeyMap(OWN_KEYS, preferences).conflicts() == {}
    assert set(PRESETS[preset].keys) <= set(OWN_KEYS)


def test_a_key_that_is_chosen_works_at_once_and_is_kept(driver, preferences, qtbot):
    page = KeysPage([(spec.name, spec.text, spec.keys) for spec in SPECS], preferences)
    qtbot.addWidget(page)
    page.show()
    page.choose("eraser")
    page.field.setFocus()
    QTest.keyClick(page.field, Qt.Key.Key_J)
    page.field.editingFinished.emit()
    assert page.keys.of("eraser") == ("J",)
    page.hide()
    driver.window.activateWindow()
    driver.viewport.setFocus()
    driver.key("e")
    assert driver.session.tools.tool == Tool.BRUSH
    driver.key("j")
    assert driver.session.tools.tool == Tool.ERASER
    again = Preferences(SettingsFile(preferences.store.path))
    assert KeyMap(OWN_KEYS, again).of("eraser") == ("J",)
    page.choose("select")
    page.keys.set("select", ("J",))
    assert "J" in page.problem.text()
    page.reset.click()
    assert page.problem.text() == ""
    assert page.keys.of("eraser") == ("E",)


def test_a_damaged_list_of_keys_leaves_the_presets(driver, preferences):
    preferences.own_keys = ("nonsense", "nobody=F", "=")
    preferences.key_preset = "unheard of"
    assert driver.window.keys.of("eraser") == ("E",)
    driver.key("e")
    assert driver.session.tools.tool == Tool.ERASER

"""A and B in the real window, with mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rhytid.core.document.commands import (
    AddStrokes,
    SetAge,
    SetCamera,
    SetComplexion,
    SetExpressionWeights,
    SetHair,
    SetIdentityMode,
    SetShapeAge,
)
from rhytid.core.document.state import Camera
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.render.view_mode import ViewMode
from rhytid.gui.window.project_actions import thumbnail

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def compared(driver):
    """A face whose wrinkles were drawn after it was kept; pictures of A and B alone."""
    driver.document.execute(SetCamera.of(Camera()))
    a = driver.picture()
    driver.key("k")
    ends = ((0.25, 0.25), (0.75, 0.25)), ((0.25, 0.62), (0.35, 0.66)), ((0.65, 0.66), (0.75, 0.62))
    for number, (start, end) in enumerate(ends):
        line = Stroke(f"drawn-{number}", np.linspace(start, end, 12), np.ones(12), width=0.02, depth_mm=0.6)
        driver.document.execute(AddStrokes((line,)))
    driver.key("d")
    b = driver.picture()
    assert not np.array_equal(a, b)
    driver.key("d")
    return driver, a, b


def divider_px(driver) -> int:
    return round(driver.session.comparison.position * driver.viewport.width())


def columns(driver, picture, low: float, high: float):
    """A part of the picture between two shares of the width, clear of the divider."""
    width = picture.shape[1]
    return picture[:, round(low * width) + 2 : round(high * width) - 2]


def differing(driver, one, other) -> float:
    """Share of the pixels of the left half that anybody could tell apart."""
    left, same = (columns(driver, picture, 0.0, 0.5).astype(int) for picture in (one, other))
    return float((np.abs(left - same).max(axis=2) > 8).mean())


def test_left_of_the_divider_is_a_and_right_of_it_b(compared):
    driver, a, b = compared
    both = driver.picture()
    assert np.array_equal(columns(driver, both, 0.5, 1.0), columns(driver, b, 0.5, 1.0))
    assert differing(driver, both, a) < 1e-3
    assert differing(driver, both, b) > 4e-3
    bar, (badge_a, badge_b) = driver.viewport.split_bar, driver.viewport.split_bar.badges
    assert bar.isVisible()
    assert badge_a.isVisible()
    assert badge_b.isVisible()
    assert badge_a.geometry().right() < divider_px(driver) < badge_b.geometry().left()


def test_each_side_wears_its_own_shape_age_hair_and_colours(driver):
    """Whatever becomes of B: left of the divider A is, texel for texel, as it was when it was kept."""
    driver.document.execute(SetCamera.of(Camera()))
    a = driver.picture()
    driver.key("k")
    for command in (
        SetIdentityMode(0, 2.5), SetShapeAge(78.0), SetExpressionWeights({"jawOpen": 0.6, "eyeBlinkLeft": 1.0}),
        SetHair(melanin=0.05, brows=2.0), SetComplexion({"melanin": 0.95, "iris": 0.0}),
    ):  # fmt: skip
        driver.document.execute(command)
    divided = driver.picture()
    driver.key("d")
    b = driver.picture()
    assert differing(driver, a, b) > 0.2
    assert differing(driver, divided, a) < 1e-3
    assert np.array_equal(columns(driver, divided, 0.5, 1.0), columns(driver, b, 0.5, 1.0))


def test_the_divider_follows_the_mouse_and_escape_puts_it_back(compared):
    driver, _, _ = compared
    start = QPoint(divider_px(driver), 300)
    driver.drag([start, start + QPoint(60, 5), start + QPoint(-120, 10)])
    assert divider_px(driver) == start.x() - 120
    assert len(driver.document.state.strokes) == 3
    placed = QPoint(divider_px(driver), 300)
    driver.press(placed)
    driver.move(placed + QPoint(200, 0))
    assert divider_px(driver) == placed.x() + 200
    driver.key(Qt.Key.Key_Escape)
    driver.release(placed + QPoint(200, 0))
    assert divider_px(driver) == placed.x()
    driver.drag([placed, QPoint(-50, 300)])
    assert driver.session.comparison.position == pytest.approx(0.02)


def test_alt_drag_on_the_divider_turns_the_camera(compared):
    driver, _, _ = compared
    start = QPoint(divider_px(driver), 300)
    before = driver.session.comparison.position
    driver.drag([start, start + QPoint(40, 0)], keys=Qt.KeyboardModifier.AltModifier)
    assert driver.document.state.camera.yaw_deg != 0
    assert driver.session.comparison.position == before


def test_arrow_keys_and_home_move_the_divider(compared):
    driver, _, _ = compared
    driver.key(Qt.Key.Key_Right)
    assert driver.session.comparison.position == pytest.approx(0.51)
    driver.key(Qt.Key.Key_Left, SHIFT)
    assert driver.session.comparison.position == pytest.approx(0.41)
    driver.key(Qt.Key.Key_Home)
    assert driver.session.comparison.position == 0.5


def test_q_shows_a_while_it_is_held(compared):
    driver, a, b = compared
    driver.key("d")
    QTest.keyPress(driver.viewport, Qt.Key.Key_Q)
    QApplication.processEvents()
    assert not driver.viewport.split_bar.isVisible()
    assert driver.viewport.split_bar.badges[0].isVisible()
    assert np.abs(driver.picture().astype(int) - a).mean() < 0.3
    QTest.keyRelease(driver.viewport, Qt.Key.Key_Q)
    QApplication.processEvents()
    assert np.array_equal(driver.picture(), b)


def test_a_stays_while_b_is_edited_and_undone(compared):
    driver, _, _ = compared
    driver.document.execute(SetShapeAge(driver.document.state.age))  # the outline is B's on both sides
    before = driver.picture()
    driver.document.execute(SetAge(60.0))
    edited = driver.picture()
    change = np.abs(columns(driver, edited, 0.0, 0.5).astype(int) - columns(driver, before, 0.0, 0.5))
    assert change.mean() < 0.3  # only outline and hair follow B
    assert not np.array_equal(columns(driver, edited, 0.5, 1.0), columns(driver, before, 0.5, 1.0))
    driver.document.undo()
    assert np.array_equal(driver.picture(), before)


def test_swap_goes_on_with_a_in_one_step(compared):
    driver, _, _ = compared
    strokes, steps = driver.document.state.strokes, len(driver.document.labels)
    driver.settle()
    driver.key("d", SHIFT)
    assert driver.document.state.strokes == ()
    assert len(driver.document.labels) == steps + 1
    assert driver.session.comparison.kept.state.strokes == strokes
    driver.settle()
    driver.key("d", SHIFT)
    assert driver.document.state.strokes == strokes
    driver.document.undo()
    driver.document.undo()
    assert driver.document.state.strokes == strokes


@pytest.mark.parametrize("mode", [mode.value for mode in ViewMode])
def test_every_view_can_be_divided(compared, mode):
    driver, _, _ = compared
    driver.session.view.view_mode = mode
    both = driver.picture()
    driver.key("d")
    alone = driver.picture()
    assert np.array_equal(columns(driver, both, 0.5, 1.0), columns(driver, alone, 0.5, 1.0))
    left = columns(driver, both, 0.0, 0.5), columns(driver, alone, 0.0, 0.5)
    assert np.array_equal(*left) is (mode not in ("detailed", "normals", "displacement"))


def test_a_is_no_part_of_the_project_nor_of_its_picture(compared):
    driver, _, _ = compared
    divided = thumbnail(driver.viewport)
    driver.key("d")
    driver.settle()
    assert thumbnail(driver.viewport) == divided
    assert driver.document.labels[-1] == "Draw stroke"


def test_dividing_first_keeps_what_there_is(driver):
    driver.settle()
    driver.key("d")
    assert driver.session.comparison.kept is not None
    assert driver.session.comparison.divided
    assert driver.window.actions_by_name["split"].isChecked()
    driver.key("d")
    assert driver.session.comparison.divider is None

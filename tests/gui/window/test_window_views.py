"""Turning, zooming and looking in the real window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from rhytid.core.document.commands import SetCamera, SetExpressionWeights
from rhytid.core.document.state import Camera
from rhytid.gui.preferences import Navigation
from rhytid.gui.render.overlay import gizmo_center_px
from rhytid.gui.render.view_mode import ViewMode

ALT, SHIFT, CTRL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


@pytest.fixture(autouse=True)
def front(driver):
    driver.document.execute(SetCamera.of(Camera()))
    driver.session.preferences.navigation = Navigation.MAYA
    yield
    driver.session.preferences.navigation = Navigation.MAYA


def sweep(driver, button, keys, start=None):
    start = start or driver.at((0.5, 0.5))
    driver.drag([start, start + QPoint(20, 10), start + QPoint(60, 30)], button, keys)
    return driver.document.state.camera


@pytest.mark.parametrize(
    ("navigation", "button", "keys", "what"),
    [
        (Navigation.MAYA, LEFT, ALT, "orbit"), (Navigation.MAYA, MIDDLE, ALT, "pan"),
        (Navigation.MAYA, RIGHT, ALT, "zoom"), (Navigation.BLENDER, MIDDLE, Qt.KeyboardModifier.NoModifier, "orbit"),
        (Navigation.BLENDER, MIDDLE, SHIFT, "pan"), (Navigation.BLENDER, MIDDLE, CTRL, "zoom"),
    ],
)  # fmt: skip
def test_drags_move_the_camera_in_the_chosen_habit_without_undo_steps(driver, navigation, button, keys, what):
    driver.session.preferences.navigation = navigation
    before, steps = driver.document.state, len(driver.document.labels)
    camera = sweep(driver, button, keys)
    turned = (camera.yaw_deg, camera.pitch_deg) != (0.0, 0.0)
    moved = camera.target_mm != before.camera.target_mm
    zoomed = camera.distance_mm != before.camera.distance_mm
    assert (turned, moved, zoomed) == (what == "orbit", what == "pan", what == "zoom")
    assert len(driver.document.labels) == steps
    assert not driver.document.state.strokes


def test_a_drag_beside_the_face_turns_it_and_the_face_follows_the_pointer(driver):
    camera = sweep(driver, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(12, 200))
    assert camera.yaw_deg < 0  # dragged to the right, the subject's right side comes to the front
    assert camera.pitch_deg > 0
    assert not driver.document.state.strokes


def test_escape_puts_the_camera_back(driver):
    start = QPoint(12, 200)
    driver.press(start)
    driver.move(start + QPoint(50, 0))
    assert driver.document.state.camera != Camera()
    driver.key(Qt.Key.Key_Escape)
    driver.release(start + QPoint(50, 0))
    assert driver.document.state.camera == Camera()


def test_the_wheel_zooms(driver):
    position = QPointF(driver.at((0.5, 0.5)))
    for delta, closer in ((120, True), (-120, False)):
        before = driver.document.state.camera.distance_mm
        event = QWheelEvent(
            position, driver.viewport.mapToGlobal(position), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(driver.viewport, event)
        assert (driver.document.state.camera.distance_mm < before) is closer


def test_a_click_on_the_gizmo_looks_along_the_axis(driver):
    ratio = driver.viewport.devicePixelRatioF()
    x, y, radius = gizmo_center_px(driver.viewport.framebuffer_size(), ratio)
    place = QPoint(round((x + radius) / ratio), round(y / ratio))
    driver.press(place)
    driver.release(place)
    assert (driver.document.state.camera.yaw_deg, driver.document.state.camera.pitch_deg) == (90.0, 0.0)


def test_number_keys_switch_views_and_each_looks_different(driver):
    pictures = []
    for number, mode in enumerate((mode.value for mode in ViewMode), start=1):
        driver.key(str(number))
        assert driver.session.view.view_mode == mode
        assert driver.window.actions_by_name[f"view_{mode}"].isChecked()
        pictures.append(driver.picture())
    driver.key("1")
    for i, one in enumerate(pictures):
        for other in pictures[:i]:
            assert not np.array_equal(one, other)


def test_f_comes_close_to_what_is_under_the_pointer_and_frames_the_face_beside_it(driver):
    driver.move(driver.at((0.3, 0.6)))
    driver.settle()
    driver.key(Qt.Key.Key_F)
    close = driver.document.state.camera
    assert close.distance_mm < 300
    assert close.target_mm[0] < -10  # the chart's left is the subject's right, -X
    driver.move(QPoint(12, 200))
    driver.key(Qt.Key.Key_A)
    assert driver.document.state.camera.distance_mm > close.distance_mm


@pytest.fixture
def worked_on(driver):
    """A face with a stroke on an open mouth, and its picture."""
    driver.session.tools.depth_mm = 0.5
    driver.draw((0.30, 0.55), (0.42, 0.60))
    driver.document.execute(SetExpressionWeights({"jawOpen": 0.4}))
    return driver.picture()


def test_the_picture_survives_the_move_to_another_window(driver, worked_on):
    splitter, size = driver.window.splitter, driver.viewport.size()
    driver.viewport.setParent(None)
    driver.viewport.show()
    driver.wait_s(0.3)
    splitter.insertWidget(0, driver.viewport)
    driver.viewport.show()
    driver.wait(lambda: driver.viewport.size() == size)
    driver.settle()
    assert np.array_equal(driver.picture(), worked_on)


def test_after_a_lost_context_everything_is_made_again_from_the_state(driver, worked_on):
    viewport, renderer = driver.viewport, driver.viewport.renderer
    viewport._release()
    assert viewport.renderer is None
    viewport.makeCurrent()
    viewport.initializeGL()
    viewport.doneCurrent()
    viewport.request_frame()
    driver.wait(lambda: viewport.renderer is not None)
    assert viewport.renderer is not renderer
    assert np.array_equal(driver.picture(), worked_on)


def test_nothing_is_painted_while_nothing_changes(driver):
    driver.settle()
    driver.session.latencies.clear("frame")
    driver.wait_s(0.5)
    assert len(driver.session.latencies.samples("frame")) == 0


def test_the_chart_comes_back_in_a_window_that_became_smaller(driver):
    size = driver.window.size()
    driver.window.show_canvas(True)
    driver.settle()
    driver.window.resize(size.width() + 200, size.height())
    driver.settle()
    driver.window.show_canvas(False)
    driver.window.resize(size)
    driver.settle()
    driver.window.show_canvas(True)
    driver.settle()
    assert driver.window.canvas.view.viewport().width() > 200
    middle = driver.window.canvas.view.viewport().rect().center()
    assert driver.window.canvas.view.chart_at(QPointF(middle)).x() == pytest.approx(0.5, abs=0.02)
    driver.window.show_canvas(False)
    driver.settle()


def test_the_chart_beside_the_face_draws_into_the_same_document(driver):
    driver.window.show_canvas(True)
    driver.settle()
    canvas = driver.window.canvas
    assert canvas is not None
    assert canvas.isVisible()
    view = canvas.view
    start, end = view.viewport().rect().center(), view.viewport().rect().center() + QPoint(40, 10)
    from PySide6.QtTest import QTest

    handle = driver.window.windowHandle()
    for step, point in (("press", start), ("move", (start + end) / 2), ("move", end), ("release", end)):
        place = view.viewport().mapTo(driver.window, point)
        if step == "move":
            QTest.mouseMove(handle, place)
        else:
            getattr(QTest, f"mouse{step.capitalize()}")(handle, LEFT, Qt.KeyboardModifier.NoModifier, place)
        QApplication.processEvents()
    driver.window.show_canvas(False)
    driver.settle()
    assert len(driver.document.state.strokes) == 1
    assert driver.document.labels[-1] == "Draw stroke"


def test_camera_moves_are_saved_but_are_no_edits(driver):
    driver.document.new()
    sweep(driver, LEFT, ALT)
    assert not driver.document.is_modified
    assert driver.document.state.camera != Camera()

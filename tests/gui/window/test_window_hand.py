"""What the hand may rely on: every sample counts, nothing changes or turns in passing, the keyboard comes back."""

from __future__ import annotations

import shutil
import subprocess
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox

from rhytid.core.document.commands import AddStrokes
from rhytid.core.document.state import Camera
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.handles import Grip
from rhytid.gui.controllers.point_gesture import PointGesture
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.viewport.viewport_input import BESIDE, NOTHING_SHOWS

CORNERS = 16


def corners(points: np.ndarray) -> int:
    """Turns up or down of a zigzag that runs from left to right, both ends left out."""
    heights = points[:, 1]
    turning = np.diff(np.sign(np.diff(heights[np.r_[True, np.abs(np.diff(heights)) > 1e-4]])))
    return int(np.count_nonzero(turning))


@pytest.mark.skipif(shutil.which("xdotool") is None, reason="moves the system's pointer with xdotool")
def test_a_zigzag_keeps_its_corners_while_the_program_is_busy(driver):
    """The pointer is the system's; the program does not listen for half a second at a time."""
    low, high = driver.at((0.36, 0.24)), driver.at((0.64, 0.19))
    steps = 12
    places: list[QPoint] = []
    for i in range(CORNERS + 1):
        x0, x1 = (low.x() + (high.x() - low.x()) * k / (CORNERS + 1) for k in (i, i + 1))
        y0, y1 = (low.y(), high.y()) if i % 2 == 0 else (high.y(), low.y())
        places += [QPoint(round(x0 + (x1 - x0) * k / steps), round(y0 + (y1 - y0) * k / steps)) for k in range(steps)]
    on_screen = [driver.viewport.mapToGlobal(place) for place in places]
    start = on_screen[0]
    subprocess.run(["xdotool", "mousemove", str(start.x()), str(start.y())], check=True)
    driver.wait(lambda: driver.viewport.underMouse())
    moves = "".join(f"mousemove {p.x()} {p.y()}\nsleep 0.01\n" for p in on_screen)
    hand = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, text=True)
    assert hand.stdin is not None
    hand.stdin.write(f"mousedown 1\n{moves}mouseup 1\n")
    hand.stdin.close()
    while hand.poll() is None:
        time.sleep(0.5)
        QApplication.processEvents()
    driver.wait(lambda: not driver.session.stroke_tool.active and len(driver.document.state.strokes) > 0)
    (stroke,) = driver.document.state.strokes
    assert corners(stroke.points) == CORNERS


def test_close_beside_the_head_nothing_is_drawn_and_nothing_turns(driver):
    told: list[str] = []
    driver.session.message_posted.connect(lambda text, _severity: told.append(text))
    y = driver.at((0.5, 0.5)).y()
    across = [QPointF(x, y) for x in range(driver.viewport.width())]
    edge = next(i for i, point in enumerate(driver.viewport.pick(across)) if point is not None)
    beside = QPoint(edge - 10, y)
    driver.drag([beside, beside + QPoint(40, 0), beside + QPoint(120, 10)])
    assert driver.document.state.camera == Camera()
    assert driver.document.state.strokes == ()
    assert told == [BESIDE]


def test_a_stroke_where_no_detail_shows_says_so(driver):
    told: list[str] = []
    driver.session.message_posted.connect(lambda text, _severity: told.append(text))
    x = driver.at((0.5, 0.5)).x()
    down = [QPointF(x, y) for y in range(driver.viewport.height())]
    bare = [i for i, point in enumerate(driver.viewport.pick(down)) if point is not None and point.detail_weight < 0.02]
    assert bare, "the default head has skin without detail"
    run = [QPoint(x + dx, bare[len(bare) // 2]) for dx in range(-30, 31, 6)]
    driver.drag(run)
    assert told == [NOTHING_SHOWS]
    driver.draw((0.35, 0.55), (0.42, 0.60))
    assert told == [NOTHING_SHOWS]


def test_a_point_that_is_moved_takes_its_neighbours_along(driver):
    x = np.linspace(0.3, 0.5, 21)
    line = Stroke(id="line", points=np.column_stack([x, np.full(21, 0.4)]).astype(np.float32),
                  pressure=np.ones(21, np.float32))  # fmt: skip
    def moved(alone: bool) -> np.ndarray:
        driver.document.new()
        driver.document.execute(AddStrokes((line,)))
        gesture = PointGesture(driver.document, driver.session.tools, Grip(line, 10), PenSample((0.4, 0.4)))
        gesture.move(PenSample((0.4, 0.41), smooth=alone))
        assert gesture.shown is not None
        assert gesture.shown.commit()
        return driver.document.state.strokes[0].points.astype(np.float64)

    def sharpest_turn_deg(points: np.ndarray) -> float:
        way = np.diff(points, axis=0)
        return float(np.degrees(np.abs(np.diff(np.unwrap(np.arctan2(way[:, 1], way[:, 0]))))).max())

    assert moved(alone=False)[:, 1].max() == pytest.approx(0.41, abs=5e-4)
    assert sharpest_turn_deg(moved(alone=True)) > 60
    assert sharpest_turn_deg(moved(alone=False)) < 20


def test_the_wheel_changes_no_value_without_the_focus(driver):
    for name in ("tool", "identity", "detail"):
        driver.window.docks[name].show()
        driver.window.docks[name].raise_()
        driver.window.docks[name].build()
    boxes = [
        box
        for name in ("tool", "identity", "detail")
        for kind in (QSpinBox, QComboBox)
        for box in driver.window.docks[name].panel.findChildren(kind)
    ]
    assert len(boxes) >= 4
    driver.viewport.setFocus()
    steps = len(driver.document.labels)
    for box in boxes:
        before = box.value() if isinstance(box, QSpinBox) else box.currentIndex()
        centre = QPointF(box.rect().center())
        for delta in (-120, 120, 240):
            event = QWheelEvent(centre, box.mapToGlobal(centre), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
                                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
            QApplication.sendEvent(box, event)
            assert (box.value() if isinstance(box, QSpinBox) else box.currentIndex()) == before
            assert not box.hasFocus()
    assert len(driver.document.labels) == steps


@pytest.mark.parametrize("how", ["Esc", "Enter", "a click on the panel", "a click on the face"])
def test_the_search_gives_the_keyboard_back(driver, how):
    dock = driver.window.docks["expression"]
    dock.show()
    dock.raise_()
    panel = dock.build()
    driver.wait(panel.search.isVisible)
    driver.session.tools.tool = Tool.BRUSH
    QTest.mouseClick(panel.search, Qt.MouseButton.LeftButton)
    driver.key("j", widget=panel.search)
    driver.key("v", widget=panel.search)
    assert panel.search.text() == "jv"
    assert driver.session.tools.tool == Tool.BRUSH
    if how == "Esc":
        driver.key(Qt.Key.Key_Escape, widget=panel.search)
    elif how == "Enter":
        driver.key(Qt.Key.Key_Return, widget=panel.search)
    elif how == "a click on the panel":
        QTest.mouseClick(panel.area.viewport(), Qt.MouseButton.LeftButton)
    else:
        place = driver.at((0.5, 0.5))
        driver.press(place, Qt.MouseButton.MiddleButton)
        driver.release(place, Qt.MouseButton.MiddleButton)
    assert not panel.search.hasFocus()
    assert panel.search.text() == ("" if how == "Esc" else "jv")
    panel.search.clear()
    driver.key("v", widget=driver.window)
    assert driver.session.tools.tool == Tool.SELECT


def test_shift_and_the_right_button_turn_the_light_in_one_step_and_leave_the_camera(driver):
    before, steps = driver.document.state.lighting, len(driver.document.labels)
    start = driver.at((0.5, 0.5))
    shift, right = Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.RightButton
    driver.press(start, right, shift)
    for dx in (20, 60, 100):
        driver.move(start + QPoint(dx, 0), shift)
    driver.release(start + QPoint(100, 0), right, shift)
    light = driver.document.state.lighting
    assert light.key_yaw_deg - before.key_yaw_deg == pytest.approx(45.0, abs=1.0)
    assert driver.document.state.camera == Camera()
    assert len(driver.document.labels) == steps + 1
    driver.key("1", Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: driver.document.state.lighting.key_yaw_deg == 0.0)

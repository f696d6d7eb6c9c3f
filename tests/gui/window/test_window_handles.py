"""Points and tangents of a line by the mouse on the face, as on the chart."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rhytid.core.document.commands import AddStrokes, SetCamera
from rhytid.core.document.state import Camera
from rhytid.core.lines import knots
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.tool_settings import Tool

LINE = Stroke("line", np.array([[0.36, 0.13], [0.5, 0.11], [0.64, 0.13]]), np.ones(3), width=0.012, depth_mm=0.4,
              breadth=np.array([0.5, 1.0, 0.5]))  # fmt: skip
BY_HAND = 0.006  # of the chart: a pixel or two, of hand and skin


@pytest.fixture
def hand(driver):
    """The select tool, near the forehead, the line selected."""
    driver.document.execute(SetCamera.of(Camera(target_mm=(0.0, 50.0, 60.0), distance_mm=260.0)))
    driver.document.execute(AddStrokes((LINE,)))
    driver.use(Tool.SELECT)
    driver.session.selection.set(("line",))
    driver.settle()
    return driver


def line_of(driver) -> Stroke:
    return driver.document.state.strokes[0]


def pull(driver, start, end, keys=Qt.KeyboardModifier.NoModifier) -> None:
    driver.drag(driver.way(start, end, steps=5), keys=keys)
    driver.settle()


def double_click(driver, chart) -> None:
    at = driver.viewport.mapTo(driver.window, driver.at(chart))
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(driver.window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        QApplication.processEvents()
    driver.settle()


def test_a_point_is_dragged_inserted_and_taken_away(hand, errors):
    steps = len(hand.document.labels)
    pull(hand, (0.5, 0.11), (0.5, 0.16))
    near = knots.nearest_place(line_of(hand), (0.5, 0.16))[0]
    assert near < BY_HAND
    assert line_of(hand).points[0] == pytest.approx(LINE.points[0])
    assert hand.document.labels[steps:] == ("Move point",)
    hand.document.undo()
    assert line_of(hand) == LINE
    hand.settle()
    at = tuple(knots.at_place(LINE, 0.5).tolist())
    double_click(hand, at)
    assert hand.document.labels[steps:] == ("Insert point",)
    longer = line_of(hand)
    assert len(longer.points) == 4
    assert np.hypot(*(longer.points[1] - at)) < BY_HAND
    assert knots.nearest_place(longer, tuple(knots.at_place(LINE, 0.25).tolist()))[0] < 1e-4
    hand.move(hand.at(tuple(longer.points[1].tolist())))
    hand.wait(lambda: hand.viewport.cursor().shape() == Qt.CursorShape.SizeAllCursor)
    QTest.keyClick(hand.window.windowHandle(), Qt.Key.Key_Delete)
    QApplication.processEvents()
    assert hand.document.labels[steps:] == ("Insert point", "Remove point")
    assert len(line_of(hand).points) == 3
    assert errors == []


def test_tangents_are_turned_broken_and_reset_on_the_face(hand, errors):
    steps = len(hand.document.labels)
    hand.drag([hand.at((0.5, 0.11))])
    assert hand.session.selection.point == 1
    hand.settle()
    end = knots.control_point(LINE, 1, knots.AFTER)
    pull(hand, tuple(end), (end[0], end[1] + 0.05))
    turned = line_of(hand)
    assert hand.document.labels[steps:] == ("Turn tangent",)
    assert knots.control_point(turned, 1, knots.AFTER) == pytest.approx([end[0], end[1] + 0.05], abs=BY_HAND)
    before = knots.control_point(turned, 1, knots.BEFORE)
    assert before[1] < 0.09, "the other side turns along"
    pull(hand, tuple(before), (before[0], before[1] + 0.06), Qt.KeyboardModifier.AltModifier)
    assert hand.document.state.camera.yaw_deg == 0.0
    assert knots.is_corner(line_of(hand), 1)
    double_click(hand, tuple(knots.control_point(line_of(hand), 1, knots.AFTER).tolist()))
    assert hand.document.labels[steps:] == ("Turn tangent", "Turn tangent", "Reset tangents")
    assert line_of(hand).tangents is None
    for _ in range(3):
        hand.document.undo()
    assert line_of(hand) == LINE
    assert errors == []


def test_handles_are_seen_where_they_are_and_not_through_the_head(hand):
    def handles_px() -> int:
        shown = hand.picture().astype(int)
        hand.session.tools.tool = Tool.BRUSH
        plain = hand.picture().astype(int)
        hand.session.tools.tool = Tool.SELECT
        return int((np.abs(shown - plain).max(axis=2) > 40).sum())

    assert 80 < handles_px() < 600
    hand.drag([hand.at((0.5, 0.11))])
    with_tangents = handles_px()
    assert with_tangents > 250, "the held point has two arms more"
    hand.document.execute(SetCamera.of(Camera(yaw_deg=180.0, target_mm=(0.0, 50.0, 60.0), distance_mm=400.0)))
    hand.settle()
    assert handles_px() == 0
    place = hand.at((0.5, 0.11))
    hand.drag([place, place + QPoint(30, 0)])
    assert line_of(hand) == LINE

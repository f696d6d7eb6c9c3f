"""Selecting strokes on the chart, moving them and their points."""

from __future__ import annotations

import numpy as np
import pytest
from canvas_rig import line
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest

from rhytid.core.document.commands import AddStrokes
from rhytid.core.lines import knots
from rhytid.core.lines.curve import course_of
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.canvas.items import StrokeItem
from rhytid.gui.controllers.tool_settings import Tool


@pytest.fixture
def selecting(rig):
    rig.tools.tool = Tool.SELECT
    rig.document.execute(AddStrokes((line("a", 0.2, 0.3, 0.4, 0.3), line("b", 0.6, 0.3, 0.8, 0.3),
                                     line("c", 0.2, 0.8, 0.4, 0.8))))  # fmt: skip
    return rig


def test_clicks_select(selecting):
    rig = selecting
    rig.drag((0.3, 0.3))
    assert rig.selection.ids == ("a",)
    rig.drag((0.7, 0.3), keys=Qt.KeyboardModifier.ShiftModifier)
    assert rig.selection.ids == ("a", "b")
    rig.drag((0.5, 0.55))
    assert rig.selection.ids == ()
    assert len(rig.document.labels) == 2


def test_a_rubber_band_selects_what_it_touches(selecting):
    rig = selecting
    rig.drag((0.1, 0.2), (0.5, 0.35), (0.9, 0.4))
    assert set(rig.selection.ids) == {"a", "b"}
    rig.drag((0.1, 0.7), (0.5, 0.9), keys=Qt.KeyboardModifier.ShiftModifier)
    assert set(rig.selection.ids) == {"a", "b", "c"}
    assert len(rig.document.labels) == 2


def test_a_point_of_the_selected_stroke_is_dragged(selecting):
    rig = selecting
    rig.selection.set(("a",))
    rig.drag((0.3, 0.3), (0.3, 0.32), (0.31, 0.36))
    moved = rig.document.state.strokes[0]
    gaps = np.hypot(*(moved.points - [0.31, 0.36]).T)
    assert gaps.min() < 0.004
    near = moved.points[max(int(gaps.argmin()) - 1, 0)]
    assert 0.302 < near[1] < 0.36, "its neighbours come along"
    assert moved.points[0] == pytest.approx([0.2, 0.3], abs=1e-3)
    assert rig.document.labels[-1] == "Move point"
    assert len(rig.document.labels) == 3
    rig.document.undo()
    assert rig.document.state.strokes[0].points[2] == pytest.approx([0.3, 0.3], abs=1e-6)


def test_shift_moves_a_point_alone(selecting):
    rig = selecting
    rig.selection.set(("a",))
    rig.drag((0.3, 0.3), (0.3, 0.32), keys=Qt.KeyboardModifier.NoModifier, release=False)
    rig.mouse(QEvent.Type.MouseMove, 0.31, 0.36, Qt.MouseButton.NoButton, keys=Qt.KeyboardModifier.ShiftModifier)
    rig.mouse(QEvent.Type.MouseButtonRelease, 0.31, 0.36, buttons=Qt.MouseButton.NoButton)
    moved = rig.document.state.strokes[0]
    assert moved.points[2] == pytest.approx([0.31, 0.36], abs=0.004)
    assert moved.points[1] == pytest.approx([0.25, 0.3], abs=1e-6)


def test_points_side_by_side_leave_the_line_to_be_moved(selecting):
    rig = selecting
    rig.document.execute(AddStrokes((line("dense", 0.3, 0.55, 0.5, 0.55, n=60),)))
    rig.selection.set(("dense",))
    rig.drag((0.4, 0.55), (0.4, 0.6), (0.4, 0.65))
    assert rig.document.labels[-1] == "Move strokes"
    rig.view.zoom(20.0, rig.view.position_of(0.4, 0.65))
    x = float(rig.document.state.strokes[-1].points[30, 0])
    rig.drag((x, 0.65), (x, 0.651), (x, 0.653))
    assert rig.document.labels[-1] == "Move point"


def test_a_double_click_on_the_selected_line_makes_a_point(selecting):
    rig = selecting
    rig.selection.set(("a",))
    before = rig.document.state.strokes[0]
    x = float(before.points[1:3, 0].mean())
    rig.mouse(QEvent.Type.MouseButtonDblClick, x, 0.301)
    after = rig.document.state.strokes[0]
    assert len(after.points) == len(before.points) + 1
    assert after.points[2] == pytest.approx([x, 0.3], abs=0.003)
    assert rig.document.labels[-1] == "Insert point"
    rig.mouse(QEvent.Type.MouseButtonRelease, x, 0.301)
    rig.document.undo()
    assert rig.document.state.strokes[0] == before


@pytest.mark.parametrize("how", ["alt", "delete"])
def test_a_point_is_taken_away(selecting, how):
    rig = selecting
    rig.selection.set(("a",))
    before = rig.document.state.strokes[0]
    x, y = before.points[2].tolist()
    if how == "alt":
        rig.drag((x, y), keys=Qt.KeyboardModifier.AltModifier)
    else:
        rig.mouse(QEvent.Type.MouseMove, x, y, Qt.MouseButton.NoButton, Qt.MouseButton.NoButton)
        QTest.keyClick(rig.view, Qt.Key.Key_Delete)
    after = rig.document.state.strokes[0]
    assert len(after.points) == len(before.points) - 1
    assert not (after.points == before.points[2]).all(axis=1).any()
    assert rig.document.labels[-1] == "Remove point"


def test_the_last_two_points_stay(selecting):
    rig = selecting
    rig.document.execute(AddStrokes((line("two", 0.3, 0.55, 0.5, 0.55, n=2),)))
    rig.selection.set(("two",))
    rig.drag((0.3, 0.55), keys=Qt.KeyboardModifier.AltModifier)
    assert len(rig.document.state.strokes[-1].points) == 2


def test_lines_are_drawn_as_the_curves_that_they_are_rendered_as():
    angles = np.linspace(0.0, np.pi, 9)
    arc = Stroke("arc", np.stack([0.5 + 0.2 * np.cos(angles), 0.5 - 0.2 * np.sin(angles)], 1), np.ones(9))
    radii = np.hypot(*(course_of(arc)[:, :2] - 0.5).T)
    assert np.abs(radii - 0.2).max() < 0.0028, "chords would be 0.0038 inside of the arc"
    item = StrokeItem()
    item.set_strokes((arc,))
    assert item.path("arc").elementCount() == len(course_of(arc))


def test_escape_takes_a_dragged_point_back(selecting):
    rig = selecting
    rig.selection.set(("a",))
    rig.drag((0.3, 0.3), (0.3, 0.36), release=False)
    QTest.keyClick(rig.view, Qt.Key.Key_Escape)
    assert rig.document.state.strokes[0].points[2] == pytest.approx([0.3, 0.3], abs=1e-6)
    assert len(rig.document.labels) == 2


def test_dragging_a_stroke_moves_it(selecting):
    rig = selecting
    rig.drag((0.325, 0.3), (0.35, 0.35), (0.375, 0.4))
    assert rig.document.state.strokes[0].points[:, 1] == pytest.approx(np.full(5, 0.4), abs=0.005)
    assert len(rig.document.labels) == 3


def test_a_point_can_be_inserted_on_a_line_with_breadth_and_tangents(selecting):
    rig = selecting
    bent = knots.with_tangent(line("bent", 0.3, 0.6, 0.7, 0.6, n=3, breadth=np.array([0.2, 1.0, 0.4])), 1, knots.AFTER,
                              (0.58, 0.52))  # fmt: skip
    rig.document.execute(AddStrokes((bent,)))
    rig.selection.set(("bent",))
    at = knots.at_place(bent, 1.5)
    rig.mouse(QEvent.Type.MouseButtonDblClick, *at)
    after = rig.document.state.strokes[-1]
    assert len(after.points) == 4
    assert after.breadth[2] == pytest.approx(0.7, abs=0.02)
    assert rig.selection.point == 2, "the new point is held, so that its tangents have handles"
    for share in np.linspace(0.05, 0.95, 19):
        x, y = knots.at_place(bent, 2 * share)
        assert knots.nearest_place(after, (x, y))[0] < 1e-4, "the curve stays as it was"
    rig.mouse(QEvent.Type.MouseButtonRelease, *at)
    rig.document.undo()
    assert rig.document.state.strokes[-1] == bent


def test_tangents_of_the_held_point_are_turned_broken_and_reset(selecting):
    rig = selecting
    before = rig.document.state.strokes[0]
    rig.selection.set(("a",))
    rig.drag((0.3, 0.3))  # a click holds the point
    assert rig.selection.point == 2
    assert rig.document.state.strokes[0] == before
    rig.view.zoom(3.0, rig.view.position_of(0.3, 0.3))
    steps = len(rig.document.labels)
    end = knots.control_point(before, 2, knots.AFTER)
    rig.drag(tuple(end), (end[0], 0.31), (end[0], 0.32))
    turned = rig.document.state.strokes[0]
    assert rig.document.labels[steps:] == ("Turn tangent",)
    ahead, behind = (knots.control_point(turned, 2, side) - [0.3, 0.3] for side in (knots.AFTER, knots.BEFORE))
    assert ahead[1] == pytest.approx(0.02, abs=1e-3)
    assert ahead[0] * behind[1] == pytest.approx(ahead[1] * behind[0], abs=1e-6), "the other side turns along"
    assert ahead @ behind < 0
    x, y = knots.control_point(turned, 2, knots.BEFORE)
    rig.drag((x, y), (x, y - 0.01), (x, y - 0.03), keys=Qt.KeyboardModifier.AltModifier)
    broken = rig.document.state.strokes[0]
    assert knots.is_corner(broken, 2)
    assert knots.control_point(broken, 2, knots.AFTER) == pytest.approx(knots.control_point(turned, 2, knots.AFTER))
    x, y = knots.control_point(broken, 2, knots.AFTER)
    rig.drag((x, y), (x + 0.01, y), (x + 0.02, y))
    kept = knots.control_point(rig.document.state.strokes[0], 2, knots.BEFORE)
    assert kept == pytest.approx(knots.control_point(broken, 2, knots.BEFORE)), "a corner stays one"
    x, y = knots.control_point(rig.document.state.strokes[0], 2, knots.AFTER)
    rig.mouse(QEvent.Type.MouseButtonDblClick, x, y)
    rig.mouse(QEvent.Type.MouseButtonRelease, x, y)
    assert rig.document.labels[-1] == "Reset tangents"
    assert rig.document.state.strokes[0].tangents is None, "both sides are the smooth curve's again"
    for _ in rig.document.labels[steps:]:
        rig.document.undo()
    assert rig.document.state.strokes[0] == before

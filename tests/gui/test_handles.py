"""Handles of a line: every drag of a point or a tangent is one step, and undo brings back the state before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psygnal.testing import SignalTester

from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import AddLayer, AddStrokes, SetEngine, SetLayer
from rhytid.core.document.document import Document
from rhytid.core.lines import knots
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.handles import Grip, Handles, held_line
from rhytid.gui.controllers.point_gesture import clear_handle, insert_point
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Handling, Tool, ToolSettings

near = st.floats(-0.1, 0.1)


def random_line(seed: int) -> Stroke:
    """Few points, some with tangents of their own, broader here than there."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    points = np.column_stack([np.linspace(0.3, 0.6, n), 0.4 + rng.normal(0, 0.02, n)])
    tangents = rng.normal(0, 0.02, (n, 4)) * np.repeat(rng.random((n, 2)) > 0.6, 2, 1)
    return Stroke("line", points, rng.uniform(0.3, 1, n), breadth=rng.uniform(0.3, 1, n),
                  tangents=None if seed % 3 == 0 else tangents)  # fmt: skip


class Bench:
    """A pen with the select tool over one selected line."""

    def __init__(self, line: Stroke) -> None:
        self.document = Document()
        self.document.execute(SetEngine(generate_wrinkles=False))
        self.document.execute(AddStrokes((line,)))
        self.tools = ToolSettings(tool=Tool.SELECT)
        self.selection = Selection(self.document)
        self.selection.set((line.id,))
        self.tool = StrokeTool(self.document, self.tools, self.selection, Engines())
        self.failures = SignalTester(self.tool.failed)

    def drag(self, grip: Grip, offsets: list[tuple[float, float]], *, shift: bool, alt: bool) -> None:
        with self.failures:
            assert self.tool.press(PenSample((0.5, 0.5), smooth=shift, pick=alt), grip=grip)
            for dx, dy in offsets:
                self.tool.move([PenSample((0.5 + dx, 0.5 + dy), smooth=shift, pick=alt)])
            self.tool.release()
        self.failures.assert_not_emitted()

    @property
    def line(self) -> Stroke:
        return self.document.state.strokes[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 20), st.lists(st.tuples(near, near), min_size=1, max_size=4),
       st.booleans(), st.booleans())  # fmt: skip
def test_a_drag_is_one_step_and_undo_brings_back_the_state_before(seed, row, offsets, shift, alt) -> None:
    line = random_line(seed)
    bench = Bench(line)
    handles = Handles.of(line, seed % len(line.points))
    before, steps = bench.document.state, bench.document.position
    bench.drag(handles.grip(row % len(handles.charts), 0.0), offsets, shift=shift, alt=alt)
    assert bench.document.position - steps in (0, 1)
    assert 0 <= bench.selection.point < len(bench.line.points)
    if bench.document.position > steps:
        bench.document.undo()
    assert bench.document.state == before


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 0.6))
def test_a_point_more_and_less_are_steps_that_undo_takes_back(seed, x) -> None:
    line = random_line(seed)
    bench = Bench(line)
    before = bench.document.state
    if insert_point(bench.document, bench.selection, line, (x, 0.4)):
        assert len(bench.line.points) == len(line.points) + 1
        index = bench.selection.point
        assert knots.nearest_place(line, tuple(bench.line.points[index].tolist()))[0] < 1e-4
        clear_handle(bench.document, Grip(bench.line, index))
        assert bench.line.points == pytest.approx(line.points)
        bench.document.undo()
        bench.document.undo()
    assert bench.document.state == before


def test_what_is_dragged_goes_where_the_pen_goes() -> None:
    line = replace(random_line(1), points=np.array([[0.3, 0.4], [0.45, 0.42], [0.6, 0.4]]), pressure=np.ones(3),
                   breadth=None, tangents=None)  # fmt: skip
    bench = Bench(line)
    bench.drag(Grip(line, 1), [(0.0, 0.01), (0.01, 0.05)], shift=True, alt=False)
    assert bench.line.points[1] == pytest.approx([0.46, 0.47])
    assert bench.line.points[[0, 2]] == pytest.approx(line.points[[0, 2]])
    end = knots.control_point(bench.line, 1, knots.BEFORE)
    bench.drag(Grip(bench.line, 1, knots.BEFORE), [(0.0, 0.03)], shift=False, alt=False)
    assert knots.control_point(bench.line, 1, knots.BEFORE) == pytest.approx([end[0], end[1] + 0.03], abs=1e-6)
    bench.drag(Grip(bench.line, 1), [(0.02, 0.0)], shift=False, alt=False)
    assert len(bench.line.points) == 3, "a line that was bent by hand keeps its points"
    assert knots.control_point(bench.line, 1, knots.BEFORE) == pytest.approx([end[0] + 0.02, end[1] + 0.03], abs=1e-6)


def test_handles_are_those_of_one_line_that_the_select_tool_may_move() -> None:
    bench = Bench(random_line(3))
    found = lambda: held_line(bench.document, bench.selection, bench.tools)  # noqa: E731
    assert found() is bench.line
    bench.tools.handling = Handling.BEND
    assert found() is None
    bench.tools.handling = Handling.MOVE
    bench.tools.tool = Tool.BRUSH
    assert found() is None
    bench.tools.tool = Tool.SELECT
    bench.document.execute(AddLayer(StrokeLayer("kept", "Kept"), (bench.line.id,)))
    assert found() is bench.line
    bench.document.execute(SetLayer(("kept",), locked=True))
    assert found() is None, "a lock keeps every tool off"
    bench.selection.clear()
    assert found() is None


def test_points_side_by_side_and_tangents_on_their_point_have_no_handles() -> None:
    line = Stroke("line", np.column_stack([np.linspace(0.3, 0.5, 21), np.full(21, 0.4)]), np.ones(21))
    handles = Handles.of(line, 7)
    assert handles.shown(handles.charts * 500).tolist() == [0, 7, 20]
    assert len(handles.shown(handles.charts * 5000)) == 23
    x, y = handles.charts[7] * 5000
    assert handles.nearest(handles.charts * 5000, (x + 5, y)) == 7
    assert handles.nearest(handles.charts * 5000, (x, y + 9)) is None

"""The select tool bends, scales, branches and cuts lines; each drag is one step that undo takes back whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from psygnal.testing import SignalTester

from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import AddStrokes, SetEngine
from rhytid.core.document.document import Document
from rhytid.core.lines import edit, knots, reshape
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers import edits
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Handling, Tool, ToolSettings

XS = np.linspace(0.2, 0.45, 30)
LINE = Stroke("line", np.column_stack([XS, np.full(30, 0.4)]), np.ones(30), seed=9)


class Hand:
    """A pen with the select tool over a document of a line and its twin."""

    def __init__(self) -> None:
        self.document = Document()
        self.document.execute(SetEngine(generate_wrinkles=False))
        self.document.execute(AddStrokes((LINE, edit.mirror(LINE, "linem"))))
        self.tools = ToolSettings(tool=Tool.SELECT)
        self.selection = Selection(self.document)
        self.tool = StrokeTool(self.document, self.tools, self.selection, Engines())
        self.failures = SignalTester(self.tool.failed)

    def drag(self, *way: tuple[float, float]) -> None:
        with self.failures:
            assert self.tool.press(PenSample(way[0]))
            for at in way[1:]:
                self.tool.move([PenSample(at)])
            self.tool.release()
        self.failures.assert_not_emitted()

    def strokes(self) -> dict[str, Stroke]:
        return {stroke.id: stroke for stroke in self.document.state.strokes}


@pytest.fixture
def hand() -> Hand:
    return Hand()


WAYS = {
    Handling.MOVE: [(0.3, 0.4), (0.3, 0.42), (0.3, 0.45)],
    Handling.BEND: [(0.3, 0.4), (0.3, 0.42), (0.3, 0.45)],
    Handling.SCALE: [(0.44, 0.4), (0.48, 0.4), (0.5, 0.4)],
    Handling.BRANCH: [(0.3, 0.4), (0.31, 0.41), (0.33, 0.44), (0.36, 0.46)],
    Handling.CUT: [(0.3, 0.4)],
}


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("handling", list(Handling))
def test_a_drag_is_one_step_and_undo_brings_back_the_state_before(
    hand: Hand, handling: Handling, mirrored: bool
) -> None:
    before, steps = hand.document.state, hand.document.position
    hand.tools.handling, hand.tools.mirror_x = handling, mirrored
    hand.drag(*WAYS[handling])
    assert hand.document.position == steps + 1
    after = hand.strokes()
    assert after["line"] != LINE or handling is Handling.BRANCH
    if mirrored:
        for stroke in [s for s in after.values() if not s.id.endswith("m")]:
            twin = after[f"{stroke.id}m"]
            assert np.abs(edit.mirror(twin, stroke.id).points - stroke.points).max() < 1e-5
    else:
        assert after["linem"] == before.strokes[1]
    hand.document.undo()
    assert hand.document.state == before


def test_bending_pulls_the_line_where_it_is_held_and_leaves_its_ends(hand: Hand) -> None:
    hand.tools.handling = Handling.BEND
    hand.drag((0.32, 0.401), (0.32, 0.43))
    bent = hand.strokes()["line"]
    assert knots.nearest_place(bent, (0.32, 0.429))[0] < 0.002
    assert np.abs(bent.points[[0, -1]] - LINE.points[[0, -1]]).max() < 1e-5


def test_a_cut_line_joins_to_what_it_was(hand: Hand) -> None:
    hand.tools.handling = Handling.CUT
    hand.drag((0.3, 0.4))
    pieces = [stroke for stroke in hand.document.state.strokes if stroke.id != "linem"]
    assert len(pieces) == 2
    assert sum(map(reshape.length_of, pieces)) == pytest.approx(0.25, abs=1e-4)
    hand.selection.set(piece.id for piece in pieces)

    class Of:
        document, selection, tools = hand.document, hand.selection, hand.tools

    edits.join_selected(Of())
    (joined,) = [stroke for stroke in hand.document.state.strokes if stroke.id != "linem"]
    assert joined.id == "line"
    assert hand.selection.ids == ("line",)
    assert reshape.length_of(joined) == pytest.approx(0.25, abs=1e-4)
    edits.taper_selected(Of())
    tapered = hand.strokes()["line"]
    assert tapered.pressure[0] < 0.2
    assert tapered.breadth is not None


def test_a_branch_begins_on_the_line_and_a_short_pull_makes_none(hand: Hand) -> None:
    hand.tools.handling = Handling.BRANCH
    hand.drag((0.3, 0.4), (0.301, 0.401))
    assert len(hand.document.state.strokes) == 2
    hand.drag(*WAYS[Handling.BRANCH])
    twig = hand.document.state.strokes[-1]
    assert twig.points[0] == pytest.approx((0.3, 0.4), abs=2e-3)
    assert twig.points[-1] == pytest.approx((0.36, 0.46), abs=2e-3)
    assert twig.depth_mm < LINE.depth_mm


def test_a_click_again_selects_the_line_below_and_a_drag_moves_the_selected_one(hand: Hand) -> None:
    hand.document.execute(AddStrokes((replace(LINE, id="over"),)))
    found = []
    for _ in range(3):
        hand.drag((0.3, 0.4))
        found.append(hand.selection.ids)
    assert found == [("over",), ("line",), ("over",)]
    hand.drag((0.3, 0.4), (0.3, 0.5))
    assert hand.selection.ids == ("over",)
    assert hand.strokes()["over"].points[0, 1] == pytest.approx(0.5)
    assert hand.strokes()["line"] == LINE

"""The mask tool: masks of layers and locked skin, painted with the pen."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.detail.engines import Engines
from rhytid.core.document.commands import AddLayer, AddStrokes, LockSkin, SetEngine, SetLayer
from rhytid.core.document.document import Document
from rhytid.core.lines.layer import MASK_SIDE, StrokeLayer
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Band, MaskTarget, Tool, ToolSettings
from rhytid.gui.panels.finish import FinishGroup


class Bench:
    def __init__(self) -> None:
        self.document = Document()
        x = np.linspace(0.2, 0.8, 7)
        self.document.execute(AddStrokes((Stroke("a", np.stack([x, np.full(7, 0.5)], axis=1), np.ones(7)),)))
        self.document.execute(AddLayer(StrokeLayer("one"), ("a",)))
        self.tools = ToolSettings(tool=Tool.MASK, radius=0.05, layer="one")
        self.tool = StrokeTool(self.document, self.tools, Selection(self.document), Engines())
        self.failed: list[str] = []
        self.tool.failed.connect(lambda error: self.failed.append(str(error)))
        self.detail = np.random.default_rng(0).normal(0, 0.1, (256, 256)).astype(np.float32)

    def paint(self, start: tuple[float, float], end: tuple[float, float], erase: bool = False) -> None:
        way = [PenSample((x, y), erase=erase) for x, y in np.linspace(start, end, 9).tolist()]
        if self.tool.press(way[0]):
            self.tool.move(way[1:])
            self.tool.release()

    def mask(self) -> np.ndarray | None:
        return self.document.state.layers[0].mask


@pytest.fixture
def bench(qapp) -> Bench:
    return Bench()


def test_a_stroke_of_the_tool_hides_and_ctrl_brings_back(bench: Bench) -> None:
    steps = len(bench.document.labels)
    bench.paint((0.2, 0.5), (0.4, 0.5))
    assert len(bench.document.labels) == steps + 1
    mask = bench.mask()
    assert mask[128, 77] == 0
    assert mask[128, 200] == 255
    (shown,) = bench.document.state.layering.shown(bench.document.state.strokes)
    assert shown.points[:, 0].min() > 0.38
    bench.tools.radius = 0.12
    bench.paint((0.15, 0.5), (0.45, 0.5), erase=True)
    assert bench.mask() is None, "a mask that hides nothing is none"
    bench.document.undo()
    bench.document.undo()
    assert bench.mask() is None


def test_lingering_does_not_harden_the_soft_rim(bench: Bench) -> None:
    bench.paint((0.3, 0.5), (0.5, 0.5))
    once = bench.mask()
    bench.document.undo()
    way = [PenSample((x, 0.5)) for x in [*np.linspace(0.3, 0.5, 9), *np.linspace(0.5, 0.3, 9)]]
    bench.tool.press(way[0])
    for sample in way[1:]:
        bench.tool.move([sample])
    bench.tool.release()
    assert np.abs(bench.mask().astype(int) - once).max() <= 1


def test_both_halves_at_once(bench: Bench) -> None:
    bench.tools.mirror_x = True
    bench.paint((0.3, 0.3), (0.3, 0.4))
    assert np.array_equal(bench.mask(), bench.mask()[:, ::-1])


def test_without_a_layer_or_in_a_locked_one_it_says_so_and_changes_nothing(bench: Bench) -> None:
    state = bench.document.state
    bench.tools.layer = ""
    bench.paint((0.3, 0.5), (0.4, 0.5))
    assert "Strokes panel" in bench.failed[0]
    assert bench.document.state is state
    bench.tools.layer = "one"
    bench.document.execute(SetLayer(("one",), locked=True))
    bench.paint((0.3, 0.5), (0.4, 0.5))
    assert "locked" in bench.failed[1]
    assert bench.mask() is None


def test_skin_is_locked_with_what_is_seen_and_freed_again(bench: Bench) -> None:
    bench.tools.mask_target = MaskTarget.SKIN
    bench.paint((0.3, 0.5), (0.4, 0.5))
    assert "in a moment" in bench.failed[0], "nothing is known of the face yet"
    bench.tool.detail = lambda: bench.detail
    bench.paint((0.3, 0.5), (0.4, 0.5))
    lock = bench.document.state.lock
    assert lock.mask[128, 90] == 255
    one, other = (lock.applied(values)[128, 80:100] for values in (np.zeros_like(bench.detail), bench.detail))
    assert np.array_equal(one, other)
    bench.tools.radius = 0.12
    bench.paint((0.2, 0.5), (0.5, 0.5), erase=True)
    assert bench.document.state.lock is None
    assert bench.document.labels[-2:] == ("Lock skin", "Free skin")


def test_the_eraser_rubs_pores_away_and_leaves_strokes(bench: Bench) -> None:
    bench.tools.tool, bench.tools.band = Tool.ERASER, Band.PORES
    strokes = bench.document.state.strokes
    bench.paint((0.3, 0.5), (0.4, 0.5))
    assert bench.document.state.strokes is strokes
    assert bench.document.state.smoothed.mask[128, 90] == 255
    bench.tools.radius = 0.12
    bench.paint((0.2, 0.5), (0.5, 0.5), erase=True)
    assert bench.document.state.smoothed is None
    assert bench.document.labels[-2:] == ("Erase pores", "Bring pores back")


@pytest.mark.parametrize(("band", "left"), [(Band.FOLDS, "narrow"), (Band.FINE_LINES, "broad"), (Band.ALL, "")])
def test_the_eraser_takes_strokes_of_one_band(bench: Bench, band: Band, left: str) -> None:
    x = np.linspace(0.4, 0.5, 5)
    points = np.stack([x, np.full(5, 0.9)], axis=1)
    bench.document.execute(SetEngine(generate_wrinkles=False))
    bench.document.execute(
        AddStrokes((Stroke("broad", points, np.ones(5), 0.03), Stroke("narrow", points, np.ones(5), 0.008)))
    )
    bench.tools.tool, bench.tools.band = Tool.ERASER, band
    bench.paint((0.38, 0.9), (0.52, 0.9))
    assert [s.id for s in bench.document.state.strokes] == ["a", *left.split()]


def test_the_panel_shows_strengths_and_frees_all_skin(bench: Bench, qtbot) -> None:
    group = FinishGroup(bench.document)
    qtbot.addWidget(group)
    bench.document.state_changed.connect(lambda new, old: group.show_state(new))
    group.show_state(bench.document.state)
    assert group.free.isHidden()
    mask = np.full((MASK_SIDE, MASK_SIDE), 255, np.uint8)
    bench.document.execute(LockSkin(mask, bench.detail))
    assert not group.free.isHidden()
    group.free.click()
    assert bench.document.state.lock is None
    group.rows["folds"].value_entered.emit(150.0)
    assert bench.document.state.bands.folds == 1.5

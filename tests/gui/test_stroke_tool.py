"""The pen on the document, without any window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.commands import AddStrokes, ImportSource, SetAge, SetEngine, SetExpressionWeights
from rhytid.core.document.document import Document
from rhytid.core.document.expression import effective_expression
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.lines import edit
from rhytid.core.lines.stroke import Onset, Stroke, Style, seed_of
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_gestures import showing, showing_generated
from rhytid.gui.controllers.stroke_recorder import PenSample, StrokeRecorder
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings

ENGINES = Engines()


@pytest.fixture
def bench() -> tuple[Document, ToolSettings, Selection, StrokeTool]:
    """A document without generated wrinkles, and the tool on it."""
    document = Document()
    document.execute(SetEngine(generate_wrinkles=False))
    settings, selection = ToolSettings(smooth=0.0), Selection(document)
    return document, settings, selection, StrokeTool(document, settings, selection, ENGINES)


def line(
    a: tuple[float, float], b: tuple[float, float], n: int = 12, **options: object
) -> list[PenSample]:
    return [PenSample((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t), **options)
            for t in np.linspace(0, 1, n).tolist()]  # fmt: skip


def draw(tool: StrokeTool, samples: list[PenSample]) -> None:
    assert tool.press(samples[0])
    for sample in samples[1:]:
        tool.move([sample])
    tool.release()


def horizontal(stroke_id: str = "h", y: float = 0.5) -> Stroke:
    xs = np.linspace(0.3, 0.7, 30, dtype=np.float32)
    return Stroke(stroke_id, np.stack([xs, np.full_like(xs, y)], 1), np.ones(30, np.float32))


def test_what_is_drawn_becomes_a_wrinkle_unless_it_shall_stay_as_drawn(bench):
    document, settings, _, tool = bench
    settings.mirror_x, settings.mirror_asymmetry = True, 0.0
    draw(tool, line((0.2, 0.3), (0.4, 0.35)))
    drawn, twin = document.state.strokes
    assert (drawn.style, twin.style) == (Style.NATURAL, Style.NATURAL)
    assert drawn.seed == -twin.seed == seed_of(drawn.id)
    assert drawn.folding == twin.folding == settings.folding > 0
    settings.style = Style.AS_DRAWN
    draw(tool, line((0.2, 0.5), (0.4, 0.55)))
    assert {stroke.folding for stroke in document.state.strokes[2:]} == {0.0}
    assert {stroke.style for stroke in document.state.strokes[2:]} == {Style.AS_DRAWN}


def test_a_stroke_turns_along_the_skin_when_the_pen_is_up_if_that_is_wanted(bench):
    document, settings, _, tool = bench

    def steepness() -> float:
        points = document.state.strokes[-1].points
        return abs(float((points[-1] - points[0])[1]))

    samples = line((0.40, 0.06), (0.58, 0.12))  # oblique on the forehead, where the skin's lines lie level
    draw(tool, samples)
    drawn = steepness()
    settings.along_tension = 1.0
    draw(tool, samples)
    assert steepness() < 0.3 * drawn


def test_drawing_makes_one_undo_step_and_shows_while_the_pen_moves(bench):
    document, settings, _, tool = bench
    settings.width, settings.depth_mm = 0.02, 0.4
    before = document.state
    steps = len(document.labels)
    counts = []
    samples = line((0.3, 0.3), (0.6, 0.35))
    tool.press(samples[0])
    for sample in samples[1:]:
        tool.move([sample])
        counts.append(sum(len(s.points) for s in document.state.strokes))
    tool.release()
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    (stroke,) = document.state.strokes
    assert (stroke.width, stroke.depth_mm) == (0.02, 0.4)
    assert stroke.points[0] == pytest.approx((0.3, 0.3), abs=1e-4)
    assert stroke.points[-1] == pytest.approx((0.6, 0.35), abs=1e-4)
    assert len(document.labels) == steps + 1
    document.undo()
    assert document.state == before


def test_escape_takes_the_whole_stroke_back(bench):
    document, _, _, tool = bench
    before, steps = document.state, len(document.labels)
    samples = line((0.3, 0.3), (0.6, 0.35))
    tool.press(samples[0])
    tool.move(samples[1:])
    assert document.state != before
    assert tool.cancel()
    assert document.state == before
    assert len(document.labels) == steps
    tool.move(samples)
    tool.release()
    assert document.state == before


def test_a_click_leaves_nothing(bench):
    document, _, _, tool = bench
    steps = len(document.labels)
    tool.press(PenSample((0.4, 0.4)))
    tool.release()
    assert not document.state.strokes
    assert len(document.labels) == steps


def test_a_press_beside_the_skin_is_not_the_tools(bench):
    assert not bench[3].press(PenSample(None))


def test_the_line_breaks_where_the_pen_leaves_the_skin_or_jumps(bench):
    document, _, _, tool = bench
    samples = [*line((0.2, 0.3), (0.3, 0.3)), PenSample(None), *line((0.32, 0.3), (0.4, 0.3)),
               *line((0.6, 0.7), (0.7, 0.7), on_surface=True)]  # fmt: skip
    draw(tool, samples)
    ends = sorted((float(s.points[0, 0]), float(s.points[-1, 0])) for s in document.state.strokes)
    assert np.allclose(ends, [(0.2, 0.3), (0.32, 0.4), (0.6, 0.7)], atol=1e-3)
    document.undo()
    assert not document.state.strokes


def test_a_fast_pen_on_the_flat_chart_draws_one_line(bench):
    document, _, _, tool = bench
    draw(tool, line((0.1, 0.3), (0.9, 0.3), n=4))
    (stroke,) = document.state.strokes
    assert stroke.points[-1, 0] - stroke.points[0, 0] == pytest.approx(0.8, abs=1e-3)


def test_the_stabiliser_calms_a_shaky_hand_and_still_arrives():
    rng = np.random.default_rng(1)
    xs = np.linspace(0.2, 0.6, 120)
    ys = 0.5 + rng.normal(0, 0.002, 120)
    roughness = []
    for smooth in (0.0, 0.6):
        recorder = StrokeRecorder(smooth)
        for x, y in zip(xs, ys, strict=True):
            recorder.add((float(x), float(y)), 1.0)
        recorder.finish()
        points = np.array(recorder.drawn()[0].points)
        assert math.dist(points[-1], (xs[-1], ys[-1])) < 1e-9
        roughness.append(np.abs(np.diff(points[:, 1])).sum())
    assert roughness[1] < 0.4 * roughness[0]


def test_pressure_is_kept_only_where_the_pen_should_act(bench):
    document, settings, _, tool = bench
    draw(tool, line((0.3, 0.3), (0.6, 0.3), pressure=0.5))
    assert document.state.strokes[0].pressure == pytest.approx(0.5)
    settings.pressure_to_depth = settings.pressure_to_width = False
    draw(tool, line((0.3, 0.4), (0.6, 0.4), pressure=0.5))
    assert document.state.strokes[1].pressure == pytest.approx(1.0)


def test_mirror_draws_the_twin(bench):
    document, settings, _, tool = bench
    settings.mirror_x, settings.mirror_asymmetry = True, 0.0
    draw(tool, line((0.2, 0.3), (0.35, 0.32)))
    one, two = document.state.strokes
    assert np.allclose(one.points[:, 0], 1 - two.points[:, 0], atol=1e-6)
    settings.mirror_asymmetry = 1.0
    draw(tool, line((0.2, 0.6), (0.35, 0.62)))
    one, two = document.state.strokes[2:]
    same_length = len(one.points) == len(two.points)
    assert not (same_length and np.allclose(one.points[:, 0], 1 - two.points[:, 0], atol=1e-3))


@pytest.mark.parametrize("onset", [Onset.EXPRESSION, Onset.ACTION_UNITS])
def test_a_stroke_drawn_on_a_smile_is_bound_to_it(bench, onset):
    document, settings, _, tool = bench
    settings.onset = onset
    draw(tool, line((0.3, 0.2), (0.6, 0.2)))
    assert document.state.strokes[0].binding.onset is Onset.ALWAYS
    document.execute(SetExpressionWeights({"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}))
    draw(tool, line((0.3, 0.3), (0.6, 0.3)))
    stroke = document.state.strokes[1]
    assert stroke.binding.onset is onset
    assert stroke.binding.weights
    assert stroke in showing(document.state, document.state.strokes)
    document.execute(SetExpressionWeights({"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0}))
    assert stroke not in showing(document.state, document.state.strokes)


def test_the_eraser_splits_and_control_erases_with_the_brush(bench):
    document, settings, _, tool = bench
    document.execute(AddStrokes((horizontal("a", 0.4), horizontal("b", 0.6))))
    settings.tool, settings.radius = Tool.ERASER, 0.03
    draw(tool, line((0.5, 0.35), (0.5, 0.45)))
    assert sorted(s.id for s in document.state.strokes) == ["a.1", "a.2", "b"]
    settings.tool = Tool.BRUSH
    draw(tool, line((0.5, 0.55), (0.5, 0.65), erase=True))
    assert sorted(s.id for s in document.state.strokes) == ["a.1", "a.2", "b.1", "b.2"]
    document.undo()
    document.undo()
    assert [s.id for s in document.state.strokes] == ["a", "b"]


def test_the_eraser_leaves_alone_what_does_not_show(bench):
    document, settings, _, tool = bench
    from dataclasses import replace

    hidden = replace(horizontal("old"), birth_age=65.0)
    document.execute(AddStrokes((hidden,)))
    settings.tool = Tool.ERASER
    draw(tool, line((0.5, 0.45), (0.5, 0.55)))
    assert document.state.strokes == (hidden,)


def test_shift_smooths_the_stroke_under_the_brush(bench):
    document, _, _, tool = bench
    xs = np.linspace(0.3, 0.7, 60, dtype=np.float32)
    ys = (0.5 + 0.006 * np.where(np.arange(60) % 2, 1, -1)).astype(np.float32)
    document.execute(AddStrokes((Stroke("z", np.stack([xs, ys], 1), np.ones(60, np.float32)),)))
    draw(tool, line((0.4, 0.5), (0.6, 0.5), smooth=True))
    (stroke,) = document.state.strokes
    middle = (stroke.points[:, 0] > 0.45) & (stroke.points[:, 0] < 0.55)
    assert np.abs(stroke.points[middle, 1] - 0.5).max(initial=0.0) < 0.004
    assert document.labels[-1] == "Smooth strokes"


def test_select_picks_adds_moves_and_lets_go(bench):
    document, settings, selection, tool = bench
    document.execute(AddStrokes((horizontal("a", 0.4), horizontal("b", 0.6))))
    settings.tool = Tool.SELECT
    tool.press(PenSample((0.5, 0.402)))
    tool.release()
    assert selection.ids == ("a",)
    tool.press(PenSample((0.5, 0.6)), extend=True)
    tool.release()
    assert set(selection.ids) == {"a", "b"}
    steps = len(document.labels)
    draw(tool, line((0.5, 0.4), (0.55, 0.45)))
    assert len(document.labels) == steps + 1
    moved = {s.id: s for s in document.state.strokes}
    assert moved["a"].points[0] == pytest.approx((0.35, 0.45), abs=1e-3)
    assert moved["b"].points[0] == pytest.approx((0.35, 0.65), abs=1e-3)
    tool.press(PenSample((0.9, 0.9)))
    tool.release()
    assert not selection.ids
    tool.select_in((0.0, 0.6), (1.0, 0.7))
    assert selection.ids == ("b",)


def test_the_eraser_takes_only_the_generated_wrinkles_that_it_touches(bench):
    document, settings, _, tool = bench
    document.execute(SetEngine(generate_wrinkles=True))
    from rhytid.core.document.commands import SetAge

    document.execute(SetAge(70.0))
    generated = generated_strokes(document.state, ENGINES)
    target = max(showing(document.state, generated), key=lambda s: float(np.ptp(s.points, axis=0).sum()))
    before, steps = document.state, len(document.labels)
    settings.tool, settings.radius = Tool.ERASER, 0.01
    x, y = target.points[len(target.points) // 2].tolist()
    draw(tool, line((x, y - 0.01), (x, y + 0.01)))
    state = document.state
    assert state.settings.generate_wrinkles
    shown = showing(before, generated)
    left = {id(stroke) for stroke in edit.erase(shown, [(x, y - 0.01), (x, y + 0.01)], 0.01)}
    assert set(state.taken) == {stroke.id for stroke in shown if id(stroke) not in left}
    assert target.id in state.taken
    assert len(state.strokes) < 20 < len(generated) / 10
    assert {s.id.partition(".")[0] for s in state.strokes} <= set(state.taken)
    assert {layer.id for layer in state.layers} == {s.layer for s in generated if s.id in state.taken}
    left = generated_strokes(state, ENGINES)
    assert [s.id for s in left] == [s.id for s in generated if s.id not in state.taken]
    assert target not in state.strokes
    assert len(document.labels) == steps + 1
    document.undo()
    assert document.state == before


def test_the_eraser_leaves_wrinkles_alone_that_an_imported_map_hides(bench):
    document, settings, _, tool = bench
    document.execute(SetEngine(generate_wrinkles=True))
    document.execute(SetAge(65.0))
    settings.tool, settings.radius = Tool.ERASER, 0.02
    target = max(showing_generated(document.state, ENGINES), key=lambda stroke: len(stroke.points))
    here = tuple(target.points[len(target.points) // 2].tolist())
    assert tool.pick(here) is not None
    flat = np.zeros((64, 64), np.float32)
    expression = tuple(float(w) for w in effective_expression(document.state))
    document.execute(ImportSource(SourceDetail(flat, expression, 65.0, "flat", (), "0" * 64)))
    assert not showing_generated(document.state, ENGINES), "the map shows what its person has"
    assert tool.pick(here) is None
    draw(tool, [PenSample(here), PenSample((here[0] + 0.01, here[1]))])
    assert document.state.settings.generate_wrinkles
    assert not document.state.strokes
    document.execute(SetExpressionWeights({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}))
    assert showing_generated(document.state, ENGINES), "a smile brings wrinkles that the map lacks"


def test_erasing_where_nothing_is_changes_nothing(bench):
    document, settings, _, tool = bench
    document.execute(SetEngine(generate_wrinkles=True))
    before, steps = document.state, len(document.labels)
    settings.tool, settings.radius = Tool.ERASER, 0.003
    draw(tool, line((0.02, 0.98), (0.03, 0.98)))
    assert document.state == before
    assert len(document.labels) == steps


def test_undo_while_the_pen_is_down_ends_the_gesture(bench):
    document, _, _, tool = bench
    before = document.state
    samples = line((0.3, 0.3), (0.6, 0.35))
    tool.press(samples[0])
    tool.move(samples[1:6])
    document.undo()
    tool.move(samples[6:])
    tool.release()
    assert document.state == before


def click(tool: StrokeTool, chart: tuple[float, float], **options: object) -> None:
    assert tool.press(PenSample(chart, **options))
    tool.release()


def test_shift_click_goes_on_straight_from_where_the_pen_was_lifted(bench):
    document, _, _, tool = bench
    draw(tool, line((0.2, 0.2), (0.4, 0.2)))
    steps = len(document.labels)
    (before,) = document.state.strokes
    click(tool, (0.4, 0.4), smooth=True)
    (stroke,) = document.state.strokes
    assert stroke.id == before.id
    assert np.array_equal(stroke.points[: len(before.points)], before.points)
    assert stroke.points[-1] == pytest.approx((0.4, 0.4), abs=1e-5)
    assert np.allclose(stroke.points[len(before.points) :, 0], 0.4, atol=2e-3)
    assert len(document.labels) == steps + 1
    assert document.labels[-1] == "Draw straight line"
    click(tool, (0.6, 0.4), smooth=True)
    assert document.state.strokes[0].points[-1] == pytest.approx((0.6, 0.4), abs=1e-5)
    document.undo()
    document.undo()
    assert document.state.strokes == (before,)


def test_a_click_and_a_shift_click_make_a_straight_line(bench):
    document, settings, _, tool = bench
    settings.mirror_x = True
    click(tool, (0.2, 0.3))
    assert document.state.strokes == ()
    click(tool, (0.35, 0.6), smooth=True)
    stroke, twin = document.state.strokes
    assert stroke.points[0] == pytest.approx((0.2, 0.3), abs=1e-5)
    assert stroke.points[-1] == pytest.approx((0.35, 0.6), abs=1e-5)
    assert twin.id == f"{stroke.id}m"
    click(tool, (0.40, 0.62), smooth=True)
    assert [len(s.points) for s in document.state.strokes] != [len(stroke.points), len(twin.points)]


def test_shift_click_with_nothing_to_go_on_from_draws_nothing(bench):
    document, _, _, tool = bench
    click(tool, (0.4, 0.4), smooth=True)
    assert document.state.strokes == ()
    draw(tool, line((0.2, 0.2), (0.4, 0.2)))
    document.undo()
    click(tool, (0.7, 0.7), smooth=True)
    assert document.state.strokes == ()


def test_shift_drag_still_smooths_and_draws_calmly(bench):
    document, settings, _, tool = bench
    wobble = [PenSample((0.3 + i * 0.01, 0.5 + 0.01 * (i % 2))) for i in range(30)]
    draw(tool, wobble)
    before = document.state.strokes[0]
    settings.radius = 0.03
    draw(tool, line((0.3, 0.505), (0.6, 0.505), smooth=True))
    assert document.labels[-1] == "Smooth strokes"
    assert document.state.strokes[0].points[:, 1].std() < before.points[:, 1].std()
    draw(tool, line((0.2, 0.8), (0.5, 0.8), smooth=True))
    assert document.labels[-1] == "Draw stroke"

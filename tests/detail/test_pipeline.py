"""The pipeline: only what changed is redone, and the result is what a full run gives."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from detail_samples import line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.engine import EngineInfo, UnknownEngineError
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.lines.distance import DistanceField, distance_field
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke

SIDE = 128
AGED = Binding(Onset.ACTION_UNITS, (("AU12", 1.0),))


def same(a, b):
    """Equal maps, bit for bit."""
    return (
        a.displacement.tobytes() == b.displacement.tobytes()
        and a.line_map.tobytes() == b.line_map.tobytes()
        and a.distance_field.tobytes() == b.distance_field.tobytes()
    )


def with_settings(request, **changes):
    """The same request with other settings."""
    return replace(request, pose=replace(request.pose, settings=replace(request.pose.settings, **changes)))


point = st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98))


@st.composite
def strokes(draw):
    """A stroke of one of five ids, so that runs add, change and remove."""
    points = np.array(draw(st.lists(point, min_size=2, max_size=6)), np.float32)
    pressure = np.array([draw(st.floats(0.2, 1.0)) for _ in points], np.float32)
    return Stroke(
        draw(st.sampled_from("abcde")), points, pressure, draw(st.floats(0.01, 0.05)), draw(st.floats(-0.3, 0.4)),
        draw(st.sampled_from(list(Profile))), draw(st.sampled_from([Binding(), AGED])),
        draw(st.sampled_from([0.0, 40.0])), visible=draw(st.booleans()),
    )  # fmt: skip


@st.composite
def states(draw):
    chosen = {stroke.id: stroke for stroke in draw(st.lists(strokes(), max_size=4))}
    return tuple(chosen.values()), draw(st.sampled_from([25.0, 50.0])), draw(st.sampled_from([0.0, 0.4, 1.0]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(states(), min_size=2, max_size=5))
def test_any_sequence_equals_full_runs(make_request, sequence):
    pipeline, previous = DetailPipeline(), None
    for drawn, age, smile in sequence:
        request = make_request(
            SIDE,
            age=age,
            strokes=drawn,
            action_units={"AU12": smile} if smile else {},
            generate_wrinkles=False,
        )
        maps = pipeline.run(request)
        assert same(maps, DetailPipeline().run(request))
        if previous is not None:
            outside = np.ones((SIDE, SIDE), bool)
            outside[maps.changed_since(previous.revision).slices] = False
            assert (maps.displacement == previous.displacement)[outside].all()
            assert (maps.line_map == previous.line_map)[outside].all()
        previous = maps


def test_a_growing_stroke_changes_its_end_only_and_nothing_given_out(make_request):
    pipeline = DetailPipeline()
    course = np.stack([np.linspace(0.2, 0.8, 60), 0.4 + 0.05 * np.sin(np.linspace(0, 9, 60))], 1).astype(
        np.float32
    )
    given_out = []
    for count in range(5, 60, 6):
        stroke = Stroke("pen", course[:count], np.ones(count, np.float32))
        maps = pipeline.run(make_request(512, strokes=[stroke]))
        given_out.append((maps, maps.displacement.copy(), maps.line_map.copy()))
    assert maps.changed_since(given_out[-2][0].revision).width < 230  # of 307
    assert same(maps, DetailPipeline().run(make_request(512, strokes=[stroke])))
    for held, displacement, line_map in given_out:
        assert (held.displacement == displacement).all()
        assert (held.line_map == line_map).all()
        with pytest.raises(ValueError, match="read-only"):
            held.displacement[0, 0] = 1


def test_equal_request_gives_an_empty_rectangle_and_the_same_arrays(make_request):
    pipeline = DetailPipeline()
    first = pipeline.run(make_request(), generation=1)
    again = pipeline.run(make_request(), generation=2)
    assert first.changed_since(None) is None
    assert again.revision == first.revision
    assert again.changed_since(first.revision).empty
    assert again.displacement is first.displacement
    assert again.generation == 2


def test_skin_outside_a_stroke_keeps_its_bits(make_request, pipeline):
    bare = pipeline.run(make_request(512))
    stroke = line("a", (0.3, 0.5), (0.4, 0.6))
    maps = pipeline.run(make_request(512, strokes=[stroke]))
    changed = maps.displacement != bare.displacement
    rows, columns = np.nonzero(changed)
    reach = 3 * stroke.width * 512
    assert changed.any()
    assert columns.min() > 0.3 * 512 - reach
    assert columns.max() < 0.4 * 512 + reach
    assert rows.max() < 0.6 * 512 + reach


def test_line_map_and_distance_field_show_what_shows(make_request):
    bound = line("bound", (0.2, 0.2), (0.4, 0.2), binding=AGED)
    always = line("always", (0.2, 0.6), (0.4, 0.6))
    pipeline = DetailPipeline()
    rest = pipeline.run(make_request(strokes=[bound, always], generate_wrinkles=False))
    smile = pipeline.run(
        make_request(strokes=[bound, always], action_units={"AU12": 1.0}, generate_wrinkles=False)
    )
    assert (rest.line_map == draw_line_map([always], 256)).all()
    assert (smile.line_map == draw_line_map([bound, always], 256)).all()
    assert (smile.distance_field == distance_field([bound, always], 256)).all()
    assert (rest.distance_field == distance_field([always], 256)).all()  # also when read late


def test_adopted_wrinkles_look_exactly_as_generated(make_request, pipeline):
    own = Engines().get("procedural").strokes(make_request().pose.settings)
    options = {"age": 52.0, "action_units": {"AU12": 1.0, "AU12L": 1.0, "AU12R": 1.0, "AU6": 0.5},
               "dynamic_strength": 1.4, "static_strength": 0.7}  # fmt: skip
    generated = pipeline.run(make_request(**options))
    adopted = DetailPipeline().run(make_request(strokes=own, generate_wrinkles=False, **options))
    assert same(generated, adopted)


def test_drawn_lines_equal_their_relief(make_request):
    request = make_request(512, age=55, action_units={"AU4": 1.0, "AU4L": 1.0, "AU4R": 1.0})
    engine, pose = Engines().get("procedural"), request.pose
    flat = with_settings(request, pores=0.0, static_strength=1.0)
    with_lines = DetailPipeline().run(flat)
    bare = DetailPipeline().run(with_settings(flat, generate_wrinkles=False))
    lines = relief([(stroke, pose.amount(stroke)) for stroke in engine.strokes(pose.settings)], 512)
    expected = np.add(bare.displacement, lines, out=bare.displacement.copy(), where=lines != 0)
    assert (with_lines.displacement == expected).all()


def test_cancelled_run_raises_and_the_next_one_is_right(make_request):
    pipeline = DetailPipeline()
    before = pipeline.run(make_request(SIDE))
    request = make_request(SIDE, age=60, strokes=[line("a", (0.2, 0.2), (0.7, 0.4))])
    for stage in range(6):
        polls = iter(range(100))
        with pytest.raises(Cancelled):
            pipeline.run(request, cancel=lambda polls=polls, stage=stage: next(polls) >= stage)
    maps = pipeline.run(request)
    assert same(maps, DetailPipeline().run(request))
    changed = maps.displacement != before.displacement
    outside = np.ones((SIDE, SIDE), bool)
    outside[maps.changed_since(before.revision).slices] = False
    assert not changed[outside].any()


def test_progress_rises_to_one(make_request):
    shares = []
    DetailPipeline().run(make_request(SIDE), progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_resolutions_do_not_disturb_each_other(make_request):
    pipeline = DetailPipeline()
    first = pipeline.run(make_request(256))
    small = pipeline.run(make_request(128, age=60))
    assert pipeline.run(make_request(256)).revision == first.revision
    assert first.changed_since(small.revision) is None


def test_engines_are_found_by_name(make_request):
    with pytest.raises(UnknownEngineError, match="procedural"):
        DetailPipeline().run(make_request(name="no such"))


def test_another_engine_takes_part_without_touching_the_pipeline(make_request):
    """An engine whose surface is a constant: what learned engines have to bring."""

    class Constant(ProceduralEngine):
        def surface(self, pose, resolution, control):
            return np.full((resolution, resolution), 0.25, np.float32)

    pipeline = DetailPipeline(Engines([EngineInfo("constant", "Constant", "", Constant)]))
    before = pipeline.run(make_request(SIDE))
    maps = pipeline.run(make_request(SIDE, name="constant", generate_wrinkles=False))
    assert (maps.displacement == 0.25).all()
    assert maps.changed_since(before.revision) is None


def test_the_distance_is_computed_when_it_is_read_and_once_for_the_same_lines(make_request, monkeypatch):
    updates = []
    update = DistanceField.update
    monkeypatch.setattr(DistanceField, "update", lambda field, strokes: updates.append(1) or update(field, strokes))
    pipeline = DetailPipeline()
    maps = pipeline.run(make_request(SIDE, strokes=[line("a", (0.2, 0.2), (0.7, 0.4))]))
    older = pipeline.run(make_request(SIDE, strokes=[line("a", (0.2, 0.2), (0.7, 0.4))], pores=0.5))
    assert updates == []
    assert older.distance_field is maps.distance_field
    assert updates == [1]


@pytest.mark.parametrize("depth_mm", [0.0, 0.2])
def test_the_distance_differs_where_the_maps_say_that_they_do(make_request, depth_mm):
    pipeline = DetailPipeline()
    first = line("a", (0.30, 0.50), (0.40, 0.50), depth_mm=depth_mm)
    moved = replace(first, points=first.points + np.float32(0.0004))
    apart = line("b", (0.80, 0.80), (0.84, 0.80), depth_mm=0.2)
    before = pipeline.run(make_request(strokes=(first,)))
    distance = before.distance_field.copy()
    for strokes in ((moved,), (first, apart)):
        after = pipeline.run(make_request(strokes=strokes))
        changed = after.changed_since(before.revision)
        reach = changed.grown(int(np.ceil(0.05 * after.resolution)) + 1, after.resolution)
        differs = after.distance_field != distance
        assert differs.any()
        differs[reach.slices] = False
        assert not differs.any()
        before, distance = after, after.distance_field.copy()


def test_maps_that_nobody_looked_at_are_covered_by_the_next(make_request):
    pipeline = DetailPipeline()
    strokes = [line(name, (x, 0.3), (x + 0.1, 0.4)) for name, x in zip("abcd", (0.1, 0.3, 0.5, 0.7), strict=True)]
    maps = [pipeline.run(make_request(SIDE, strokes=strokes[:n])) for n in range(5)]
    for early, late in combinations(maps, 2):
        outside = np.ones((SIDE, SIDE), bool)
        outside[late.changed_since(early.revision).slices] = False
        assert (late.displacement != early.displacement).any()
        assert (late.displacement == early.displacement)[outside].all()
        assert (late.line_map == early.line_map)[outside].all()

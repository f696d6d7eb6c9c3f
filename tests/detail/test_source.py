"""Edits on an imported map: nothing changes but what is edited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detail_samples import line, scan, scan_lines, source_of

from rhytid.core.detail.engine import EngineInfo, Reposed
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.healing import neighbourhood, patch_rect
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.detail.request import EngineSettings
from rhytid.core.detail.stamped_lines import StampedLines
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.edit import erase, move
from rhytid.core.lines.stroke import Binding, Onset
from rhytid.core.maps.bands import band
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.resample import resample


def valley_mm(displacement, stroke):
    """Mean depth below the surroundings along a line."""
    side = displacement.shape[0]
    x, y = np.clip((stroke.points[2:-2] * side).astype(int), 0, side - 1).T
    return float(-band(displacement, 0.5 * side / 256, 6 * side / 256)[y, x].mean())


def beyond(strokes, side=256):
    """Texels outside the feathered neighbourhoods of some lines."""
    far = np.ones((side, side), bool)
    for stroke in strokes:
        reach = neighbourhood(stroke)[1] / 0.05
        far &= distance_field([stroke], side) > reach + 0.06
    return far


@pytest.mark.parametrize("resolution", [64, 256, 300, 1024])
def test_untouched_source_comes_back(make_request, resolution):
    displacement, lines = scan(), scan_lines()
    maps = DetailPipeline().run(make_request(resolution, source=source_of(displacement), strokes=lines))
    assert maps.displacement.tobytes() == resample(displacement, resolution).tobytes()
    if resolution == 256:
        assert maps.displacement.tobytes() == displacement.tobytes()


def test_erasing_heals_and_leaves_the_rest(make_request):
    displacement, lines = scan(), scan_lines()
    maps = DetailPipeline().run(make_request(source=source_of(displacement), strokes=lines[1:]))
    assert valley_mm(displacement, lines[0]) > 0.08
    assert abs(valley_mm(maps.displacement, lines[0])) < 0.01
    assert valley_mm(maps.displacement, lines[1]) == pytest.approx(
        valley_mm(displacement, lines[1]), rel=0.05
    )
    far = beyond(lines[:1])
    assert (maps.displacement == displacement)[far].all()
    assert far.mean() > 0.8


def test_healed_skin_has_the_texture_of_its_surroundings(make_request):
    displacement, lines = scan(), scan_lines()
    healed = (
        DetailPipeline().run(make_request(source=source_of(displacement), strokes=lines[:2])).displacement
    )
    fine = band(healed, 0.7, 2.5)
    rect = patch_rect(lines[2], 256)
    there = fine[rect.slices].std()
    beside = fine[rect.y0 : rect.y1, rect.x0 + 30 : rect.x1 + 30].std()
    assert 0.7 < there / beside < 1.3


def test_depth_scales_the_lines_own_relief(make_request):
    displacement, lines = scan(), scan_lines()
    pipeline = DetailPipeline()

    def with_depth(share):
        stroke = replace(lines[0], depth_mm=lines[0].depth_mm * share)
        return pipeline.run(
            make_request(source=source_of(displacement), strokes=(stroke, *lines[1:]))
        ).displacement

    own = valley_mm(displacement, lines[0])
    assert valley_mm(with_depth(0.5), lines[0]) == pytest.approx(0.5 * own, rel=0.15)
    assert valley_mm(with_depth(1.8), lines[0]) == pytest.approx(1.8 * own, rel=0.15)
    assert (with_depth(1.8) == displacement)[beyond(lines[:1])].all()
    assert with_depth(1.0).tobytes() == displacement.tobytes()


def test_moving_heals_and_stamps_again(make_request):
    displacement, lines = scan(), scan_lines()
    moved = move(lines[2], (0.12, 0.0))
    maps = DetailPipeline().run(make_request(source=source_of(displacement), strokes=(*lines[:2], moved)))
    assert abs(valley_mm(maps.displacement, lines[2])) < 0.01
    assert valley_mm(maps.displacement, moved) > 0.5 * valley_mm(displacement, lines[2])


def test_trimming_keeps_the_remaining_part(make_request):
    displacement, lines = scan(), scan_lines()
    left = erase(lines, np.array([[0.49, 0.075]]), 0.03)
    assert len(left) == 4
    maps = DetailPipeline().run(make_request(source=source_of(displacement), strokes=left))
    changed = maps.displacement != displacement
    columns = np.nonzero(changed.any(axis=0))[0] / 256
    assert changed.any()
    assert columns.min() > 0.42
    assert columns.max() < 0.56
    assert (maps.displacement - displacement)[int(0.075 * 256), int(0.49 * 256)] > 0.1


def test_new_strokes_go_on_top(make_request):
    displacement, lines = scan(), scan_lines()
    drawn = line("new", (0.6, 0.4), (0.8, 0.45), depth_mm=0.3)
    maps = DetailPipeline().run(make_request(source=source_of(displacement), strokes=(*lines, drawn)))
    assert valley_mm(maps.displacement, drawn) > 0.1
    assert (maps.displacement == displacement)[distance_field([drawn], 256) >= 1].all()


def test_hidden_line_heals_and_bound_line_follows_its_binding(make_request):
    displacement, lines = scan(), scan_lines()
    pipeline, source = DetailPipeline(), source_of(displacement)
    hidden = pipeline.run(make_request(source=source, strokes=(replace(lines[0], visible=False), *lines[1:])))
    assert abs(valley_mm(hidden.displacement, lines[0])) < 0.01
    bound = replace(lines[2], binding=Binding(Onset.ACTION_UNITS, (("AU12", 1.0),)))
    options = {"source": source, "strokes": (*lines[:2], bound), "generate_wrinkles": False}
    rest = pipeline.run(make_request(**options)).displacement
    smile = pipeline.run(make_request(action_units={"AU12": 1.0}, **options)).displacement
    assert abs(valley_mm(rest, lines[2])) < 0.01
    assert valley_mm(smile, lines[2]) == pytest.approx(valley_mm(displacement, lines[2]), rel=0.1)


def test_sequence_of_edits_equals_a_full_run(make_request):
    displacement, lines = scan(), scan_lines()
    source, pipeline, previous = source_of(displacement), DetailPipeline(), None
    deep = replace(lines[1], depth_mm=0.4)
    for strokes in (lines, lines[1:], (lines[0], deep, lines[2]), (), (move(lines[2], (0.1, 0.05)),), lines):
        request = make_request(source=source, strokes=strokes)
        maps, full = pipeline.run(request), DetailPipeline().run(request)
        assert maps.displacement.tobytes() == full.displacement.tobytes()
        assert maps.line_map.tobytes() == full.line_map.tobytes()
        if previous is not None:
            outside = np.ones((256, 256), bool)
            outside[maps.changed_since(previous.revision).slices] = False
            assert (maps.displacement == previous.displacement)[outside].all()
        previous = maps
    assert previous.displacement.tobytes() == displacement.tobytes()


def test_edit_shows_at_a_finer_resolution(make_request):
    displacement, lines = scan(), scan_lines()
    pipeline, source = DetailPipeline(), source_of(displacement)
    first = pipeline.run(make_request(1024, source=source, strokes=lines))
    maps = pipeline.run(make_request(1024, source=source, strokes=lines[:2]))
    changed, rect = maps.displacement != first.displacement, maps.changed_since(first.revision)
    outside = np.ones(changed.shape, bool)
    outside[rect.slices] = False
    assert changed.any()
    assert not changed[outside].any()
    assert rect.width < 300


def test_relaxing_the_captured_expression_fades_its_lines(make_request):
    displacement = scan()
    lines = (*scan_lines()[:2], scan_lines()[2])
    source = source_of(displacement)
    raised = {"AU1": 1.0, "AU2": 1.0, "AU2L": 1.0, "AU2R": 1.0}
    request = make_request(source=source, strokes=lines, source_action_units=raised)
    kept = DetailPipeline().run(replace(request, pose=replace(request.pose, action_units=raised))).displacement
    relaxed = DetailPipeline().run(request).displacement
    assert kept.tobytes() == displacement.tobytes()
    assert valley_mm(relaxed, lines[0]) < 0.6 * valley_mm(displacement, lines[0])
    assert valley_mm(relaxed, lines[2]) == pytest.approx(valley_mm(displacement, lines[2]), rel=0.02)
    assert (relaxed == displacement)[beyond(lines[:2])].all()


def test_new_expression_brings_wrinkles_where_it_acts(make_request):
    displacement, lines = scan(), scan_lines()
    source = source_of(displacement)
    frown = {"AU4": 1.0, "AU4L": 1.0, "AU4R": 1.0}
    maps = DetailPipeline().run(make_request(source=source, strokes=lines, action_units=frown))
    difference = maps.displacement - displacement
    assert difference[35:65, 110:146].std() > 0.015
    assert not difference[180:230, 90:166].any()


@pytest.mark.parametrize("frown", [0.0, 1.0])
def test_adopting_the_engines_wrinkles_changes_nothing(make_request, frown):
    displacement, lines = scan(), scan_lines()
    pose = {"AU4": frown, "AU4L": frown, "AU4R": frown}
    common = {"source": source_of(displacement, age=60.0), "age": 60.0, "action_units": pose}
    generated = DetailPipeline().run(make_request(strokes=lines, **common)).displacement
    own = Engines().get("procedural").strokes(EngineSettings())
    adopted = DetailPipeline().run(
        make_request(strokes=(*lines, *own), generate_wrinkles=False, **common)
    ).displacement
    assert (adopted == displacement).all() == (frown == 0.0)
    assert np.abs(adopted - generated).max() < 1e-6


def test_erasing_a_piece_of_an_adopted_wrinkle_keeps_the_rest_of_the_map(make_request):
    displacement, lines = scan(), scan_lines()
    own = list(Engines().get("procedural").strokes(EngineSettings()))
    middle = own[0].points[len(own[0].points) // 2]
    pieces = erase(own, [tuple(middle.tolist())], 0.004)
    assert {s.id for s in pieces} != {s.id for s in own}
    values = DetailPipeline().run(
        make_request(
            source=source_of(displacement, age=60.0), age=60.0, strokes=(*lines, *pieces),
            generate_wrinkles=False,
        )
    ).displacement  # fmt: skip
    assert values.tobytes() == displacement.tobytes()
    moved = DetailPipeline().run(
        make_request(
            source=source_of(displacement, age=60.0), age=60.0, generate_wrinkles=False,
            strokes=(*lines, *(replace(s, depth_mm=2 * s.depth_mm) for s in own)),
        )
    ).displacement  # fmt: skip
    assert (moved != displacement).any(), "what an artist changed shows"


def test_ageing_adds_and_rejuvenating_calms(make_request):
    displacement, lines = scan(), scan_lines()
    source = source_of(displacement, age=40.0)

    def energy(age):
        values = DetailPipeline().run(make_request(source=source, strokes=lines, age=age)).displacement
        return float(band(values, 0.7, 4.0).std())

    assert energy(22.0) < 0.97 * energy(40.0)
    assert energy(65.0) > 1.1 * energy(40.0)


def test_ageing_leaves_the_blank_around_a_scan_blank(make_request):
    displacement = scan().copy()
    displacement[:, 200:] = 0
    displacement.setflags(write=False)
    values = DetailPipeline().run(
        make_request(
            source=source_of(displacement, age=25.0), strokes=scan_lines(), age=65.0, generate_wrinkles=False
        )
    )
    assert not values.displacement[:, 215:].any()
    assert (values.displacement[:, :180] != displacement[:, :180]).mean() > 0.5


def test_source_can_come_and_go(make_request):
    displacement, lines = scan(), scan_lines()
    pipeline = DetailPipeline()
    bare = pipeline.run(make_request())
    worn = pipeline.run(make_request(source=source_of(displacement), strokes=lines))
    again = pipeline.run(make_request())
    assert again.displacement.tobytes() == bare.displacement.tobytes()
    assert again.changed_since(worn.revision) == Rect.whole(256)


def test_a_line_of_a_map_of_half_strength_is_erased_as_a_whole(make_request):
    displacement, lines = scan(), scan_lines()
    options = {"source": source_of(displacement), "strength": 0.5}
    whole = DetailPipeline().run(make_request(strokes=lines, **options)).displacement
    erased = DetailPipeline().run(make_request(strokes=lines[1:], **options)).displacement
    assert valley_mm(whole, lines[0]) == pytest.approx(0.5 * valley_mm(displacement, lines[0]), rel=0.02)
    assert abs(valley_mm(erased, lines[0])) < 0.005


def test_an_engine_decides_how_a_map_changes_with_the_pose(make_request):
    """What learned engines bring: the map reposed, the gain of its lines, texture, and factors of lines."""
    grounds = []

    class Layer(StampedLines):
        def redrawn(self, drawing, change, control):
            grounds.append(drawing.request)
            return super().redrawn(drawing, change, control)

    class Aged(ProceduralEngine):
        def shaped_lines(self, resolution):
            return Layer(resolution, self.cache)

        def reposed(self, displacement, source, captured, pose, control):
            if pose.age == captured.age:
                return Reposed(displacement)
            return Reposed(displacement * np.float32(2), np.full((256, 256), 2, np.float32))

        def added_texture(self, source, captured, pose, resolution, control):
            return None

        def finer(self, displacement, lines, resolution):
            return None

        def line_factor(self, stroke, captured, pose):
            return 1.0 if pose.age == captured.age or stroke.id != "s3" else 0.0

    displacement, lines = scan(), scan_lines()
    source = source_of(displacement)
    pipeline = DetailPipeline(Engines([EngineInfo("aged", "Aged", "", Aged)]))
    options = {"source": source, "name": "aged", "generate_wrinkles": False}
    same = pipeline.run(make_request(strokes=lines, **options))
    assert same.displacement.tobytes() == displacement.tobytes()
    older = pipeline.run(make_request(strokes=lines, age=40.0, **options)).displacement
    assert (older == 2 * displacement)[beyond(lines[2:])].all()
    assert abs(valley_mm(older, lines[2])) < 0.02
    erased = pipeline.run(make_request(strokes=lines[1:], age=40.0, **options)).displacement
    assert abs(valley_mm(erased, lines[0])) < 0.02
    again = pipeline.run(make_request(strokes=lines, expression={"jawOpen": 1.0}, **options)).displacement
    assert again.tobytes() == displacement.tobytes()
    assert grounds[-1].source is source
    assert (grounds[1].pose.age, grounds[1].captured.age) == (40.0, 30.0)

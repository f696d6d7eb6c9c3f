"""The engine "semm" in the pipeline: what must hold whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnx")

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.healing import neighbourhood
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.learned.semm import SemmModel
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import band
from rhytid.core.maps.resample import resample

SMILE = {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}


def line(name, start, end, **values):
    points = np.linspace(start, end, 12, dtype=np.float32)
    return Stroke(name, points, np.ones(12, np.float32), **values)


def lines_of_scan():
    own = {"width": 0.014, "from_source": True}
    return (
        line("s1", (0.32, 0.10), (0.66, 0.09), depth_mm=0.25, **own),
        line("s2", (0.30, 0.52), (0.27, 0.70), depth_mm=0.15, **own),
    )


def scan(resolution=256):
    noise = np.random.default_rng(3).normal(size=(resolution, resolution)).astype(np.float32)
    scale = resolution / 256
    values = band(noise, 0.8 * scale, 2.5 * scale)
    values *= np.float32(0.012) / values.std()
    values += relief([(stroke, 1.0) for stroke in lines_of_scan()], resolution)
    values[:, int(0.9 * resolution) :] = 0
    values.setflags(write=False)
    return values


def source(resolution=256):
    values = scan(resolution)
    return SourceDetail(values, (0.0,) * 52, 30.0, "scan", lines_of_scan(), displacement_digest(values))


@pytest.fixture
def run(engines):
    """The displacement of a request, by a pipeline that has seen no other."""
    return lambda request: DetailPipeline(engines).run(request).displacement


def test_an_untouched_map_is_enlarged_along_its_lines_and_keeps_its_means(make_request, run):
    values = run(make_request(1024, source=source(), strokes=lines_of_scan()))
    assert np.allclose(values.reshape(256, 4, 256, 4).mean((1, 3)), scan(), atol=1e-5)
    assert np.abs(values - resample(scan(), 1024)).max() > 1e-3
    again = run(make_request(1024, source=source(), strokes=lines_of_scan()))
    assert values.tobytes() == again.tobytes()


def test_an_erased_line_leaves_nothing_fine_behind(make_request, run):
    kept, erased = lines_of_scan()[:1], lines_of_scan()[1]
    values = run(make_request(1024, source=source(), strokes=kept))
    whole = run(make_request(1024, source=source(), strokes=lines_of_scan()))
    on_line = distance_field([erased], 1024) < 0.04
    fine = values - resample(resample(values, 256), 1024)
    assert fine[on_line].std() < 0.7 * (whole - resample(resample(whole, 256), 1024))[on_line].std()
    far = distance_field([erased], 1024) >= 1
    assert np.array_equal(values[far], whole[far])


@pytest.mark.parametrize("resolution", [64, 256, 300])
def test_an_untouched_map_comes_back_bit_for_bit(make_request, resolution, run):
    values = run(make_request(resolution, source=source(), strokes=lines_of_scan()))
    assert values.tobytes() == resample(scan(), resolution).tobytes()


def test_a_line_edit_changes_nothing_outside_its_neighbourhood(make_request, run):
    for resolution in (256, 1024):
        face = source(resolution)
        base = run(make_request(resolution, source=face, strokes=lines_of_scan()))
        stroke = line("new", (0.55, 0.5), (0.7, 0.58), depth_mm=0.2)
        drawn = run(make_request(resolution, source=face, strokes=(*lines_of_scan(), stroke)))
        far = distance_field([stroke], resolution) >= 1
        assert (drawn == base)[far].all()
        assert band(drawn - base, 1, 4)[distance_field([stroke], resolution) < 0.02].mean() < -0.01
        erased = run(make_request(resolution, source=face, strokes=lines_of_scan()[1:]))
        reach = neighbourhood(lines_of_scan()[0])[1] / 0.05
        assert (erased == base)[distance_field(lines_of_scan()[:1], resolution) > reach + 0.06].all()
        assert (erased != base).any()


@pytest.mark.parametrize("with_source", [False, True])
@pytest.mark.parametrize("resolution", [256, 512, 300])
def test_a_sequence_of_edits_equals_full_runs(make_request, with_source, resolution, run, engines):
    face = source() if with_source else None
    own = lines_of_scan() if with_source else ()
    one, two = line("a", (0.3, 0.3), (0.5, 0.33)), line("b", (0.45, 0.25), (0.5, 0.4), depth_mm=0.3)
    pipeline, previous = DetailPipeline(engines), None
    steps = [{"strokes": own}, {"strokes": (*own, one)}, {"strokes": (*own, one, two)},
             {"strokes": (*own, one, two), "expression": SMILE}, {"strokes": (*own, two), "expression": SMILE},
             {"strokes": (*own, two), "age": 60.0}, {"strokes": own[1:], "age": 60.0}, {"strokes": own}]  # fmt: skip
    requests = [make_request(resolution, source=face, generate_wrinkles=False, **step) for step in steps]
    for number, request in enumerate(requests):

        def stop(share, latest=(0.4, 0.6, 0.75)[number % 3]):
            if share > latest:
                raise Cancelled

        with pytest.raises(Cancelled):
            pipeline.run(requests[number - 3], progress=stop)
        maps = pipeline.run(request)
        assert maps.displacement.tobytes() == run(request).tobytes()
        if previous is not None:
            outside = np.ones((resolution, resolution), bool)
            outside[maps.changed_since(previous.revision).slices] = False
            assert (maps.displacement == previous.displacement)[outside].all()
        previous = maps


def test_the_pose_changes_a_map_by_its_code_and_comes_back(make_request, run, engines):
    pipeline = DetailPipeline(engines)
    common = {"source": source(), "strokes": lines_of_scan(), "generate_wrinkles": False}
    smiling = pipeline.run(make_request(expression=SMILE, **common)).displacement
    change = smiling - scan()
    assert np.abs(change[:, :200]).max() > 0.002
    assert not change[:, 245:].any(), "what is blank stays blank"
    assert pipeline.run(make_request(**common)).displacement.tobytes() == scan().tobytes()
    small = run(make_request(256, expression=SMILE, **{**common, "source": source(1024)}))
    large = run(make_request(1024, expression=SMILE, **{**common, "source": source(1024)}))
    assert (resample(large, 256) - small).std() < 0.15 * small.std()


def test_an_erased_line_goes_as_a_whole_in_another_pose(make_request, run):
    common = {"source": source(), "expression": SMILE, "age": 55.0, "generate_wrinkles": False}
    whole = run(make_request(strokes=lines_of_scan(), **common))
    erased = run(make_request(strokes=lines_of_scan()[1:], **common))
    x, y = (lines_of_scan()[0].points[2:-2] * 256).astype(int).T
    depth_before, depth_after = (-band(values, 0.5, 6)[y, x].mean() for values in (whole, erased))
    assert depth_before > 0.05
    assert abs(depth_after) < 0.25 * depth_before


def test_generated_faces_differ_by_seed_age_and_expression(make_request, run):
    faces = [
        run(make_request(**options))
        for options in ({}, {"seed": 2}, {"age": 60.0}, {"expression": SMILE}, {"resolution": 1024})
    ]
    assert run(make_request()).tobytes() == faces[0].tobytes()
    for other in faces[1:4]:
        assert np.abs(other - faces[0]).max() > 0.01
    assert np.corrcoef(resample(faces[4], 256).ravel(), faces[0].ravel())[0, 1] > 0.8
    assert not run(make_request(strength=0.0)).any()


def test_drawn_lines_are_shaped_by_the_face(make_request, run):
    stroke = line("a", (0.4, 0.3), (0.6, 0.33), depth_mm=0.2)

    def drawn(**options):
        options["generate_wrinkles"] = False
        return run(make_request(strokes=(stroke,), **options)) - run(make_request(**options))

    young, old = drawn(), drawn(age=65.0)
    stamped = relief([(stroke, 1.0)], 256)
    assert np.abs(young - stamped).max() > 1e-4
    assert np.abs(young - old).max() > 1e-4
    hidden = replace(stroke, visible=False)
    plain = run(make_request(generate_wrinkles=False))
    assert run(make_request(strokes=(hidden,), generate_wrinkles=False)).tobytes() == plain.tobytes()


def test_the_refinement_takes_its_lines_from_the_preview(make_request, engines, monkeypatch):
    painted = []
    paint = SemmModel.paint

    def counted(model, *arguments):
        painted.append(arguments)
        return paint(model, *arguments)

    monkeypatch.setattr(SemmModel, "paint", counted)
    strokes = (line("a", (0.30, 0.52), (0.27, 0.70), width=0.014, depth_mm=0.2),)
    pipeline = DetailPipeline(engines)
    refined = []
    for side in (256, 1024):
        refined.append(pipeline.run(make_request(side, strokes=strokes, age=41.5)))
        assert len(painted) == 2, "once without its lines and once with them"
    monkeypatch.undo()
    engines.cache.clear()
    alone = DetailPipeline(engines).run(make_request(1024, strokes=strokes, age=41.5))
    assert refined[1].displacement.tobytes() == alone.displacement.tobytes()


def test_a_drawn_line_goes_through_bumps_of_a_map(make_request, run):
    row, column = np.mgrid[:256, :256]
    bump = 0.1 * np.exp(-((row - 76) ** 2 + (column - 128) ** 2) / (2 * 2.5**2)).astype(np.float32)
    stroke = line("a", (0.4, 76.5 / 256), (0.6, 76.5 / 256), depth_mm=0.2)

    def carved_mm(values):
        values.setflags(write=False)
        face = SourceDetail(values, (0.0,) * 52, 30.0, "scan", (), displacement_digest(values))
        drawn, bare = (run(make_request(256, source=face, strokes=strokes)) for strokes in ((stroke,), ()))
        return float((bare - drawn)[76, 128])

    assert carved_mm(scan() + bump) - carved_mm(scan().copy()) > 0.02


def test_the_static_and_the_dynamic_part_of_a_generated_face_make_the_whole(make_request, run):
    smile = {"expression": SMILE, "pores": 0.0, "generate_wrinkles": False}
    both = run(make_request(**smile))
    static = run(make_request(**smile, dynamic_strength=0.0))
    dynamic = run(make_request(**smile, static_strength=0.0))
    assert np.allclose(static, run(make_request(pores=0.0, generate_wrinkles=False)), atol=1e-6)
    assert np.abs(dynamic).max() > 1e-3
    assert np.allclose(static + dynamic, both, atol=1e-5)


def test_the_dynamic_part_of_a_map_is_what_the_expression_adds(make_request, run):
    face = {"source": source(), "strokes": lines_of_scan(), "generate_wrinkles": False}
    assert not run(make_request(**face, static_strength=0.0)).any()
    dynamic = run(make_request(**face, expression=SMILE, static_strength=0.0, age=50.0))
    aged = run(make_request(**face, age=50.0))
    both = run(make_request(**face, expression=SMILE, age=50.0))
    assert np.abs(dynamic).max() > 1e-4
    assert np.allclose(aged + dynamic, both, atol=2e-4)

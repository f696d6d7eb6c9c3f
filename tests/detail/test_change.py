"""What a change says: the parts of the request that differ, and the lines that came, went or are others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detail_samples import line

from rhytid.core.detail.change import Change
from rhytid.core.detail.drawing import drawing_of
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.lines.replaced import replaced
from rhytid.core.lines.stroke import Binding, Onset
from rhytid.core.maps.array_cache import ArrayCache

SMILE = Binding(Onset.ACTION_UNITS, (("AU12", 1.0),))
A, B = line("a", (0.2, 0.2), (0.4, 0.2)), line("b", (0.2, 0.6), (0.4, 0.6))


def source(own=(), shift=0.0):
    values = np.random.default_rng(1).normal(shift, 0.01, (128, 128)).astype(np.float32)
    values.setflags(write=False)
    return SourceDetail(values, (0.0,) * 52, 30.0, "scan", own, displacement_digest(values))


def change(before, after):
    engine = ProceduralEngine(ArrayCache())
    return Change.between(drawing_of(before, engine), drawing_of(after, engine))


def test_replaced_pairs_what_came_what_went_and_what_is_another():
    assert replaced({"a": 1, "b": 2, "c": 3}, {"b": 2, "c": 4, "d": 5}) == ((3, 4), (None, 5), (1, None))
    assert replaced({}, {}) == ()


def test_an_equal_request_changes_nothing(make_request):
    options = {"strokes": [A], "source": source(), "tension": np.full((256, 256), 0.1, np.float32)}
    again = replace(options["source"])
    found = change(make_request(**options), make_request(**{**options, "source": again}))
    assert (found.source, found.skin, found.lines, found.courses, found.factors) == (False, False, (), (), frozenset())


def test_everything_is_new_at_first(make_request):
    drawing = drawing_of(make_request(strokes=[A, B], generate_wrinkles=False), ProceduralEngine(ArrayCache()))
    found = Change.between(None, drawing)
    assert (found.source, found.skin) == (True, True)
    assert [new[0] for _, new in found.lines] == [A, B]
    assert found.courses == ((None, A), (None, B))


@pytest.mark.parametrize(
    "other",
    [{"age": 31.0}, {"expression": {"jawOpen": 0.1}}, {"action_units": {"AU1": 0.1}}, {"pores": 0.5}, {"seed": 2},
     {"tension": np.full((256, 256), 1e-6, np.float32)}, {"source": source()}],
)  # fmt: skip
def test_each_part_of_a_pose_changes_the_skin(make_request, other):
    assert change(make_request(), make_request(**other)).skin


def test_another_capture_or_map_changes_the_skin(make_request):
    one = make_request(source=source())
    assert change(one, make_request(source=source(), source_action_units={"AU1": 1.0})).skin
    assert not change(one, make_request(source=source(), source_action_units={"AU1": 1.0})).source
    assert change(one, make_request(source=source(shift=0.1))).source
    assert change(one, make_request(source=source(own=(A,)))).source


def test_lines_come_go_and_show_more_by_the_pose(make_request):
    bound = replace(B, binding=SMILE)
    rest = make_request(strokes=[A, bound], generate_wrinkles=False)
    smile = make_request(strokes=[A, bound], generate_wrinkles=False, action_units={"AU12": 1.0})
    found = change(rest, smile)
    assert [(old[0].id, old[1], new[1]) for old, new in found.lines] == [("b", 0.0, 1.0)]
    assert found.courses == ((None, bound),)
    assert change(smile, replace(smile, strokes=(A,))).courses == ((bound, None),)


def test_wrinkles_that_are_adopted_leave_the_skin_and_the_lines_as_they_are(make_request):
    own = ProceduralEngine(ArrayCache()).strokes(make_request().pose.settings)
    found = change(make_request(), make_request(strokes=own, generate_wrinkles=False))
    assert not found.skin
    assert found.lines == found.courses == ()


def test_an_edited_line_of_a_map_is_named(make_request):
    own = (replace(A, from_source=True), replace(B, from_source=True))
    whole = make_request(source=source(own), strokes=own)
    found = change(whole, replace(whole, strokes=(own[0], replace(own[1], depth_mm=0.4))))
    assert found.factors == {"b"}
    assert not found.skin


def test_no_cancelled_run_leaves_a_trace(make_request):
    """Whatever was done when a run is cancelled, the next one is right: with a map and without, back and forth."""
    own = (replace(A, from_source=True), replace(B, from_source=True))
    new = line("c", (0.5, 0.3), (0.7, 0.4))
    steps = [
        {"strokes": [new]}, {"strokes": [new], "age": 60.0}, {"strokes": [A, new], "source": source(own)},
        {"strokes": own[:1], "source": source(own)}, {"strokes": own[1:], "source": source(own), "age": 50.0},
        {"strokes": [new, *own], "source": source(own, 0.02)}, {"strokes": []},
    ]  # fmt: skip
    requests = [make_request(128, **step) for step in steps]
    wanted = [DetailPipeline().run(request) for request in requests]
    stages = {"count": 0}
    for cancelled in range(len(requests)):
        pipeline = DetailPipeline()
        for number in (0, 2, 3, cancelled):
            pipeline.run(requests[number])
        stopped, stage = True, 0
        while stopped:
            polls = iter(range(1000))
            other = requests[(cancelled + stage + 1) % len(requests)]
            stopped = _cancelled(pipeline, other, lambda polls=polls, stage=stage: next(polls) >= stage)
            stages["count"] += stopped
            stage += 1
            maps = pipeline.run(requests[cancelled])
            assert maps.displacement.tobytes() == wanted[cancelled].displacement.tobytes()
            assert maps.line_map.tobytes() == wanted[cancelled].line_map.tobytes()
            assert maps.distance_field.tobytes() == wanted[cancelled].distance_field.tobytes()
    assert stages["count"] > 20


def _cancelled(pipeline, request, cancel):
    from rhytid.core.cancelled import Cancelled

    try:
        pipeline.run(request, cancel=cancel)
    except Cancelled:
        return True
    return False

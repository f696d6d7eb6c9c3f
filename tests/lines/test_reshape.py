"""Whole lines bent, cut, joined, branched, tapered, scaled; points with tangents; what runs along a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from line_samples import arc, seeds

from rhytid.core.lines import edit, knots, polyline, reshape
from rhytid.core.lines.curve import course_of, curve
from rhytid.core.lines.response import Response
from rhytid.core.lines.stroke import Profile, Stroke

shares = st.floats(0.0, 1.0)
FAR = 5e-4  # chart units, a tenth of a millimetre


def apart(first: Stroke, second: Stroke) -> float:
    """The largest distance of two strokes' curves, pressure and width at equal shares of their lengths."""
    lines = []
    for stroke in (first, second):
        samples = course_of(stroke)
        along = polyline.arc_length(samples)
        lines.append(polyline.points_at(samples, along / along[-1], np.linspace(0, 1, 400)))
    return float((np.abs(lines[0] - lines[1]) * [1, 1, 0.05, 0.05]).max())


def shaped(seed: int) -> Stroke:
    """A random stroke of few points of which some have tangents of their own, as wide here as it is thin there."""
    rng = np.random.default_rng(seed)
    stroke = arc(seed, points=int(rng.integers(2, 9)))
    tangents = rng.normal(0, 0.03, (len(stroke.points), 4)) * np.repeat(rng.random((len(stroke.points), 2)) > 0.5, 2, 1)
    return replace(stroke, tangents=tangents, breadth=rng.uniform(0.2, 1, len(stroke.points)))


@settings(max_examples=60, deadline=None)
@given(seeds, shares, st.booleans())
def test_cut_and_join_give_the_line_back(seed: int, share: float, own_tangents: bool) -> None:
    stroke = shaped(seed) if own_tangents else arc(seed)
    place = share * (len(stroke.points) - 1)
    parts = reshape.cut(stroke, place, "other")
    assume(len(parts) == 2)
    assert [part.id for part in parts] == [stroke.id, "other"]
    assert sum(map(reshape.length_of, parts)) == pytest.approx(reshape.length_of(stroke), abs=2e-4)
    again = reshape.join(*parts)
    assert again.id == stroke.id
    assert apart(again, stroke) < FAR
    assert replace(again, points=stroke.points, pressure=stroke.pressure, breadth=stroke.breadth,
                   tangents=stroke.tangents) == stroke  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seeds, shares)
def test_a_point_more_changes_no_curve(seed: int, share: float) -> None:
    stroke = shaped(seed)
    place = share * (len(stroke.points) - 1)
    more = knots.with_point(stroke, place)
    assert apart(more, stroke) < FAR
    if abs(place - round(place)) > 1e-3:
        assert len(more.points) == len(stroke.points) + 1
        assert np.abs(more.points[int(place) + 1] - knots.at_place(stroke, place)).max() < 1e-6


@settings(max_examples=60, deadline=None)
@given(seeds, st.booleans())
def test_a_mirror_twice_and_a_turn_twice_are_nothing(seed: int, own_tangents: bool) -> None:
    stroke = shaped(seed) if own_tangents else arc(seed)
    twice = edit.mirror(edit.mirror(stroke, "twin"), stroke.id)
    assert edit.reverse(edit.reverse(stroke)) == stroke
    assert np.abs(twice.points - stroke.points).max() < 1e-6
    assert replace(twice, points=stroke.points) == stroke
    twin = edit.mirror(stroke, "twin")
    turned = edit.reverse(twin) if stroke.profile is Profile.FOLD else twin
    flipped = curve(turned, 512)
    assert np.abs(flipped[:, 0] - (511 - curve(stroke, 512)[:, 0])).max() < 1e-3


def test_own_tangents_bend_the_curve_and_a_smooth_point_stays_smooth() -> None:
    straight = Stroke("s", np.array([[0.2, 0.5], [0.5, 0.5], [0.8, 0.5]]), np.ones(3))
    up = knots.with_tangent(straight, 1, knots.AFTER, (0.5, 0.4))
    before, after = (knots.control_point(up, 1, side) for side in (knots.BEFORE, knots.AFTER))
    assert after == pytest.approx((0.5, 0.4), abs=1e-6)
    assert before is not None
    assert before[0] == pytest.approx(0.5, abs=1e-6)
    assert before[1] > 0.55
    ys = course_of(up)[:, 1]
    assert ys.min() < 0.47
    assert ys.max() > 0.53
    corner = knots.with_tangent(straight, 1, knots.AFTER, (0.5, 0.4), alone=True)
    assert course_of(corner)[:, 1].max() == pytest.approx(0.5, abs=1e-4)
    assert apart(knots.smoothed_at(up, 1), straight) < 1e-4
    assert edit.pick([up], (0.5, 0.5), 0.01) is up
    assert edit.pick([up], (float(course_of(up)[ys.argmin(), 0]), float(ys.min())), 0.001) is up


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0.1, 0.9), st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)))
def test_bending_pulls_the_grip_fades_along_the_line_and_kinks_nothing(
    seed: int, share: float, offset: tuple[float, float]
) -> None:
    stroke = arc(seed, points=60)
    length = reshape.length_of(stroke)
    assume(length > 0.1)
    stroke = replace(stroke, points=0.25 + 0.5 * stroke.points)
    length = reshape.length_of(stroke)
    at = share * length
    place = knots.place_at_length(stroke, at)
    offset = offset[0] * 2.5 * length, offset[1] * 2.5 * length
    bent = reshape.bend(stroke, place, offset, 0.3 * length)
    target = knots.at_place(stroke, place) + np.array(offset)
    assert knots.nearest_place(bent, (float(target[0]), float(target[1])))[0] < 0.002
    for part, end in ((stroke.points[0], share), (stroke.points[-1], 1 - share)):
        if end > 0.3:
            assert np.abs(bent.points - part).sum(1).min() < 1e-5
    ahead = np.diff(curve(bent, 1024)[:, :2], axis=0)
    turn = np.abs(np.diff(np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))))
    assert turn.max() < 0.6


def test_bending_one_arm_of_a_loop_leaves_the_other() -> None:
    hairpin = np.concatenate([np.column_stack([np.linspace(0.2, 0.6, 20), np.full(20, 0.4)]),
                              np.column_stack([np.linspace(0.6, 0.2, 20), np.full(20, 0.42)])])  # fmt: skip
    stroke = Stroke("s", hairpin, np.ones(40))
    bent = reshape.bend(stroke, 5.0, (0.0, -0.05), 0.1)
    assert knots.nearest_place(bent, (0.3, 0.42))[0] < 1e-3
    assert course_of(bent)[:, 1].min() == pytest.approx(0.35, abs=2e-3)


def test_a_branch_begins_on_the_line_in_its_direction_and_runs_out() -> None:
    x = np.linspace(0.2, 0.8, 30)
    stroke = Stroke("s", np.column_stack([x, np.full(30, 0.5)]), np.full(30, 0.8), width=0.02, depth_mm=0.4, seed=7)
    twig = reshape.branch(stroke, [(0.41, 0.51), (0.5, 0.55), (0.6, 0.6)], "twig")
    assert twig.id == "twig"
    assert twig.seed not in (0, 7)
    assert twig.binding == stroke.binding
    assert twig.points[0] == pytest.approx((0.41, 0.5), abs=1e-3)
    ahead = twig.points[1] - twig.points[0]
    assert abs(ahead[1]) < 0.5 * ahead[0]
    assert twig.width < stroke.width
    assert twig.depth_mm < stroke.depth_mm
    assert twig.pressure[0] == pytest.approx(0.8, abs=0.02)
    assert twig.pressure[-1] < 0.25
    with pytest.raises(ValueError, match="length"):
        reshape.branch(stroke, [(0.5, 0.5), (0.5, 0.5)], "twig")


@settings(max_examples=30, deadline=None)
@given(seeds, st.booleans())
def test_tapered_ends_run_out_and_the_middle_and_the_course_stay(seed: int, own_tangents: bool) -> None:
    stroke = replace(shaped(seed) if own_tangents else arc(seed), pressure=np.ones(len(arc(seed).points)) if not
                     own_tangents else np.ones(len(shaped(seed).points)), breadth=None)  # fmt: skip
    thin = reshape.taper(stroke)
    assert apart(replace(thin, pressure=np.ones(len(thin.points)), breadth=None), stroke) < 2e-3
    assert thin.pressure[[0, -1]] == pytest.approx(0.12, abs=1e-3)
    middle = len(course_of(thin)) // 2
    assert reshape.depth_along(thin)(0.5) > 0.97
    assert thin.breadth is not None
    assert course_of(thin)[middle, 2] > 0.5


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0.3, 2.0))
def test_scaling_changes_the_length_about_the_middle(seed: int, factor: float) -> None:
    stroke = replace(arc(seed), points=0.4 + 0.2 * arc(seed).points)
    longer = reshape.scaled(stroke, factor)
    assert reshape.length_of(longer) == pytest.approx(factor * reshape.length_of(stroke), rel=1e-3)
    middle = (stroke.points.min(0) + stroke.points.max(0)) / 2
    assert longer.points - middle == pytest.approx(factor * (stroke.points - middle), abs=1e-5)
    assert (longer.width, longer.depth_mm) == (stroke.width, stroke.depth_mm)
    assert reshape.scaled(stroke, 1000.0).points.min() >= 0


@settings(max_examples=40, deadline=None)
@given(seeds, st.lists(st.tuples(st.integers(0, 40).map(lambda n: n / 40), shares), min_size=2, max_size=6))
def test_a_curve_along_a_stroke_is_what_it_was_set_to(seed: int, points: list[tuple[float, float]]) -> None:
    wanted = Response.through(sorted(points))
    stroke = arc(seed)
    for with_along, along, column in ((reshape.with_depth_along, reshape.depth_along, 2),
                                      (reshape.with_width_along, reshape.width_along, 3)):  # fmt: skip
        shown = with_along(stroke, wanted)
        samples = course_of(shown)
        length = polyline.arc_length(samples)
        at = np.array([x for x, _ in wanted.points])
        found = np.interp(at, length / length[-1], samples[:, column])
        assert found == pytest.approx(wanted.at(at), abs=0.25)
        assert np.abs(along(shown).at(length / length[-1]) - samples[:, column]).mean() < 0.05
        assert np.abs(course_of(shown)[:, 5 - column] - 1).max() < 1e-6 or column == 3


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=40), shares)
@example([(0.625, 0.0), (0.65625, 1.0), (0.6484375, 0.5)], 0.0)  # steep, and at a place of many digits
def test_a_curve_goes_through_its_points_and_never_beyond_their_neighbours(
    points: list[tuple[float, float]], x: float
) -> None:
    found = Response.through(sorted(points))
    for at, value in found.points:
        assert found(at) == pytest.approx(value, abs=1e-5)
    i = max(i for i, point in enumerate(found.points) if point[0] <= x)
    low, high = sorted((found.points[i][1], found.points[min(i + 1, len(found.points) - 1)][1]))
    assert low - 1e-5 <= found(x) <= high + 1e-5


@pytest.mark.parametrize("points", [
    (), ((0.0, 0.0),), ((0.0, 0.0), (0.5, 1.0)), ((0.0, 0.0), (1.0, 1.5)), ((0.0, float("nan")), (1.0, 1.0)),
    ((0.0, 0.0), (0.6, 1.0), (0.5, 1.0), (1.0, 1.0)), ((0.1, 0.0), (1.0, 1.0)),
])  # fmt: skip
def test_what_is_no_curve_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="curve"):
        Response(points)


def test_picking_again_finds_the_line_below() -> None:
    stroke = arc(3, points=40)
    below, other = replace(stroke, id="below"), replace(arc(4), points=arc(4).points * 0.1)
    x, y = stroke.points[20].tolist()
    assert [s.id for s in edit.picked([below, other, stroke], (x, y), 0.01)] == [stroke.id, "below"]

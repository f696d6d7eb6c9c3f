"""The artist's tools: erase, split, smooth, simplify, mirror, pick, move, join."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_samples import arc, stroke_sets

from rhytid.core.lines import edit, polyline, reshape
from rhytid.core.lines.curve import samples_of
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke

chart_points = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5)


def length(stroke: Stroke) -> float:
    return float(polyline.arc_length(stroke.points.astype(np.float64))[-1])


def away(points: np.ndarray, path: np.ndarray) -> float:
    """The least distance of points (N, 2) from a path (K, 2)."""
    start, step = path[:-1, None], np.diff(path, axis=0)[:, None]
    along = ((points - start) * step).sum(axis=2) / np.maximum((step**2).sum(axis=2), 1e-300)
    return float(np.linalg.norm(start + np.clip(along, 0, 1)[..., None] * step - points, axis=2).min())


def line(**changes: object) -> Stroke:
    points = np.stack([np.linspace(0.1, 0.9, 33), np.full(33, 0.25)], axis=1)
    return Stroke(id="line", points=points, pressure=np.linspace(0.2, 1, 33), **changes)  # type: ignore[arg-type]


def test_an_eraser_splits_a_stroke_and_names_the_pieces() -> None:
    left, right = edit.erase([line()], [(0.5, 0.1), (0.5, 0.4)], 0.05)
    assert (left.id, right.id) == ("line.1", "line.2")
    assert left.points[-1] == pytest.approx([0.45, 0.25], abs=1e-6)
    assert right.points[0] == pytest.approx([0.55, 0.25], abs=1e-6)
    assert right.pressure[0] == pytest.approx(0.65, abs=1e-6)
    again = edit.erase([left, right], [(0.3, 0.25)], 0.02)
    assert [s.id for s in again] == ["line.1.1", "line.1.2", "line.2"]
    assert again[2] is right


def test_an_eraser_trims_an_end_and_keeps_the_id() -> None:
    (trimmed,) = edit.erase([line()], [(0.9, 0.25)], 0.1)
    assert trimmed.id == "line"
    assert trimmed.points[-1] == pytest.approx([0.8, 0.25], abs=1e-6)
    assert edit.erase([line()], [(0.0, 0.25), (1.0, 0.25)], 0.02) == ()


@settings(max_examples=80, deadline=None)
@given(stroke_sets, chart_points, st.floats(0.005, 0.1))
def test_erasing_leaves_nothing_under_the_eraser_and_all_beside_it(
    strokes: list[Stroke], path: list[tuple[float, float]], radius: float
) -> None:
    left = edit.erase(strokes, path, radius)
    assert len({stroke.id for stroke in left}) == len(left)
    assert sum(map(length, left)) <= sum(map(length, strokes)) + 1e-4
    swept = np.array([*path, path[-1]], np.float64)
    for stroke in left:
        fine = polyline.resampled(stroke.points.astype(np.float64), 0.002)
        assert away(fine, swept) >= radius - 1e-4
    for stroke in strokes:
        if away(polyline.resampled(stroke.points * 1.0, 0.001), swept) > radius + 1e-3:
            assert any(other is stroke for other in left)


@settings(max_examples=40, deadline=None)
@given(stroke_sets, chart_points, st.floats(0.005, 0.1))
def test_erasing_twice_is_erasing_once(strokes: list[Stroke], path: list[tuple[float, float]], radius: float) -> None:
    once = edit.erase(strokes, path, radius)
    twice = edit.erase(once, path, radius - 1e-4)
    assert twice == once


def test_a_new_stroke_is_simple_and_keeps_course_and_pressure() -> None:
    t = np.linspace(0, 1, 300)
    samples = np.stack([0.2 + 0.5 * t, 0.3 + 0.05 * np.sin(5 * t), 0.3 + 0.6 * t**2], axis=1)
    stroke = edit.stroke_from_samples(samples, "new")
    assert len(stroke.points) < 40
    kept = samples_of(stroke)
    for sample in samples[::17]:
        distance, where = polyline.nearest_on(kept, sample[:2])
        assert distance <= 1.1 * edit.SIMPLIFY_TOLERANCE
        assert np.interp(where, np.arange(len(kept)), kept[:, 2]) == pytest.approx(sample[2], abs=0.06)


@pytest.mark.parametrize("samples", [[], [[0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]], [[0.1, np.nan], [0.2, 0.3]], [1, 2]])
def test_what_is_no_line_is_refused(samples: list[object]) -> None:
    with pytest.raises(ValueError, match=r"stroke|samples"):
        edit.stroke_from_samples(samples, "new")


def test_smoothing_evens_out_a_shaky_hand_and_keeps_the_ends() -> None:
    rng = np.random.default_rng(0)
    x = np.linspace(0.1, 0.7, 120)
    shaky = np.stack([x, 0.4 + rng.normal(0, 0.004, 120)], axis=1)
    raw, even = edit.stroke_from_samples(shaky, "a"), edit.stroke_from_samples(shaky, "a", smoothing=0.5)
    assert length(even) < 1.05 * 0.6 < length(raw)
    assert even.points[[0, -1]] == pytest.approx(raw.points[[0, -1]], abs=1e-6)


def test_a_smoothing_brush_works_only_where_it_is() -> None:
    wave = line()
    points = wave.points + np.stack([np.zeros(33), 0.01 * (-1.0) ** np.arange(33)], axis=1)
    wave = replace(wave, points=points)
    smoothed = edit.smooth_near(wave, (0.25, 0.25), 0.1, 1.0)
    near = np.abs(smoothed.points[:, 0] - 0.25) < 0.04
    assert np.ptp(smoothed.points[near, 1]) < 0.012
    far = smoothed.points[smoothed.points[:, 0] > 0.4]
    assert np.ptp(far[:, 1]) == pytest.approx(0.02, abs=0.002)
    assert edit.smooth_near(wave, (0.25, 0.6), 0.1) is wave


def test_a_mirrored_stroke_mirrors_place_binding_and_bulge() -> None:
    bound = Binding(Onset.EXPRESSION, (("jawLeft", 0.3), ("mouthSmileLeft", 0.7)))
    stroke = line(binding=bound, profile=Profile.FOLD, from_source=True)
    twin = edit.mirror(stroke, "twin")
    assert twin.points[::-1, 0] == pytest.approx(1 - stroke.points[:, 0], abs=1e-6)
    assert twin.binding.weights == (("jawRight", 0.3), ("mouthSmileRight", 0.7))
    assert not twin.from_source
    back = edit.mirror(twin, "line")
    assert back.points == pytest.approx(stroke.points, abs=1e-6)
    assert back.binding == bound
    units = replace(stroke, binding=Binding(Onset.ACTION_UNITS, (("AU12L", 1.0), ("AU4", 1.0))))
    assert edit.mirror(units, "u").binding.weights == (("AU12R", 1.0), ("AU4", 1.0))


def test_natural_asymmetry_is_seeded_and_bounded() -> None:
    stroke = line()
    twins = [edit.mirror(stroke, "t", asymmetry=1.0, seed=seed) for seed in (1, 1, 2)]
    assert twins[0] == twins[1] != twins[2]
    assert twins[0].depth_mm == pytest.approx(stroke.depth_mm, rel=0.25)
    assert 0.7 * length(stroke) < length(twins[0]) < 1.1 * length(stroke)
    assert np.abs(twins[0].points[:, 1] - 0.25).max() < 0.08


def test_folds_bulge_away_from_the_middle_whichever_way_they_are_drawn() -> None:
    down = np.array([[0.62, 0.5], [0.7, 0.6], [0.72, 0.7]])
    strokes = [edit.stroke_from_samples(points, "f", profile=Profile.FOLD) for points in (down, down[::-1])]
    assert (strokes[0].points == strokes[1].points).all()
    right = edit.stroke_from_samples(down * [-1, 1] + [1, 0], "g", profile=Profile.FOLD)
    assert right.points == pytest.approx(edit.mirror(strokes[0], "g").points, abs=1e-6)


def test_picking_takes_the_nearest_visible_stroke() -> None:
    upper, lower = line(), replace(edit.move(line(), (0, 0.1)), id="lower")
    assert edit.pick([upper, lower], (0.5, 0.29), 0.05) is upper
    assert edit.pick([upper, lower], (0.5, 0.32), 0.05) is lower
    assert edit.pick([upper, lower], (0.5, 0.5), 0.05) is None
    assert edit.pick([replace(upper, visible=False), lower], (0.5, 0.26), 0.02) is None
    assert edit.strokes_in([upper, lower], (0.4, 0.2), (0.6, 0.3)) == (upper,)


def test_moving_stops_at_the_border_and_keeps_the_shape() -> None:
    moved = edit.move(line(), (0.5, 0.1))
    assert moved.points[:, 0].max() == pytest.approx(1)
    assert np.diff(moved.points, axis=0) == pytest.approx(np.diff(line().points, axis=0), abs=1e-6)


def test_transform_scales_the_width_and_refuses_nonsense() -> None:
    half = edit.transform(line(width=0.02), [[0.5, 0, 0.1], [0, 0.5, 0.1]])
    assert half.width == pytest.approx(0.01)
    assert length(half) == pytest.approx(0.4, abs=1e-5)
    with pytest.raises(ValueError, match="affine"):
        edit.transform(line(), np.eye(2))


def test_dragging_pulls_the_line_at_the_grip_only() -> None:
    pulled = edit.drag(line(), (0.5, 0.25), (0.0, 0.05), 0.15)
    middle = polyline.nearest_on(pulled.points.astype(float), np.array([0.5, 0.3]))[0]
    assert middle < 0.002
    assert pulled.points[[0, -1]] == pytest.approx(line().points[[0, -1]], abs=1e-6)


@pytest.mark.parametrize("first_reversed", [False, True])
@pytest.mark.parametrize("second_reversed", [False, True])
def test_joining_connects_the_nearest_ends(first_reversed: bool, second_reversed: bool) -> None:
    a, b = edit.erase([line()], [(0.5, 0.25)], 0.02)
    a = edit.reverse(a) if first_reversed else a
    b = edit.reverse(b) if second_reversed else b
    joined = reshape.join(a, b)
    assert joined.id == a.id
    assert length(joined) == pytest.approx(0.8, abs=1e-4)
    assert (joined.points[0] == a.points[0]).all() or (joined.points[-1] == a.points[-1]).all()


def test_resampling_is_even_and_reversal_is_its_own_inverse() -> None:
    stroke = arc(7)
    even = edit.resample(stroke, 0.01)
    steps = np.hypot(*np.diff(even.points, axis=0).T)
    assert steps.max() == pytest.approx(steps.min(), rel=0.05)
    assert edit.reverse(edit.reverse(stroke)) == stroke

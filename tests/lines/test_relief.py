"""Relief of strokes: windows are crops, order does not matter, depth and width are as asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_samples import arc, stroke_sets

from rhytid.core.lines.relief import affected_rect, relief, stroke_rect
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.rect import Rect

RESOLUTION = 192


def straight(profile: Profile = Profile.WRINKLE, **changes: object) -> Stroke:
    """A horizontal stroke through the middle of the chart, drawn to the right."""
    settings: dict[str, object] = {"width": 0.05, "depth_mm": 0.2} | changes
    points = np.array([[0.1, 0.5], [0.9, 0.5]])
    return Stroke(id="straight", points=points, pressure=np.ones(2), profile=profile, **settings)  # type: ignore[arg-type]


@st.composite
def windows(draw: st.DrawFn) -> Rect:
    x0, y0 = draw(st.integers(0, RESOLUTION - 1)), draw(st.integers(0, RESOLUTION - 1))
    return Rect(x0, y0, draw(st.integers(x0 + 1, RESOLUTION)), draw(st.integers(y0 + 1, RESOLUTION)))


@settings(max_examples=40, deadline=None)
@given(stroke_sets, windows())
def test_a_window_is_the_crop_of_the_whole(strokes: list[Stroke], window: Rect) -> None:
    active = [(stroke, 0.8) for stroke in strokes]
    whole = relief(active, RESOLUTION)
    assert relief(active, RESOLUTION, window).tobytes() == whole[window.slices].tobytes()


@settings(max_examples=20, deadline=None)
@given(stroke_sets)
def test_order_changes_no_bit(strokes: list[Stroke]) -> None:
    active = [(stroke, 0.5) for stroke in strokes]
    whole = relief(active, RESOLUTION)
    assert relief(active[::-1], RESOLUTION).tobytes() == whole.tobytes()


def test_tiles_of_a_large_map_change_no_bit() -> None:
    active = [(arc(seed, width=0.03), 1.0) for seed in range(4)]
    window = Rect(500, 400, 1100, 900)
    assert relief(active, 1536, window).tobytes() == relief(active, 1536)[window.slices].tobytes()


@settings(max_examples=40, deadline=None)
@given(stroke_sets, stroke_sets, st.integers(2, 23), st.floats(0, 1))
def test_nothing_changes_outside_the_affected_rectangle(
    before: list[Stroke], after: list[Stroke], shortened: int, active: float
) -> None:
    cut = replace(before[0], points=before[0].points[:shortened], pressure=before[0].pressure[:shortened])
    old = [(stroke, 1.0) for stroke in before]
    for new in ([(cut, 1.0), *old[1:]], [(stroke, active) for stroke in before], [(s, 1.0) for s in after]):
        first, second = relief(old, RESOLUTION), relief(new, RESOLUTION)
        rect = affected_rect(old, new, RESOLUTION)
        patched = first.copy()
        patched[rect.slices] = relief(new, RESOLUTION, rect)
        assert patched.tobytes() == second.tobytes()


def test_a_growing_stroke_affects_only_its_end() -> None:
    points = np.stack([np.linspace(0.05, 0.95, 200), 0.5 + 0.02 * np.sin(np.linspace(0, 6, 200))], axis=1)
    old = Stroke(id="a", points=points[:180], pressure=np.ones(180), width=0.012)
    new = Stroke(id="a", points=points[:181], pressure=np.ones(181), width=0.012)
    rect = affected_rect([(old, 1.0)], [(new, 1.0)], 1024)
    whole = stroke_rect(new, 1024)
    assert rect.x1 == whole.x1
    assert rect.width < 0.15 * whole.width


def test_equal_strokes_affect_nothing() -> None:
    active = [(arc(seed), 0.7) for seed in range(3)]
    assert affected_rect(active, [(replace(stroke, name="renamed"), a) for stroke, a in active], 256).empty


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("resolution", [256, 1024])
def test_the_valley_has_the_asked_depth_at_any_resolution(profile: Profile, resolution: int) -> None:
    values = relief([(straight(profile), 1.0)], resolution)
    assert values.min() == pytest.approx(-0.2, rel=0.05)
    assert relief([(straight(profile, depth_mm=-0.2), 1.0)], resolution).max() == pytest.approx(0.2, rel=0.05)
    assert relief([(straight(profile), 0.5)], resolution).min() == pytest.approx(-0.1, rel=0.05)


def test_a_wrinkle_is_as_wide_as_asked_and_has_bulges_beside_it() -> None:
    section = relief([(straight(), 1.0)], 1024)[:, 512]
    inside = np.flatnonzero(section < 0)
    assert len(inside) / 1024 == pytest.approx(0.05, abs=0.003)
    assert section.max() == pytest.approx(0.3 * 0.2, rel=0.05)
    assert -0.7 < section.sum() / -section[section < 0].sum() < 0  # bulges give back some of the valley


def test_a_fold_bulges_on_the_left_of_its_direction_only() -> None:
    section = relief([(straight(Profile.FOLD), 1.0)], 512)[:, 256]
    assert section[:256].max() > 0.05
    assert section[256:].max() <= 0
    backwards = replace(straight(Profile.FOLD), points=straight().points[::-1])
    assert relief([(backwards, 1.0)], 512)[256:, 256].max() > 0.05


def test_crossing_strokes_do_not_add_up() -> None:
    upright = replace(straight(), id="upright", points=straight().points[:, ::-1])
    values = relief([(straight(), 1.0), (upright, 1.0)], 512)
    assert values.min() == pytest.approx(-0.2, rel=0.05)


def test_ends_fade_and_pressure_scales_depth() -> None:
    values = relief([(replace(straight(), pressure=np.array([0.2, 1.0])), 1.0)], 512)
    valley = values[254:258].min(0)
    assert valley[52] == pytest.approx(-0.2 * 0.2 * 0.45, rel=0.2)  # depth, pressure, what a tip has of it
    assert not (valley[:38] < 0).any()  # and it ends within half a width
    assert -valley[160] < -valley[250] < -valley[360]


def test_there_are_no_steps_along_the_curve() -> None:
    values = relief([(arc(3, profile=Profile.WRINKLE, depth_mm=0.2, width=0.03), 1.0)], 512)
    assert np.abs(np.diff(values, axis=0)).max() < 0.05
    assert np.abs(np.diff(values, axis=1)).max() < 0.05


def test_a_stroke_without_length_leaves_the_skin_alone() -> None:
    dot = Stroke(id="dot", points=np.full((3, 2), 0.5), pressure=np.ones(3))
    assert not relief([(dot, 1.0)], 128).any()
    assert stroke_rect(dot, 128).empty

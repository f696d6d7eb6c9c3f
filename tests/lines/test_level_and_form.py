"""The lines of a map do not depend on its level, its tilt or forms broader than a wrinkle."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from rhytid.core.lines.broad_form import skin_of, without_broad_form
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.graded import extract_faint_lines, extract_strong_lines
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke

COURSES = [(0.2, 0.8, 0.2, 0.25), (0.15, 0.6, 0.4, 0.35), (0.3, 0.85, 0.6, 0.2), (0.2, 0.7, 0.8, 0.15)]


def line_map(displacement: np.ndarray) -> np.ndarray:
    return draw_line_map(extract_lines(displacement), len(displacement))


@lru_cache
def wrinkled(resolution: int = 256) -> np.ndarray:
    """Four wrinkles on skin that is a little uneven, float32 (N, N) mm."""
    strokes = []
    for i, (left, right, height, depth_mm) in enumerate(COURSES):
        x = np.linspace(left, right, 40)
        points = np.stack([x, height + 0.02 * np.sin(9 * x + i)], axis=1)
        strokes.append(Stroke(id=f"w{i}", points=points, pressure=np.ones(40), width=0.02, depth_mm=depth_mm))
    grain = np.random.default_rng(0).normal(0, 0.01, (resolution, resolution))
    values = (relief([(stroke, 1.0) for stroke in strokes], resolution) + grain).astype(np.float32)
    values.setflags(write=False)
    return values


@lru_cache
def lines_of_wrinkled(resolution: int = 256) -> tuple[Stroke, ...]:
    """Its lines as they are found without a form."""
    return tuple(extract_lines(wrinkled(resolution)))


def plane(resolution: int, level: float, right: float, down: float) -> np.ndarray:
    row, column = (np.mgrid[:resolution, :resolution] + 0.5) / resolution
    return level + right * column + down * row


def bump(resolution: int, height_mm: float, sigma: float, x: float, y: float) -> np.ndarray:
    row, column = (np.mgrid[:resolution, :resolution] + 0.5) / resolution
    return height_mm * np.exp(-((column - x) ** 2 + (row - y) ** 2) / (2 * sigma**2))


def agreement(found: np.ndarray, expected: np.ndarray) -> float:
    """F1 at two texels of 256."""
    reach = 2 * len(found) / 256
    precision = (distance_transform_edt(~expected)[found] <= reach).mean()
    recall = (distance_transform_edt(~found)[expected] <= reach).mean()
    return float(2 * precision * recall / (precision + recall))


@pytest.mark.parametrize("resolution", [64, 100, 256, 300, 512, 1024])
@pytest.mark.parametrize("level_mm", [-0.2, 0.5, 20.0])
def test_level_changes_no_texel(resolution: int, level_mm: float) -> None:
    values = wrinkled(resolution)
    expected = draw_line_map(lines_of_wrinkled(resolution), resolution)
    assert expected.any()
    np.testing.assert_array_equal(line_map(values + np.float32(level_mm)), expected)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.floats(-20, 20), st.floats(-6, 6), st.floats(-6, 6))
def test_level_and_tilt_change_no_texel(level: float, right: float, down: float) -> None:
    values = wrinkled()
    leaning = (values + plane(256, level, right, down)).astype(np.float32)
    np.testing.assert_array_equal(line_map(leaning), draw_line_map(lines_of_wrinkled(), 256))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(-3, 3), st.floats(20 / 256, 0.5), st.floats(0, 1), st.floats(0, 1)),
        min_size=1, max_size=2,
    ),
    st.floats(-2, 2),
    st.floats(-2, 2),
)  # fmt: skip
def test_dents_bulges_and_low_polynomials_leave_the_lines(
    bumps: list[tuple[float, float, float, float]], quadratic: float, cubic: float
) -> None:
    values = wrinkled()
    form = sum(bump(256, *given) for given in bumps)
    across = np.linspace(-1, 1, 256)
    form = form + quadratic * across[:, None] ** 2 + cubic * across[None] ** 3
    found, expected = extract_lines((values + form).astype(np.float32)), lines_of_wrinkled()
    deep = [[stroke for stroke in strokes if stroke.depth_mm > 0.1] for strokes in (found, expected)]
    assert len(deep[1]) == len(COURSES)
    assert len(deep[0]) == len(COURSES)
    assert agreement(draw_line_map(deep[0], 256), draw_line_map(deep[1], 256)) > 0.95
    assert agreement(draw_line_map(found, 256), draw_line_map(expected, 256)) > 0.9


@pytest.mark.parametrize("resolution", [64, 300, 1024])
def test_a_form_leaves_the_lines_at_other_sizes(resolution: int) -> None:
    values = wrinkled(resolution)
    form = plane(resolution, 1.0, 3.0, -2.0) + bump(resolution, -2.0, 0.1, 0.4, 0.05)
    assert agreement(line_map((values + form).astype(np.float32)), line_map(values)) > 0.9


@pytest.mark.parametrize("level_mm", [-0.3, 0.4])
@pytest.mark.parametrize("outside", ["frame", "disk"])
@pytest.mark.parametrize("resolution", [256, 512])
def test_the_edge_of_what_holds_no_data_is_no_line(level_mm: float, outside: str, resolution: int) -> None:
    row, column = (np.mgrid[:resolution, :resolution] + 0.5) / resolution - 0.5
    reach = np.hypot(row, column) if outside == "disk" else np.maximum(abs(row), abs(column))
    skin = reach < 0.45
    values = wrinkled(resolution)
    found = line_map(np.where(skin, values + np.float32(level_mm), np.float32(0)))
    expected = line_map(values) & (reach < 0.42)
    assert agreement(found, expected) > 0.95


def test_forms_alone_have_no_lines() -> None:
    for form in (bump(256, -3.0, 0.1, 0.5, 0.5), bump(256, 2.0, 0.15, 0.0, 1.0), plane(256, 1.0, -5.0, 3.0)):
        assert extract_lines(form) == ()


def test_polynomials_are_removed_whole_and_wrinkles_are_not() -> None:
    across = np.linspace(-1, 1, 256)
    form = (across[:, None] ** 5 - across[None] ** 4 * across[:, None]).astype(np.float32)
    everywhere = np.ones((256, 256), bool)
    assert np.abs(without_broad_form(form, everywhere).relief).max() < 1e-5
    values = wrinkled()
    parted = without_broad_form(values + form, everywhere)
    assert parted.relief.std() > 0.75 * values.std()
    np.testing.assert_allclose(parted.relief, without_broad_form(values, everywhere).relief, atol=1e-5)


def test_skin_ends_where_detail_ends_unless_most_is_smooth() -> None:
    values = wrinkled()
    assert skin_of(values).all()
    smooth = np.zeros((256, 256), bool)
    smooth[:60] = True
    skin = skin_of(np.where(smooth, np.float32(0.5), values))
    assert not (skin & smooth).any()
    assert skin[64:].all()
    smooth[:200] = True
    assert skin_of(np.where(smooth, np.float32(0.5), values)).all()


@pytest.mark.parametrize("form", [plane(256, -0.4, 2.0, 1.0), bump(256, -2.0, 0.1, 0.5, 0.5)])
def test_graded_lines_do_not_depend_on_form(form: np.ndarray) -> None:
    values = wrinkled()
    formed = (values + form).astype(np.float32)
    strong, expected = extract_strong_lines(formed), extract_strong_lines(values)
    assert agreement(draw_line_map(strong, 256), draw_line_map(expected, 256)) > 0.95
    faint, expected = extract_faint_lines(formed, strong), extract_faint_lines(values, expected)
    assert agreement(draw_line_map(faint, 256), draw_line_map(expected, 256)) > 0.8


def test_a_scan_of_another_size_has_the_same_lines() -> None:
    large = cv2.resize(wrinkled(), (512, 512), interpolation=cv2.INTER_CUBIC)
    assert agreement(cv2.resize(line_map(large).astype(np.uint8), (256, 256), interpolation=cv2.INTER_AREA) > 0,
                     line_map(wrinkled())) > 0.95  # fmt: skip

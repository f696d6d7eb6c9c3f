"""Distance fields are exact and incremental; line maps are thin and connected."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_samples import arc, seeds, stroke_sets

from rhytid.core.lines.curve import curve
from rhytid.core.lines.distance import TRUNCATION, DistanceField, distance_field
from rhytid.core.lines.raster import coverage, draw_line_map, line_texels
from rhytid.core.lines.stroke import Stroke


def brute_force(strokes: list[Stroke], resolution: int) -> np.ndarray:
    y, x = np.mgrid[:resolution, :resolution]
    best = np.full((resolution, resolution), np.inf)
    for stroke in strokes:
        points = curve(stroke, resolution)[:, :2]
        for a, b in pairwise(points):
            along = (x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]
            t = np.clip(along / ((b - a) ** 2).sum(), 0, 1)
            best = np.minimum(best, np.hypot(x - a[0] - t * (b - a)[0], y - a[1] - t * (b - a)[1]))
    return np.minimum(best / (TRUNCATION * resolution), 1)


@pytest.mark.parametrize("resolution", [64, 160])
def test_distance_is_the_euclidean_distance_to_the_curve(resolution: int) -> None:
    strokes = [arc(seed) for seed in (1, 2, 3)]
    field = distance_field(strokes, resolution)
    assert field.dtype == np.float32
    assert np.abs(field - brute_force(strokes, resolution)).max() * TRUNCATION * resolution < 0.02
    assert field.max() == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(stroke_sets, min_size=2, max_size=4), st.integers(2, 20))
def test_updates_give_the_bits_of_a_new_computation(sets: list[list[Stroke]], shortened: int) -> None:
    field = DistanceField(128)
    sets.append([replace(s, points=s.points[:shortened], pressure=s.pressure[:shortened]) for s in sets[-1]])
    for strokes in sets:
        before = field.values.copy()
        dirty = field.update(strokes)
        assert field.values.tobytes() == distance_field(strokes, 128).tobytes()
        before[dirty.slices] = field.values[dirty.slices]
        assert before.tobytes() == field.values.tobytes()


def test_invisible_strokes_and_empty_sets_count_for_nothing() -> None:
    hidden = [replace(arc(1), visible=False)]
    assert (distance_field(hidden, 64) == 1).all()
    assert not draw_line_map(hidden, 64).any()
    assert not draw_line_map([], 64).any()


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from([64, 256, 1000]))
def test_a_line_is_thin_and_in_one_piece(seed: int, resolution: int) -> None:
    texels = line_texels(arc(seed), resolution)
    assert (np.abs(np.diff(texels, axis=0)).max(axis=1) == 1).all()
    two_apart = np.abs(texels[2:] - texels[:-2])
    assert not (two_apart == 1).all(axis=1).any()
    count, _ = cv2.connectedComponents(draw_line_map([arc(seed)], resolution).astype(np.uint8), connectivity=8)
    assert count == 2


def test_coverage_is_full_on_the_line_and_soft_beside_it() -> None:
    stroke = Stroke(id="a", points=np.array([[0.1, 0.3], [0.9, 0.7]]), pressure=np.ones(2))
    picture = coverage([stroke], 256, width_px=2)
    assert picture[draw_line_map([stroke], 256)].min() > 0.7
    assert ((picture > 0.05) & (picture < 0.95)).any()
    assert picture.sum() == pytest.approx(2 * 256 * np.hypot(0.8, 0.4), rel=0.03)

"""Strokes turned towards the lines of skin tension."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.detail.guide import tension_direction, tension_lines
from rhytid.core.detail.tension_snap import snapped
from rhytid.core.lines import polyline
from rhytid.core.lines.curve import samples_of
from rhytid.core.lines.stroke import Stroke


def stroke(a: tuple[float, float], b: tuple[float, float]) -> Stroke:
    t = np.linspace(0, 1, 12)[:, None]
    return Stroke("s", (1 - t) * np.array(a) + t * np.array(b), np.linspace(0.3, 1.0, 12))


def off_degrees(one: Stroke) -> float:
    """Mean angle to the tension lines, 0..90."""
    points = polyline.resampled(samples_of(one), 1 / 256)[:, :2]
    steps = np.diff(points, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    cosine = np.abs((steps * tension_direction((points[1:] + points[:-1]) / 2)).sum(axis=1))
    return float(np.degrees(np.arccos(np.clip(cosine, 0, 1))).mean())


OBLIQUE = [((0.40, 0.06), (0.58, 0.12)), ((0.20, 0.50), (0.24, 0.62)), ((0.44, 0.80), (0.56, 0.84))]


@pytest.mark.parametrize("ends", OBLIQUE)
def test_the_stronger_the_more_it_runs_along_them(ends) -> None:
    angles = [off_degrees(snapped(stroke(*ends), strength)) for strength in (0.0, 0.5, 1.0)]
    assert angles[0] > 8
    assert angles[0] > angles[1] > angles[2]
    assert angles[2] < 0.5 * angles[0]


@pytest.mark.parametrize("ends", OBLIQUE)
def test_middle_length_and_pressure_stay(ends) -> None:
    before = stroke(*ends)
    after = snapped(before, 1.0)
    a, b = (polyline.resampled(samples_of(one), 1 / 256) for one in (before, after))
    assert np.abs(a[:, :2].mean(axis=0) - b[:, :2].mean(axis=0)).max() < 0.004
    assert polyline.length(b[:, :2]) == pytest.approx(polyline.length(a[:, :2]), rel=0.03)
    assert after.pressure[0] == pytest.approx(0.3, abs=0.02)
    assert after.pressure[-1] == pytest.approx(1.0, abs=0.02)


def test_without_strength_it_is_the_same_stroke() -> None:
    one = stroke(*OBLIQUE[0])
    assert snapped(one, 0.0) is one


def test_what_is_drawn_across_on_purpose_stays() -> None:
    one = stroke((0.42, 0.04), (0.42, 0.12))  # upright on the forehead
    assert off_degrees(snapped(one, 1.0)) > 70


def test_a_tension_line_itself_hardly_moves() -> None:
    course = max(tension_lines(), key=len)
    one = Stroke("s", course, np.ones(len(course)))
    after = polyline.resampled(samples_of(snapped(one, 1.0)), 1 / 256)[:, :2]
    far = max(polyline.nearest_on(course, point)[0] for point in after)
    assert far < 0.01

"""The anatomy guide: lines along the tension of the skin, evenly apart, and fibres that pull across them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from rhytid.core.detail.anatomy import EYE_RIGHT, MOUTH_OPENING, polygon_mask, tension_line_angle
from rhytid.core.detail.guide import muscle_fibres, tension_direction, tension_lines


def angles_to_field(line: np.ndarray) -> np.ndarray:
    """Degrees, 0..90, between the pieces of a line and the tension of the skin."""
    steps = np.diff(line, axis=0)
    steps = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    field = tension_direction((line[1:] + line[:-1]) / 2)
    return np.degrees(np.arccos(np.clip(np.abs((steps * field).sum(axis=1)), 0, 1)))


def test_the_direction_is_that_of_the_map() -> None:
    rows, columns = np.mgrid[20:236:9, 20:236:9].reshape(2, -1)
    field = tension_direction((np.stack([columns, rows], axis=1) + 0.5) / 256)
    angle = tension_line_angle()[rows, columns]
    assert np.abs(np.abs((field * np.stack([np.cos(angle), np.sin(angle)], axis=1)).sum(axis=1)) - 1).max() < 1e-4


def test_tension_lines_run_along_the_field() -> None:
    assert len(tension_lines()) > 60
    assert np.concatenate([angles_to_field(line) for line in tension_lines()]).mean() < 3


def test_they_are_apart_and_cover_the_face() -> None:
    lines = [line for line in tension_lines() if line[:, 0].max() <= 0.5 + 1e-9]
    trees = [cKDTree(line) for line in lines]
    assert min(a.query(b.data)[0].min() for a, b in combinations(trees, 2)) > 0.008
    every = cKDTree(np.concatenate(tension_lines()))
    cheek = [(0.3, 0.5), (0.7, 0.55), (0.5, 0.1), (0.35, 0.08), (0.45, 0.85), (0.2, 0.3)]
    assert every.query(cheek)[0].max() < 0.03


def test_none_runs_through_eyes_or_mouth() -> None:
    openings = np.maximum(polygon_mask(EYE_RIGHT, 0), polygon_mask(MOUTH_OPENING, 0))
    for line in tension_lines():
        at = (line * 256).astype(int)
        assert openings[at[:, 1], at[:, 0]].mean() < 0.05


@pytest.mark.parametrize("muscle", ["frontalis", "procerus", "zygomaticus major", "risorius", "mentalis"])
def test_muscles_pull_across_the_lines(muscle: str) -> None:
    angles = np.concatenate([angles_to_field(fibre) for fibre in muscle_fibres()[muscle]])
    assert angles.mean() > 50


def test_both_halves_have_the_same_fibres() -> None:
    for name, fibres in muscle_fibres().items():
        points = np.concatenate(fibres)
        mirrored = points * np.array([-1, 1]) + np.array([2 * 0.499, 0])
        assert cKDTree(points).query(mirrored)[0].max() < 0.004, name
        assert (points > 0).all(), name
        assert (points < 1).all(), name

"""Tension by HiFace eq. 8."""

from __future__ import annotations

import numpy as np

from rhytid.core.head.tension import TensionModel

from .small_head import SIDE, small_head


def test_uniform_scaling_gives_one_minus_the_factor() -> None:
    head = small_head()
    model = TensionModel(head)
    for factor in (0.8, 1.0, 1.3):
        tension = model.per_vertex(head.neutral, head.neutral * np.float32(factor))
        assert tension.shape == (head.n_skin,)
        np.testing.assert_allclose(tension, 1 - factor, atol=1e-5)


def test_moving_and_turning_the_head_makes_no_tension() -> None:
    head = small_head()
    c, s = np.cos(0.7), np.sin(0.7)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    moved = (head.neutral @ turn.T + [10, -20, 30]).astype(np.float32)
    np.testing.assert_allclose(TensionModel(head).per_vertex(head.neutral, moved), 0, atol=1e-5)


def test_one_moved_vertex_follows_the_definition() -> None:
    head = small_head()
    model = TensionModel(head)
    vertex = 4 * SIDE + 4
    moved = head.neutral.copy()
    moved[vertex, 1] += 3
    neighbours = [vertex - 1, vertex + 1, vertex - SIDE, vertex + SIDE]
    rest = np.linalg.norm(head.neutral[neighbours] - head.neutral[vertex], axis=1)
    now = np.linalg.norm(moved[neighbours] - moved[vertex], axis=1)
    np.testing.assert_allclose(model.per_vertex(head.neutral, moved)[vertex], 1 - (now / rest).mean(), atol=1e-5)


def test_diagonals_of_quads_are_no_edges() -> None:
    head = small_head()
    assert len(TensionModel(head).edges) == 2 * SIDE * (SIDE - 1)


def test_compression_is_positive_in_the_map_where_it_happens() -> None:
    head = small_head()
    model = TensionModel(head)
    squeezed = head.neutral.copy()
    low = head.chart[:, 1] > 0.5
    squeezed[: head.n_skin][low, 1] *= 0.5
    chart = model.chart_map(model.per_vertex(head.neutral, squeezed))
    assert chart.shape == (256, 256)
    assert chart.dtype == np.float32
    assert chart[200:].min() > 0.1
    np.testing.assert_allclose(chart[:60], 0, atol=1e-5)

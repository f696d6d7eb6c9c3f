"""Charts of coarse meshes: right over their large triangles, and none of these turned over."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

from rhytid.core.head.fit.coarse_chart import over_area
from rhytid.core.head.fit.unfold import unfolded
from rhytid.core.head.quality import flipped_in_chart

SIDE_MM = 100.0


def coarse_square(spacing_mm: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points in a plane, their normals, triangles."""
    line = np.arange(0, SIDE_MM + 1, spacing_mm)
    flat = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    flat += np.random.default_rng(0).uniform(-0.2, 0.2, flat.shape) * spacing_mm
    triangles = Delaunay(flat).simplices.astype(np.int32)
    points = np.concatenate([flat, np.zeros((len(flat), 1))], axis=1)
    return points, np.tile([0.0, 0.0, 1.0], (len(flat), 1)), triangles


def bent(points: np.ndarray, _normals: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """A chart that bends between the points of a coarse mesh."""
    x, y = points[:, 0] / SIDE_MM, points[:, 1] / SIDE_MM
    return np.stack([x + 0.3 * x**2 + 0.1 * y**2, y + 0.2 * x * y], axis=1), np.ones(len(points))


def test_a_coarse_chart_is_right_over_the_area_of_its_triangles() -> None:
    points, normals, triangles = coarse_square(20.0)
    corners = bent(points)[0]
    found = over_area(corners, points, normals, triangles, bent)
    line = points[triangles]
    # The same places in space and in the chart: each point by its own weights.
    inside = np.array([[0.5, 0.25, 0.25], [0.2, 0.5, 0.3], [1 / 3, 1 / 3, 1 / 3]])
    true = bent(np.einsum("sk,tkc->tsc", inside, line).reshape(-1, 3))[0]

    def error(chart: np.ndarray) -> float:
        straight = np.einsum("sk,tkc->tsc", inside, chart[triangles]).reshape(-1, 2)
        return float(np.linalg.norm(straight - true, axis=1).mean())

    assert error(found) < 0.6 * error(corners)


def test_a_fine_chart_stays_as_it_is_and_jumps_are_not_believed() -> None:
    points, normals, triangles = coarse_square(2.5)
    corners, sides = bent(points)[0], points[triangles]
    small = triangles[np.linalg.norm(sides - np.roll(sides, 1, axis=1), axis=2).max(axis=1) < 5]
    assert len(small) > 2000
    assert over_area(corners, points, normals, small, bent) is corners
    points, normals, triangles = coarse_square(20.0)
    corners = bent(points)[0]

    def other_lip(places: np.ndarray, normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chart, trust = bent(places, normals)
        return chart + 0.3, trust

    np.testing.assert_allclose(over_area(corners, points, normals, triangles, other_lip), corners, atol=1e-9)


def test_triangles_that_are_turned_over_are_opened_and_nothing_else_moves() -> None:
    points, _, triangles = coarse_square(20.0)
    chart = points[:, :2] / SIDE_MM * [1, -1]  # y runs down
    triangles = triangles[:, ::-1] if len(flipped_in_chart(chart.astype(np.float32), triangles)) else triangles
    assert not len(flipped_in_chart(chart.astype(np.float32), triangles))
    inner = int(np.linalg.norm(points[:, :2] - SIDE_MM / 2, axis=1).argmin())
    pushed = chart.copy()
    pushed[inner] += [0.26, 0.02]  # over the next vertex
    assert len(flipped_in_chart(pushed.astype(np.float32), triangles)) > 0
    found = unfolded(pushed, triangles, np.ones(len(chart)))
    assert not len(flipped_in_chart(found.astype(np.float32), triangles))
    near = np.unique(triangles[(triangles == inner).any(axis=1)])
    far = np.setdiff1d(np.arange(len(chart)), np.unique(triangles[np.isin(triangles, near).any(axis=1)]))
    np.testing.assert_array_equal(found[far], chart[far])
    assert np.linalg.norm(found - pushed, axis=1).max() < 0.26, "the shortest way"
    np.testing.assert_array_equal(unfolded(pushed, triangles, np.zeros(len(chart))), pushed)

"""Catmull-Clark: the rules, what they keep, and the limits."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.head import Head, Part
from rhytid.core.head.subdivide import (
    levels_for_count,
    levels_for_edge,
    n_faces_after,
    subdivide,
    surface_faces,
)

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
CUBE_FACES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]], np.int32)


def test_one_level_of_a_cube_is_catmull_and_clark_s() -> None:
    fine = subdivide(CUBE_FACES, 8, 1)
    points = fine.apply(CUBE)
    assert len(fine.faces) == 24
    assert len(points) == 8 + 12 + 6
    # Corner: Q = 1/3, R = 2/3 of the corner's direction: (Q + 2 R + 0 P) / 3 = 5/9.
    np.testing.assert_allclose(np.abs(points[:8]), 5 / 9, rtol=1e-6)
    # Edge: mean of two corners and two face centres: (0, 3/4, 3/4).
    np.testing.assert_allclose(np.sort(np.abs(points[8:20]), axis=1), [[0, 0.75, 0.75]] * 12, atol=1e-6)
    np.testing.assert_allclose(np.sort(np.abs(points[20:]), axis=1), [[0, 0, 1]] * 6, atol=1e-6)


def test_winding_and_parents_are_kept() -> None:
    fine = subdivide(CUBE_FACES, 8, 2)
    points = fine.apply(CUBE)
    corner = points[fine.faces]
    normal = np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1])
    coarse = CUBE[CUBE_FACES]
    direction = np.cross(coarse[:, 2] - coarse[:, 0], coarse[:, 3] - coarse[:, 1])
    assert ((normal * direction[fine.parent]).sum(axis=1) > 0).all()
    assert (np.bincount(fine.parent) == 16).all()


def test_boundary_is_a_cubic_b_spline_and_a_plane_stays_plane() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], np.float32)
    fine = subdivide(np.array([[0, 1, 2, 3]], np.int32), 4, 1)
    points = fine.apply(square)
    np.testing.assert_allclose(points[0], [0.125, 0.125, 0])  # (A + 6 P + B) / 8
    np.testing.assert_allclose(points[4], [0.5, 0, 0])  # middle of the first edge
    np.testing.assert_allclose(points[:, 2], 0)


def test_mixed_polygons_and_loose_vertices() -> None:
    vertices = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0], [3, 1, 0], [9, 9, 9]], np.float32)
    faces = np.array([[0, 1, 2, 3], [1, 4, 2, -1]], np.int32)
    fine = subdivide(faces, 6, 1)
    assert len(fine.faces) == 7 == n_faces_after(faces, 1)
    points = fine.apply(vertices)
    np.testing.assert_allclose(points[5], [9, 9, 9])
    np.testing.assert_allclose(points[-1], [7 / 3, 1, 0], rtol=1e-6)  # middle of the triangle
    np.testing.assert_allclose(fine.apply(np.ones(6)), 1, rtol=1e-6)


def test_an_edge_of_three_faces_is_a_crease() -> None:
    vertices = np.array([[0, 0, 0], [0, 2, 0], [1, 0, 0], [-1, 0, 1], [-1, 0, -1]], np.float32)
    faces = np.array([[0, 1, 2, -1], [0, 1, 3, -1], [0, 1, 4, -1]], np.int32)
    fine = subdivide(faces, 5, 1)
    middle = fine.apply(vertices)
    assert (np.abs(middle - [0, 1, 0]).max(axis=1) < 1e-6).any()


def test_the_surface_includes_what_hangs_on_the_skin(head: Head) -> None:
    surface = surface_faces(head)
    assert surface[head.parts == Part.MOUTH].all()
    assert not surface[head.parts == Part.EYE_LEFT].any()


def test_levels_by_edge_and_by_count() -> None:
    side = np.linspace(0, 64, 17, dtype=np.float32)  # 4 mm edges
    x, y = np.meshgrid(side, side)
    vertices = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1)
    corner = (np.arange(16)[:, None] * 17 + np.arange(16)).ravel()
    faces = np.stack([corner, corner + 1, corner + 18, corner + 17], axis=1).astype(np.int32)
    assert [levels_for_edge(vertices, faces, edge) for edge in (5, 4, 2, 1.1, 0.5)] == [0, 0, 1, 2, 3]
    assert [levels_for_count(faces, count) for count in (1, 1023, 1024, 4096)] == [0, 0, 1, 2]
    with pytest.raises(ValueError, match="positive"):
        levels_for_edge(vertices, faces, 0)
    with pytest.raises(ValueError, match="levels"):
        subdivide(faces, len(vertices), 6)


def test_no_levels_give_a_copy() -> None:
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    values.flags.writeable = False
    carried = subdivide(np.array([[0, 1, 2, 3]], np.int32), 4, 0).apply(values)
    carried += 1  # the caller's own
    np.testing.assert_array_equal(carried, values + 1)

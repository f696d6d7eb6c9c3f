"""Nearest points on a mesh and the similarity between point sets."""

from __future__ import annotations

import numpy as np
import trimesh

from rhytid.core.head.register import similarity
from rhytid.core.head.surface import Surface, closest_barycentric


def test_nearest_points_agree_with_dense_sampling() -> None:
    rng = np.random.default_rng(1)
    corner = rng.normal(size=(60, 3, 3))
    points = rng.normal(size=(60, 3)) * 2
    weights = closest_barycentric(points, corner)
    assert (weights > -1e-9).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-9)
    found = np.linalg.norm(points - np.einsum("ij,ijk->ik", weights, corner), axis=1)
    grid = np.array([(i, j, 60 - i - j) for i in range(61) for j in range(61 - i)]) / 60
    dense = np.linalg.norm(points[:, None] - np.einsum("gj,njk->ngk", grid, corner), axis=2).min(axis=1)
    assert (found <= dense + 1e-9).all()
    assert (found >= dense - 0.08).all()


def test_distance_to_a_sphere() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=4, radius=10.0)
    surface = Surface(sphere.vertices, sphere.faces)
    directions = np.random.default_rng(2).normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    where = surface.nearest(directions * 13)
    np.testing.assert_allclose(where.distance, 3, atol=0.05)
    np.testing.assert_allclose(surface.at(where), directions * 10, atol=0.2)


def test_normals_keep_a_point_on_its_own_side_of_a_thin_sheet() -> None:
    sheet = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, -0.1], [0, 1, -0.1], [1, 0, -0.1]], float)
    surface = Surface(sheet, np.array([[0, 1, 2], [3, 4, 5]]))
    point = np.array([[0.2, 0.2, -0.02]])
    assert surface.nearest(point).triangle[0] == 0
    assert surface.nearest(point, np.array([[0.0, 0, -1]])).triangle[0] == 1


def test_similarity_recovers_scale_rotation_and_shift() -> None:
    rng = np.random.default_rng(3)
    source = rng.normal(size=(40, 3))
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    target = 2.5 * source @ rotation.T + [1, -2, 3]
    scale, found, shift = similarity(source, target)
    np.testing.assert_allclose(scale, 2.5)
    np.testing.assert_allclose(found, rotation, atol=1e-9)
    np.testing.assert_allclose(shift, [1, -2, 3], atol=1e-9)


def test_similarity_never_mirrors() -> None:
    source = np.random.default_rng(4).normal(size=(20, 3))
    _, rotation, _ = similarity(source, source * [-1, 1, 1])
    assert np.linalg.det(rotation) > 0

"""Normals and chart tangents."""

from __future__ import annotations

import numpy as np
import trimesh

from rhytid.core.head.normals import VertexNormals, chart_tangents, vertex_normals

from .small_head import small_head


def test_normals_of_a_sphere_point_outward() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=3, radius=20.0)
    normals = vertex_normals(sphere.vertices.astype(np.float32), sphere.faces.astype(np.int32))
    np.testing.assert_allclose(normals, sphere.vertices / 20, atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_vertices_without_faces_have_no_normal() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [5, 5, 5]], np.float32)
    normals = vertex_normals(vertices, np.array([[0, 1, 2]], np.int32))
    np.testing.assert_array_equal(normals[3], 0)
    np.testing.assert_allclose(normals[0], [0, 0, 1])


def test_normals_of_many_shapes_are_those_of_each_bit_for_bit() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=3, radius=20.0)
    triangles = sphere.faces.astype(np.int32)[7:]
    n_vertices = len(sphere.vertices) + 1  # a corner without some of its triangles, and a vertex without any
    normals, random = VertexNormals(triangles, n_vertices), np.random.default_rng(3)
    for _ in range(3):
        vertices = random.normal(0, 20, (n_vertices, 3)).astype(np.float32)
        wanted = vertex_normals(vertices, triangles)
        assert normals.of(vertices).tobytes() == wanted.tobytes()
        assert not wanted[-1].any()


def test_tangents_are_the_derivatives_of_the_position() -> None:
    head = small_head()
    tangent, bitangent = chart_tangents(head, head.neutral)
    inner = (head.chart > 0.1).all(axis=1) & (head.chart < 0.9).all(axis=1)
    x = 100 * (head.chart[inner, 0] - 0.5)
    np.testing.assert_allclose(tangent[inner, 0], 100, rtol=1e-4)
    np.testing.assert_allclose(tangent[inner, 2], -2 * x, atol=3)
    np.testing.assert_allclose(bitangent[inner], np.broadcast_to([0, -100, 0], (inner.sum(), 3)), atol=1e-2)


def test_tangents_follow_the_shape_they_are_asked_for() -> None:
    head = small_head()
    tangent, _ = chart_tangents(head, head.neutral * np.float32(2))
    np.testing.assert_allclose(tangent[:, 0], 200, rtol=1e-4)

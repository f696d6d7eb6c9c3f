"""Tangents are MikkTSpace's: what Blender computes for the same mesh, and what the rules say of odd ones."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.head import split_faces
from rhytid.core.head.load import default_head
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import vertex_normals
from rhytid.core.io.chart_uv import export_uv
from rhytid.core.maps.tangent_frame import in_frame


def grid(n: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plane of unit squares that faces +Z: vertices, its x and y as texture coordinates, triangles."""
    y, x = (one.ravel().astype(np.float32) for one in np.mgrid[:n, :n])
    corner = (np.arange((n - 1) * n).reshape(n - 1, n)[:, :-1]).ravel()
    quads = np.stack([corner, corner + 1, corner + n + 1, corner + n], axis=1)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]])
    return np.stack([x, y, np.zeros_like(x)], axis=1), np.stack([x, y], axis=1), triangles


def up(n: int) -> np.ndarray:
    return np.tile(np.array((0, 0, 1), np.float32), (n, 1))


def test_tangents_run_along_u() -> None:
    vertices, uv, triangles = grid()
    for turn in (0.0, 0.7, 2.5):
        c, s = np.cos(turn), np.sin(turn)
        frames = TangentFrames((uv @ np.array([[c, -s], [s, c]])).astype(np.float32), triangles, triangles)
        assert len(frames.vertex) == len(vertices)
        found = frames.of(vertices, up(len(vertices)))
        np.testing.assert_allclose(found, np.tile((c, s, 0, 1), (len(found), 1)), atol=1e-5)


def test_a_mirrored_texture_splits_the_line_of_the_mirror() -> None:
    vertices, uv, triangles = grid(7)
    uv = np.stack([np.abs(uv[:, 0] - 3), uv[:, 1]], axis=1)
    frames = TangentFrames(uv, triangles, triangles)
    assert len(frames.vertex) == len(vertices) + 7
    found = frames.of(vertices, up(len(vertices)))
    left = vertices[triangles].mean(axis=1)[:, 0] < 3
    np.testing.assert_allclose(found[frames.of_corner[left]], np.broadcast_to((-1, 0, 0, -1), (left.sum(), 3, 4)))
    np.testing.assert_allclose(found[frames.of_corner[~left]], np.broadcast_to((1, 0, 0, 1), (left.sum(), 3, 4)))


def test_triangles_that_touch_at_a_point_have_tangents_of_their_own() -> None:
    triangles = np.array([[0, 1, 2], [0, 3, 4]])
    uv = np.array([[0, 0], [1, 0], [1, 1], [-1, 1], [-1, -1]], np.float32)
    frames = TangentFrames(uv, triangles, triangles)
    assert (frames.vertex == 0).sum() == 2


def test_a_texture_without_area_still_has_unit_tangents() -> None:
    vertices, uv, triangles = grid()
    for squeezed in (uv * (1, 0), uv * 0):
        frames = TangentFrames(squeezed.astype(np.float32), triangles, triangles)
        found = frames.of(vertices, up(len(vertices)))
        np.testing.assert_allclose(np.linalg.norm(found[:, :3], axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(found[:, 2], 0, atol=1e-6)
    some = uv.copy()
    some[triangles[0]] = uv[triangles[0][0]]
    found = TangentFrames(some, triangles, triangles)
    assert np.isfinite(found.of(vertices, up(len(vertices)))).all()


def test_in_frame_is_what_a_shader_undoes() -> None:
    rng = np.random.default_rng(2)
    normals = rng.normal(size=(50, 3)).astype(np.float32) * 0.1 + (0, 0, 0.95)
    tangents = np.concatenate([rng.normal(size=(50, 3)) * 0.1 + (0.9, 0, 0), rng.choice((-1, 1), (50, 1))], axis=1)
    wanted = rng.normal(size=(50, 3)).astype(np.float32)
    held = in_frame(wanted, normals, tangents.astype(np.float32))
    bitangent = np.cross(normals, tangents[:, :3]) * tangents[:, 3:]
    shown = held[:, :1] * tangents[:, :3] + held[:, 1:2] * bitangent + held[:, 2:] * normals
    np.testing.assert_allclose(shown, wanted, atol=1e-5)


@pytest.fixture(scope="module")
def skin() -> dict[str, np.ndarray]:
    """The default head with a jaw that is open, as triangles of a file."""
    head = default_head()
    vertices = head.neutral + head.expression[17].astype(np.float32)
    uv, face_uv = export_uv(head)
    return {
        "vertices": vertices, "normals": vertex_normals(vertices, head.triangles), "uv": uv,
        "triangles": split_faces(head.faces)[0], "uv_triangles": split_faces(face_uv)[0],
    }  # fmt: skip


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=-1) / 2, 0, 1)))


def test_every_corner_of_the_head_has_a_frame_at_right_angles(skin: dict[str, np.ndarray]) -> None:
    frames = TangentFrames(skin["uv"], skin["triangles"], skin["uv_triangles"])
    found = frames.of(skin["vertices"], skin["normals"])
    np.testing.assert_allclose(np.linalg.norm(found[:, :3], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose((found[:, :3] * skin["normals"][frames.vertex]).sum(axis=1), 0, atol=1e-5)
    np.testing.assert_array_equal(frames.vertex[frames.of_corner], skin["triangles"])

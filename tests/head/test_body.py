"""A figure whose face and body are one mesh: its head is found in any pose, and the rest stays joined to it."""

from __future__ import annotations

import numpy as np
import pytest
from one_mesh_body import A_POSE_DEG, T_POSE_DEG, one_mesh_body
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.head.body import body_faces, body_parts
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.material import Material
from rhytid.core.head.upright import stance
from rhytid.core.head.weld import free_share, welded

METRE_MM, INCH_MM = 1000.0, 25.4
CHIN = 8


def random_person(seed: int) -> np.ndarray:
    """Skin (n, 3) in mm of somebody."""
    head = default_head()
    weights = np.random.default_rng(seed).normal(size=head.n_identity)
    return head.shape(weights, np.zeros(N_EXPRESSION))[: head.n_skin].astype(float)


@pytest.fixture(scope="module")
def figure() -> tuple[np.ndarray, np.ndarray]:
    return one_mesh_body(default_head(), random_person(3), A_POSE_DEG)


@pytest.fixture(scope="module")
def head(figure: tuple[np.ndarray, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Head:
    """Out of an OBJ in metres, Z up, the soles on the ground."""
    places, triangles = figure
    metres = (places - [0, places[:, 1].min(), 0])[:, [0, 2, 1]] * [1, -1, 1] / METRE_MM
    lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in metres] + [f"f {a} {b} {c}" for a, b, c in triangles + 1]
    path = tmp_path_factory.mktemp("figure") / "figure.obj"
    path.write_text("\n".join(lines) + "\n")
    return load_head(path)


def test_the_head_is_cut_off_at_the_neck_and_the_body_kept_beside_it(
    head: Head, figure: tuple[np.ndarray, np.ndarray]
) -> None:
    places, triangles = figure
    assert "turned by -90 degrees about X" in head.notes
    assert "scaled from metres" in head.notes
    assert any(note.startswith("the body below the neck is kept beside the head") for note in head.notes)
    (body,) = head.other_parts
    assert len(head.skin_triangles) + len(body.triangles) == len(triangles), "no face is lost"
    skin = head.neutral[: head.n_skin]
    low = skin[head.landmarks[CHIN], 1] - skin[:, 1].min()
    assert 40 < low < 140, "it ends within the neck"
    assert np.ptp(body.vertices, axis=0)[0] == pytest.approx(np.ptp(places[:, 0]), abs=1)
    assert body.vertices[:, 1].max() - skin[:, 1].min() < 60


def test_it_lies_on_the_chart_as_a_head_alone_does(head: Head, figure: tuple[np.ndarray, np.ndarray]) -> None:
    own = default_head()
    skin = head.neutral[: head.n_skin].astype(float)
    crown = skin[:, 1].argmax(), figure[0][:, 1].argmax()
    distance, index = cKDTree(figure[0]).query(skin - skin[crown[0]] + figure[0][crown[1]])
    assert distance.max() < 0.01
    px = 256 * np.linalg.norm(head.chart - own.chart[index], axis=1)
    assert np.quantile(px[own.detail_weight[index] > 0.5], 0.95) < 2


def test_both_sides_of_the_cut_stay_together(head: Head) -> None:
    (body,) = head.other_parts
    n = head.n_skin
    ring = welded(head.neutral[:n], head.skin_triangles, head.other_parts)
    assert ring.sum() > 40
    for made in (head.expression, head.identity, head.ageing):
        assert not made[:, :n][:, ring].any()
    assert np.linalg.norm(head.expression[ARKIT_INDEX["jawOpen"], head.landmarks[CHIN]].astype(float)) > 10
    assert np.abs(head.identity[:, : head.n_skin].astype(float)).max() > 1
    # Light goes on over the cut: there, too, the body's normals are those of the whole mesh.
    at_cut = cKDTree(head.neutral[:n]).query(body.vertices)[0] == 0
    middle = body.vertices[at_cut].mean(axis=0)
    away = (body.vertices[at_cut] - middle)[:, [0, 2]]
    outward = (away * body.normals[at_cut][:, [0, 2]]).sum(axis=1) / np.linalg.norm(away, axis=1)
    assert np.median(outward) > 0.8


def test_any_pose_unit_and_axes() -> None:
    own = default_head()
    places, triangles = one_mesh_body(own, random_person(5), T_POSE_DEG)
    turn = Rotation.from_euler("xyz", [70, 40, 110], degrees=True).as_matrix()
    found = stance(places @ turn.T / INCH_MM + [3, 50, 9], triangles, own)
    assert found.unit_mm == INCH_MM
    assert found.turn is not None
    assert found.start is not None
    assert np.degrees(Rotation.from_matrix(found.turn @ turn).magnitude()) < 4
    faces = np.pad(triangles, ((0, 0), (0, 1)), constant_values=-1)
    upright = 10 * found.points(places @ turn.T / INCH_MM + [3, 50, 9])
    body = body_faces(upright, faces, found.start)
    height = places[triangles].mean(axis=1) @ [0, 1, 0.28] - places[own.landmarks[CHIN]] @ [0, 1, 0.28]
    assert not body[height > -50].any()
    assert body[height < -120].all()


def test_a_bust_is_kept_whole() -> None:
    own = default_head()
    faces = np.pad(own.skin_triangles, ((0, 0), (0, 1)), constant_values=-1)
    assert not body_faces(own.neutral, faces, (1.0, np.eye(3), np.zeros(3))).any()


def test_materials_of_a_body_are_parts_of_it_and_seams_split_vertices() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], float)
    faces = np.array([[0, 1, 2, -1], [1, 3, 2, -1]], np.int32)
    uv = np.array([[1, 0], [1.5, 0], [1, 0.5], [2.2, 0], [2.9, 0], [2.2, 0.7]], float)
    face_uv = np.array([[0, 1, 2, -1], [3, 4, 5, -1]], np.int32)
    moves = np.zeros((N_EXPRESSION, 4, 3), np.float16)
    moves[ARKIT_INDEX["jawOpen"], 0, 1] = -1
    materials = (Material("face"), Material("shirt"), Material("trousers"))
    normals = np.tile([0, 0, 1], (4, 1))
    shirt, trousers = body_parts(points, normals, faces, face_uv, uv, moves, np.array([1, 2], np.int16), materials)
    assert (shirt.material.name, trousers.material.name) == ("shirt", "trousers")
    assert (shirt.names, trousers.names) == (("jawOpen",), ())
    np.testing.assert_allclose(shirt.uv, [[0, 0], [0.5, 0], [0, 0.5]], atol=1e-6)
    np.testing.assert_allclose(trousers.uv, [[0.2, 0], [0.2, 0.7], [0.9, 0]], atol=1e-6)
    (one,) = body_parts(points, normals, faces, face_uv, uv, moves, np.zeros(0, np.int16), ())
    assert len(one.vertices) == 6, "vertices on a seam are one for each place in the layout"
    np.testing.assert_array_equal(one.vertices[one.triangles], points[faces[:, :3]])


def test_what_is_made_fades_towards_the_ring() -> None:
    skin = np.stack([np.zeros(9), -10.0 * np.arange(9), np.zeros(9)], axis=1).astype(np.float32)
    held = np.arange(9) == 8
    share = free_share(skin, held)
    assert (share[8], share[4], share[0]) == (0, 1, 1)
    assert (np.diff(share) <= 0).all()
    assert (free_share(skin, np.zeros(9, bool)) == 1).all()

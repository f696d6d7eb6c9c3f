"""How heads of other files stand: turned, scaled, moved, and told from what is no face."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from rhytid.core.head.load import default_head
from rhytid.core.head.upright import NoFaceError, Stance, stance

RIGHT_ANGLES = Rotation.create_group("O").as_matrix().round()


def standing(change: np.ndarray, shift: tuple[float, float, float] = (0, 0, 0)) -> Stance:
    """Stance of the default head's skin whose vertices (mm) were multiplied and moved."""
    head = default_head()
    return stance(head.neutral.astype(float) @ change.T + shift, head.skin_triangles, head)


def restored(found: Stance, change: np.ndarray, shift: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    """Vertices in mm after the change and its undoing."""
    points: np.ndarray = found.points(default_head().neutral.astype(float) @ change.T + shift)
    return 10 * points


def test_a_head_that_stands_as_it_should_keeps_its_numbers() -> None:
    found = standing(np.eye(3) / 10)
    assert (found.turn, found.unit_mm, found.shift_cm, found.is_inside_out, found.notes) == (None, 10, None, False, ())
    values = default_head().neutral / 10
    assert found.points(values) is values


@pytest.mark.parametrize("number", range(1, 24, 3))
def test_every_right_angle_is_undone_exactly(number: int) -> None:
    change = RIGHT_ANGLES[number] / 10
    found = standing(change)
    np.testing.assert_allclose(restored(found, change), default_head().neutral, atol=1e-4)
    assert len(found.notes) == 1
    assert found.notes[0].startswith("turned by")


@pytest.mark.parametrize("seed", range(3))
def test_heads_that_lie_askew_are_set_nearly_upright(seed: int) -> None:
    change = Rotation.from_euler("xyz", np.random.default_rng(seed).uniform(20, 70, 3), degrees=True).as_matrix() / 10
    head = default_head()
    away = np.linalg.norm(restored(standing(change), change) - head.neutral, axis=1)
    assert np.median(away) < 15


@pytest.mark.parametrize(("seed", "axis", "angle_deg"), [(3, "x", 12), (8, "xz", (165, 10)), (11, "xyz", (50, 30, 20))])
def test_other_people_who_lie_askew_lose_their_tilt(seed: int, axis: str, angle_deg: float) -> None:
    head = default_head()
    person = head.shape(np.random.default_rng(seed).normal(size=head.n_identity), np.zeros(52)).astype(float)
    turn = Rotation.from_euler(axis, angle_deg, degrees=True).as_matrix()
    found = stance(person @ turn.T / 10, head.skin_triangles, head)
    assert found.turn is not None
    assert np.degrees(Rotation.from_matrix(found.turn @ turn).magnitude()) < 3


def test_a_head_whose_neck_is_cut_off_is_found_in_any_turn() -> None:
    head, random = default_head(), np.random.default_rng(6)
    weights = random.normal(size=head.n_identity)
    person = head.neutral.astype(float) + np.tensordot(weights, head.identity.astype(float), 1)
    up = np.array([0, 1, -0.25])
    below = (person[head.landmarks[8]] + [0, -25, 30]) @ up
    triangles = head.skin_triangles[(person[head.skin_triangles] @ up > below).all(axis=1)]
    turn = Rotation.random(random_state=random).as_matrix()
    found = stance(person @ turn.T / 10, triangles, head)
    assert found.turn is not None
    assert np.degrees(Rotation.from_matrix(found.turn @ turn).magnitude()) < 3


@pytest.mark.parametrize(
    ("name", "unit_mm"),
    [("millimetres", 1), ("inches", 25.4), ("decimetres", 100), ("feet", 304.8), ("metres", 1000)],
)
@pytest.mark.parametrize("larger", [0.88, 1.12])
def test_units_are_known_by_the_size_and_people_differ(name: str, unit_mm: float, larger: float) -> None:
    found = standing(np.eye(3) * larger / unit_mm)
    assert found.unit_mm == unit_mm
    assert found.notes == (f"scaled from {name}",)


def test_an_unknown_unit_gives_a_head_of_the_usual_size() -> None:
    change = np.eye(3) / 3000
    found = standing(change)
    assert "its own unit is not known" in found.notes[0]
    size = np.ptp(restored(found, change), axis=0)
    np.testing.assert_allclose(size, np.ptp(default_head().neutral, axis=0), rtol=0.05)


def test_a_head_on_a_body_comes_down_and_one_nearby_stays() -> None:
    near = standing(np.eye(3) / 10, (1, 2, 3))
    assert near.shift_cm is None
    far = standing(np.eye(3) / 1000, (0, 1.6, 0.1))
    assert "moved by 1.6 m" in far.notes[1]
    np.testing.assert_allclose(restored(far, np.eye(3) / 1000, (0, 1.6, 0.1)), default_head().neutral, atol=3)


def test_faces_that_show_their_back_are_seen() -> None:
    head = default_head()
    assert stance(head.neutral / 10, head.skin_triangles[:, ::-1], head).is_inside_out
    assert standing(np.diag([-0.1, 0.1, 0.1])).is_inside_out
    assert not stance(head.neutral * [-0.1, 0.1, 0.1], head.skin_triangles[:, ::-1], head).is_inside_out


def test_other_people_and_less_of_a_head_are_faces_too() -> None:
    head = default_head()
    person = head.shape(np.random.default_rng(0).normal(size=20), np.zeros(52))
    assert stance(person / 10, head.skin_triangles, head).notes == ()
    triangles = head.skin_triangles
    masked = triangles[(head.detail_weight[triangles] > 0).all(axis=1)]
    assert stance(person / 10, masked, head).unit_mm == 10


SOLIDS = {
    "cube": trimesh.creation.box().subdivide().subdivide().subdivide().subdivide(),
    "ball": trimesh.creation.icosphere(3),
    "egg": trimesh.creation.icosphere(3).apply_scale([0.75, 1.2, 1]),
    "cylinder": trimesh.creation.cylinder(1, 3, sections=40).subdivide().subdivide(),
    "ring": trimesh.creation.torus(2, 1, major_sections=40, minor_sections=40),
    "triangle": trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]]),
}


@pytest.mark.parametrize("solid", SOLIDS.values(), ids=SOLIDS.keys())
def test_solids_are_no_faces(solid: trimesh.Trimesh) -> None:
    with pytest.raises(NoFaceError, match="like no human face"):
        stance(np.asarray(solid.vertices), np.asarray(solid.faces, np.int32), default_head())


@pytest.mark.parametrize("value", [0.0, 1e300, 1e-300])
def test_points_without_extent_are_no_faces(value: float) -> None:
    with pytest.raises(NoFaceError):
        stance(np.arange(9).reshape(3, 3) * value, np.array([[0, 1, 2]], np.int32), default_head())

"""The head that comes with the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, expression_array
from rhytid.core.head.chart import barycentric_of
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import DEFAULT_HEAD, default_head
from rhytid.core.head.quality import degenerate_triangles, flipped_in_chart, flipped_triangles
from rhytid.core.head.report import chart_stretch, head_report

LANDMARK_PAIRS = [(0, 16), (17, 26), (31, 35), (36, 45), (39, 42), (48, 54), (60, 64)]


@pytest.fixture(scope="module")
def head() -> Head:
    return default_head()


def open_loops(head: Head) -> list[np.ndarray]:
    """Closed loops along the open edges of the skin."""
    faces = head.faces[head.parts == Part.SKIN]
    sides = np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2)
    present = {(a, b) for a, b in sides.tolist()}
    following = {a: b for a, b in present if (b, a) not in present}
    loops = []
    while following:
        start, current = following.popitem()
        loop = [start]
        while current != start:
            loop.append(current)
            current = following.pop(current)
        loops.append(np.array(loop))
    return loops


def test_counts_and_size(head: Head) -> None:
    assert DEFAULT_HEAD.stat().st_size < 12_000_000
    assert 12_000 <= head.n_skin <= 20_000
    assert head.n_identity >= 30
    skin = head.faces[head.parts == Part.SKIN]
    assert (skin[:, 3] >= 0).mean() > 0.95
    assert set(np.unique(head.parts)) == set(Part)
    assert np.isclose(np.linalg.norm(head.eye_centers[0] - head.eye_centers[1]), 63, atol=0.5)


def test_every_expression_moves_something(head: Head) -> None:
    assert [n for n, s in zip(ARKIT_NAMES, head.expression, strict=True) if not s.any()] == []


def test_boundaries_are_two_lids_the_lips_and_the_neck(head: Head) -> None:
    loops = open_loops(head)
    assert len(loops) == 4
    centres = np.array([head.neutral[loop].mean(axis=0) for loop in loops])
    for expected in ([33, 36, 90], [-33, 36, 90], [0, -34, 103], [0, -165, 0]):
        assert np.linalg.norm(centres - expected, axis=1).min() < 12


def test_no_fold_at_rest_nor_in_any_expression(head: Head) -> None:
    triangles = head.skin_triangles
    for name, offsets in (("neutral", 0), *zip(ARKIT_NAMES, head.expression, strict=True)):
        shape = head.neutral + np.asarray(offsets, np.float32)
        assert len(flipped_triangles(shape, triangles)) == 0, name
        assert len(degenerate_triangles(shape, triangles)) == 0, name


def test_left_and_right_mirror_each_other(head: Head) -> None:
    report = head_report(head)["symmetry"]
    assert report["wrong_side"] == []
    assert report["neutral_median_mm"] < 0.01
    assert report["worst_relative_difference"] < 0.1


def test_chart_is_injective_and_mirrored(head: Head) -> None:
    assert len(flipped_in_chart(head.chart, head.skin_triangles)) == 0
    for right, left in LANDMARK_PAIRS:
        a, b = head.chart[head.landmarks[right]], head.chart[head.landmarks[left]]
        np.testing.assert_allclose(a, [1 - b[0], b[1]], atol=1e-3)
        assert head.neutral[head.landmarks[right], 0] < 0 < head.neutral[head.landmarks[left], 0]
        assert a[0] < 0.5 < b[0]
    assert head.chart[head.landmarks[27], 1] < head.chart[head.landmarks[8], 1]


def test_chart_keeps_shape_where_wrinkles_are(head: Head) -> None:
    largest, smallest = chart_stretch(head)
    centre = head.chart[head.skin_triangles].mean(axis=1)
    for x0, y0, x1, y1 in ((0.25, 0.06, 0.75, 0.18), (0.18, 0.26, 0.28, 0.38), (0.2, 0.42, 0.38, 0.6)):
        inside = (centre > [x0, y0]).all(axis=1) & (centre < [x1, y1]).all(axis=1)
        assert np.median((largest / smallest)[inside]) < 1.6
        assert 170 < np.median(np.sqrt(largest * smallest)[inside]) < 280


def test_detail_fades_before_the_border_and_in_the_openings(head: Head) -> None:
    border = np.minimum(head.chart, 1 - head.chart).min(axis=1)
    assert (head.detail_weight[border < 0.005] == 0).all()
    assert head.detail_weight[head.landmarks[[8, 21, 30, 33]]].min() > 0.9
    for loop in open_loops(head):
        assert (head.detail_weight[loop] == 0).all()
    edges = np.concatenate([head.skin_triangles[:, [0, 1]], head.skin_triangles[:, [1, 2]]])
    assert np.abs(np.diff(head.detail_weight[edges], axis=1)).max() < 0.9


def test_texture_tiles(head: Head) -> None:
    tile = np.floor(head.uv).astype(int)
    for part, wanted in ((Part.EYE_LEFT, 2), (Part.EYE_RIGHT, 2), (Part.TEETH, 3), (Part.MOUTH, 3)):
        corners = head.face_uv[head.parts == part]
        assert set(tile[corners[corners >= 0], 0]) == {wanted}
    skin = head.faces[head.parts == Part.SKIN]
    corners = head.face_uv[head.parts == Part.SKIN]
    of_chart = (corners < head.n_skin).all(axis=1)
    np.testing.assert_array_equal(corners[of_chart], skin[of_chart])
    np.testing.assert_allclose(head.uv[: head.n_skin, 1], 1 - head.chart[:, 1], atol=1e-5)
    assert set(tile[corners[~of_chart], 0].ravel()) == {1}
    assert (tile[corners, 1] == 0).all()


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [("eyeLookUp", 1, 1), ("eyeLookDown", 1, -1), ("eyeLookIn", 0, 0), ("eyeLookOut", 0, 0)],
)
@pytest.mark.parametrize(("side", "part", "eye"), [("Left", Part.EYE_LEFT, 0), ("Right", Part.EYE_RIGHT, 1)])
def test_eyes_turn_where_they_are_told(
    head: Head, name: str, axis: int, sign: int, side: str, part: Part, eye: int
) -> None:
    ball = np.unique(head.triangles[head.triangle_parts == part])
    pupil = ball[head.neutral[ball, 2].argmax()]
    shape = head.shape([], expression_array({name + side: 1.0}))
    rest = np.linalg.norm(head.neutral[ball] - head.eye_centers[eye], axis=1)
    turned = np.linalg.norm(shape[ball] - head.eye_centers[eye], axis=1)
    np.testing.assert_allclose(turned, rest, atol=0.02)
    move = shape[pupil] - head.neutral[pupil]
    if axis == 0:
        sign = (1 if side == "Left" else -1) * (1 if name == "eyeLookOut" else -1)
    assert sign * move[axis] > 5
    assert abs(move[1 - axis]) < 0.05
    other = np.unique(head.triangles[head.triangle_parts == (3 - part)])
    np.testing.assert_array_equal(shape[other], head.neutral[other])


def bare_part_of_eye(head: Head, shape: np.ndarray) -> float:
    """Share of the left eyeball's front that no skin lies before, seen along z."""
    ball = np.unique(head.triangles[head.triangle_parts == Part.EYE_LEFT])
    front = ball[head.neutral[ball, 2] > head.eye_centers[0, 2] + 8]
    corner = shape[head.skin_triangles]
    near = np.linalg.norm(corner.mean(axis=1) - head.eye_centers[0], axis=1) < 30
    covered = np.zeros(len(front), bool)
    for triangle in corner[near]:
        weights = barycentric_of(
            shape[front, :2].astype(float), np.broadcast_to(triangle[:, :2].astype(float), (len(front), 3, 2))
        )
        covered |= (weights.min(axis=1) >= -1e-6) & (weights @ triangle[:, 2] > shape[front, 2])
    return float(1 - covered.mean())


def test_lids_close_over_the_eye(head: Head) -> None:
    assert bare_part_of_eye(head, head.neutral) > 0.3
    assert bare_part_of_eye(head, head.shape([], expression_array({"eyeWideLeft": 1.0}))) > 0.5
    assert bare_part_of_eye(head, head.shape([], expression_array({"eyeBlinkLeft": 1.0}))) == 0


def test_jaw_takes_the_lower_teeth_along_and_leaves_the_upper(head: Head) -> None:
    teeth = np.unique(head.triangles[head.triangle_parts == Part.TEETH])
    drop = -head.expression[ARKIT_INDEX["jawOpen"], teeth, 1].astype(np.float32)
    upper = drop == 0
    assert 0.4 < upper.mean() < 0.6
    assert drop[~upper].min() > 8
    lower = teeth[~upper]
    before = np.linalg.norm(head.neutral[lower[0]] - head.neutral[lower], axis=1)
    open_jaw = head.shape([], expression_array({"jawOpen": 1.0}))
    np.testing.assert_allclose(np.linalg.norm(open_jaw[lower[0]] - open_jaw[lower], axis=1), before, atol=0.1)


def test_faces_look_outward(head: Head) -> None:
    for part, centre in ((Part.EYE_LEFT, head.eye_centers[0]), (Part.EYE_RIGHT, head.eye_centers[1])):
        triangles = head.triangles[head.triangle_parts == part]
        corner = head.neutral[triangles]
        normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        assert ((normal * (corner.mean(axis=1) - centre)).sum(axis=1) > 0).all()
    corner = head.neutral[head.skin_triangles]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    nose = (corner.mean(axis=1) - head.neutral[head.landmarks[30]] > -10).all(axis=1)
    assert normal[nose, 2].sum() > 0


def test_random_identities_stay_whole(head: Head) -> None:
    rng = np.random.default_rng(0)
    for _ in range(4):
        shape = head.shape(rng.normal(size=head.n_identity), np.zeros(52))
        assert len(flipped_triangles(shape, head.skin_triangles)) <= 8
        assert np.abs(shape - head.neutral).max() < 60


def test_licence_stands_beside_the_head() -> None:
    text = (Path(DEFAULT_HEAD).parent / "LICENSE-ICT-FaceKit.txt").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in text

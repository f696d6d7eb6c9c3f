"""Faces and landmarks of the astronaut, as she is and moved, turned, small, many; and pictures without a face."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from portraits import astronaut, needs_models, placed, through

from rhytid.core.photo.embedding import mirrored_landmarks
from rhytid.core.photo.face_finder import FaceFinder, NoFace, _facing
from rhytid.core.photo.landmarks import (
    CHIN,
    LEFT_BROW,
    LEFT_IRIS,
    LEFT_LIDS,
    N_MESH,
    NOSE_TIP,
    OUTER_LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_IRIS,
    RIGHT_LIDS,
)

pytestmark = needs_models
# Read off the picture by eye, px.
PUPILS = np.array([[202.9, 101.1], [246.9, 103.3]])
MOUTH_CORNERS = np.array([[202.0, 139.8], [247.0, 140.5]])


@pytest.fixture(scope="module")
def finder():
    return FaceFinder.load()


@pytest.fixture(scope="module")
def picture():
    return astronaut()


@pytest.fixture(scope="module")
def found(finder, picture):
    (face,) = finder.find(picture)
    return face, finder.landmarks(picture, face)


def off(points, others, eye_distance):
    """Median distance, as a share of the distance of the outer corners of the eyes."""
    return float(np.median(np.linalg.norm(points - others, axis=1)) / eye_distance)


def test_the_landmarks_are_where_they_are_seen(found):
    face, landmarks = found
    points = landmarks.points
    assert points.shape == (478, 2)
    assert not points.flags.writeable
    assert landmarks.presence > 0.99
    assert 0.7 < face.score <= 1
    assert np.linalg.norm(points[[RIGHT_IRIS[0], LEFT_IRIS[0]]] - PUPILS, axis=1).max() < 2
    assert np.linalg.norm(points[[OUTER_LIPS[0], OUTER_LIPS[10]]] - MOUTH_CORNERS, axis=1).max() < 3
    x, y, width, height = face.box
    assert x < PUPILS[0, 0] < PUPILS[1, 0] < x + width
    assert y < PUPILS[0, 1] < y + height
    assert np.linalg.norm(np.subtract(face.right_eye, PUPILS[0])) < 8
    assert np.linalg.norm(np.subtract(face.left_eye, PUPILS[1])) < 8


def test_groups_of_points_lie_as_they_are_named(found):
    points = found[1].points
    for iris, lids, brow in ((RIGHT_IRIS, RIGHT_LIDS, RIGHT_BROW), (LEFT_IRIS, LEFT_LIDS, LEFT_BROW)):
        ring = points[list(lids)]
        assert cv2.pointPolygonTest(ring.reshape(-1, 1, 2), tuple(map(float, points[iris[0]])), False) > 0
        assert (points[list(lids[1:8])][:, 1] > points[list(lids[9:])][::-1][:, 1]).all()  # lower lid below upper
        assert points[list(brow)][:, 1].max() < ring[:, 1].min()
        assert points[list(brow[:5])][:, 1].mean() > points[list(brow[5:])][:, 1].mean()
        radii = np.linalg.norm(points[list(iris[1:])] - points[iris[0]], axis=1)
        assert radii.max() < 1.3 * radii.min()
    oval = points[list(OVAL)].reshape(-1, 1, 2)
    inner = [i for i in range(468) if i not in OVAL]
    assert np.mean([cv2.pointPolygonTest(oval, tuple(map(float, points[i])), False) > 0 for i in inner]) > 0.97
    assert points[CHIN, 1] > points[NOSE_TIP, 1]


@pytest.mark.parametrize(
    "matrix",
    [[[1, 0, 7.3], [0, 1, -4.6]], [[2, 0, 0], [0, 2, 0]], [[0.8, 0, 40], [0, 0.8, 30]],
     [[math.cos(0.1), -math.sin(0.1), 50], [math.sin(0.1), math.cos(0.1), -10]]],
    ids=["moved", "larger", "smaller", "turned"],
)  # fmt: skip
def test_landmarks_move_with_the_picture(finder, picture, found, matrix):
    size = (1024, 1024) if matrix[0][0] == 2 else (560, 540)
    other = placed(picture, size, matrix)
    landmarks = finder.landmarks(other, finder.find(other)[0])
    assert off(landmarks.points, through(matrix, found[1].points), landmarks.eye_distance) < 0.025


def test_the_same_picture_gives_the_same_points(finder, picture, found):
    again = finder.landmarks(picture, finder.find(picture)[0])
    assert (again.points == found[1].points).all()
    assert (again.weights == found[1].weights).all()


def test_a_mirrored_face_has_mirrored_points(finder, picture, found):
    """The right eye is looked at as it is, the left one mirrored: both must come out alike."""
    flipped = np.ascontiguousarray(picture[:, ::-1])
    mirrored = finder.landmarks(flipped, finder.find(flipped)[0]).points * (-1, 1) + (512, 0)
    pairs = [*zip(RIGHT_LIDS + RIGHT_IRIS[:1], LEFT_LIDS + LEFT_IRIS[:1], strict=True)]
    right, left = (list(one) for one in zip(*pairs, strict=True))
    assert off(mirrored[left], found[1].points[right], found[1].eye_distance) < 0.03
    assert off(mirrored[right], found[1].points[left], found[1].eye_distance) < 0.03


def test_the_mesh_has_no_side_of_its_own(finder, picture, found):
    """Looked at both ways, a mirrored face has the mirrored mesh; looked at one way, it is shifted to a side."""
    flipped = np.ascontiguousarray(picture[:, ::-1])
    apart = {}
    for both_ways in (True, False):
        here, there = (finder.landmarks(p, finder.find(p)[0], both_ways).points[:N_MESH] for p in (picture, flipped))
        apart[both_ways] = ((there * (-1, 1) + (512, 0))[mirrored_landmarks()] - here) / found[1].eye_distance
    assert np.linalg.norm(apart[True].mean(axis=0)) < 0.005
    assert np.linalg.norm(apart[True], axis=1).mean() < 0.01
    assert np.linalg.norm(apart[False].mean(axis=0)) > 0.02


def test_mirrored_landmarks_are_the_meshs_own_pairs():
    partner = mirrored_landmarks()
    assert (partner[partner] == np.arange(N_MESH)).all()
    # Of the mesh's numbering: corners of eyes and mouth, temples, cheeks, and points of the middle.
    for right, left in ((33, 263), (133, 362), (61, 291), (78, 308), (234, 454), (50, 280), (105, 334), (129, 358)):
        assert (partner[right], partner[left]) == (left, right)
    for middle in (1, 4, 6, 10, 13, 14, 17, 152, 168):
        assert partner[middle] == middle


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_on_its_side_is_read_too(finder, picture, found, quarters):
    other = np.ascontiguousarray(np.rot90(picture, -quarters))
    landmarks = finder.landmarks(other, finder.find(other)[0])
    angle = quarters * math.pi / 2
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    expected = (found[1].points - 256) @ turn.T + 256
    assert off(landmarks.points, expected, landmarks.eye_distance) < 0.03


def test_all_faces_come_the_best_first(finder, picture):
    head = picture[20:230, 120:340]
    scene = np.full((700, 1000, 3), 120, np.uint8)
    scene[100:310, 60:280] = head
    scene[80:500, 500:940] = cv2.resize(head, (440, 420), interpolation=cv2.INTER_CUBIC)
    faces = finder.find(scene)
    assert len(faces) == 2
    assert faces[0].size > 1.6 * faces[1].size
    assert faces[0].box[0] > 500
    assert finder.landmarks(scene, faces[1]).points[:, 0].max() < 300


def test_a_small_face_in_a_large_photo_is_found(finder, picture, found):
    scene = np.full((3000, 4096, 3), 100, np.uint8)
    scene[2100:2612, 3300:3812] = picture
    face = finder.find(scene)[0]
    landmarks = finder.landmarks(scene, face)
    assert off(landmarks.points - (3300, 2100), found[1].points, landmarks.eye_distance) < 0.02


def test_a_face_that_fills_the_photo_is_found(finder, picture, found):
    low, high = found[1].points.min(0).astype(int), found[1].points.max(0).astype(int)
    close = np.ascontiguousarray(picture[low[1] - 2 : high[1] + 2, low[0] - 2 : high[0] + 2])
    close = cv2.resize(close, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    landmarks = finder.landmarks(close, finder.find(close)[0])
    assert off(landmarks.points, (found[1].points - low + 2) * 4, landmarks.eye_distance) < 0.05


def test_a_tiny_face_is_too_small(finder, picture):
    tiny = placed(picture, (192, 192), [[0.3, 0, 20], [0, 0.3, 20]])
    with pytest.raises(NoFace, match=r"the face is 2\d|3\d px high, too small .* larger or closer"):
        finder.find(tiny)


def test_points_outside_the_photo_have_no_weight(finder, picture, found):
    cut = np.ascontiguousarray(picture[:, 205:])
    landmarks = finder.landmarks(cut, finder.find(cut)[0])
    outside = landmarks.points[:, 0] < 0
    assert 20 < outside.sum() < 350
    assert (landmarks.weights[outside] == 0).all()
    assert landmarks.weights[~outside].max() == 1


def test_the_far_side_of_a_turned_head_has_less_weight():
    """Points on a cylinder that is turned by a known angle, as the mesh's own frame has them: z grows away."""
    draw = np.random.default_rng(0)
    around, height = draw.uniform(-1.2, 1.2, 468), draw.uniform(-1, 1, 468)
    around[[RIGHT_LIDS[0], LEFT_LIDS[0]]], height[[RIGHT_LIDS[0], LEFT_LIDS[0]]] = (-0.5, 0.5), 0
    around[[OVAL[8], OVAL[-8]]] = 1.2, -1.2
    for turned in (-0.6, 0.0, 0.6):
        angle = around - turned
        mesh = 100 * np.stack([np.sin(angle), height, 1 - np.cos(angle)], axis=1)
        weights, yaw = _facing(mesh)
        assert abs(yaw) == pytest.approx(abs(turned), abs=0.02)
        right, left = weights[around < -0.9].mean(), weights[around > 0.9].mean()
        # Turned to the person's left, the right side is nearer the camera.
        assert np.sign(np.round(left - right, 1)) == np.sign(turned)
        assert weights[np.abs(angle) < 0.3].min() > 0.9
        assert weights.max() == 1


def test_pictures_without_a_face_say_what_to_do(finder):
    draw = np.random.default_rng(2)
    for picture in (np.full((480, 640, 3), 130, np.uint8), draw.integers(0, 255, (400, 300, 3), np.uint8)):
        with pytest.raises(NoFace, match="no face was found; take a photo"):
            finder.find(picture)


def test_a_cat_is_nobody(finder):
    from skimage import data

    with pytest.raises(NoFace, match="what looks like a face cannot be read as one; take a photo"):
        finder.find(data.chelsea())

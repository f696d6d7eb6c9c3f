from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.load import default_head
from rhytid.core.photo.camera import FACING, PhotoCamera, view_rotation
from rhytid.core.photo.rasteriser import NumpyRasteriser

SIZE = (90, 70)


def fragments(vertices, triangles, focal_px=80.0, centre=(45.0, 35.0), size=SIZE):
    return NumpyRasteriser().fragments(
        np.asarray(vertices, float), np.asarray(triangles, np.int32), focal_px, np.asarray(centre), size
    )


def test_a_camera_straight_ahead_sees_the_subjects_left_at_the_right():
    camera = PhotoCamera(FACING, np.array([0.0, 0.0, 1000.0]), 500.0, np.array([50.0, 40.0]), (100, 80))
    assert np.allclose(camera.project(np.array([[10.0, 20.0, 0.0]])), [[55.0, 30.0]])
    assert np.allclose(camera.position_mm, [0, 0, 1000])
    assert np.allclose(camera.scaled(2).project(np.array([[10.0, 20.0, 0.0]])), [[110.0, 60.0]])


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(0, 0, 0), (30, 0, 0), (-20, 15, 40)])
def test_a_view_is_a_rotation_with_the_angles_asked_for(yaw, pitch, roll):
    rotation = view_rotation(yaw, pitch, roll)
    assert np.allclose(rotation @ rotation.T, np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1)
    camera = PhotoCamera(rotation, np.array([0.0, 0.0, 800.0]), 500.0, np.zeros(2), (1, 1))
    assert camera.yaw_pitch_deg == pytest.approx((yaw, pitch))


def test_weights_are_right_in_perspective():
    # A floor that runs away from the camera, where weights that are affine in the picture would be far off.
    corners = np.array([[-60.0, 30.0, 100.0], [60.0, 30.0, 100.0], [0.0, 30.0, 900.0]])
    seen = fragments(corners, [[0, 2, 1]] if _outside(corners, [0, 2, 1]) else [[0, 1, 2]])
    row, column = np.nonzero(seen.triangle == 0)
    assert len(row) > 200
    # The ray through the pixel meets y = 30 at this depth.
    depth = 30.0 * 80.0 / (row + 0.5 - 35.0)
    assert np.allclose(seen.depth[row, column], depth, rtol=1e-5)
    order = [0, 2, 1] if _outside(corners, [0, 2, 1]) else [0, 1, 2]
    point = seen.barycentric[row, column] @ corners[order]
    assert np.allclose(80.0 * point[:, :2] / point[:, 2:] + [45, 35], np.stack([column, row], axis=1) + 0.5, atol=1e-3)
    assert np.isinf(seen.depth[seen.triangle < 0]).all()
    assert (seen.barycentric[seen.triangle < 0] == 0).all()


def _outside(corners, order):
    a, b, c = corners[order]
    return np.cross(b - a, c - a) @ a < 0


def test_every_pixel_of_a_grid_is_filled_once_and_exactly():
    # Corners on centres of pixels: edges run through them, and none may be left open.
    n = 12
    x, y = np.meshgrid(np.arange(n + 1), np.arange(n + 1))
    vertices = np.stack([x * 4 - 24.5, y * 4 - 24.5, np.full_like(x, 80, float)], axis=-1).reshape(-1, 3)
    i = np.arange((n + 1) * n).reshape(n, n + 1)[:, :-1].ravel()
    quads = np.concatenate([
        np.stack([i, i + n + 1, i + 1], axis=1), np.stack([i + 1, i + n + 1, i + n + 2], axis=1)
    ])  # fmt: skip
    seen = fragments(vertices, quads)
    row, column = np.mgrid[:70, :90] + 0.5
    inside = (np.abs(column - 45 + 0.5) <= 24) & (np.abs(row - 35 + 0.5) <= 24)
    assert ((seen.triangle >= 0) == inside).all()
    assert np.unique(seen.triangle).size == len(quads) + 1


def test_the_nearest_triangle_is_shown_and_what_faces_away_is_not():
    near = [[-20.0, -20.0, 100.0], [-20.0, 20.0, 100.0], [20.0, 20.0, 100.0]]
    far = [[-90.0, -90.0, 200.0], [-90.0, 90.0, 200.0], [90.0, 90.0, 200.0]]
    behind = [[-20.0, -20.0, -100.0], [-20.0, 20.0, -100.0], [20.0, 20.0, 50.0]]
    vertices = np.array([*far, *near, *behind])
    seen = fragments(vertices, [[0, 1, 2], [3, 4, 5], [5, 4, 3], [6, 7, 8]])
    assert set(np.unique(seen.triangle)) == {-1, 0, 1}
    assert np.unique(seen.depth[seen.triangle == 1]) == pytest.approx(100)
    # Taken apart and drawn alone, each is where the other does not hide it.
    alone = fragments(vertices, [[3, 4, 5]])
    assert ((alone.triangle == 0) == (seen.triangle == 1)).all()


def test_nothing_in_view_is_an_empty_picture():
    seen = fragments([[500.0, 0.0, 10.0], [500.0, 9.0, 10.0], [520.0, 9.0, 10.0]], [[0, 1, 2]])
    assert (seen.triangle == -1).all()


@pytest.mark.parametrize("yaw", [0.0, 40.0])
def test_points_of_the_head_are_found_again(yaw):
    head = default_head()
    camera = PhotoCamera(view_rotation(yaw, 10), np.array([0.0, 0.0, 700.0]), 420.0, np.array([100, 110]), (200, 220))
    cam = camera.to_camera(head.neutral)
    seen = NumpyRasteriser().fragments(cam, head.triangles, camera.focal_px, camera.centre, camera.size)
    row, column = np.nonzero(seen.triangle >= 0)
    assert 9000 < len(row) < 30000
    weights = seen.barycentric[row, column]
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-5)
    point = np.einsum("ij,ijk->ik", weights, head.neutral[head.triangles[seen.triangle[row, column]]])
    assert np.abs(camera.project(point) - np.stack([column, row], axis=1) - 0.5).max() < 0.05

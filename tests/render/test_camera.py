from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.state import Camera
from rhytid.gui.render import camera as cameras

SIZE = (800, 600)


def test_front_camera_sees_the_subjects_left_on_the_right():
    camera = Camera(target_mm=(0, 0, 0))
    left, up, middle = cameras.project(camera, SIZE, [(50, 0, 0), (0, 50, 0), (0, 0, 0)])
    np.testing.assert_allclose(middle, (400, 300), atol=1e-6)
    assert left[0] > 410
    assert up[1] < 290


def test_positive_yaw_moves_the_camera_to_the_subjects_left_and_pitch_up():
    np.testing.assert_allclose(
        cameras.position_mm(Camera(yaw_deg=90, target_mm=(1, 2, 3), distance_mm=100)), (101, 2, 3), atol=1e-9
    )
    assert cameras.position_mm(Camera(pitch_deg=30))[1] > 0


@pytest.mark.parametrize("yaw", [-170.0, -30.0, 0.0, 77.0])
@pytest.mark.parametrize("pitch", [-89.0, 0.0, 45.0])
def test_view_is_a_rotation_and_puts_the_target_ahead(yaw, pitch):
    camera = Camera(yaw_deg=yaw, pitch_deg=pitch, target_mm=(3, -4, 5))
    view = cameras.view_from_head(camera)
    np.testing.assert_allclose(view[:3, :3] @ view[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(view[:3, :3]) == pytest.approx(1.0)
    np.testing.assert_allclose(view @ (3, -4, 5, 1), (0, 0, -camera.distance_mm, 1), atol=1e-9)


def test_panning_keeps_the_point_under_the_pointer():
    camera = Camera(yaw_deg=30, pitch_deg=20, target_mm=(0, 0, 0))
    moved = cameras.pan(camera, 40, -25, SIZE[1])
    before, after = (cameras.project(c, SIZE, [camera.target_mm])[0] for c in (camera, moved))
    np.testing.assert_allclose(after - before, (40, -25), atol=0.5)


def test_orbit_wraps_yaw_and_stops_at_the_poles():
    camera = cameras.orbit(Camera(yaw_deg=170, pitch_deg=80), 20, 30)
    assert camera.yaw_deg == pytest.approx(-170)
    assert camera.pitch_deg == cameras.PITCH_LIMIT_DEG


def test_dolly_stays_in_range():
    assert cameras.dolly(Camera(distance_mm=500), 0.5).distance_mm == 250
    assert cameras.dolly(Camera(distance_mm=500), 1e-9).distance_mm == cameras.DISTANCE_MIN_MM
    assert cameras.dolly(Camera(distance_mm=500), 1e9).distance_mm == cameras.DISTANCE_MAX_MM


@pytest.mark.parametrize("yaw", [0.0, 40.0, 90.0])
@pytest.mark.parametrize("aspect", [0.5, 2.0])
def test_framing_fills_the_picture(yaw, aspect):
    bounds = np.array([(-80, -120, -60), (80, 130, 100)], float)
    camera = cameras.frame(Camera(yaw_deg=yaw), bounds, aspect)
    size = (int(600 * aspect), 600)
    corners = np.array([(x, y, z) for x in bounds[:, 0] for y in bounds[:, 1] for z in bounds[:, 2]])
    pixels = cameras.project(camera, size, corners)
    assert (pixels >= 0).all()
    assert (pixels <= size).all()
    assert (np.ptp(pixels, axis=0) / size).max() > 0.7
    assert camera.yaw_deg == yaw
    assert cameras.frame(Camera(yaw_deg=yaw), bounds, aspect, front=True).yaw_deg == 0


def test_depth_range_holds_the_head_from_near_and_far():
    for distance in (60.0, 620.0, 3000.0):
        camera = Camera(target_mm=(0, 0, 0), distance_mm=distance)
        matrix = cameras.clip_from_head(camera, SIZE)
        for z in (-300.0, 0.0, min(distance - 30.0, 300.0)):
            clip = matrix @ (0, 0, z, 1)
            assert -1 <= clip[2] / clip[3] <= 1


def test_gizmo_names_the_axis_that_points_at_the_viewer():
    camera = Camera()
    assert cameras.gizmo_axes(camera)[-1].name == "Z"
    hit = cameras.gizmo_hit(camera, 1.0, 0.0)
    assert hit is not None
    assert hit.name == "X"
    assert hit.yaw_deg == 90
    assert cameras.gizmo_hit(camera, 0.0, -1.0).name == "Y"
    assert cameras.gizmo_hit(camera, 0.0, 0.0).name == "Z"  # in front of -Z
    assert cameras.gizmo_hit(camera, 0.6, 0.6) is None


def test_looking_along_a_gizmo_axis_brings_it_to_the_front():
    for axis in cameras.gizmo_axes(Camera(yaw_deg=20, pitch_deg=10)):
        turned = replace(Camera(), yaw_deg=axis.yaw_deg, pitch_deg=axis.pitch_deg)
        assert cameras.gizmo_axes(turned)[-1].name == axis.name

"""The program's own head is found in its own pictures, up to the angle at which nothing can be read any more."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.document.state import Camera
from rhytid.core.head.load import default_head
from rhytid.core.photo import models_wheel
from rhytid.core.photo.face_finder import FaceFinder, NoFace
from rhytid.core.photo.landmarks import LEFT_IRIS, RIGHT_IRIS
from rhytid.gui.render.offscreen import render_image

pytestmark = pytest.mark.skipif(
    models_wheel.models_folder() is None, reason=f"needs the models of faces: {models_wheel.COMMAND}"
)
EYE_RADIUS_MM = 12


@pytest.fixture(scope="module")
def finder():
    return FaceFinder.load()


def picture(ctx, yaw_deg):
    return render_image(default_head(), camera=Camera(yaw_deg=yaw_deg), size=(512, 512), samples=4, ctx=ctx)


def test_pupils_are_where_the_head_has_them(ctx, finder):
    pixels = picture(ctx, 0)
    landmarks = finder.landmarks(pixels, finder.find(pixels)[0], both_ways=True)  # its own side is no fault of the head
    camera = Camera()
    focal_px = 256 / np.tan(np.radians(camera.fov_deg) / 2)
    for iris, ball in zip((LEFT_IRIS, RIGHT_IRIS), default_head().eye_centers, strict=True):
        depth = camera.distance_mm + camera.target_mm[2] - (ball[2] + EYE_RADIUS_MM)
        expected = 256 + focal_px * np.array([ball[0] - camera.target_mm[0], camera.target_mm[1] - ball[1]]) / depth
        assert np.linalg.norm(landmarks.points[iris[0]] - expected) < 3


@pytest.mark.parametrize("yaw_deg", [-45, -20, 20, 45])
def test_a_turned_head_is_found(ctx, finder, yaw_deg):
    pixels = picture(ctx, yaw_deg)
    landmarks = finder.landmarks(pixels, finder.find(pixels)[0])
    assert landmarks.presence > 0.9


@pytest.mark.parametrize("yaw_deg", [-90, -75, 75, 100, 180])
def test_a_head_that_looks_away_is_refused(ctx, finder, yaw_deg):
    pixels = picture(ctx, yaw_deg)
    with pytest.raises(NoFace, match="take a photo that shows the face from the front"):
        finder.landmarks(pixels, finder.find(pixels)[0])

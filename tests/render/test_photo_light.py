"""A photo in the pictures of the program: its light as surroundings, its camera, the photo laid over the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.load import default_head
from rhytid.core.maps.harmonics import BASIS, DIFFUSE, harmonics
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.gui.render.camera import camera_of_photo, position_mm, project
from rhytid.gui.render.environment import environment, environments, of_shading, photo_lamp, without_glow
from rhytid.gui.render.offscreen import render_image
from rhytid.gui.render.photo_pass import PhotoPass, PhotoSheet
from rhytid.gui.render.renderer import FaceRenderer

SIZE = (160, 160)
PHOTO = Lighting("photo", key_intensity=0.0)


def directions() -> np.ndarray:
    points = np.random.default_rng(3).normal(size=(200, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def side_light(x: float) -> np.ndarray:
    """Shading of an even light and one from the subject's left (x > 0) or right."""
    sh9 = np.zeros((9, 3), np.float32)
    sh9[0], sh9[3] = 0.5, x
    return sh9


def test_the_light_of_a_photo_shades_as_it_does_in_the_photo():
    sh9 = np.random.default_rng(4).normal(0, 0.3, (9, 3))
    found = of_shading(sh9)
    np.testing.assert_allclose(found.irradiance(directions()), harmonics(directions()) @ sh9, atol=1e-12)
    lamp = photo_lamp(sh9)
    assert lamp is not None
    towards = sh9[[3, 1, 2]].sum(axis=1)
    np.testing.assert_allclose(lamp.direction, towards / np.linalg.norm(towards))
    assert photo_lamp(side_light(0.0)) is None


def test_nothing_shines_from_behind_that_the_photo_cannot_tell():
    sh9 = side_light(0.1)
    sh9[2], sh9[6] = -0.3, 0.25  # dark in front, bright behind: the front fits, and who knows what is behind
    mirrored = without_glow(sh9)
    to_radiance = 1 / (DIFFUSE * BASIS)[:, None]
    behind = directions()[directions()[:, 2] < -0.3]
    shown = harmonics(behind) @ (sh9 * to_radiance), harmonics(behind) @ (mirrored * to_radiance)
    assert shown[1].max() < 0.5 * shown[0].max()
    ahead = directions()[directions()[:, 2] > 0.8]
    kept = harmonics(ahead) @ mirrored
    np.testing.assert_allclose(kept, harmonics(ahead) @ sh9, atol=0.15)


def test_the_lamp_of_a_photo_is_as_strong_as_the_first_band_that_it_stands_for():
    lamp = photo_lamp(side_light(0.25))
    assert lamp is not None
    # A disc of radius a and radiance R shades the plane across from it by R sin^2 a; half of that is its first band.
    np.testing.assert_allclose(np.array(lamp.radiance) * np.sin(np.radians(lamp.radius_deg)) ** 2 / 2, 0.25)


def test_pictures_are_lit_by_the_photo_and_fall_back_without_one():
    head = default_head()

    def picture(lighting: Lighting, light: np.ndarray | None = None) -> np.ndarray:
        return render_image(head, lighting=lighting, size=SIZE, samples=1, photo_light=light).astype(np.float64)

    left, right = picture(PHOTO, side_light(0.4)), picture(PHOTO, side_light(-0.4))
    # The subject's left is on the right of the picture.
    assert left[60:110, 95:120].mean() > 1.5 * right[60:110, 95:120].mean()
    assert right[60:110, 40:65].mean() > 1.5 * left[60:110, 40:65].mean()
    first = next(iter(environments()))
    np.testing.assert_array_equal(picture(PHOTO), picture(replace(PHOTO, environment=first)))
    assert environment(Lighting("photo")).name == first


def test_the_camera_of_a_photo_draws_where_the_photo_has_it():
    head = default_head()
    level = Camera(yaw_deg=12.0, pitch_deg=-7.0, distance_mm=800.0)
    for roll_deg in (0.0, 17.0):
        rotation = view_rotation(level.yaw_deg, level.pitch_deg, roll_deg)
        photo = PhotoCamera(rotation, -rotation @ position_mm(level), 900.0, np.array([150.0, 220.0]), (320, 400))
        shown = camera_of_photo(photo, (700, 500), 1.5, (31.0, -12.0))
        points = head.neutral[::97]
        expected = photo.project(points) * 1.5 + (31.0, -12.0)
        np.testing.assert_allclose(project(shown, (700, 500), points), expected, atol=1e-6)
        np.testing.assert_allclose(position_mm(shown), photo.position_mm, atol=1e-6)


@pytest.mark.parametrize("opacity", [0.0, 0.5, 1.0])
def test_the_photo_lies_round_the_head_and_shows_through_it(ctx, opacity):
    head = default_head()
    renderer = FaceRenderer(ctx, head)
    color = ctx.texture(SIZE, 4)
    target = ctx.framebuffer([color])
    photo_pass = PhotoPass(ctx)
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:20, :40], pixels[20:, 40:] = (255, 0, 0), (0, 0, 255)

    def drawn(sheet: PhotoSheet | None) -> np.ndarray:
        lay = None if sheet is None else lambda picture: photo_pass.draw(target, SIZE, picture, sheet)
        renderer.render(target, SIZE, Camera(), Lighting(), interactive=True, under_overlay=lay)
        image = np.frombuffer(target.read(components=3, alignment=1), np.uint8)
        return image.reshape(SIZE[1], SIZE[0], 3)[::-1].astype(np.float64)

    try:
        bare = drawn(None)
        laid = drawn(PhotoSheet(pixels, (10.0, 20.0), (140.0, 70.0), opacity))
    finally:
        for made in (photo_pass, renderer, target, color):
            made.release()
    np.testing.assert_array_equal(laid[140:], bare[140:])
    np.testing.assert_array_equal(laid[:, :8], bare[:, :8])
    np.testing.assert_array_equal(laid[25, 15], (255, 0, 0))
    np.testing.assert_array_equal(laid[85, 145], (0, 0, 255))
    middle = laid[50, 76], bare[50, 76]  # on the forehead, over the photo's red
    np.testing.assert_allclose(middle[0], opacity * middle[1] + (1 - opacity) * np.array([255, 0, 0]), atol=2)

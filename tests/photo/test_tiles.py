from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.harmonics import N_HARMONICS
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.landmarks import Landmarks
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.tiles import iris_color, skin_map, skin_tone

SKIN = np.array([0.4, 0.24, 0.17], np.float32)
SEEN = np.ones((256, 256), np.float32)


def spotted():
    color = np.broadcast_to(SKIN, (256, 256, 3)).copy()
    color[100:110, 100:110] *= 0.3
    color[:6] *= 0.5  # hair at the border
    return Albedo(color, SEEN)


def test_the_border_is_one_tone_that_the_skin_beside_it_has():
    albedo = spotted()
    shown = skin_map(albedo, side=512)
    border = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
    assert np.ptp(border.astype(int), axis=0).max() <= 1
    assert np.allclose(linear_from_srgb(border[0] / 255), SKIN, rtol=0.02)
    assert np.allclose(skin_tone(albedo), SKIN, rtol=1e-5)
    assert np.abs(np.diff(shown[:, 256].astype(int), axis=0)).max() <= 25  # no step on the way there


def test_the_inside_of_the_chart_stays_as_it_is():
    albedo = spotted()
    small, large = skin_map(albedo, side=256), skin_map(albedo)
    assert large.shape == (2048, 2048, 3)
    inner = slice(40, -40)
    assert np.abs(linear_from_srgb(small / 255) - albedo.map)[inner, inner].max() < 0.006
    assert np.abs(large[100 * 8 + 20 : 108 * 8, 100 * 8 + 20 : 108 * 8].astype(int) - small[104, 104]).max() <= 2


def test_extreme_colours_stay_colours():
    rng = np.random.default_rng(0)
    wild = Albedo(np.where(rng.random((64, 64, 3)) < 0.5, 0, 1).astype(np.float32), SEEN)
    shown = skin_map(wild, side=256)
    assert shown.dtype == np.uint8
    assert shown[100:150, 100:150].min() == 0
    assert shown[100:150, 100:150].max() == 255


def eyes(color, radius=9.0):
    """A photo of two eyes with a pupil, a glint and an upper lid, and its landmarks."""
    picture = np.full((60, 120, 3), 0.5, np.float32)
    points = np.zeros((478, 2), np.float32)
    y, x = np.mgrid[:60, :120] + 0.5
    for eye, centre in enumerate(((30.0, 30.0), (90.0, 30.0))):
        away = np.hypot(x - centre[0], y - centre[1])
        picture[away < radius] = color
        picture[away < 0.35 * radius] = 0.01
        picture[np.hypot(x - centre[0] - 3, y - centre[1] + 2) < 1.5] = 1.0
        picture[y < centre[1] - 0.5 * radius] = 0.2
        offsets = radius * np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]])
        points[468 + 5 * eye : 473 + 5 * eye] = np.array(centre) + offsets
    return picture, Landmarks(points, np.ones(478, np.float32), 1.0)


def light_of(color):
    sh9 = np.zeros((N_HARMONICS, 3), np.float32)
    sh9[0] = color
    return PhotoLight(sh9, np.broadcast_to(sh9, (MAP_SIDE, MAP_SIDE, 9, 3)))


@pytest.mark.parametrize("color", [(0.12, 0.18, 0.25), (0.08, 0.04, 0.02)])
def test_the_colour_of_the_irises_is_found_under_the_light(color):
    light = np.array([1.4, 1.0, 0.7])
    picture, landmarks = eyes(np.array(color) * light)
    assert np.allclose(iris_color(picture, landmarks, light_of(light)), color, rtol=0.1)


def test_irises_too_small_or_outside_of_the_picture_have_no_colour():
    picture, landmarks = eyes((0.1, 0.1, 0.1), radius=2.0)
    assert iris_color(picture, landmarks, light_of(1.0)) is None
    picture, landmarks = eyes((0.1, 0.1, 0.1))
    away = Landmarks(landmarks.points + 500, landmarks.weights, 1.0)
    assert iris_color(picture, away, light_of(1.0)) is None

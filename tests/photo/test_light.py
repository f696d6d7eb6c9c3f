from __future__ import annotations

import numpy as np
import pytest
from charts import SIDE, ball_normals, decibels, lamp, photo_of, skin

from rhytid.core.maps.harmonics import harmonics
from rhytid.core.photo.light import PhotoLight, light_and_color

PLAIN = np.ones((SIDE, SIDE, 3), np.float32)
NORMAL = ball_normals()


def shading_of(sh9):
    return np.maximum(harmonics(NORMAL) @ sh9, 0.03)


@pytest.mark.parametrize("direction", [(0.7, 0.4, 1.0), (-1.0, 0.2, 0.4), (0.0, 1.0, 0.5)])
def test_the_light_of_a_ball_is_found_again(direction):
    truth = shading_of(lamp(direction, 1.2))
    (light,), _ = light_and_color([photo_of(skin(), truth)], PLAIN)
    assert decibels(light.even_shading(NORMAL), truth) > 22
    assert decibels(light.shading(NORMAL), truth) > 22
    # It also lies on the right side: its mirror image would be far off.
    if direction[0]:
        assert decibels(light.shading(NORMAL)[:, ::-1], truth) < 14


def test_gloss_does_not_turn_the_light():
    truth = shading_of(lamp((0.5, 0.5, 1.0), 1.0))
    plain = photo_of(skin(), truth)
    shine = 0.6 * np.exp(-((NORMAL @ np.array([0.3, 0.3, 0.9]) - 1) ** 2) / 0.004)[..., None]
    shining = photo_of(np.ones((SIDE, SIDE, 3)), skin() * truth + shine)
    (without,), _ = light_and_color([plain], PLAIN)
    (with_gloss,), _ = light_and_color([shining], PLAIN)
    assert decibels(with_gloss.even_shading(NORMAL), without.even_shading(NORMAL)) > 26


def test_a_cast_shadow_goes_to_the_detailed_light_and_not_to_the_one_light():
    truth = shading_of(lamp((0.6, 0.3, 1.0), 1.0))
    truth[40:80, 20:50] *= 0.45
    (light,), color = light_and_color([photo_of(skin(), truth)], PLAIN)
    shadow = np.zeros((SIDE, SIDE), bool)
    shadow[48:72, 28:42] = True
    detailed, even = light.shading(NORMAL), light.even_shading(NORMAL)
    assert (detailed / truth)[shadow].mean() < 0.75 * (even / truth)[shadow].mean()
    assert light.sh_map.shape == (32, 32, 9, 3)
    # The other half of the face shows that the skin there is not dark.
    assert color[shadow].mean() > 0.8 * color[:, ::-1][shadow].mean()


def test_several_photos_share_one_color_and_each_has_its_light():
    truths = [shading_of(lamp((side, 0.3, 1.0), 1.0)) for side in (-1.0, 0.8)]
    lights, color = light_and_color([photo_of(skin(), truth) for truth in truths], PLAIN)
    assert color.shape == (SIDE, SIDE, 3)
    for light, truth in zip(lights, truths, strict=True):
        assert decibels(light.shading(NORMAL), truth) > 22


def test_a_photo_without_skin_says_what_to_do():
    with pytest.raises(ValueError, match="choose one that shows the face"):
        light_and_color([photo_of(skin(), PLAIN, np.zeros((SIDE, SIDE)))], PLAIN)


def test_shading_is_the_same_at_any_resolution():
    (light,), _ = light_and_color([photo_of(skin(), shading_of(lamp((0.7, 0.4, 1.0), 1.0)))], PLAIN)
    small, large = light.shading(ball_normals(64)), light.shading(ball_normals(256))
    assert np.abs(large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3)) - small).max() < 0.02


def test_one_light_for_all_places_is_its_own_map():
    sh9 = lamp((0.2, 0.5, 1.0), 1.0).astype(np.float32)
    light = PhotoLight(sh9, np.broadcast_to(sh9, (32, 32, 9, 3)).copy())
    assert np.allclose(light.shading(NORMAL), light.even_shading(NORMAL), atol=1e-5)

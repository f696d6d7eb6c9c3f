from __future__ import annotations

import cv2
import numpy as np
import pytest
from charts import SIDE, ball_normals, decibels, even_prior, lamp, photo_of, skin

from rhytid.core.learned.weights import WeightsError
from rhytid.core.maps.harmonics import harmonics
from rhytid.core.photo.albedo import albedo
from rhytid.core.photo.albedo_prior import albedo_prior
from rhytid.core.photo.light import PhotoLight, border_trust, light_and_color, shadow_share
from rhytid.core.photo.unwrap import Unwrapped
from rhytid.core.synthesis.lit_face import lit_face

PLAIN = np.ones((SIDE, SIDE, 3), np.float32)
NORMAL = ball_normals()


def shading_of(sh9):
    return np.maximum(harmonics(NORMAL) @ sh9, 0.03)


@pytest.mark.parametrize("direction", [(0.7, 0.4, 1.0), (-1.0, 0.2, 0.4), (0.0, 1.0, 0.5)])
def test_the_light_of_a_ball_is_found_again(direction):
    truth = shading_of(lamp(direction, 1.2))
    (light,), _ = light_and_color([photo_of(skin(), truth)], even_prior())
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
    (without,), _ = light_and_color([plain], even_prior())
    (with_gloss,), _ = light_and_color([shining], even_prior())
    assert decibels(with_gloss.even_shading(NORMAL), without.even_shading(NORMAL)) > 26


def test_a_cast_shadow_goes_to_the_detailed_light_and_not_to_the_one_light():
    truth = shading_of(lamp((0.6, 0.3, 1.0), 1.0))
    truth[40:80, 20:50] *= 0.45
    (light,), color = light_and_color([photo_of(skin(), truth)], even_prior())
    shadow = np.zeros((SIDE, SIDE), bool)
    shadow[48:72, 28:42] = True
    detailed, even = light.shading(NORMAL), light.even_shading(NORMAL)
    assert (detailed / truth)[shadow].mean() < 0.75 * (even / truth)[shadow].mean()
    assert light.sh_map.shape == (128, 128, 9, 3)
    # The other half of the face shows that the skin there is not dark.
    assert color[shadow].mean() > 0.8 * color[:, ::-1][shadow].mean()


def test_the_edge_of_a_shadow_is_in_the_light_and_a_mole_is_not():
    truth = shading_of(lamp((0.6, 0.3, 1.0), 1.0))
    truth[:, 30:60] *= 0.5
    skin_color = np.broadcast_to(np.array([0.5, 0.3, 0.22], np.float32), truth.shape).copy()
    skin_color[60:63, 90:93] *= 0.4
    (light,), _ = light_and_color([photo_of(skin_color, truth)], even_prior())
    shading = light.shading(NORMAL)
    inside, outside = shading[20:100, 32:36].mean(), shading[20:100, 25:28].mean()
    true_step = truth[20:100, 32:36].mean() / truth[20:100, 25:28].mean()
    assert inside / outside < true_step + 0.12
    assert shading[61, 91].mean() > 0.85 * shading[61, 96].mean()


def test_an_orange_photo_is_of_neither_orange_skin_nor_orange_light_alone():
    prior = albedo_prior()
    skin_color = np.exp(cv2.resize(prior.mean, (SIDE, SIDE)))
    orange = np.array([1.25, 1.0, 0.75])
    shading = shading_of(lamp((0.3, 0.3, 1.0), 0.6)) * orange
    (light,), color = light_and_color([photo_of(skin_color, shading)])
    tint = np.log(color / skin_color).mean(axis=(0, 1))
    shift = np.log(orange)
    share = (tint - tint.mean()) @ (shift - shift.mean()) / ((shift - shift.mean()) ** 2).sum()
    assert 0.2 < share < 0.8
    # Whatever the split, skin under the light looks as the photo does.
    ratio = np.log(color * light.shading(NORMAL)) - np.log(skin_color * shading)
    assert np.abs(ratio)[20:100, 20:100].mean() < 0.05


@pytest.mark.parametrize("strength", [0.4, 1.0, 2.0])
def test_dark_photos_are_mostly_of_dark_skin(strength):
    skin_color = np.exp(cv2.resize(albedo_prior().mean, (SIDE, SIDE)))
    shading = strength * shading_of(lamp((0.3, 0.3, 1.0), 0.6))
    _, color = light_and_color([photo_of(skin_color, shading)])
    change = np.log(color / skin_color).mean() - np.log(strength)
    assert abs(change) < 0.4
    assert np.sign(change) != np.sign(np.log(strength)) or strength == 1.0


def test_what_turns_dark_and_of_another_hue_is_no_shadow():
    change, hue = np.meshgrid(np.array([-1.0, -0.5, 0.4], np.float32), np.array([0.02, 0.6], np.float32))
    share = shadow_share(change, hue)
    assert (share[0] > 0.9).all()  # grey, however dark
    assert (share[1, :2] < 0.3).all()  # stubble
    assert (share[:, 2] == 1).all()  # gloss is of another hue of itself


def test_beside_what_is_hidden_strange_colours_are_not_believed():
    weight = np.ones((SIDE, SIDE), np.float32)
    weight[:, :40] = 0
    dark = np.full((SIDE, SIDE), -1.5, np.float32)
    trust = border_trust(weight, dark)
    assert trust[64, 42] < 0.1
    assert trust[64, 100] == 1
    assert (border_trust(weight, 0 * dark) == 1).all()


def test_the_network_that_comes_with_the_program_finds_more_of_the_light():
    # Faces that were not trained on, seen with another head than the one that was lit.
    gains = []
    for seed in range(4):
        face = lit_face(np.random.default_rng([7, seed]))
        photo = Unwrapped(face.rgb, face.weight, face.skin, face.normal, face.position, face.rgb[..., :2], 1.0)
        seen = face.weight > 0.4
        found = []
        for prior in (None, albedo_prior()):
            lights, color = light_and_color([photo], prior)
            found.append(decibels(albedo([photo], lights, color).map, face.albedo, seen))
        gains.append(found[0] - found[1])
    assert np.mean(gains) > 0.2
    assert min(gains) > -0.2


def test_without_the_networks_file_the_closed_form_stands(monkeypatch):
    def missing():
        raise WeightsError("no weights")

    photo = photo_of(np.exp(cv2.resize(albedo_prior().mean, (SIDE, SIDE))), shading_of(lamp((0.5, 0.3, 1.0), 0.6)))
    refined, _ = light_and_color([photo])
    monkeypatch.setattr("rhytid.core.photo.light.light_refinement", missing)
    (light,), color = light_and_color([photo])
    (closed,), same = light_and_color([photo], albedo_prior())
    assert np.array_equal(light.sh_map, closed.sh_map)
    assert np.array_equal(color, same)
    assert not np.array_equal(light.sh_map, refined[0].sh_map)


def test_several_photos_share_one_color_and_each_has_its_light():
    truths = [shading_of(lamp((side, 0.3, 1.0), 1.0)) for side in (-1.0, 0.8)]
    lights, color = light_and_color([photo_of(skin(), truth) for truth in truths], even_prior())
    assert color.shape == (SIDE, SIDE, 3)
    for light, truth in zip(lights, truths, strict=True):
        assert decibels(light.shading(NORMAL), truth) > 22


def test_a_photo_without_skin_says_what_to_do():
    with pytest.raises(ValueError, match="choose one that shows the face"):
        light_and_color([photo_of(skin(), PLAIN, np.zeros((SIDE, SIDE)))], even_prior())


def test_shading_is_the_same_at_any_resolution():
    (light,), _ = light_and_color([photo_of(skin(), shading_of(lamp((0.7, 0.4, 1.0), 1.0)))], even_prior())
    small, large = light.shading(ball_normals(64)), light.shading(ball_normals(256))
    assert np.abs(large.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3)) - small).max() < 0.02


def test_one_light_for_all_places_is_its_own_map():
    sh9 = lamp((0.2, 0.5, 1.0), 1.0).astype(np.float32)
    light = PhotoLight(sh9, np.broadcast_to(sh9, (128, 128, 9, 3)).copy())
    assert np.allclose(light.shading(NORMAL), light.even_shading(NORMAL), atol=1e-5)

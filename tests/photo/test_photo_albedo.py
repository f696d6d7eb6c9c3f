from __future__ import annotations

import numpy as np
from charts import SIDE, ball_normals, decibels, even_prior, lamp, photo_of, skin

from rhytid.core.maps.harmonics import harmonics
from rhytid.core.photo.albedo import albedo, gloss
from rhytid.core.photo.light import light_and_color

NORMAL = ball_normals()


def shading_of(*lamp_arguments):
    return np.maximum(harmonics(NORMAL) @ lamp(*lamp_arguments), 0.03)


def albedo_of(*photos):
    lights, color = light_and_color(photos, even_prior())
    return albedo(photos, lights, color)


def symmetric_skin():
    color = skin()
    return np.sqrt(color * color[:, ::-1])


def test_the_light_of_a_photo_is_not_in_the_albedo():
    truth, shading = skin(), shading_of((-1.0, 0.3, 0.7), 1.3)
    found = albedo_of(photo_of(truth, shading))
    assert decibels(found.map, truth) > decibels(truth * shading, truth) + 8
    assert (found.seen > 0.99).all()


def test_the_same_skin_under_another_light_has_the_same_albedo():
    truth = skin()
    first = albedo_of(photo_of(truth, shading_of((-1.0, 0.3, 0.9), 1.0)))
    second = albedo_of(photo_of(truth, shading_of((0.8, 0.5, 0.9), 1.0, 0.4, (1.1, 1.0, 0.8))))
    assert decibels(first.map, second.map) > 22


def test_moles_stay_where_they_are():
    truth = symmetric_skin()
    truth[30:34, 90:94] *= 0.3
    found = albedo_of(photo_of(truth, shading_of((0.5, 0.5, 1.0), 1.0)))
    assert found.map[31:33, 91:93].mean() < 0.5 * found.map[31:33, 96:99].mean()


def test_what_is_hidden_comes_from_the_other_half():
    truth = symmetric_skin()
    truth[60:64, 20:24] *= 0.4  # a mole that the photo shows on one side
    weight = np.ones((SIDE, SIDE), np.float32)
    weight[:, 70:] = 0
    found = albedo_of(photo_of(truth, shading_of((0.3, 0.4, 1.0), 0.8), weight))
    assert (found.seen[:, 70:] == 0).all()
    assert np.allclose(found.map[20:100, 80:120], found.map[20:100, ::-1][:, 80:120], rtol=0.15)
    mirrored = slice(SIDE - 23, SIDE - 21)
    assert found.map[61:63, mirrored].mean() < 0.65 * found.map[40:46, mirrored].mean()


def test_what_no_half_shows_is_filled_without_a_step():
    truth = symmetric_skin()
    weight = np.ones((SIDE, SIDE), np.float32)
    weight[100:] = 0
    found = albedo_of(photo_of(truth, shading_of((0.3, 0.4, 1.0), 0.8), weight))
    assert np.isfinite(found.map).all()
    assert (found.map > 0).all()
    steps = np.abs(np.diff(np.log(found.map), axis=0)).mean(axis=(1, 2))
    assert steps[99] < 3 * np.median(steps[:95])


def test_what_is_not_seen_has_the_tone_of_what_is():
    truth = symmetric_skin()
    gilded = truth * np.array([1.1, 1.0, 0.8])
    weight = np.zeros((SIDE, SIDE), np.float32)
    weight[30:100, 30:98] = 1
    photos = [photo_of(gilded, shading_of((0.0, 0.3, 1.0), 0.5), weight)]
    lights, color = light_and_color(photos, even_prior())
    found = albedo(photos, lights, color * np.array([0.9, 1.0, 1.3], np.float32))
    inside, outside = (found.map[area].mean(axis=0) for area in (weight > 0, weight == 0))
    assert np.allclose(inside / inside.sum(), outside / outside.sum(), atol=0.01)


def test_a_photo_that_sees_a_texel_well_outweighs_one_that_hardly_does():
    truth, shading = symmetric_skin(), shading_of((0.0, 0.3, 1.0), 0.5)
    spoilt = truth.copy()
    spoilt[:, :64] *= np.array([0.5, 1.0, 1.5])
    badly = np.ones((SIDE, SIDE), np.float32)
    badly[:, :64] = 0.02
    found = albedo_of(photo_of(truth, shading), photo_of(spoilt, shading, badly))
    assert decibels(found.map, truth) > 24


def test_gloss_is_what_is_white_above_the_skin():
    matt = symmetric_skin() * 0.8
    shine = np.zeros((SIDE, SIDE), np.float32)
    shine[40:80, 40:80] = 0.35
    found = gloss((matt + shine[..., None]).astype(np.float32), matt.astype(np.float32))
    inner = (slice(45, 75), slice(45, 75))
    # Never more than nine tenths of the faintest channel, which keeps a little of the skin's colour.
    assert 0.75 * 0.35 < found[inner].mean() < 0.36
    assert np.abs(found[:30]).max() < 1e-3
    # Darker skin, or skin that is as much brighter in its own colour, is not gloss.
    assert np.abs(gloss((0.6 * matt).astype(np.float32), matt.astype(np.float32))).max() < 1e-3
    assert np.abs(gloss((1.4 * matt).astype(np.float32), matt.astype(np.float32))).max() < 0.02

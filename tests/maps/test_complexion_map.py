"""The skin colour of a person: layers where they belong, at every tone and size."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest

from rhytid.core.maps.complexion import TONES, Complexion, iris_color, random_colors
from rhytid.core.maps.complexion_map import complexion_map, tone_srgb
from rhytid.core.maps.face_marks import lips_mask
from rhytid.core.maps.skin_layers import SkinLayers
from rhytid.core.maps.srgb import linear_from_srgb

PLAIN = Complexion(flush=0, blotches=0, mottling=0, freckles=0, moles=0, dark_circles=0, lids=0)
CHEEK = (0.57, 0.22)


@lru_cache(maxsize=8)
def layers(side=256, seed=1):
    return SkinLayers.of(seed, side)


def chart(complexion, age=30.0, side=256, seed=1, brows=0.0):
    return complexion_map(complexion, age, layers(side, seed), brows=brows).chart.astype(float)


def at(color, y, x, half=0.015):
    side = len(color)
    rows, columns = (slice(round((c - half) * side), round((c + half) * side) + 1) for c in (y, x))
    return color[rows, columns].mean(axis=(0, 1))


def redness(srgb):
    """a* of CIE Lab."""
    linear = linear_from_srgb(srgb / 255)
    x, y = linear @ (0.4124, 0.3576, 0.1805) / 0.9505, linear @ (0.2126, 0.7152, 0.0722)
    return 500 * (np.cbrt(x) - np.cbrt(y))


@pytest.mark.parametrize("tone", TONES, ids=lambda tone: tone.name)
def test_lips_are_redder_than_cheeks_on_every_tone(tone):
    color = chart(Complexion(tone.melanin, tone.warmth, tone.blood, tone.yellow))
    lips = color[lips_mask(256) > 200].mean(axis=0)
    assert redness(lips) > redness(at(color, *CHEEK)) + 1.5


def test_tones_go_from_light_to_dark_and_swatches_show_them():
    means = []
    for tone in TONES:
        color = chart(replace(PLAIN, **{n: getattr(tone, n) for n in ("melanin", "warmth", "blood", "yellow")}))
        np.testing.assert_allclose(at(color, *CHEEK), tone_srgb(tone), atol=9)
        means.append(at(color, *CHEEK).mean())
    assert (np.diff(means) < -4).all()


def test_a_freckle_is_plain_on_pale_skin_and_faint_on_dark_skin():
    seen = []
    for melanin in (0.05, 0.9):
        with_, without = (chart(replace(PLAIN, melanin=melanin, freckles=f)) for f in (1.0, 0.0))
        change = without - with_
        assert change.min() > -1
        seen.append(np.sort(change.mean(axis=2).ravel())[-200:].mean())
    assert seen[0] > 20
    assert seen[0] > 2 * seen[1]


def test_more_freckles_keep_those_that_were_there():
    few, many = (chart(replace(PLAIN, freckles=f)).mean(axis=2) for f in (0.3, 0.9))
    none = chart(PLAIN).mean(axis=2)
    freckled = none - few > 1.5
    assert freckled.any()
    assert ((none - many)[freckled] > 1).all()
    assert (none - many > 1.5).sum() > 3 * freckled.sum()


def test_age_brings_spots_only_where_they_are_wanted():
    young, old = (chart(PLAIN, age).mean(axis=2) for age in (25.0, 70.0))
    never = chart(replace(PLAIN, age_spots=0.0), 70.0).mean(axis=2)
    assert (young - old > 12).mean() > 0.004
    assert (young - never > 12).mean() == 0


@pytest.mark.parametrize(
    ("field", "place"),
    [("flush", (0.50, 0.25)), ("dark_circles", (0.378, 0.36)), ("lids", (0.286, 0.345)), ("beard", (0.85, 0.5))],
)
def test_a_layer_changes_its_place_and_leaves_the_forehead(field, place):
    off, on = (chart(replace(PLAIN, **{field: value})) for value in (0.0, 1.0))
    assert (at(off, *place) - at(on, *place)).mean() > 8
    assert np.abs(at(off, 0.16, 0.5) - at(on, 0.16, 0.5)).max() < 5


def test_features_stay_in_place_at_any_size():
    small, large = chart(Complexion(), side=128), chart(Complexion(), side=512)
    assert np.abs(small - cv2.resize(large, (128, 128), interpolation=cv2.INTER_AREA)).mean() < 2.5


def test_a_fine_map_has_texture_that_an_enlarged_one_lacks():
    fine = chart(Complexion(), side=2048)[900:1300, 300:700].mean(axis=2)
    enlarged = cv2.resize(chart(Complexion(), side=1024), (2048, 2048), interpolation=cv2.INTER_CUBIC)
    enlarged = enlarged[900:1300, 300:700].mean(axis=2)
    grain = [(part - cv2.GaussianBlur(part, (0, 0), 1.2)).std() for part in (fine, enlarged)]
    assert grain[0] > 2 * grain[1]


def test_the_same_seed_gives_the_same_skin_and_another_one_other_marks():
    freckled = replace(PLAIN, freckles=1.0)
    again = complexion_map(freckled, 30.0, SkinLayers.of(1, 256), brows=0.0)
    np.testing.assert_array_equal(chart(freckled), again.chart)
    assert (chart(freckled) != chart(freckled, seed=2)).any()


def test_random_people_are_of_all_tones_and_dark_skin_has_dark_hair_and_eyes():
    colors = [random_colors(seed) for seed in range(300)]
    people = [color.complexion for color in colors]
    melanin = np.array([person.melanin for person in people])
    assert np.histogram(melanin, (0, 0.2, 0.4, 0.6, 1.0))[0].min() > 30
    for five in range(0, 300, 5):
        assert np.ptp(melanin[five : five + 5]) > 0.35, "five neighbours do not look alike"
    dark = [person for person in people if person.melanin > 0.5]
    assert min(color.hair_melanin for color in colors if color.complexion.melanin > 0.5) > 0.75
    assert min(color.hair_melanin for color in colors) < 0.55
    assert min(person.iris for person in dark) > 0.7
    light = [person.iris for person in people if person.melanin < 0.15]
    assert min(light) < 0.3
    assert random_colors(7) == random_colors(7)


def test_irises_go_from_blue_to_brown_with_their_melanin():
    blue, brown = iris_color(replace(PLAIN, iris=0.0)), iris_color(replace(PLAIN, iris=1.0))
    assert blue[2] > blue[0]
    assert brown[0] > 2 * brown[2]
    lightness = [sum(iris_color(replace(PLAIN, iris=i))) for i in np.linspace(0, 1, 9)]
    assert (np.diff(lightness) < 0.02).all()


def test_brows_are_painted_in_the_hairs_colour_as_much_as_is_asked_for():
    blond = (0.4, 0.3, 0.15)
    dark = Complexion(melanin=0.8)
    none, half, full = (complexion_map(dark, 30.0, layers(), hair=blond, brows=b).chart for b in (0.0, 0.5, 1.0))
    lighter = full.mean(axis=2) - none.mean(axis=2)
    brow = lighter > 20
    assert 0.003 < brow.mean() < 0.05
    assert np.abs((half.mean(axis=2) - none.mean(axis=2))[brow] / lighter[brow] - 0.5).max() < 0.05

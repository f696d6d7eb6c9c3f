"""One colour for viewport, chart, pictures and export."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_color, skin_color_key, skin_colors
from rhytid.core.hair.color import mean_color
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.complexion_map import complexion_map
from rhytid.core.maps.skin_layers import SkinLayers


def test_colour_is_of_seed_and_age():
    state = DocumentState(age=30.0)
    old, other = replace(state, age=66.0), replace(state, settings=EngineSettings(seed=7))
    plain = skin_color(state, 128, ArrayCache())
    hair = mean_color("brows", state.hair, 30.0)
    made = complexion_map(state.complexion, 30.0, SkinLayers.of(1, 128), hair=hair).chart
    np.testing.assert_array_equal(plain, made)
    darker = replace(state, complexion=replace(state.complexion, melanin=0.8))
    assert skin_color(darker, 128, ArrayCache()).mean() < 0.6 * plain.mean()
    assert (skin_color(old, 128, ArrayCache()) != plain).any()
    assert (skin_color(other, 128, ArrayCache()) != plain).any()
    assert not plain.flags.writeable


@pytest.mark.parametrize(("age", "same"), [(31.0, True), (32.4, True), (33.0, False)])
def test_small_steps_of_age_keep_the_colour(age, same):
    assert (skin_color_key(DocumentState(age=age)) == skin_color_key(DocumentState(age=30.0))) == same


def test_brow_hairs_are_the_same_at_any_resolution_and_age():
    brow = np.s_[90:118, 110:236]  # of 512
    fine, coarse = (skin_color(DocumentState(), r, ArrayCache()).astype(np.float32) for r in (2048, 512))
    reduced = cv2.resize(fine, (512, 512), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced - coarse)[brow].mean() < 1.5
    colors = [skin_color(DocumentState(age=age), 512, ArrayCache()) for age in (30, 65)]
    young, old = (color.astype(float).mean(axis=2)[brow] for color in colors)
    assert np.corrcoef(young.ravel(), old.ravel())[0, 1] > 0.9


def test_an_albedo_takes_the_place_of_the_procedural_colour_and_ages_with_it():
    grey = np.full((128, 128, 3), 120, np.uint8)
    state = DocumentState(age=41.0, albedo=AlbedoMap.of(grey, 41.0))
    np.testing.assert_array_equal(skin_color(state, 128, ArrayCache()), grey)
    assert skin_color_key(state) != skin_color_key(replace(state, albedo=None))
    older = skin_color(replace(state, age=68.0), 128, ArrayCache()).astype(float)
    then, now = (procedural_albedo(512, 1, age).astype(float) for age in (40.0, 70.0))
    change = np.sign(cv2.resize(now - then, (128, 128), interpolation=cv2.INTER_AREA))
    clear = np.abs(older - grey) > 2
    assert clear.any()
    assert (np.sign(older - grey) == change)[clear].mean() > 0.95


def test_an_albedo_that_differs_in_anything_but_its_texels_is_another_colour():
    grey = np.full((64, 64, 3), 120, np.uint8)
    albedo = AlbedoMap.of(grey, 30.0)
    state = DocumentState(age=50.0, albedo=albedo)
    for other in (replace(albedo, darkening=(0.5, 0.6, 0.7)), replace(albedo, age=45.0)):
        assert skin_color_key(replace(state, albedo=other)) != skin_color_key(state)
    assert skin_color_key(replace(state, albedo=AlbedoMap.of(grey.copy(), 30.0))) == skin_color_key(state)
    cache = ArrayCache()
    first = skin_color(state, 64, cache)
    assert (skin_color(replace(state, albedo=replace(albedo, age=68.0)), 64, cache) != first).any()


def test_an_albedo_is_enlarged_and_reduced():
    ramp = np.repeat(np.linspace(0, 255, 256).astype(np.uint8)[None, :, None], 256, 0).repeat(3, 2)
    state = DocumentState(albedo=AlbedoMap.of(ramp, 30.0))
    for side in (64, 256, 1024):
        color = skin_color(state, side, ArrayCache())
        assert color.shape == (side, side, 3)
        assert abs(float(color.mean()) - float(ramp.mean())) < 1.0
        assert not color.flags.writeable


def test_skin_outside_the_chart_is_as_its_border_or_as_it_was_brought_in():
    plain = skin_colors(DocumentState(), 128, ArrayCache())
    beyond = cv2.resize(plain.around, (384, 384), interpolation=cv2.INTER_AREA).astype(int)
    for inside, outside in ((plain.chart[0], beyond[127, 128:256]), (plain.chart[:, -1], beyond[128:256, 256])):
        assert np.abs(inside - outside).max() < 12, "no edge where the chart ends"
    around = np.random.default_rng(1).integers(40, 220, (96, 96, 3), np.uint8)
    albedo = AlbedoMap.of(np.full((128, 128, 3), 128, np.uint8), 30.0, None, around)
    state = DocumentState(albedo=albedo, age=30.0)
    for age in (30.0, 68.0):
        colors = skin_colors(replace(state, age=age), 128, ArrayCache())
        np.testing.assert_array_equal(colors.around, around)
        assert np.abs(colors.chart[0].astype(int) - 128).max() <= 1  # so that no seam opens with the years

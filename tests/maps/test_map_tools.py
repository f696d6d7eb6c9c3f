"""Resampling, gradient, bands and edge padding of chart maps."""

from __future__ import annotations

import numpy as np
import pytest
from band_samples import band_rms, region_energy
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.maps.bands import REGIONS, band, low_pass, octave_bands, region_mask
from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.resample import resample, resample_rows


def noise(side, seed=0):
    return np.random.default_rng(seed).normal(size=(side, side)).astype(np.float32)


def test_equal_resolution_is_the_map_itself():
    values = noise(64)
    assert resample(values, 64) is values


def test_down_averages_and_up_keeps_the_place():
    values = noise(256)
    np.testing.assert_allclose(resample(values, 128), values.reshape(128, 2, 128, 2).mean((1, 3)), atol=1e-6)
    smooth = low_pass(values, 4)
    np.testing.assert_allclose(resample(resample(smooth, 1024), 256), smooth, atol=0.01 * smooth.std())
    assert resample(np.zeros((32, 32, 2), np.float32), 64).shape == (64, 64, 2)


@given(st.integers(0, 500), st.integers(1, 40))
def test_rows_do_not_depend_on_the_strip(row, count):
    values = low_pass(noise(64), 2)
    whole = resample_rows(values, 512, 0, 512)
    part = resample_rows(values, 512, row, min(row + count, 512))
    assert (part == whole[row : row + count]).all()


def test_rows_are_linear_interpolation():
    ramp = np.tile(np.arange(16, dtype=np.float32), (16, 1))
    rows = resample_rows(ramp, 64, 20, 24)
    np.testing.assert_allclose(rows[0], np.clip((np.arange(64) + 0.5) / 4 - 0.5, 0, 15), atol=1e-5)


def test_gradient_of_a_slope_in_mm_per_chart():
    side = 128
    x = (np.arange(side, dtype=np.float32) + 0.5) / side
    slope = gradient(np.tile(3 * x, (side, 1)) + np.tile(-2 * x[:, None], (1, side)))
    np.testing.assert_allclose(slope[..., 0], 3, atol=1e-3)
    np.testing.assert_allclose(slope[..., 1], -2, atol=1e-3)


@settings(max_examples=30)
@given(st.integers(0, 62), st.integers(0, 62), st.integers(1, 30), st.integers(1, 30))
def test_gradient_of_a_window_is_the_crop(x, y, width, height):
    values = noise(64)
    rect = Rect(x, y, min(x + width, 64), min(y + height, 64))
    assert (gradient(values, rect) == gradient(values)[rect.slices]).all()


def test_bands_separate_scales():
    side = 256
    x = np.arange(side, dtype=np.float32)
    fine = np.tile(np.sin(2 * np.pi * x / 3.6), (side, 1)).astype(np.float32)
    coarse = np.tile(np.sin(2 * np.pi * x / 50), (side, 1)).astype(np.float32)
    assert np.argmax(band_rms(fine)) == 0
    assert np.argmax(band_rms(coarse)) == 3
    assert low_pass(fine, 0) is fine
    mask = np.zeros((side, side), bool)
    mask[:, :100] = True
    fine[:, 110:] = 0
    assert band_rms(fine, mask)[0] > 2 * band_rms(fine, ~mask)[0]


def test_regions_lie_on_the_chart_and_apart_left_and_right():
    for name in REGIONS:
        mask = region_mask(name, 128)
        assert mask.any()
        if name.endswith("_left"):
            assert not (mask & region_mask(name.replace("_left", "_right"), 128)).any()


def test_region_energy_is_that_of_the_region():
    values = np.zeros((256, 256), np.float32)
    values[region_mask("chin", 256)] = noise(256)[region_mask("chin", 256)]
    energy = region_energy(values)
    assert max(energy, key=energy.__getitem__) == "chin"
    assert energy["forehead"] < 1e-3 * energy["chin"]
    np.testing.assert_allclose(sum(octave_bands(values)), band(values, 0.5, 8), atol=1e-6)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_padding_carries_the_nearest_value(channels):
    values = np.zeros((20, 20, *channels), np.float32)
    valid = np.zeros((20, 20), bool)
    valid[5:10, 5:10] = True
    values[5:10, 5:10] = 7
    values[9, 9] = 9
    padded = pad_edges(values, valid)
    assert (padded[valid] == values[valid]).all()
    assert (padded[0, 0] == 7).all()
    assert (padded[19, 19] == 9).all()
    near = pad_edges(values, valid, distance_texels=2)
    assert (near[4, 6] == 7).all()
    assert (near[0, 0] == 0).all()


def test_padding_of_nothing_and_of_everything():
    values = noise(8)
    assert (pad_edges(values, np.zeros((8, 8), bool)) == values).all()
    full = pad_edges(values, np.ones((8, 8), bool))
    assert (full == values).all()
    assert full is not values


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_a_part_of_a_window_is_the_part_of_the_map(x, y, width, height):
    values, window = noise(64), Rect(x, y, 64, 64)
    part = Rect(x + width, y + height, 64 - width // 2, 64 - height // 2)
    np.testing.assert_array_equal(values[window.slices][part.relative_to(window).slices], values[part.slices])


@given(st.tuples(*[st.integers(0, 6)] * 8))
def test_rectangles_meet_where_both_cover_a_texel(ends):
    a, b = Rect(*ends[:4]), Rect(*ends[4:])
    covered = np.zeros((2, 6, 6), bool)
    for plane, rect in zip(covered, (a, b), strict=True):
        plane[rect.slices] = True
    assert a.meets(b) == covered.all(axis=0).any()

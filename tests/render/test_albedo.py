from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.albedo import MEAN_SRGB, procedural_albedo, procedural_gloss


def test_albedo_is_deterministic_and_of_the_seed():
    a, b, c = procedural_albedo(128, 5), procedural_albedo(128, 5), procedural_albedo(128, 6)
    assert a.shape == (128, 128, 3)
    assert a.dtype == np.uint8
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


@pytest.mark.parametrize("age", [16.0, 30.0, 70.0])
def test_skin_outside_the_features_has_the_mean_tone(age):
    albedo = procedural_albedo(256, 1, age).astype(float)
    cheeks = albedo[150:230, 20:80].mean(axis=(0, 1))
    assert np.abs(cheeks - MEAN_SRGB).max() < 14


def test_lips_are_redder_and_brows_darker_than_skin():
    albedo = procedural_albedo(256, 1).astype(float)
    lips, cheek = albedo[round(0.71 * 256), 128], albedo[round(0.6 * 256), 60]
    assert lips[0] - lips[1] > cheek[0] - cheek[1] + 15
    brow = albedo[round(0.19 * 256) : round(0.21 * 256), round(0.34 * 256) : round(0.4 * 256)].mean()
    assert brow < cheek.mean() - 30


def test_age_brings_spots_and_unevenness():
    young, old = (procedural_albedo(512, 3, age).astype(float) for age in (20, 68))
    region = np.s_[300:340, 60:200]
    assert old[region].std(axis=(0, 1)).sum() > 1.2 * young[region].std(axis=(0, 1)).sum()
    assert _spotted(old, young) > 0.001
    assert _spotted(procedural_albedo(512, 3, 24).astype(float), young) < 0.0001


def _spotted(now, before):
    """Share of the skin below the brows that has become much darker."""
    below_the_brows = np.s_[130:460, 40:460]
    return (now.min(axis=2)[below_the_brows] < before.min(axis=2)[below_the_brows] - 25).mean()


def test_stubble_darkens_the_chin_only():
    plain, shadow = (
        procedural_albedo(128, 1).astype(float),
        procedural_albedo(128, 1, stubble=1.0).astype(float),
    )
    assert (plain - shadow)[105:115, 55:73].mean() > 8
    assert np.abs(plain - shadow)[:60].max() <= 1


def test_features_stay_in_place_at_any_resolution():
    small, large = procedural_albedo(128, 1).astype(float), procedural_albedo(512, 1).astype(float)
    reduced = large.reshape(128, 4, 128, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - reduced).mean() < 4


def test_gloss_is_highest_on_nose_and_lips():
    gloss = procedural_gloss(128).astype(float)
    assert gloss.shape == (128, 128)
    assert gloss[62, 64] > gloss[64, 20] + 30
    assert gloss[92, 64] > gloss[64, 20] + 40


@pytest.mark.parametrize("resolution", [0, 63, 20000])
def test_impossible_resolutions_are_refused(resolution):
    with pytest.raises(ValueError, match="texels"):
        procedural_albedo(resolution)
    with pytest.raises(ValueError, match="texels"):
        procedural_gloss(resolution)

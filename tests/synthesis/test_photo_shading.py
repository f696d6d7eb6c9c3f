"""Pictures of relief in the chart: what the relief does to them, and what does not come from it."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.bands import low_pass
from rhytid.core.photo.features import detail_features
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.core.synthesis.camera_faults import photographed
from rhytid.core.synthesis.photo_shading import N_SKINS, chart_picture, random_darkening, skins
from rhytid.core.synthesis.skin_paint import painted_skin


@pytest.fixture(scope="module")
def relief() -> np.ndarray:
    return synthesise(5, 60, list(KEY_EXPRESSIONS.values())[1], scan=False).displacement


def plain(relief: np.ndarray, seed: int, darkening: float = 0.0):
    return chart_picture(relief, np.random.default_rng(seed), darkening=darkening, paint=0, faults=0)


def test_a_picture_is_the_same_for_the_same_numbers(relief):
    one, other = (chart_picture(relief, np.random.default_rng(3)) for _ in range(2))
    for name in ("rgb", "normal", "position", "light", "weight"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.rgb.shape == (256, 256, 3)
    assert one.rgb.dtype == np.float32
    assert np.isfinite(one.rgb).all()
    assert one.rgb.min() >= 0
    assert 0 <= one.weight.min() < one.weight.max() <= 1


def test_relief_shades_as_its_slopes_in_the_light_that_is_told(relief):
    """a . grad d: the sign of all that the network learns."""
    found = []
    for seed in range(6):
        with_it, without = plain(relief, seed), plain(0 * relief, seed)
        change = np.log(np.maximum(with_it.rgb[..., 1], 2e-3)) - np.log(np.maximum(without.rgb[..., 1], 2e-3))
        seen = with_it.weight > 0.6
        features = detail_features(without.rgb, without.normal, without.position, without.light, without.weight)
        slopes = features[3:5] / np.maximum(without.weight, 0.1)
        expected = slopes[0] * np.gradient(relief, axis=1) + slopes[1] * np.gradient(relief, axis=0)
        change, expected = (values - low_pass(values, 7.0) for values in (change, expected.astype(np.float32)))
        found.append(np.corrcoef(change[seen], expected[seen])[0, 1])
    assert min(found) > 0.4  # a hard lamp with its shadow, a head that is another
    assert np.median(found) > 0.7


def test_darkening_is_of_valleys_only(relief):
    light, dark = plain(relief, 2), plain(relief, 2, darkening=1.5)
    ratio = np.log(dark.rgb[..., 1] / light.rgb[..., 1])
    ratio -= np.median(ratio)  # exposure
    depth = relief - low_pass(relief, 3.0)
    seen = light.weight > 0.6
    assert ratio[seen & (depth < -0.05)].mean() < -0.05
    assert abs(ratio[seen & (abs(depth) < 0.005)].mean()) < 0.01


def test_skins_differ_and_the_fitted_one_is_near_the_true_one():
    assert not np.array_equal(skins(1)[0].position, skins(2)[0].position)
    true, fitted = skins(1)
    away = np.linalg.norm(true.position - fitted.position, axis=-1)
    assert 0.2 < np.median(away) < 6
    np.testing.assert_allclose(np.linalg.norm(fitted.normal, axis=-1), 1, atol=1e-4)
    assert N_SKINS > 2


def test_paint_covers_the_range_of_tones_and_an_amount_of_none_is_even():
    tones = [painted_skin(np.random.default_rng(seed), 0)[0] for seed in range(30)]
    assert all(np.ptp(tone.reshape(-1, 3), axis=0).max() == 0 for tone in tones)
    greens = [float(tone[0, 0, 1]) for tone in tones]
    assert min(greens) < 0.08
    assert max(greens) > 0.4
    albedo, hair = painted_skin(np.random.default_rng(0))
    assert 0 <= albedo.min() < albedo.max() <= 1
    assert hair.shape == (256, 256)


def test_a_camera_without_faults_only_exposes():
    light = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)
    taken = photographed(light, np.random.default_rng(1), 0.0)
    np.testing.assert_allclose(taken / light, taken[0, 0, 0] / light[0, 0, 0], rtol=1e-4)
    assert not np.allclose(photographed(light, np.random.default_rng(1)) / light, taken / light, rtol=0.05)


def test_darkening_is_drawn_from_none_to_what_real_wrinkles_show():
    drawn = np.array([random_darkening(np.random.default_rng(seed)) for seed in range(400)])
    assert (drawn == 0).mean() > 0.1
    assert 1.5 < drawn.max() <= 2.6
    assert 0.05 < np.median(drawn) < 1

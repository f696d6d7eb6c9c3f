"""The procedural engine's skin: deterministic, the same at every resolution, and where it belongs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from band_samples import region_energy

from rhytid.core.detail import anatomy, skin
from rhytid.core.detail.engine import Control
from rhytid.core.maps.bands import REGIONS, band
from rhytid.core.maps.resample import resample


def surface(request, resolution=None):
    return skin.surface(request.pose, resolution or request.resolution, Control())


def test_same_seed_same_bits_other_seed_other_skin(make_request):
    first = surface(make_request(seed=5))
    skin.coarse_patterns.cache_clear()
    assert surface(make_request(seed=5)).tobytes() == first.tobytes()
    other = surface(make_request(seed=6))
    assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.2


def test_coarse_map_is_the_average_of_the_fine_one(make_request, pipeline):
    coarse = pipeline.run(make_request(256, age=50)).displacement
    fine = pipeline.run(make_request(1024, age=50)).displacement
    averaged = resample(fine, 256)
    assert np.corrcoef(coarse.ravel(), averaged.ravel())[0, 1] > 0.98
    # All but the finest octave agree closely.
    assert band(coarse - averaged, 1.0, 8.0).std() < 0.08 * band(coarse, 1.0, 8.0).std()


def test_export_resolution_shows_the_same_face(make_request):
    request = make_request(age=45)
    medium, fine = surface(request, 1024), surface(request, 4096)
    averaged = resample(fine, 1024)
    assert np.corrcoef(medium.ravel(), averaged.ravel())[0, 1] > 0.95
    micro, smooth = band(fine, 0.0, 1.5), band(resample(medium, 4096), 0.0, 1.5)
    assert micro.std() > 1.5 * smooth.std()  # and has more on it


@pytest.mark.parametrize("resolution", [64, 512, 2048])
def test_any_resolution(make_request, resolution):
    values = surface(make_request(), resolution)
    assert values.shape == (resolution, resolution)
    assert values.dtype == np.float32
    assert np.isfinite(values).all()


def test_nothing_in_the_openings_and_at_the_border(make_request):
    values = surface(make_request(age=70), 1024)
    eye = anatomy.polygon_mask(anatomy.EYE_RIGHT, 0, 1024) > 0
    inside = cv2.erode(eye.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert np.abs(values[inside]).max() < 0.1 * values.std()
    assert values[:6].std() < 0.1 * values.std()


def test_lips_have_furrows_but_no_pores(make_request):
    assert anatomy.pore_amount()[int(0.66 * 256), 128] < 0.05 < anatomy.pore_amount()[int(0.46 * 256), 118]
    lips = surface(make_request(), 1024)[664:676, 470:550]
    across, along = np.abs(np.diff(lips, axis=1)).mean(), np.abs(np.diff(lips, axis=0)).mean()
    assert across > 1.2 * along  # furrows run from the lip's edge to the opening


def test_compressed_skin_bunches_and_stretched_skin_smooths(make_request):
    cheek = (slice(560, 660), slice(220, 330))

    def energy(tension):
        values = surface(make_request(1024, age=45, tension=np.full((256, 256), tension, np.float32)))
        return band(values, 1.0, 8.0)[cheek].std()

    assert energy(0.2) > 1.3 * energy(0.0)
    assert energy(-0.2) < 0.85 * energy(0.0)


def test_strengths_scale_their_own_part(make_request):
    assert not surface(make_request(strength=0.0), 1024).any()
    with_pores, without = surface(make_request(pores=1.0), 1024), surface(make_request(pores=0.0), 1024)
    nose = (slice(430, 520), slice(470, 550))
    assert band(with_pores, 0.5, 2.0)[nose].std() > 1.5 * band(without, 0.5, 2.0)[nose].std()
    double = surface(make_request(strength=2.0))
    np.testing.assert_allclose(double, 2 * surface(make_request()), rtol=1e-4, atol=1e-7)


def test_chin_pebbles_with_its_own_unit_only(make_request):
    rest = region_energy(surface(make_request()))
    raised = region_energy(surface(make_request(action_units={"AU17": 1.0})))
    assert raised["chin"] > 1.8 * rest["chin"]
    for name in REGIONS.keys() - {"chin"}:
        assert raised[name] == pytest.approx(rest[name], rel=0.02)


def test_cancel_ends_a_large_surface(make_request):
    from rhytid.core.cancelled import Cancelled

    with pytest.raises(Cancelled):
        skin.surface(make_request().pose, 4096, Control(cancel=lambda: True))

"""What gives synthetic maps away: how soft they are, how alike both sides are, how lines end."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.bands import BAND_SIGMAS_PX, band, region_mask
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise
from rhytid.core.synthesis.fading import faded
from rhytid.core.synthesis.figures import figures
from rhytid.core.synthesis.person import person
from rhytid.core.synthesis.scanner import softened
from rhytid.core.synthesis.texture import person_octaves, rough_factor


@pytest.fixture(scope="module")
def faces() -> list[np.ndarray]:
    """Six persons of 27 years at rest, float32 (256, 256) mm."""
    return [synthesise(seed, 27, KEY_EXPRESSIONS["1_neutral"]).displacement for seed in range(70, 76)]


def both_sides(values: np.ndarray) -> float:
    """Correlation of a map with its mirror image."""
    return float(np.corrcoef(values.ravel(), values[:, ::-1].ravel())[0, 1])


def test_coarse_texture_of_a_person_is_alike_on_both_sides():
    found = np.mean([[both_sides(octave) for octave in person_octaves(seed)] for seed in range(40, 44)], axis=0)
    assert abs(found[0]) < 0.05
    assert 0.6 < found[2] < 0.95
    assert 0.8 < found[3] <= 1


def test_texture_is_no_stronger_at_the_midline():
    energy = np.mean([(person_octaves(seed) ** 2).mean(1) for seed in range(40, 60)], axis=0)
    for octave in energy[2:]:
        assert octave[124:132].mean() == pytest.approx(octave[40:216].mean(), rel=0.35)


def test_sides_of_a_face_match_about_as_much_as_those_of_scans(faces):
    """A lower bound of half of what scans have, for few persons; the report compares all of it."""
    real = figures().mirror.mean(0)
    skin = np.logical_or.reduce([region_mask(name, 256) for name in ("forehead", "cheek_right", "nasolabial_right")])
    skin = skin | skin[:, ::-1]
    for index in (2, 3):
        sigma = BAND_SIGMAS_PX[index]
        made = []
        for face in faces:
            values = band(face, sigma / 2, sigma)
            made.append(np.corrcoef(values[skin], values[:, ::-1][skin])[0, 1])
        assert 0.4 * real[index] < np.mean(made) < 1.5 * real[index]


def test_softening_takes_away_the_finest_detail_and_most_along_y():
    x = np.arange(256)
    along_x, along_y = (np.broadcast_to(wave, (256, 256)).astype(np.float32)
                        for wave in (np.cos(np.pi * x)[None, :], np.cos(np.pi * x)[:, None]))  # fmt: skip
    left_x, left_y = (float(np.abs(softened(values)[100, 100])) for values in (along_x, along_y))
    assert 0.2 < left_y < left_x < 0.75
    broad = np.broadcast_to(np.cos(2 * np.pi * x / 32)[None, :], (256, 256)).astype(np.float32)
    np.testing.assert_allclose(softened(broad), broad, atol=0.01)
    np.testing.assert_allclose(softened(np.ones((256, 256), np.float32)), 1, atol=1e-5)


def test_spectrum_of_skin_falls_off_like_that_of_scans(faces):
    """Of the cheeks, the finest octave against the middle of the band; figures hold all skin."""
    window = np.outer(np.hanning(32), np.hanning(32))
    patches = [values[134:166, x : x + 32] * window for values in faces for x in (46, 60, 164, 178)]
    power = np.mean([np.abs(np.fft.fft2(patch)) ** 2 for patch in patches], axis=0)
    frequency = np.fft.fftfreq(32, 1 / 32)
    radius = np.round(np.hypot(frequency[:, None], frequency[None, :]))
    made = np.array([power[radius == k].mean() for k in range(1, 17)])
    real = np.exp(figures().log_spectrum_mean)
    ratio = (made[13:].mean() / made[7:10].mean()) / (real[13:].mean() / real[7:10].mean())
    assert 0.5 < ratio < 2


def test_lines_of_a_pair_deepen_together():
    who = person(90, 20, 13, 4)
    factors = who.line_factors(5, 0.3)
    names = [name for name in factors if name.endswith("-r") and name[:-2] + "-l" in factors]
    right, left = (np.log([factors[name[:-1] + side] for name in names]) for side in "rl")
    assert len(names) > 20
    assert 0.6 < np.corrcoef(right, left)[0, 1] < 0.98
    assert right.std() == pytest.approx(0.3, rel=0.35)


def test_grown_lines_run_out_slowly():
    points = np.stack([np.linspace(0, 0.2, 21), np.zeros(21)], 1)
    found = faded(np.ones(21), points, 0.01)
    assert found[0] == pytest.approx(0.1)
    assert (np.diff(found[:5]) > 0).all()
    np.testing.assert_allclose(found[4:17], 1, atol=1e-6)
    short = faded(np.ones(21), points * 0.1, 0.01)
    assert short[10] == 1
    assert short[4] < 0.6


def test_uneven_depth_keeps_its_mean():
    factor = rough_factor(3)
    assert factor.mean() == pytest.approx(1, abs=0.01)
    assert 0.15 < factor.std() < 0.4
    assert factor.min() > 0

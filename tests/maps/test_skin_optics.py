"""What pigments look like, against published measurements of human skin."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.skin_optics import (
    BLOOD_LEAST,
    BLOOD_MOST,
    MELANIN_LEAST,
    MELANIN_MOST,
    TABLE_SIDE,
    skin_rgb,
    skin_table,
)
from rhytid.core.maps.srgb import srgb_from_linear

AT_REST = 0.02
PEOPLE = np.geomspace(0.007, 0.25, 12)  # from the palest to the darkest


def lab(linear):
    """CIE L*, a*, b* under D65 of linear RGB."""
    xyz = linear @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    x, y, z = np.moveaxis(xyz / (0.9505, 1.0, 1.089), -1, 0)
    f = [np.where(v > 0.008856, np.cbrt(v), 7.787 * v + 16 / 116) for v in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def ita_deg(linear):
    """Individual typology angle (Chardon et al. 1991)."""
    lightness, _, b = lab(linear)
    return np.degrees(np.arctan2(lightness - 50, b))


def test_a_white_reflectance_would_be_white():
    from rhytid.core.maps.skin_optics import _rgb_of_spectrum

    np.testing.assert_allclose(_rgb_of_spectrum().sum(axis=0), 1.0, atol=1e-12)


def test_people_span_the_classes_of_skin_in_order():
    angle = ita_deg(skin_rgb(PEOPLE, AT_REST))
    assert (np.diff(angle) < 0).all(), "darker with every step of melanin"
    assert angle[0] > 48, "light to very light (Del Bino and Bernerd 2013: from 41, from 55)"
    assert angle[-1] < -50, "dark (Del Bino and Bernerd 2013: below -30)"


def test_lightness_redness_and_yellowness_are_those_of_skin():
    # Faces of four ethnic groups (Xiao et al. 2017, "Characterising the variations in ethnic skin colours").
    lightness, a, b = lab(skin_rgb(PEOPLE, AT_REST))
    assert lightness[0] == pytest.approx(71, abs=5)
    assert 18 < lightness[-1] < 35
    assert a.min() > 6
    assert a.max() < 18
    assert b.min() > 8
    assert b.max() < 27


@pytest.mark.parametrize("melanin", PEOPLE[::3])
def test_blood_reddens_and_darkens_every_tone(melanin):
    lightness, a, _ = lab(skin_rgb(melanin, np.geomspace(0.005, 0.1, 8)))
    assert (np.diff(lightness) < 0).all()
    assert a[-1] > a[0]
    if melanin < 0.05:
        assert (np.diff(a) > 0).all()


def test_erythema_of_light_skin_has_the_measured_size():
    # Erythema raises a* by 5 to 12 and lowers L* by 4 to 10 on light skin (Takiwaki 1998, "Measurement of skin color").
    calm, flushed = (lab(skin_rgb(0.015, blood)) for blood in (AT_REST, 0.08))
    assert 5 < flushed[1] - calm[1] < 12
    assert 4 < calm[0] - flushed[0] < 10


def test_yellow_pigment_and_red_melanin_make_skin_yellower():
    plain = lab(skin_rgb(0.03, AT_REST, 0.1, 0.2))
    assert lab(skin_rgb(0.03, AT_REST, 0.1, 0.8))[2] > plain[2] + 3
    assert lab(skin_rgb(0.03, AT_REST, 0.5, 0.2))[2] > plain[2] + 0.5


def test_the_table_is_the_formula():
    rng = np.random.default_rng(0)
    table = skin_table(0.12, 0.4)
    rows, columns = rng.integers(0, TABLE_SIDE, (2, 200))
    last = TABLE_SIDE - 1
    melanin = MELANIN_LEAST * (MELANIN_MOST / MELANIN_LEAST) ** (rows / last)
    blood = BLOOD_LEAST * (BLOOD_MOST / BLOOD_LEAST) ** (columns / last)
    exact = 255 * srgb_from_linear(skin_rgb(melanin, blood, 0.12, 0.4))
    assert np.abs(table[rows, columns] - exact).max() < 0.5

"""The transfer curve of sRGB."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.srgb import linear_from_srgb, srgb_bytes, srgb_from_linear


def test_middle_grey_and_the_ends():
    # 18 % grey is 8-bit 118, as every table of the standard has it.
    assert round(float(srgb_from_linear(0.18)) * 255) == 118
    assert float(linear_from_srgb(118 / 255)) == pytest.approx(0.18, abs=0.002)
    np.testing.assert_allclose(srgb_from_linear([-1.0, 0.0, 1.0, 2.0]), [0, 0, 1, 1], atol=1e-12)


def test_one_way_undoes_the_other():
    value = np.arange(256).reshape(16, 16) / 255
    np.testing.assert_allclose(srgb_from_linear(linear_from_srgb(value)), value, atol=1e-7)


def test_bytes_are_the_rounded_values():
    linear = np.concatenate([[-1.0, 0.0, 0.0031308, 1.0, 3.0], np.linspace(0, 1, 20_001), np.geomspace(1e-9, 1, 2000)])
    exact = 255 * srgb_from_linear(linear)
    found = srgb_bytes(linear.reshape(2, -1)).ravel()
    assert found.dtype == np.uint8
    assert np.abs(found - exact).max() < 0.501
    # Each byte comes back from the light that it stands for.
    assert srgb_bytes(linear_from_srgb(np.arange(256) / 255)).tolist() == list(range(256))

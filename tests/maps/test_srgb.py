"""The transfer curve of sRGB."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear


def test_middle_grey_and_the_ends():
    # 18 % grey is 8-bit 118, as every table of the standard has it.
    assert round(float(srgb_from_linear(0.18)) * 255) == 118
    assert float(linear_from_srgb(118 / 255)) == pytest.approx(0.18, abs=0.002)
    np.testing.assert_allclose(srgb_from_linear([-1.0, 0.0, 1.0, 2.0]), [0, 0, 1, 1], atol=1e-12)


def test_one_way_undoes_the_other():
    value = np.arange(256).reshape(16, 16) / 255
    np.testing.assert_allclose(srgb_from_linear(linear_from_srgb(value)), value, atol=1e-7)

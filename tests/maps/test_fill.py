"""What is missing is filled from around, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rhytid.core.maps.fill import fill_smoothly


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_filled_texels_lie_between_the_known_ones(height: int, width: int, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((height, width)).astype(np.float32)
    valid = rng.random((height, width)) < share
    filled = fill_smoothly(np.where(valid, values, np.float32(np.nan)), valid)
    assert filled.dtype == np.float32
    np.testing.assert_array_equal(filled[valid], values[valid])
    low, high = (values[valid].min(), values[valid].max()) if valid.any() else (0, 0)
    assert filled.min() >= low - 1e-4
    assert filled.max() <= high + 1e-4


def test_a_hole_in_a_slope_is_bridged_without_a_step() -> None:
    slope = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    valid = np.ones((64, 64), bool)
    valid[20:40, 25:35] = False
    filled = fill_smoothly(np.where(valid, slope, np.float32(-10000)), valid)
    assert np.abs(filled - slope).max() < 0.15
    assert fill_smoothly(slope, np.ones_like(valid)) == pytest.approx(slope)

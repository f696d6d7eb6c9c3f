"""Maps in planes of bytes: bit for bit what they were, and small where their values are few."""

from __future__ import annotations

import zlib

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.document.packed_map import packed, unpacked


def wavy(side: int = 256) -> np.ndarray:
    y, x = np.mgrid[:side, :side] / side
    return (0.3 * np.sin(9 * x + 5 * y) + 0.02 * np.random.default_rng(0).normal(size=x.shape)).astype(np.float32)


def of_16_bits(mm: np.ndarray, half_range_mm: float = 0.914) -> np.ndarray:
    integers = np.clip(np.rint((mm / half_range_mm + 1) * 32767.5), 0, 65535).astype(np.uint16)
    return ((integers.astype(np.float32) / 65535 - 0.5) * np.float32(2 * half_range_mm)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    )
)
def test_what_is_unpacked_is_what_was_packed(values: np.ndarray) -> None:
    assert unpacked(*packed(values)).tobytes() == values.tobytes()


@pytest.mark.parametrize("values", [wavy(), of_16_bits(wavy()), np.zeros((64, 64), np.float32)])
def test_maps_come_back_bit_for_bit(values: np.ndarray) -> None:
    assert unpacked(*packed(values)).tobytes() == values.tobytes()


def test_both_zeros_are_told_apart() -> None:
    values = of_16_bits(wavy())
    values[3, 4], values[5, 6] = 0.0, -0.0
    assert np.signbit(unpacked(*packed(values))[5, 6])
    assert not np.signbit(unpacked(*packed(values))[3, 4])


def test_a_map_of_16_bits_is_listed_and_less_than_its_integers() -> None:
    values = of_16_bits(wavy(1024))
    planes, listed = packed(values)
    assert planes.shape == (2, 1024, 1024)
    assert listed is not None
    assert len(zlib.compress(planes.data, 1)) < 0.8 * zlib_of_floats(values)
    assert packed(wavy())[1] is None  # floats of all sizes have no list


def zlib_of_floats(values: np.ndarray) -> int:
    return len(zlib.compress(values.data, 6))


def test_planes_of_another_kind_are_refused() -> None:
    planes, listed = packed(of_16_bits(wavy()))
    assert listed is not None
    with pytest.raises(ValueError, match="without a list"):
        unpacked(planes, None)
    with pytest.raises(ValueError, match="with a list"):
        unpacked(np.concatenate([planes, planes]), listed)
    with pytest.raises(ValueError, match="none of the"):
        unpacked(planes, listed[: len(listed) // 2])
    with pytest.raises(ValueError, match="none of the"):
        unpacked(planes, listed[:0])

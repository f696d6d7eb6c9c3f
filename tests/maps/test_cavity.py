"""Cavities: how far relief lies below the skin around it, and colour that is darker there."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.cavity import CELLS, DEEPEST_MM, cavity, darkened


def furrow(side: int, depth_mm: float) -> np.ndarray:
    """A furrow across, 3 % of the side wide."""
    y = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    return np.tile((-depth_mm * np.exp(-((y / 0.012) ** 2)))[:, None], (1, side)).astype(np.float32)


def test_even_skin_and_broad_forms_have_none() -> None:
    assert np.abs(cavity(np.full((256, 256), 0.4, np.float32))).max() < 1e-6
    slope = np.tile(np.linspace(0, 2, 256, dtype=np.float32), (256, 1))
    inner = cavity(slope)[:, 16:-16]  # the mean of the outermost square lies inside it
    assert np.abs(inner).max() < 1e-3


@pytest.mark.parametrize("side", [256, 1024])
def test_a_furrow_is_a_cavity_as_deep_at_any_size(side: int) -> None:
    depth = cavity(furrow(side, 0.2))
    assert depth.max() == 0
    assert -0.2 < depth.min() < -0.12
    assert depth.min() == pytest.approx(cavity(furrow(512, 0.2)).min(), abs=0.01)
    away = np.abs((np.arange(side) + 0.5) / side - 0.5) > 2 / CELLS
    assert not depth[away].any()
    assert cavity(furrow(side, 5.0)).min() == np.float32(DEEPEST_MM)


def test_colour_is_darker_by_so_much_per_mm() -> None:
    srgb = np.full((256, 256, 3), 188, np.uint8)  # half of linear white
    relief = furrow(256, 0.3)
    dark = darkened(srgb, cavity(relief), (0.0, 1.0, 4.0))
    assert (dark[..., 0] == 188).all()
    at = np.unravel_index(cavity(relief).argmin(), relief.shape)
    linear = ((dark[at].astype(float) / 255 + 0.055) / 1.055) ** 2.4 / (((188 / 255 + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(linear[1:], np.exp(cavity(relief)[at] * np.array([1, 4])), rtol=0.02)
    assert darkened(srgb, relief, (0.0, 0.0, 0.0)) is srgb

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.gui.render.colormaps import chart_checker, diverging, draw_scale_bar, nice_range


def lightness(rgb: np.ndarray) -> np.ndarray:
    return (linear_from_srgb(rgb / 255) @ (0.2126, 0.7152, 0.0722)) ** (1 / 3)


def test_diverging_colours_fall_equally_to_both_sides():
    values = lightness(diverging().astype(float))
    assert (np.diff(values[:128]) > -0.002).all()
    assert (np.diff(values[128:]) < 0.002).all()
    assert np.abs(values[:128] - values[:127:-1]).max() < 0.06
    colors = diverging().astype(int)
    assert colors[0, 2] > colors[0, 0] + 80  # negative is blue
    assert colors[-1, 0] > colors[-1, 2] + 80  # positive is red
    assert np.ptp(colors[127]) < 14


def test_the_range_is_round_and_holds_nearly_all():
    values = np.random.default_rng(0).normal(0, 0.1, (300, 300)).astype(np.float32)
    half = nice_range(values)
    assert half == 0.3
    assert (np.abs(values) <= half).mean() > 0.99
    assert nice_range(np.zeros((4, 4), np.float32)) == nice_range(np.zeros(0, np.float32)) > 0


def test_the_checker_shows_mirroring():
    image = chart_checker(512, 16).astype(int)
    warm = image[..., 0] - image[..., 2]
    assert warm[:, 256:].mean() > 10 > -10 > warm[:, :256].mean()
    assert np.abs(image[:, ::-1] - image).max() > 60  # letters


@pytest.mark.parametrize("shape", [(480, 640), (40, 50), (2, 2)])
def test_the_scale_bar_fits_or_is_left_out(shape):
    image = np.zeros((*shape, 3), np.uint8)
    draw_scale_bar(image, 0.5, "mm", diverging())
    assert image.any() == (shape == (480, 640))

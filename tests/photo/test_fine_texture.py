"""The finest texture of a picture: how strong, how much of one direction, and which."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.photo.fine_texture import fine_texture

MIDDLE = np.s_[40:88, 40:88]


def grating(angle_deg: float, period_px: float = 6.0, contrast: float = 20.0) -> np.ndarray:
    y, x = np.mgrid[:128, :128]
    angle = np.radians(angle_deg)
    wave = np.sin(2 * np.pi * (x * -np.sin(angle) + y * np.cos(angle)) / period_px)
    return np.repeat(np.round(128 + contrast * wave)[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("angle_deg", [0, 30, 75, 90, 140])
def test_lines_have_their_direction(angle_deg):
    _, coherence, angle = fine_texture(grating(angle_deg), 1.0)
    assert coherence[MIDDLE].min() > 0.95
    off = np.angle(np.exp(2j * (angle[MIDDLE] - np.radians(angle_deg)))) / 2
    assert np.degrees(np.abs(off)).max() < 3


def test_strength_goes_with_contrast_and_is_none_in_broad_shading():
    one, two, broad = (
        fine_texture(picture, 1.0)[0][MIDDLE].mean()
        for picture in (grating(20, contrast=10), grating(20, contrast=20), grating(20, 120, 60))
    )
    assert two == pytest.approx(2 * one, rel=0.1)
    assert broad < 0.15 * one


def test_noise_has_no_direction():
    noise = np.random.default_rng(1).normal(128, 20, (128, 128, 1)).repeat(3, axis=2)
    strength, coherence, _ = fine_texture(np.clip(noise, 0, 255).astype(np.uint8), 1.0)
    assert coherence[MIDDLE].mean() < 0.3
    assert strength[MIDDLE].min() > 0


def test_a_picture_is_reduced_and_never_enlarged():
    for scale, side in ((0.5, 64), (1.0, 128), (3.0, 128)):
        for values in fine_texture(grating(0), scale):
            assert values.shape == (side, side)
            assert np.isfinite(values).all()
    assert np.isfinite(fine_texture(np.zeros((30, 40, 3), np.uint8), 1.0)[1]).all()

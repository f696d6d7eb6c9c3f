from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rhytid.core.maps.harmonics import BASIS, DIFFUSE, harmonics
from rhytid.gui.render.environment import environments, of_shading, without_glow
from rhytid.gui.render.radiance import (
    HEIGHT,
    N_LEVELS,
    coefficients_of,
    directions,
    harmonic_map,
    level_roughness,
    levels_of,
    solid_angles,
)


def light_of(radiance: np.ndarray) -> np.ndarray:
    """Integral over the sphere, (3,)."""
    return (radiance.astype(np.float64) * solid_angles(len(radiance))[..., None]).sum(axis=(0, 1))


def test_texels_cover_the_sphere_and_lie_where_they_say():
    assert solid_angles(HEIGHT).sum() * 2 * HEIGHT == pytest.approx(4 * np.pi)
    found = directions()
    np.testing.assert_allclose(found[HEIGHT // 2, HEIGHT], (0, 0, 1), atol=0.03)
    np.testing.assert_allclose(found[HEIGHT // 2, 3 * HEIGHT // 2], (1, 0, 0), atol=0.03)
    assert (found[0, :, 1] > 0.99).all()


def test_even_surroundings_are_even_at_every_roughness():
    for level, radiance in enumerate(levels_of(np.full((HEIGHT, 2 * HEIGHT, 3), 0.7, np.float32))):
        assert radiance.shape == (HEIGHT >> level, 2 * HEIGHT >> level, 3)
        np.testing.assert_allclose(radiance, 0.7, rtol=1e-4)


def test_rougher_levels_are_softer_and_keep_the_light():
    """A lamp of a few degrees: its peak falls from level to level, its light stays within what the weights allow."""
    lamp = np.repeat((directions() @ np.array((0.6, 0.3, 0.74), np.float32) > 0.997)[..., None], 3, axis=2) * 50.0
    levels = levels_of(lamp.astype(np.float32))
    assert len(levels) == N_LEVELS
    peaks = [float(level.max()) for level in levels]
    assert all(rougher < 0.9 * sharper for sharper, rougher in pairwise(peaks[1:]))
    for level in levels[:4]:
        np.testing.assert_allclose(light_of(level), light_of(lamp), rtol=0.08)
    # The lobe of the second level against its closed form, 25 degrees off the lamp.
    middle = directions(HEIGHT >> 2).reshape(-1, 3) @ np.array((0.6, 0.3, 0.74)) / np.linalg.norm((0.6, 0.3, 0.74))
    at = int(np.argmin(np.abs(middle - np.cos(np.radians(25)))))
    a2 = level_roughness(2) ** 4

    def lobe(cosine: np.ndarray) -> np.ndarray:
        return np.maximum(cosine, 0) / ((1 + cosine) / 2 * (a2 - 1) + 1) ** 2

    cosines = np.linspace(-1, 1, 200001)
    whole = 2 * np.pi * np.trapezoid(lobe(cosines), cosines)
    expected = light_of(lamp)[0] * lobe(middle[at]) / whole
    assert levels[2].reshape(-1, 3)[at, 0] == pytest.approx(expected, rel=0.15)


def test_irradiance_of_a_map_is_its_integral_and_nowhere_negative():
    smooth = harmonic_map(np.vstack([np.full((1, 3), 1.0), np.full((8, 3), 0.1)]), (1, 1, 1))
    found = coefficients_of(smooth) * (DIFFUSE * BASIS)[:, None]
    to_irradiance = np.array([1, *[2 / 3] * 3, *[1 / 4] * 5])[:, None]
    expected = np.vstack([np.full((1, 3), 1.0), np.full((8, 3), 0.1)]) * to_irradiance
    np.testing.assert_allclose(found, expected, atol=2e-3)
    sun = np.repeat((directions()[..., 1] > 0.998)[..., None], 3, axis=2) * np.float32(1e4)
    normals = directions(32).reshape(-1, 3).astype(np.float64)
    assert (harmonics(normals) @ (coefficients_of(sun) * (DIFFUSE * BASIS)[:, None])).min() >= -1e-6


@pytest.mark.parametrize("name", list(environments()))
def test_what_shines_is_what_lights(name):
    """Mirrored and diffuse light of a preset are of the same lamps; the frame of a window takes a seventh."""
    preset = environments()[name]
    total = preset.coefficients[0] / BASIS[0]
    np.testing.assert_allclose(light_of(preset.levels[0]), total, rtol=0.16)


def test_a_photo_s_light_is_mirrored_as_its_nine_numbers_say():
    shading = np.vstack([np.full((1, 3), 0.6), np.full((1, 3), 0.1), np.full((1, 3), 0.3), np.zeros((6, 3))])
    levels = of_shading(shading).levels
    front = levels[2][len(levels[2]) // 2, levels[2].shape[1] // 2]
    bands = np.repeat([1, 1.25, 1.6], [1, 3, 5])[:, None]
    own = harmonics(np.array([0.0, 0.0, 1.0])) @ (without_glow(shading) * bands)
    np.testing.assert_allclose(front, own, rtol=0.03)
    assert levels[0].max() > 3 * levels[1].max()  # its lamp is in what is wet alone

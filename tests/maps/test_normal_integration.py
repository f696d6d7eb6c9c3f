"""Normals become the surface they came from; what is no normal map is not taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from rhytid.core.maps.normal_integration import integrate, likelier_green, slopes, unit_vectors


def surface(height: int = 60, width: int = 90) -> np.ndarray:
    noise = np.random.default_rng(3).standard_normal((height, width)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 4.0) * 6


def normals(heights: np.ndarray, green: str = "opengl") -> tuple[np.ndarray, ...]:
    down, right = np.gradient(heights)
    normal = np.stack([-right, down if green == "opengl" else -down, np.ones_like(heights)])
    return tuple((normal / np.linalg.norm(normal, axis=0)).astype(np.float32))


@pytest.mark.parametrize("green", ["opengl", "directx"])
def test_integration_gives_the_surface_back(green: str) -> None:
    heights = surface()
    found = integrate(*slopes(normals(heights, green), green))
    difference = found - heights
    assert np.ptp(difference) < 0.12 * np.ptp(heights)
    assert np.median(found) == pytest.approx(0.0, abs=1e-6)
    likelier, doubt = likelier_green(normals(heights, green))
    assert likelier == green
    assert doubt < 0.5


def test_a_plane_that_tilts_stays_one() -> None:
    along_x, along_y = np.full((50, 70), 0.25, np.float32), np.full((50, 70), -0.5, np.float32)
    found = integrate(along_x, along_y)
    y, x = np.mgrid[:50, :70]
    expected = 0.25 * x - 0.5 * y
    np.testing.assert_allclose(found - found.mean(), expected - expected.mean(), atol=1e-3)


def test_normals_are_told_from_what_is_none() -> None:
    normal = normals(surface())
    assert unit_vectors(normal) is not None
    coded = [channel / 2 + np.float32(0.5) for channel in normal]
    for given, meant in zip(unit_vectors(coded), normal, strict=True):
        np.testing.assert_allclose(given, meant, atol=1e-6)
    grey = surface() / 8 + np.float32(0.5)
    assert unit_vectors([grey, grey, grey]) is None
    assert unit_vectors([grey, 1 - grey, grey**2]) is None
    assert unit_vectors([10 * channel for channel in normal]) is None
    assert unit_vectors([normal[2], normal[1], normal[0]]) is None, "these look along the surface"

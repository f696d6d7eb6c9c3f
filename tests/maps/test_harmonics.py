"""Nine harmonics of light: their slopes, and a lamp written in them."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.harmonics import BASIS, DIFFUSE, N_HARMONICS, harmonics, harmonics_gradient


@pytest.fixture
def normals() -> np.ndarray:
    vectors = np.random.default_rng(0).standard_normal((500, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_gradient_is_that_of_finite_differences(normals):
    rng = np.random.default_rng(1)
    light, each = rng.standard_normal(9), rng.standard_normal((500, 9))
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-4
        change = (harmonics(normals + step) - harmonics(normals - step)) / 2e-4
        np.testing.assert_allclose(harmonics_gradient(normals, light)[:, axis], change @ light, atol=1e-8)
        np.testing.assert_allclose(harmonics_gradient(normals, each)[:, axis], (change * each).sum(1), atol=1e-8)


def test_a_lamp_is_a_clamped_cosine_within_a_tenth(normals):
    direction = np.array([0.48, 0.6, 0.64])
    lamp = np.pi * BASIS**2 * DIFFUSE * harmonics(direction)
    error = harmonics(normals) @ lamp - np.maximum(normals @ direction, 0)
    assert np.abs(error).max() <= 3 / 32 + 1e-4  # at right angles
    assert abs(error.mean()) < 0.01


def test_with_their_constants_they_are_orthonormal_on_the_sphere():
    vectors = np.random.default_rng(2).standard_normal((400_000, 3))
    basis = harmonics(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)) * BASIS
    np.testing.assert_allclose(4 * np.pi * basis.T @ basis / len(basis), np.eye(N_HARMONICS), atol=0.02)


def test_the_precision_of_directions_is_kept(normals):
    assert harmonics(normals.astype(np.float32)).dtype == np.float32

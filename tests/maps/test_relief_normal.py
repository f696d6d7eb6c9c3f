"""Normals of skin with relief against those of the surface that is really displaced."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.relief_normal import contravariant_tangents, relief_normals

RADIUS_MM = 100.0


def bowl(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Position and normal of a part of a sphere whose chart is skewed and stretched."""
    t = (np.arange(side) + 0.5) / side - 0.5
    x, y = np.meshgrid(160 * t, -120 * t)
    x = x + 0.3 * y
    z = np.sqrt((2 * RADIUS_MM) ** 2 - x**2 - y**2)
    position = np.stack([x, y, z], -1)
    return position.astype(np.float32), (position / (2 * RADIUS_MM)).astype(np.float32)


def waves(side: int) -> np.ndarray:
    t = (np.arange(side) + 0.5) / side
    return (0.1 * np.sin(40 * t[None, :] + 25 * t[:, None])).astype(np.float32)


@pytest.mark.parametrize("side", [256, 512])
def test_they_are_the_normals_of_the_displaced_surface(side):
    position, normal = bowl(side)
    relief = waves(side)
    displaced = position + relief[..., None] * normal
    true = np.cross(np.gradient(displaced, axis=1), -np.gradient(displaced, axis=0))
    true /= np.linalg.norm(true, axis=-1, keepdims=True)
    made = relief_normals(normal, contravariant_tangents(position), relief)
    inner = (slice(2, -2),) * 2
    off, tilt = np.linalg.norm(made - true, axis=-1)[inner], np.linalg.norm(normal - true, axis=-1)[inner]
    assert tilt.mean() > 0.01
    assert off.mean() < 0.03 * tilt.mean()


def test_tangents_are_contravariant_and_the_same_at_any_size():
    for side in (256, 512):
        position, _ = bowl(side)
        tangents = contravariant_tangents(position)
        along_x = np.gradient(position, axis=1) * (side / 256)
        along_y = np.gradient(position, axis=0) * (side / 256)
        middle = (side // 3, side // 2)
        products = np.array([[t @ a[middle] for a in (along_x, along_y)] for t in tangents[middle]])
        np.testing.assert_allclose(products, np.eye(2), atol=1e-4)


def test_where_there_is_no_skin_nothing_is_endless():
    tangents = contravariant_tangents(np.zeros((256, 256, 3), np.float32))
    assert np.isfinite(tangents).all()
    assert np.abs(tangents).max() <= 4

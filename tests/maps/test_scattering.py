from __future__ import annotations

import numpy as np

from rhytid.core.maps.scattering import MOST_CURVATURE, profile, scattered_light


def test_the_profile_spreads_light_and_makes_none():
    """Over the plane it sums to what falls in, for every colour; red goes farthest."""
    radius = np.linspace(0, 30, 60001)
    ring = 2 * np.pi * radius[:, None] * profile(radius)
    total = np.trapezoid(ring, radius, axis=0)
    np.testing.assert_allclose(total, 1.0, atol=0.01)
    mean_mm = np.trapezoid(ring * radius[:, None], radius, axis=0)
    assert mean_mm[0] > 2 * mean_mm[1] > 2 * mean_mm[2]


def test_a_plane_is_lit_by_the_cosine_and_a_ball_softer_and_redder():
    table = scattered_light(64, 16)
    cosines = (np.arange(64) + 0.5) / 32 - 1
    np.testing.assert_allclose(table[0], np.maximum(cosines, 0)[:, None].repeat(3, 1), atol=0.02)
    assert (np.diff(table, axis=1) > -1e-6).all()  # more towards the light is never darker
    beyond = table[:, 26]  # cosine -0.17: past the edge of the light
    assert (np.diff(beyond[:, 0]) > 0).all()
    assert beyond[-1, 0] > 3 * beyond[-1, 2]
    assert MOST_CURVATURE == 0.4


def test_scattering_over_a_ball_keeps_its_light():
    """What the dark side gains the lit side loses: the mean over the sphere is that of the cosine."""
    table = scattered_light(256, 16)
    np.testing.assert_allclose(table.mean(axis=1), 0.25, atol=0.012)

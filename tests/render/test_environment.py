from __future__ import annotations

import json

import numpy as np
import pytest

from rhytid.core.document.state import Lighting
from rhytid.core.maps.harmonics import BASIS, harmonics
from rhytid.gui.render.environment import (
    PRESETS_FILE,
    Lamp,
    environment,
    environments,
    project,
)
from rhytid.gui.render.occlusion import sphere_directions


def _dense_directions(n: int) -> np.ndarray:
    y = 1 - 2 * (np.arange(n) + 0.5) / n
    angle = np.pi * (1 + np.sqrt(5)) * np.arange(n)
    radius = np.sqrt(1 - y * y)
    return np.stack([radius * np.cos(angle), y, radius * np.sin(angle)], axis=1)


def test_presets_are_there_and_the_default_is_one():
    assert {"studio", "overcast", "window", "sunset", "rim", "flat"} <= set(environments())
    assert Lighting().environment in environments()
    assert environment(Lighting("of a newer version")).name == next(iter(environments()))


@pytest.mark.parametrize("name", list(environments()))
def test_coefficients_are_the_projection_of_the_lamps(name):
    entry = json.loads(PRESETS_FILE.read_text(encoding="utf-8"))["environments"][name]
    lamps = (Lamp(tuple(at["direction"]), at["radius_deg"], tuple(at["radiance"])) for at in entry["lamps"])
    expected = project(entry["ambient"], entry["vertical"], tuple(lamps))
    np.testing.assert_allclose(environment(Lighting(name)).coefficients, expected, atol=2e-4)


@pytest.mark.parametrize("name", list(environments()))
def test_irradiance_is_never_negative(name):
    irradiance = environment(Lighting(name)).irradiance(_dense_directions(4000))
    assert irradiance.min() > 0
    assert irradiance.max() < 1.6


def test_constant_surroundings_light_all_sides_alike():
    flat = project((1, 1, 1), (0, 0, 0), ())
    basis = harmonics(sphere_directions(50))
    from rhytid.gui.render.environment import Environment

    np.testing.assert_allclose(Environment("", "", flat, list).irradiance(sphere_directions(50)), 1.0, atol=1e-5)
    assert basis.shape == (50, 9)


def test_a_lamps_coefficients_match_integration():
    lamp = Lamp((0.6, 0.0, 0.8), 35.0, (1.0, 2.0, 0.0))
    directions = _dense_directions(200_000)
    inside = directions @ np.array(lamp.direction) > np.cos(np.radians(lamp.radius_deg))
    values = harmonics(directions) * BASIS
    integral = (values * inside[:, None]).sum(axis=0) * 4 * np.pi / len(directions)
    integral[4:] *= 0.5  # the second band is halved against ringing
    got = project((0, 0, 0), (0, 0, 0), (lamp,))
    np.testing.assert_allclose(got[:, 0], integral, atol=2e-3)
    np.testing.assert_allclose(got[:, 1], 2 * integral, atol=4e-3)

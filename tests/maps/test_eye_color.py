from __future__ import annotations

import re

import numpy as np

from rhytid.core.maps.eye_color import IRIS_COLOR, IRIS_SIZE, eye_color, iris_picture, sclera_picture
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.resources import shader_folder

BLUE = (0.05, 0.12, 0.4)


def ring(radius: float) -> np.ndarray:
    """Directions (1, 72, 3) round the axis of an eye."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    z = np.full(72, np.sqrt(1 - radius**2))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)[None].astype(np.float32)


def test_pupil_iris_and_sclera_lie_where_they_should():
    pupil, iris, white = (linear_from_srgb(eye_color(ring(r), BLUE)[0] / 255) for r in (0.05, 0.3, 0.6))
    assert pupil.max() < 0.005
    hue = iris.mean(axis=0) / iris.mean()
    wanted = np.array(BLUE) / np.mean(BLUE)
    assert np.abs(hue - wanted).max() < 0.35
    assert white.min() > 0.2
    assert np.ptp(white.mean(axis=0)) < 0.15
    # Fibres: an iris is no plain ring.
    assert iris.mean(axis=1).std() > 0.1 * iris.mean()


def test_the_back_of_an_eye_has_no_iris():
    back = ring(0.1) * np.float32((1, 1, -1))
    assert eye_color(back, BLUE).min() > 120


def test_an_eye_of_no_colour_is_as_that_of_the_head():
    np.testing.assert_array_equal(eye_color(ring(0.3), None), eye_color(ring(0.3), IRIS_COLOR))
    assert (eye_color(ring(0.3), BLUE) != eye_color(ring(0.3), None)).any()


def test_the_limbus_darkens_towards_the_white():
    around = sclera_picture()
    x = np.abs((2 * (np.arange(512) + 0.5) / 512 - 1)[256:])
    column = around[256:, 256]
    edge, away = np.abs(x - IRIS_SIZE - 0.04) < 0.02, np.abs(x - 0.65) < 0.05
    assert column[edge, :3].mean() < column[away, :3].mean() - 5
    assert column[0, 3] == 255
    assert column[-1, 3] == 0
    assert iris_picture(BLUE).shape == (512, 512, 3)


def test_the_shader_has_the_iris_as_wide():
    text = (shader_folder() / "include" / "eye.glsl").read_text("utf-8")
    found = re.search(r"IRIS_SIZE = ([\d.]+)", text)
    assert found is not None
    assert float(found[1]) == IRIS_SIZE

"""An imported environment lights the head from where its light is, and goes round with the rotation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.commands import SetPanorama
from rhytid.core.document.state import Camera, DocumentState, Lighting
from rhytid.core.head.load import default_head
from rhytid.core.maps.panorama import HEIGHT, Panorama
from rhytid.gui.render.environment import environment, environments, of_panorama
from rhytid.gui.render.offscreen import OffscreenRenderer
from rhytid.gui.render.radiance import directions

SIZE = (160, 120)
CAMERA = Camera(distance_mm=480.0)


def lit_from(direction: tuple[float, float, float]) -> Lighting:
    """A dim room with one bright lobe."""
    towards = np.array(direction, np.float32) / np.linalg.norm(direction)
    radiance = 0.05 + 25 * np.exp(40 * (directions(HEIGHT) @ towards - 1))
    panorama = Panorama.of("lobe.hdr", np.repeat(radiance[..., None], 3, axis=2).astype(np.float32))
    return SetPanorama(panorama).apply(DocumentState()).lighting


@pytest.fixture(scope="module")
def draw(ctx):
    pictures = OffscreenRenderer(ctx, default_head(), SIZE)

    def picture(lighting: Lighting) -> np.ndarray:
        return pictures.picture(camera=CAMERA, lighting=lighting, samples=1).astype(float)

    picture(Lighting())
    yield picture
    pictures.release()


def cheeks(picture: np.ndarray) -> tuple[float, float]:
    """How bright the two are; the subject's left is on the right of the picture."""
    return picture[58:74, 92:102].mean(), picture[58:74, 58:68].mean()


def test_a_lobe_lights_the_head_from_its_side_and_rotation_moves_it(draw):
    lighting = lit_from((1.0, 0.2, 0.4))
    left, right = cheeks(draw(lighting))
    assert left > 1.6 * right
    turned = cheeks(draw(replace(lighting, environment_yaw_deg=-120.0)))  # from +X over the front to -X
    assert turned[1] > 1.6 * turned[0]
    mirrored = cheeks(draw(lit_from((-1.0, 0.2, 0.4))))
    assert mirrored[1] == pytest.approx(left, rel=0.1)


def test_it_is_as_strong_as_asked(draw):
    lighting = lit_from((0.2, 0.3, 1.0))
    bright = draw(lighting)
    assert draw(replace(lighting, environment_intensity=0.25)).mean() < 0.6 * bright.mean()


def test_its_irradiance_is_that_of_the_map():
    made = of_panorama(lit_from((0.0, 1.0, 0.0)).panorama)
    above, below = made.irradiance(np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])).mean(axis=1)
    # A lobe of solid angle 2 pi / 40 straight above, divided by pi.
    assert above == pytest.approx(0.05 + 25 * 2 / 40, rel=0.1)
    assert below < 0.1 * above


def test_without_it_the_name_falls_back():
    assert environment(Lighting("panorama")).name == next(iter(environments()))
    assert environment(lit_from((0.0, 0.0, 1.0))).label == "lobe.hdr"

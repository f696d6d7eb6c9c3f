"""Skin goes on outside the chart: what is drawn there is what exported maps hold, and no border shows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from render_samples import Picture, sheet

from rhytid.core.document.state import Camera
from rhytid.core.face.face import Face
from rhytid.core.head.head import Head
from rhytid.core.maps.skin_tile import border_slopes, relief_around
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode


def wide_sheet() -> Head:
    """A sheet of 400 mm of which the chart covers the middle half."""
    head = sheet(0.0)
    head = replace(head, neutral=2.5 * head.neutral)
    chart = 2 * head.chart - 0.5
    inside = np.minimum(chart, 1 - chart).min(axis=1)
    return replace(head, chart=chart, detail_weight=np.clip(inside / 0.1, 0, 1).astype(np.float32))


def grain(strength: float) -> np.ndarray:
    """Relief as fine as skin's, 1024 texels over 200 mm."""
    noise = np.random.default_rng(3).standard_normal((1024, 1024)).astype(np.float32)
    return strength * (cv2.GaussianBlur(noise, (0, 0), 3) - cv2.GaussianBlur(noise, (0, 0), 8))


@pytest.fixture
def drawn(ctx):
    renderer, picture = FaceRenderer(ctx, wide_sheet()), Picture(ctx)
    renderer.rest_samples = 1

    def draw(displacement: np.ndarray, camera: Camera) -> np.ndarray:
        renderer.set_displacement(displacement)
        return picture.draw(renderer, camera=camera, mode=ViewMode.NORMALS, interactive=False) / 127.5 - 1

    yield draw
    renderer.release()
    picture.release()


def test_what_is_drawn_outside_the_chart_is_what_maps_hold(drawn):
    camera = Camera(target_mm=(140.0, 0.0, 0.0), distance_mm=60.0, fov_deg=22.0)
    displacement = grain(0.08)
    seen = drawn(displacement, camera)
    px_mm = 2 * 60 * np.tan(np.radians(11)) / 240
    y, x = np.mgrid[:240, :320].astype(np.float32)
    rest = np.stack([140 + (x - 159.5) * px_mm, (119.5 - y) * px_mm, np.zeros_like(x)], axis=-1).astype(np.float32)
    chart = (rest[..., :2] * (1, -1) / 200 + 0.5).astype(np.float32)
    normals = np.broadcast_to(np.array((0, 0, 1), np.float32), rest.shape)
    slope = relief_around(rest, normals, chart, border_slopes(displacement)).slope
    wanted = np.array((0, 0, 1)) - slope
    wanted /= np.linalg.norm(wanted, axis=-1, keepdims=True)
    for axis in (0, 1):
        one, other = (
            cv2.GaussianBlur(values[8:-8, 8:-8, axis].astype(np.float32), (0, 0), 2) for values in (seen, wanted)
        )
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97
        assert one.std() == pytest.approx(other.std(), rel=0.15)


@pytest.mark.parametrize("skin", ["noise", "of the engine"])
def test_no_border_of_the_chart_is_seen(drawn, skin):
    """Strips from within the chart to far outside are about as rough as each other."""
    displacement = grain(0.15) if skin == "noise" else Face().maps(1024).displacement
    seen = drawn(displacement, Camera(target_mm=(100.0, 0.0, 0.0), distance_mm=170.0, fov_deg=22.0))
    rough = np.array([seen[40:200, at : at + 16, :2].std() for at in range(8, 304, 16)])
    assert rough.min() > 0.008
    assert rough.min() > 0.7 * rough.max()


def test_smooth_skin_goes_on_smooth(drawn):
    seen = drawn(np.zeros((256, 256), np.float32), Camera(target_mm=(140.0, 0.0, 0.0), distance_mm=60.0))
    assert np.abs(seen[..., :2]).max() < 0.01

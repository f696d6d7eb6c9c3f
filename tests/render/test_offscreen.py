from __future__ import annotations

import sys

import moderngl
import numpy as np
import pytest
from render_samples import CAMERA, sheet

from rhytid.core.document.state import Camera
from rhytid.core.head.load import default_head
from rhytid.gui.render import offscreen
from rhytid.gui.render.offscreen import NoOpenGLError, create_context, render_image
from rhytid.gui.render.view_mode import ViewMode


def test_a_picture_needs_no_window(bump):
    image = render_image(sheet(20.0), maps=bump, camera=CAMERA, size=(120, 90), samples=2)
    assert image.shape == (90, 120, 3)
    assert image.dtype == np.uint8
    assert image[45, 60].sum() > 3 * 90  # skin
    assert image[2, 2].sum() < 3 * 60  # background


def test_skin_outside_the_chart_has_the_colour_of_its_border(ctx):
    head = default_head()
    camera = Camera(target_mm=(0, 15, 50), distance_mm=900)
    albedo = np.full((256, 256, 3), (60, 120, 60), np.uint8)
    albedo[40:-40, 40:-40] = (200, 60, 60)
    image = render_image(head, head.neutral, camera=camera, size=(160, 160), samples=1, albedo=albedo, ctx=ctx)
    colors = image.astype(int)
    green, red = (colors[..., k] > colors[..., 1 - k] + 10 for k in (1, 0))
    assert green[:55].sum() > 300  # the scalp
    assert green[120:].sum() > 300  # neck and shoulders
    assert red[70:100, 65:95].mean() > 0.6


def test_the_same_picture_comes_twice(ctx, bump):
    pictures = [render_image(sheet(20.0), maps=bump, camera=CAMERA, size=(90, 60), samples=4, ctx=ctx) for _ in "ab"]
    np.testing.assert_array_equal(*pictures)


def test_more_samples_smooth_edges(ctx):
    camera = Camera(yaw_deg=20, pitch_deg=10, target_mm=(0, 0, 0), distance_mm=700)
    one, many = (
        render_image(sheet(0.0), camera=camera, size=(160, 120), samples=n, ctx=ctx, view_mode=ViewMode.WIREFRAME)
        for n in (1, 16)
    )
    # Anti-aliased edges have values between those of both sides.
    assert len(np.unique(many.reshape(-1, 3), axis=0)) > len(np.unique(one.reshape(-1, 3), axis=0))


@pytest.mark.parametrize("mode", [ViewMode.DISPLACEMENT, ViewMode.TENSION])
def test_false_colour_pictures_have_a_scale_bar(ctx, bump, mode):
    arguments = {
        "maps": bump,
        "camera": CAMERA,
        "size": (640, 480),
        "samples": 1,
        "view_mode": mode,
        "ctx": ctx,
    }
    with_bar, without = (render_image(sheet(0.0), scale_bar=bar, **arguments) for bar in (True, False))
    rows, columns = np.nonzero((with_bar != without).any(axis=2))
    assert len(rows) > 500
    assert rows.min() > 380
    assert columns.max() < 320


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (9000, 10)])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(ValueError, match="size"):
        render_image(sheet(0.0), size=size)


def test_impossible_samples_are_refused():
    with pytest.raises(ValueError, match="samples"):
        render_image(sheet(0.0), samples=0)


def test_a_machine_without_opengl_is_told_what_to_install(monkeypatch):
    def fail(**_: object) -> moderngl.Context:
        raise Exception("(standalone) eglInitialize: eglError")

    monkeypatch.setattr(offscreen.moderngl, "create_context", fail)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(NoOpenGLError, match=r"eglInitialize(.|\n)*apt-get install -y libgl1 libegl1"):
        create_context()

from __future__ import annotations

import numpy as np
import pytest
from render_samples import Picture

from rhytid.core.arkit import expression_array
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.hair.settings import Hair
from rhytid.core.hair.wig import KINDS, Wig
from rhytid.core.head.load import default_head
from rhytid.core.maps.rect import Rect
from rhytid.gui.render import strands
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

HEAD = default_head()
EYE = Camera(target_mm=tuple(float(v) for v in HEAD.eye_centers[0] + (0, 4, 0)), distance_mm=160.0)


@pytest.fixture
def drawn(ctx):
    renderer, picture = FaceRenderer(ctx, HEAD), Picture(ctx)
    yield lambda **options: picture.draw(renderer, **{"camera": EYE, **options}).astype(int), renderer
    renderer.release()
    picture.release()


def test_strands_are_dark_thin_and_go_when_taken_off(drawn):
    draw, renderer = drawn
    bare = draw()
    renderer.set_hair(Hair(melanin=1.0), 1, 30.0)
    haired = draw()
    renderer.set_hair(None)
    np.testing.assert_array_equal(draw(), bare)
    changed = np.abs(haired - bare).max(axis=2) > 10
    assert 0.01 < changed.mean() < 0.25
    assert (haired - bare)[changed].mean() < -15


def test_other_views_and_the_back_of_the_head_show_no_strands(drawn):
    draw, renderer = drawn
    behind = Camera(yaw_deg=180.0, distance_mm=480.0)
    options = [{"mode": ViewMode.NORMALS}, {"mode": ViewMode.DISPLACEMENT}, {"camera": behind}]
    bare = [draw(**one) for one in options]
    renderer.set_hair(Hair(), 1, 30.0)
    for before, one in zip(bare, options, strict=True):
        np.testing.assert_array_equal(draw(**one), before)


def test_strands_move_with_the_lid(drawn):
    draw, renderer = drawn
    for weight in (0.0, 1.0):
        renderer.set_hair(None)
        renderer.set_shape(HEAD.shape(np.zeros(0, np.float32), expression_array({"eyeBlinkLeft": weight})))
        bare = draw()
        renderer.set_hair(Hair(brows=0.0), 1, 30.0)
        rows = np.flatnonzero((np.abs(draw() - bare).max(axis=2) > 25).any(axis=1))
        if weight == 0.0:
            top = rows[0]
    assert rows[0] > top + 8


def test_shading_a_part_again_gives_the_same_picture(drawn):
    draw, renderer = drawn
    renderer.set_hair(Hair(), 1, 30.0)
    relief = np.zeros((256, 256), np.float32)
    renderer.set_displacement(relief.copy())
    draw()
    relief[70:90, 150:180] = 0.2
    renderer.set_displacement(relief.copy(), Rect(150, 70, 180, 90))
    part = draw()
    renderer.set_displacement(None)
    draw()
    renderer.set_displacement(relief.copy())
    assert np.abs(part - draw()).max() <= 1


def test_dark_light_makes_dark_strands(drawn):
    draw, renderer = drawn
    renderer.set_hair(Hair(melanin=0.0, grey=1.0), 1, 30.0)
    bright, dark = draw(), draw(lighting=Lighting(key_intensity=0.0, environment_intensity=0.1))
    assert dark.mean() < 0.5 * bright.mean()


def test_moving_frames_draw_brows_and_lashes_and_no_more_than_they_may(drawn, monkeypatch):
    draw, renderer = drawn
    cheek = Camera(target_mm=(30.0, -20.0, 90.0), distance_mm=160.0)
    assert KINDS[:2] == ("brows", "lashes")  # they come first
    assert len(Wig(HEAD, 1).worn(Hair(brows=2.0, lashes=2.0), 30.0).strands) <= strands.MOVING_STRANDS
    renderer.set_hair(Hair(stubble=2.0, vellus=2.0, thickness=2.0), 1, 30.0)
    moving = draw(camera=cheek, interactive=True)
    monkeypatch.setattr(strands, "MOVING_STRANDS", 100_000)
    draw()
    everything = draw(camera=cheek, interactive=True)
    assert (np.abs(everything - moving).max(axis=2) > 20).mean() > 0.01


def test_white_hair_darkens_the_skin_below(drawn):
    """What is darker than bare skin then is shadow."""
    draw, renderer = drawn
    brow = Camera(target_mm=(30.0, 56.0, 95.0), distance_mm=160.0)
    bare = draw(camera=brow)
    renderer.set_hair(Hair(melanin=0.0, grey=1.0, lashes=0.0), 1, 30.0)
    change = (draw(camera=brow) - bare).sum(axis=2)
    assert (change < -12).mean() > 0.004  # 0.0009 of hairs without a shadow
    assert (change > 30).mean() > 0.01

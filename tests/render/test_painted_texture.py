"""A changed part of the skin's colour on the GPU is what writing all of it gives; masks and rings over the skin."""

from __future__ import annotations

import numpy as np
import pytest
from render_samples import SIDE_MM

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.revisions import Revisions
from rhytid.gui.render.overlay import Overlay
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

RECT = Rect(430, 480, 500, 530)


def colors(patch=None, revisions=None):
    chart = np.random.default_rng(0).integers(120, 200, (1024, 1024, 3), np.uint8)
    if patch is not None:
        chart[RECT.slices] = patch
    return SkinColors.of(chart)._replace(revisions=revisions)


@pytest.mark.parametrize("mode", [ViewMode.DETAILED, ViewMode.SMOOTH])
def test_a_part_looks_as_the_whole_does_and_nothing_else_is_shaded(renderer, picture, mode, monkeypatch):
    first = Revisions.first()
    renderer.set_albedo(colors(revisions=first))
    before = picture.draw(renderer, mode=mode)
    shaded = []
    shade = FaceRenderer._shade
    monkeypatch.setattr(FaceRenderer, "_shade", lambda *args: (shaded.append(args[-1]), shade(*args))[1])
    renderer.set_albedo(colors((90, 20, 160), first.with_change(RECT)))
    part = picture.draw(renderer, mode=mode)
    (rect,) = shaded
    assert rect.width * rect.height < 0.2 * before.shape[0] * before.shape[1]
    renderer.set_albedo(colors((90, 20, 160)))
    whole = picture.draw(renderer, mode=mode)
    assert np.abs(part - whole).max() <= 2, "the driver rounds mip levels in its own way"
    assert np.abs(whole - before).max() > 40


def test_every_mip_level_is_that_of_the_driver(renderer):
    first = Revisions.first()
    renderer.set_albedo(colors(revisions=first))
    renderer.set_albedo(colors((90, 20, 160), first.with_change(RECT)))
    texture = renderer._shading.skin._chart
    mine = [np.frombuffer(texture.read(level), np.uint8).astype(int) for level in range(11)]
    texture.build_mipmaps()
    for level, texels in enumerate(mine):
        theirs = np.frombuffer(texture.read(level), np.uint8).astype(int)
        assert np.abs(texels - theirs).max() <= 4, level


def test_the_mask_tints_the_skin_under_it_and_nothing_else(renderer, picture):
    mask = np.zeros((256, 256), np.uint8)
    mask[96:160, 64:96] = 255  # of the chart's width 0.25 to 0.375
    plain = picture.draw(renderer, overlay=Overlay())
    renderer.overlay.set_mask(mask)
    np.testing.assert_array_equal(picture.draw(renderer, overlay=Overlay()), plain)
    change = picture.draw(renderer, overlay=Overlay(mask=True)) - plain
    rows, columns = np.nonzero(np.abs(change).max(axis=2) > 3)
    at = [renderer.pick([(x, y)])[0].chart for x, y in zip(columns.tolist(), rows.tolist(), strict=True)]
    low, high = np.min(at, axis=0), np.max(at, axis=0)
    np.testing.assert_allclose((*low, *high), (0.25, 0.375, 0.375, 0.625), atol=0.012)
    tint = change[rows, columns].mean(axis=0)
    assert tint[0] > tint[2] + 20, "the tint is warm"
    renderer.overlay.set_mask(None)
    np.testing.assert_array_equal(picture.draw(renderer, overlay=Overlay(mask=True)), plain)


def test_the_ring_of_a_brush_on_the_skin_has_its_radius_in_mm(ctx, flat, picture):
    """On a flat sheet it is a ring of the chart, smaller or larger as the chart is stretched over it."""
    renderer = FaceRenderer(ctx, flat)
    on_skin = Overlay(ring=(0.5, 0.5), ring_radius=0.1, ring_on_skin=True)
    in_chart = Overlay(ring=(0.5, 0.5), ring_radius=0.1 * CHART_MM / SIDE_MM)
    first, second = (picture.draw(renderer, overlay=overlay) for overlay in (on_skin, in_chart))
    plain = picture.draw(renderer, overlay=Overlay())
    renderer.release()
    assert np.abs(first - plain).max() > 40
    assert np.abs(first - second).max() <= 3

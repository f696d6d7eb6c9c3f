"""The painted layer: tiles that are shared, levels that go where a brush takes them, and what they look like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.complexion import TONES, Complexion
from rhytid.core.maps.complexion_map import complexion_map, usual_colors
from rhytid.core.maps.paint import (
    COLOR,
    N_PLANES,
    NONE_OF_IT,
    PAINT_SIDE,
    TILE,
    UNPAINTED,
    Paint,
    Pigment,
    plane_of,
    toward,
)
from rhytid.core.maps.painted_skin import paint_look, painted, repainted
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.skin_layers import SkinLayers

RECT = Rect(200, 430, 330, 520)
PLAIN = Complexion()
FULL = paint_look(PLAIN, 30.0, 1.0)


def filled(planes, target, share=1.0, rect=RECT, paint=None):
    paint = Paint() if paint is None else paint
    even = np.full((rect.height, rect.width), share, np.float32)
    return paint.with_planes(rect, toward(paint.planes(rect), even, planes, target))


def brown(level=255):
    return filled([plane_of(Pigment.MELANIN)], [level])


def test_a_rectangle_comes_back_as_it_was_written_and_the_rest_is_unpainted():
    values = np.random.default_rng(0).integers(0, 256, (RECT.height, RECT.width, N_PLANES), np.uint8)
    paint = Paint().with_planes(RECT, values)
    np.testing.assert_array_equal(paint.planes(RECT), values)
    whole = paint.planes(Rect.whole(PAINT_SIDE))
    outside = np.ones((PAINT_SIDE, PAINT_SIDE), bool)
    outside[RECT.slices] = False
    assert (whole[outside] == UNPAINTED).all()
    assert paint.covered == Rect(192, 384, 384, 576), "whole tiles of 64"


def test_tiles_that_do_not_change_are_the_same_objects_and_empty_ones_go():
    one = brown()
    far = filled(COLOR, [9, 9, 9, 255], rect=Rect(900, 900, 910, 910), paint=one)
    kept = sum(a is b for a, b in zip(one.tiles, far.tiles, strict=True) if a is not None)
    assert kept == sum(tile is not None for tile in one.tiles)
    assert far.changed_since(one) == Rect(896, 896, 960, 960)
    bare = far.with_planes(RECT, np.broadcast_to(UNPAINTED, (RECT.height, RECT.width, N_PLANES)))
    assert sum(tile is not None for tile in bare.tiles) == 1
    assert one.with_planes(RECT, one.planes(RECT)).tiles == one.tiles
    assert brown() == one
    assert hash(brown()) == hash(one)
    assert one != far
    assert Paint().empty
    assert not one.empty


def test_what_differs_is_told_also_where_only_opacity_does():
    one = brown()
    assert one.changed_since(one).empty
    assert one.changed_since(None) == one.covered == Paint().changed_since(one)
    assert replace(one, opacity=0.5).changed_since(one) == one.covered
    assert replace(one, visible=False).changed_since(replace(one, opacity=0.0)).empty


def test_levels_go_their_share_of_the_way():
    half = filled(COLOR, [200, 100, 50, 255], 0.5).planes(RECT)[0, 0]
    assert half[:4].tolist() == [100, 50, 25, 128]
    assert (half[4:] == NONE_OF_IT).all()
    with pytest.raises(ValueError, match="256 tiles"):
        Paint(tiles=(None,))
    with pytest.raises(ValueError, match="a tile of paint"):
        Paint(tiles=(np.zeros((TILE, TILE), np.uint8), *[None] * 255))


def test_unpainted_texels_keep_every_bit_and_opaque_colour_is_what_shows():
    colors = usual_colors(PAINT_SIDE)
    shown = painted(colors, filled(COLOR, [180, 20, 60, 255]), FULL, 1)
    assert (shown.chart[RECT.slices] == (180, 20, 60)).all()
    outside = np.ones((PAINT_SIDE, PAINT_SIDE), bool)
    outside[RECT.slices] = False
    np.testing.assert_array_equal(shown.chart[outside], colors.chart[outside])
    np.testing.assert_array_equal(shown.gloss, procedural_gloss(PAINT_SIDE))


@pytest.mark.parametrize("tone", TONES[::2], ids=lambda tone: tone.name)
def test_pigments_act_as_they_do_in_the_skin(tone):
    """Against even skin of a complexion that has that much more of the pigment."""
    complexion = Complexion(tone.melanin, tone.warmth, tone.blood, tone.yellow)
    colors = complexion_map(complexion, 30.0, SkinLayers.of(1, PAINT_SIDE), brows=0.0)
    look = paint_look(complexion, 30.0, 1.0)
    before = colors.chart[RECT.slices].reshape(-1, 3).mean(axis=0)

    def after(pigment, level):
        shown = painted(colors, filled([plane_of(pigment)], [level]), look, 1)
        return shown.chart[RECT.slices].reshape(-1, 3).mean(axis=0)

    more, less = after(Pigment.MELANIN, 255), after(Pigment.MELANIN, 1)
    assert more.mean() < before.mean() - 8
    assert (less > before - 0.5).all()
    ruddy = after(Pigment.BLOOD, 255)
    assert before[0] - ruddy[0] < before[1] - ruddy[1], "blood takes green before red"
    assert ruddy[1] < before[1] - 4
    golden = after(Pigment.YELLOW, 255)
    assert before[2] - golden[2] > before[0] - golden[0], "carotene takes blue"


def test_freckles_are_brought_out_and_taken_away():
    complexion = replace(PLAIN, melanin=0.08, freckles=0.8, mottling=0.0, moles=0.0, blotches=0.0)
    layers = SkinLayers.of(1, PAINT_SIDE)
    with_, without = (complexion_map(replace(complexion, freckles=f), 30.0, layers) for f in (0.8, 0.0))
    plane = [plane_of(Pigment.FRECKLES)]

    def spots(colors, level=None):
        look = paint_look(replace(complexion, freckles=0.8 if colors is with_ else 0.0), 30.0, 1.0)
        chart = colors.chart if level is None else painted(colors, filled(plane, [level]), look, 1).chart
        away = chart[RECT.slices].astype(float) - without.chart[RECT.slices]
        return float(np.abs(away).mean())

    assert spots(with_, 1) < 0.15 * spots(with_), "those that are there go"
    assert spots(without, 255) > 2.0
    assert spots(without, 190) < 0.7 * spots(without, 255)


def test_gloss_is_painted_up_and_down():
    colors, plane = usual_colors(PAINT_SIDE), [plane_of(Pigment.GLOSS)]
    usual = procedural_gloss(PAINT_SIDE)[RECT.slices].astype(int)
    wet, dry = (painted(colors, filled(plane, [level]), FULL, 1).gloss[RECT.slices].astype(int) for level in (255, 1))
    np.testing.assert_allclose(wet, np.clip(usual + 153, 0, 255), atol=1)
    np.testing.assert_allclose(dry, np.clip(usual - 153, 0, 255), atol=1)


def test_opacity_fades_everything_and_a_rectangle_is_as_the_whole():
    colors, paint = usual_colors(PAINT_SIDE), filled(COLOR, [180, 20, 60, 255], paint=brown())
    shown, half = (painted(colors, paint, paint_look(PLAIN, 30.0, share), 1) for share in (1.0, 0.5))
    none = painted(colors, paint, paint_look(PLAIN, 30.0, 0.0), 1)
    np.testing.assert_array_equal(none.chart, colors.chart)
    before, after, between = (c.chart[RECT.slices].mean() for c in (colors, shown, half))
    assert min(before, after) < between < max(before, after)
    part = repainted(colors, colors, paint, FULL, 1, paint.changed_since(None))
    np.testing.assert_array_equal(part.chart, shown.chart)
    np.testing.assert_array_equal(part.gloss, shown.gloss)
    back = repainted(colors, shown, Paint(), FULL, 1, paint.covered)
    np.testing.assert_array_equal(back.chart, colors.chart)


@pytest.mark.parametrize("side", [256, 1500, 2048])
def test_at_other_sizes_the_paint_lies_where_it_did_and_is_smooth(side):
    y, x = np.mgrid[0:PAINT_SIDE, 0:PAINT_SIDE]
    disc = np.clip((60 - np.hypot(x - 300, y - 470)) / 20, 0, 1).astype(np.float32)
    whole = Rect.whole(PAINT_SIDE)
    paint = Paint().with_planes(whole, toward(Paint().planes(whole), disc, COLOR, [200, 0, 0, 255]))
    colors = usual_colors(side)
    shown = painted(colors, paint, FULL, 1).chart[..., 1].astype(float)
    at = (np.arange(side) + 0.5) * PAINT_SIDE / side - 0.5
    wanted = np.clip((60 - np.hypot(at[None] - 300, at[:, None] - 470)) / 20, 0, 1)
    share = 1 - shown / np.maximum(colors.chart[..., 1], 1)
    assert np.abs(share - wanted).max() < 0.06
    if side > PAINT_SIDE:
        row = round(470 / PAINT_SIDE * side)
        steps = np.abs(np.diff(share[row, (wanted[row] > 0.15) & (wanted[row] < 0.9) & (at < 300)]))
        assert steps.max() < 1.7 * steps.mean(), "no steps of the coarser map"

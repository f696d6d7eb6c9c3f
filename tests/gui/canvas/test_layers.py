"""Pixels of the canvas's layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.detail.request import DetailMaps
from rhytid.core.maps.field import Field
from rhytid.core.maps.rect import Rect
from rhytid.gui.canvas.layers import Layer, changed_rect, paint, rgb_words

SIDE = 64


def maps(displacement=None, lines=None):
    displacement = np.zeros((SIDE, SIDE), np.float32) if displacement is None else displacement
    lines = np.zeros((SIDE, SIDE), bool) if lines is None else lines
    return DetailMaps(Field.of(displacement), lines, Field.of(np.ones((SIDE, SIDE), np.float32)))


def channels(words):
    return np.stack([(words >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(int)


def painted(content, layer, rect=None, range_mm=0.5):
    out = np.zeros((SIDE, SIDE), np.uint32)
    paint(out, content, layer, rect or Rect.whole(SIDE), range_mm)
    return channels(out)


def test_valleys_are_blue_and_ridges_red():
    displacement = np.zeros((SIDE, SIDE), np.float32)
    displacement[10, 10], displacement[20, 20] = -0.5, 0.5
    rgb = painted(maps(displacement), Layer.DISPLACEMENT)
    assert rgb[10, 10, 2] > rgb[10, 10, 0] + 60
    assert rgb[20, 20, 0] > rgb[20, 20, 2] + 60
    assert np.ptp(rgb[40, 40]) < 12, "nothing is nearly white"


def test_relief_is_lit_from_the_upper_left():
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    bump = (4.0 * np.exp(-((x - 32) ** 2 + (y - 32) ** 2) / 60)).astype(np.float32)
    grey = painted(maps(bump), Layer.RELIEF)[..., 0]
    assert grey[26, 26] > 140 > 128 > 116 > grey[38, 38]
    assert grey[2, 2] == 128


def test_a_rectangle_of_relief_equals_the_whole():
    rng = np.random.default_rng(0)
    before = rng.normal(0, 0.05, (SIDE, SIDE)).astype(np.float32)
    after = before.copy()
    after[20:24, 30:40] += 0.1
    out = np.zeros((SIDE, SIDE), np.uint32)
    paint(out, maps(before), Layer.RELIEF, Rect.whole(SIDE), 0.5)
    written = paint(out, maps(after), Layer.RELIEF, Rect(30, 20, 40, 24), 0.5)
    assert written == Rect(29, 19, 41, 25)
    whole = np.zeros_like(out)
    paint(whole, maps(after), Layer.RELIEF, Rect.whole(SIDE), 0.5)
    assert np.array_equal(out, whole)


@pytest.mark.parametrize("layer", [Layer.DISPLACEMENT, Layer.LINES, Layer.DISTANCE, Layer.RELIEF])
def test_nothing_outside_the_rectangle_is_written(layer):
    out = np.full((SIDE, SIDE), 7, np.uint32)
    written = paint(out, maps(), layer, Rect(8, 8, 16, 20), 0.5)
    assert (out[written.slices] != 7).all()
    out[written.slices] = 7
    assert (out == 7).all()


def test_each_layer_is_painted_again_where_it_may_differ():
    shown = maps()
    stroke = replace(shown, line_map=shown.line_map.copy(), distance=Field.of(shown.distance_field.copy()),
                     revisions=shown.revisions.with_change(Rect(30, 20, 40, 24)))  # fmt: skip
    slider = replace(shown, revisions=stroke.revisions.with_change(Rect.whole(SIDE)))
    for layer in (Layer.DISPLACEMENT, Layer.RELIEF, Layer.LINES, Layer.DISTANCE):
        assert changed_rect(shown, layer, shown).empty
        assert changed_rect(shown, layer, None) == Rect.whole(SIDE)
        assert changed_rect(maps(), layer, shown) == Rect.whole(SIDE), "maps that come from elsewhere"
        beside = 5 if layer is Layer.DISTANCE else 0  # 5 % of 64 texels, and one for the rounding
        assert changed_rect(stroke, layer, shown) == Rect(30, 20, 40, 24).grown(beside, SIDE)
        assert changed_rect(slider, layer, shown).empty == (layer in (Layer.LINES, Layer.DISTANCE))


def test_lines_are_ink_on_paper():
    lines = np.zeros((SIDE, SIDE), bool)
    lines[5] = True
    rgb = painted(maps(lines=lines), Layer.LINES)
    assert rgb[5].max() < 60 < 200 < rgb[6].min()


def test_rgb_words():
    assert rgb_words(np.array([[[1, 2, 3]]], np.uint8))[0, 0] == 0xFF010203

"""Relief outside the chart: without seams, of one size all over, as strong as what it goes on from."""

from __future__ import annotations

import re

import numpy as np

from rhytid.core.maps import skin_tile as tiles
from rhytid.core.maps.skin_tile import TILE_MM, border_slopes, relief_around, skin_tile
from rhytid.gui.render.shader_source import SHADER_DIR


def test_the_tile_has_no_seam_and_its_slopes_are_those_of_its_height():
    tile = skin_tile()
    step_mm = TILE_MM / len(tile)
    for axis, channel in ((1, 0), (0, 1)):
        steps = np.abs(np.diff(tile[..., 2], axis=axis, append=tile[..., 2].take([0], axis)))
        at_seam = steps.take(-1, axis).mean()
        assert 0.8 < at_seam / steps.mean() < 1.25
        rise = (np.roll(tile[..., 2], -1, axis) - np.roll(tile[..., 2], 1, axis)) / (2 * step_mm)
        np.testing.assert_allclose(tile[..., channel], rise, atol=2e-3)


def test_a_millimetre_of_relief_is_a_millimetre_of_skin_whatever_the_chart_does():
    """Along 20 mm of a flat patch the height changes as its slope says, in a squeezed chart as in a wide one."""
    x = np.linspace(0, 20, 2001, dtype=np.float32)
    rest = np.stack([x, np.full_like(x, 3), np.full_like(x, 50)], axis=-1)[None]
    normals = np.broadcast_to(np.array((0, 0, 1), np.float32), rest.shape)
    slopes = np.full((16, 16), 0.05, np.float32)
    found = []
    for squeezed in (0.01, 1.0):
        chart = np.stack([1.2 + squeezed * x / 200, np.full_like(x, 0.5)], axis=-1)[None].astype(np.float32)
        slope, height, _ = relief_around(rest, normals, chart, slopes)
        climbed = height[0, 0] + np.concatenate([[0], np.cumsum(slope[0, :-1, 0] * 0.01)])
        assert np.corrcoef(climbed, height[0])[0, 1] > 0.98
        assert np.abs(slope[..., 2]).max() == 0
        found.append(height)
    np.testing.assert_array_equal(*found)


def test_strength_is_the_steepness_of_the_chart_and_skin_without_relief_goes_on_smooth():
    t = (np.arange(512, dtype=np.float32) + 0.5) / 512
    waves = np.tile(0.02 * np.sin(2 * np.pi * 100 * t), (512, 1)).astype(np.float32)
    # The mean of cos^2 is a half; central differences of 5 texels a wave see 0.757 of the slope.
    wanted = 0.02 * 2 * np.pi * 100 / 200 * np.sqrt(0.5) * np.sinc(2 * 100 / 512)
    np.testing.assert_allclose(border_slopes(waves), wanted, rtol=0.05)
    assert not border_slopes(np.zeros((64, 64), np.float32)).any()


def test_the_shader_has_the_same_figures():
    text = (SHADER_DIR / "include" / "around.glsl").read_text("utf-8")
    names = "TILE_MM TILE_PX CHART_MM STRENGTH_CELLS INSIDE MOST_SLOPE RIM RIM_FADE"
    for name in names.split():
        assert float(re.findall(rf"[ ,]{name} = ([-\d.]+)[;,]", text)[0]) == getattr(tiles, name), name


def test_lips_and_lids_have_none_of_it():
    rest = np.full((1, 1, 3), 7, np.float32)
    normals, slopes = np.array([[[0, 0, 1]]], np.float32), np.full((16, 16), 0.05, np.float32)
    for chart, some in (((0.5, 0.7), False), ((0.35, 0.3), False), ((0.97, 0.5), True), ((0.5, 1.3), True)):
        slope = relief_around(rest, normals, np.array([[chart]], np.float32), slopes).slope
        assert slope.any() == some

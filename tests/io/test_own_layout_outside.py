"""Skin outside the chart of a stranger's head: colour and relief of the viewport in both layouts, without an edge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_colors import with_pictures

from rhytid.core.head.head import Head, Part
from rhytid.core.head.material import Material
from rhytid.core.io.chart_uv import export_uv, lies_in_tile
from rhytid.core.io.displaced_mesh import materials_of
from rhytid.core.io.export_meshes import encoded_png
from rhytid.core.io.face_textures import face_textures
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.outer_relief import HEAD, outer_tile
from rhytid.core.io.own_layout_outside import OwnOutside
from rhytid.core.maps.albedo_map import SkinColors
from tests.head.small_head import small_head

SIDE = 256
STRENGTH = np.full((16, 16), 0.08, np.float32)


@pytest.fixture(scope="module")
def head() -> Head:
    """The small head, its chart in the middle of the skin, in a layout of its own: turned by a right angle."""
    head = small_head()
    chart = (1.6 * head.chart - 0.3).astype(np.float32)
    within = np.minimum(chart, 1 - chart).min(axis=1)
    uv = head.uv.copy()
    uv[:81] = 0.05 + 0.9 * uv[:81, ::-1]
    return replace(head, chart=chart, detail_weight=np.clip(within / 0.2, 0, 1).astype(np.float32), uv=uv)


def plane(side: int, first: float, span: float) -> np.ndarray:
    """Colours that say where in the chart's plane they lie, -1..2 from dark to light."""
    at = first + span * (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(at, at)
    return np.stack([40 + 60 * (x + 1), 40 + 60 * (y + 1), np.full_like(x, 100)], axis=-1)


@pytest.fixture(scope="module")
def colors() -> SkinColors:
    chart, around = (np.rint(plane(SIDE, *square)).astype(np.uint8) for square in ((0, 1), (-1, 3)))
    return SkinColors(chart, around)


def wanted(head: Head, tile_chart: np.ndarray) -> np.ndarray:
    return np.stack([40 + 60 * (tile_chart[..., 0] + 1), 40 + 60 * (tile_chart[..., 1] + 1)], axis=-1)


def chart_of(layout: OwnLayout, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Places in the chart's plane of the texels of tile 1001, and which have skin."""
    raster = layout.raster(1001, side)
    covered = raster.triangle >= 0
    found = np.zeros((side, side, 2), np.float32)
    corners = layout.head.chart[layout.corners[raster.triangle[covered]]]
    found[covered] = np.einsum("nk,nkc->nc", raster.weights[covered], corners)
    return found, covered


def test_in_the_charts_layout_outer_skin_has_a_tile_of_its_own(head: Head, colors: SkinColors) -> None:
    uv, face_uv = export_uv(head)
    outer = materials_of(head.parts, uv, face_uv) == HEAD
    assert outer.sum() == 64 - 16
    assert lies_in_tile(uv, face_uv[outer], 1)
    tile = face_textures(head, colors, None, SIDE).tiles["1002"]
    corners, vertices = uv[face_uv[outer]] - (1, 0), head.faces[outer]
    at = np.stack([corners[..., 0], 1 - corners[..., 1]], axis=-1).mean(axis=1) * SIDE
    found = tile[at[:, 1].astype(int), at[:, 0].astype(int), :2].astype(float)
    middle = head.chart[vertices].mean(axis=1)
    assert np.abs(found - wanted(head, middle)).max() < 3
    relief = outer_tile(head, head.neutral, STRENGTH, np.ones(len(head.neutral), np.float32), SIDE)
    assert relief is not None
    assert 0.003 < relief.height.std() < 0.2, "mm"


def test_in_its_own_layout_colours_go_on_without_an_edge(head: Head, colors: SkinColors) -> None:
    layout = OwnLayout(head)
    outside = OwnOutside(layout, head.neutral, wears_own_color=False)
    baked = np.rint(layout.to_layout(colors.chart, 1001, SIDE, None)).astype(np.uint8)
    np.testing.assert_array_equal(outside.with_colors(baked, 1001), baked)  # of which nothing is known yet
    outside.take_colors(colors)
    found = outside.with_colors(baked, 1001)
    places, covered = chart_of(layout, SIDE)
    away = np.abs(found[..., :2] - wanted(head, places))[covered]
    assert away.max() < 5
    beyond = outside.beyond(1001, SIDE)
    assert np.abs(baked[..., :2] - wanted(head, places))[beyond > 0.2].max() > 20, "the border alone does not"


def test_in_its_own_layout_relief_goes_on(head: Head) -> None:
    layout = OwnLayout(head)
    outside = OwnOutside(layout, head.neutral, wears_own_color=False)
    flat, straight = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE, 3), np.float32)
    straight[..., 2] = 1
    assert outside.with_heights(flat, 1001) is flat
    outside.take_relief(STRENGTH, np.ones(len(head.neutral), np.float32))
    height, normals = outside.with_heights(flat, 1001), outside.with_normals(straight, 1001)
    beyond, (_, covered) = outside.beyond(1001, SIDE), chart_of(layout, SIDE)
    inside = covered & (beyond == 0)
    assert not height[inside].any()
    assert 0.003 < height[beyond > 0].std() < 0.2, "mm"
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-5)
    assert (normals[beyond > 0][:, 2] < 0.9999).mean() > 0.5
    # Normals lean against the slope of the height: along u of the tile, which is upward in space.
    mm = float(np.linalg.norm(head.neutral[9] - head.neutral[0])) / (SIDE * 0.9 / 8)
    slope = np.gradient(height, axis=1) / mm
    mid = beyond > 0.05
    lean = -normals[..., 0] / normals[..., 2]
    assert np.corrcoef(slope[mid], lean[mid])[0, 1] > 0.8
    gloss = outside.with_surface(np.full((SIDE, SIDE), 7, np.uint8), 1001, "roughness")
    assert (gloss[inside] == 7).all()
    assert (gloss[beyond > 0] > 60).all()


def test_a_face_that_wears_its_files_picture_keeps_it_outside(head: Head, colors: SkinColors) -> None:
    texels = np.random.default_rng(2).integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
    skin = Material("skin", (1.0, 1.0, 1.0, 1.0), picture=0, pictures=(encoded_png(texels),))
    own = with_pictures(head, {1001: skin})
    assert (own.parts == Part.SKIN).sum() == 64
    layout = OwnLayout(own)
    outside = OwnOutside(layout, own.neutral, wears_own_color=True)
    outside.take_colors(colors)
    found = outside.with_colors(np.zeros((SIDE, SIDE, 3), np.uint8), 1001)
    far = outside.beyond(1001, SIDE) > 0.03
    far &= np.roll(far, 2, 0) & np.roll(far, -2, 0) & np.roll(far, 2, 1) & np.roll(far, -2, 1)
    assert np.abs(found.astype(int) - texels)[far].max() <= 1, "texel by texel"

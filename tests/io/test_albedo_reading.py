"""Skin colours out of pictures: in the chart, in a head's own tiles, what is missing, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_colors import SIDE, painted, ramp

import rhytid
from rhytid.core.io.albedo_reading import read_albedo_in
from rhytid.core.io.errors import MapError
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.map_pixels import write_png
from rhytid.core.photo.image import PhotoError
from tests.head.small_head import two_tiles


@pytest.fixture(scope="module")
def layout() -> OwnLayout:
    return OwnLayout(two_tiles())


def write_tiles(folder: Path, layout: OwnLayout, shift: float = 0.0) -> list[Path]:
    """The ramp in each tile, brighter by `shift`; magenta beside the islands."""
    paths = []
    for tile in layout.tiles:
        texels = layout.to_layout(ramp() + shift, tile, SIDE, 0.0)
        texels[layout.raster(tile, SIDE).triangle < 0] = (255, 0, 255)
        paths.append(folder / f"skin.{tile}.png")
        write_png(paths[-1], np.rint(texels).clip(0, 255).astype(np.uint8), srgb=True)
    return paths


def test_tiles_come_back_together(tmp_path: Path, layout: OwnLayout) -> None:
    first, second = write_tiles(tmp_path, layout)
    read = read_albedo_in(second, layout, None, 44.0)
    albedo = read.albedo
    assert (read.warnings, albedo.age, albedo.head) == ((), 44.0, "")
    assert np.abs(albedo.srgb.astype(float) - ramp(len(albedo.srgb))).max() < 8
    same = rhytid.read_albedo(first, layout.head, "own", age=44)
    assert same.digest == albedo.digest


def test_a_tile_that_is_missing_is_as_the_heads_file_has_it_or_filled(tmp_path: Path, layout: OwnLayout) -> None:
    _, second = write_tiles(tmp_path, layout, 20.0)
    alone = second.rename(tmp_path / "alone.png")
    read = read_albedo_in(alone, layout, None, 30.0)
    assert "no picture of tile 1001" in read.warnings[0]
    side = len(read.albedo.srgb)
    lower, upper = np.arange(side) > 0.55 * side, np.arange(side) < 0.2 * side
    wanted = ramp(side)
    assert np.abs(read.albedo.srgb - wanted - 20.0)[lower].max() < 8
    assert np.ptp(read.albedo.srgb[0, :, 1].astype(int)) < 40, "what lies beside it goes on"
    own = read_albedo_in(alone, OwnLayout(painted(two_tiles())), 1002, 30.0)
    assert np.abs(own.albedo.srgb - wanted)[upper].max() < 8
    assert np.abs(own.albedo.srgb - wanted - 20.0)[lower].max() < 8


def test_a_picture_of_the_chart_goes_on_around_it(tmp_path: Path) -> None:
    path = tmp_path / "chart.png"
    write_png(path, np.rint(ramp()).astype(np.uint8), srgb=True)
    albedo = rhytid.read_albedo(path)
    np.testing.assert_array_equal(albedo.srgb, np.rint(ramp()).astype(np.uint8))
    assert albedo.around is not None
    side = len(albedo.around) // 3
    edge = albedo.around[side + side // 2, [side - 1, side]].astype(int)
    assert np.abs(edge[0] - edge[1]).max() < 12, "no step at the border"
    assert np.abs(albedo.around[0, 0].astype(int) - albedo.around[-1, -1]).max() < 12, "far away one tone"
    face = rhytid.Face()
    face.state = replace(face.state, albedo=albedo)
    assert face.state.albedo is albedo


def test_what_is_no_skin_colour_is_refused(tmp_path: Path, layout: OwnLayout) -> None:
    path = tmp_path / "wide.png"
    write_png(path, np.zeros((64, 128, 3), np.uint8), srgb=True)
    with pytest.raises(MapError, match=r"wide\.png: 128 x 64 texels; .* square"):
        rhytid.read_albedo(path)
    write_png(tmp_path / "small.png", np.zeros((48, 48, 3), np.uint8), srgb=True)
    with pytest.raises(MapError, match="at least 64"):
        rhytid.read_albedo(tmp_path / "small.png")
    (tmp_path / "none.png").write_bytes(b"no picture")
    with pytest.raises(PhotoError, match=r"none\.png"):
        rhytid.read_albedo(tmp_path / "none.png")
    with pytest.raises(ValueError, match="chart or own"):
        rhytid.read_albedo(path, layout="uv")
    with pytest.raises(ValueError, match="needs that head"):
        rhytid.read_albedo(path, layout="own")
    with pytest.raises(MapError, match="no skin in tile 1009"):
        rhytid.read_albedo(path, layout.head, "own", 1009)

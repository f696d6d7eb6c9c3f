"""Maps that lie in a head's own layout come into the chart: tiles by their names, heights, normals, what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rhytid
from rhytid.core.io.chart_frame import chart_frame
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.io.errors import MapError
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.map_meaning import MapReading
from rhytid.core.io.map_pixels import write_png
from rhytid.core.io.own_layout_mesh import baked_normals
from rhytid.core.io.own_layout_reading import read_map_on, read_own_map, tile_files
from rhytid.core.maps.normal_map import encoded_normals, normal_map
from tests.head.small_head import two_tiles

SIDE = 128
OWN = MapReading(layout="own")


@pytest.fixture(scope="module")
def layout() -> OwnLayout:
    return OwnLayout(two_tiles())


@pytest.fixture(scope="module")
def relief() -> np.ndarray:
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    return (0.3 * np.sin(25 * x + 3 * y) * np.cos(20 * y)).astype(np.float32)


def write_tiles(folder: Path, layout: OwnLayout, relief: np.ndarray, name: str = "skin.{0}.exr") -> list[Path]:
    """Each tile beside the islands holds what would be seen if it were looked at."""
    paths = []
    for tile in layout.tiles:
        baked = layout.to_layout(relief, tile, SIDE, 0.0)
        baked[layout.raster(tile, SIDE).triangle < 0] = 4.0
        paths.append(folder / name.format(tile, (tile - 1001) % 10 + 1))
        write_displacement(paths[-1], baked)
    return paths


@pytest.mark.parametrize("name", ["skin.{0}.exr", "skin_u{1}_v1.exr"])
def test_tiles_come_back_together(tmp_path: Path, layout: OwnLayout, relief: np.ndarray, name: str) -> None:
    first, second = write_tiles(tmp_path, layout, relief, name)
    read = read_own_map(second, layout, OWN)
    assert read.displacement.shape == (SIDE, SIDE)
    assert np.abs(read.displacement - relief).max() < 0.02, "mm, across the seam of the tiles, too"
    assert read.warnings == ()
    assert tile_files(first, layout) == {1001: first, 1002: second}


def test_a_map_alone_is_of_the_largest_tile(tmp_path: Path, layout: OwnLayout, relief: np.ndarray) -> None:
    assert layout.main_tile == 1002
    _, second = write_tiles(tmp_path, layout, relief)
    alone = second.rename(tmp_path / "skin_1024.exr")
    read = read_own_map(alone, layout, OWN)
    lower = np.arange(SIDE) > 0.55 * SIDE
    assert np.abs(read.displacement - relief)[lower].max() < 0.02
    assert "no map of tile 1001" in read.warnings[0]
    np.testing.assert_array_equal(read_own_map(alone, layout, replace(OWN, tile=1002)).displacement, read.displacement)
    with pytest.raises(MapError, match="no skin in tile 1004; it lies in 1001, 1002"):
        read_own_map(alone, layout, replace(OWN, tile=1004))
    with pytest.raises(MapError, match="for that head alone"):
        rhytid.read_displacement(alone, OWN)


def test_a_turned_picture_is_turned_back(tmp_path: Path, layout: OwnLayout, relief: np.ndarray) -> None:
    for path in write_tiles(tmp_path, layout, relief):
        write_displacement(path, rhytid.read_displacement(path)[:, ::-1])
    read = read_own_map(tmp_path / "skin.1001.exr", layout, replace(OWN, flip_x=True))
    assert np.abs(read.displacement - relief).max() < 0.02


@pytest.mark.parametrize("green", ["opengl", "directx"])
def test_normals_are_integrated_on_the_skin(tmp_path: Path, layout: OwnLayout, relief: np.ndarray, green: str) -> None:
    head = layout.head
    turn = chart_frame(head, head.neutral).turn
    for tile in layout.tiles:
        normals = baked_normals(layout, relief, turn, tile, SIDE, head.neutral)
        normals *= (1, 1 if green == "opengl" else -1, 1)
        write_png(tmp_path / f"normal.{tile}.png", encoded_normals(normals, 16)[::-1])
    reading = replace(OWN, normal_map="auto", flip_y=True)
    if green == "directx":
        reading = replace(reading, normal_map="opengl")  # upside down, and so is green
    read = read_own_map(tmp_path / "normal.1002.png", layout, reading)
    inner = slice(8, -8)
    away = (read.displacement - relief)[inner, inner]
    assert np.abs(away - np.median(away)).max() < 0.05
    with pytest.raises(MapError, match="of the head's size"):
        read_own_map(tmp_path / "normal.1002.png", layout, replace(reading, scale_mm=3.0))


@pytest.mark.parametrize("is_turned", [False, True])
def test_normals_of_the_chart_are_integrated_on_the_skin(
    tmp_path: Path, layout: OwnLayout, relief: np.ndarray, is_turned: bool
) -> None:
    head = layout.head  # half as large as the chart of an unknown head, and bent
    texels = normal_map(relief, chart_frame(head, head.neutral).turn, "opengl", 16)
    if is_turned:  # a mirror image, whose normals are mirrored with it
        texels = texels[:, ::-1].copy()
        texels[..., 0] = 65535 - texels[..., 0]
    write_png(tmp_path / "normal.png", texels)
    reading = MapReading(normal_map="auto", flip_x=is_turned)
    read = read_map_on(tmp_path / "normal.png", head, reading)
    inner = slice(4, -4)
    away = (read.displacement - relief)[inner, inner]
    assert np.abs(away - np.median(away)).max() < 0.03
    assert read.certain
    twice = read_map_on(tmp_path / "normal.png", head, replace(reading, scale_mm=400.0))
    np.testing.assert_allclose(twice.displacement, 2 * read.displacement, atol=1e-4)


def test_it_is_read_from_python(tmp_path: Path, layout: OwnLayout, relief: np.ndarray) -> None:
    path, _ = write_tiles(tmp_path, layout, relief)
    read = rhytid.read_displacement(path, OWN, layout.head)
    assert not read.flags.writeable
    assert np.abs(read - relief).max() < 0.02

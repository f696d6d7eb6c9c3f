"""Maps in a head's own layout out of files, as displacement in the chart.

A map may be one file for each UDIM tile, `skin.1001.exr` or `skin_u1_v1.exr`: whichever of them is named, the others
beside it are read with it. Normals are turned into the chart's frame there and integrated on the skin, whose size the
head knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.given import given_items, given_path
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import chart_tangents
from rhytid.core.io.chart_frame import chart_frame
from rhytid.core.io.displacement_file import DisplacementMap, MapHeader, open_layers, read_map
from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.picture import check_size
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.map_channels import channel_names, chosen_group
from rhytid.core.io.map_meaning import AS_STATED, MILLIMETRES, MapReading, doubts
from rhytid.core.io.map_values import cropped, in_tile, slopes_of
from rhytid.core.io.worn import taken_off
from rhytid.core.maps.normal_integration import integrate
from rhytid.core.read_only import read_only

_TILE = re.compile(r"(?<=[._-])(1\d{3})(?=$|[._-])")
_MUDBOX = re.compile(r"(?<=[._-])u(\d{1,2})_v(\d{1,3})(?=$|[._-])", re.IGNORECASE)
_MISSED = 0.005  # of the face in tiles without a map


def read_displacement(path: Path | str, reading: MapReading = AS_STATED, head: Head | None = None) -> Float32:
    """Displacement of a map file.

    Parameters
    ----------
    path : path
        16-bit PNG or TIFF, 32-bit EXR or TIFF, NPY or NPZ; 64 to 8192 texels wide, square after the crop. In a head's
        own layout one tile's: with `skin.1001.exr` the `skin.1002.exr` beside it is read.
    reading : MapReading, optional
        What the file does not say, or says wrongly.
    head : Head, optional
        Whose texture coordinates are meant by ``MapReading(layout="own")``.

    Returns
    -------
    float32 (H, H), read-only
        mm, outward positive, in the chart's layout.

    Raises
    ------
    ValueError, OSError
        The file cannot be such a map; the message says why and what to do.
    """
    given_items(reading, MapReading, "what is known of a map")
    return read_map_on(given_path(path), head, reading).displacement


def read_map_on(path: Path, head: Head | None, reading: MapReading) -> DisplacementMap:
    """`read_map` for a head, in whose own layout the map may lie; raises as that.

    A map that the head wears, as exports are, is taken off it: worn again, it is what it was.
    Normals of the chart are integrated on the head's skin, those without a head on the default head's: all heads are
    laid into its chart.
    """
    if head is not None and reading.layout == "own":
        found = read_own_map(path, OwnLayout(head), reading)
    else:
        found = read_map(path, reading, turn_of(head or default_head(), reading))
    if head is None or not found.worn:
        return found
    return replace(found, displacement=read_only(taken_off(found.displacement, head)), stored=None, no_data=None)


def turn_of(head: Head, reading: MapReading) -> Float32 | None:
    """What normals in the chart are turned back with, `ChartFrame.turn`; None where none are read."""
    if reading.layout != "chart" or reading.normal_map in (None, "no"):
        return None
    return chart_frame(head, head.neutral).turn


def read_own_map(path: Path, layout: OwnLayout, reading: MapReading) -> DisplacementMap:
    """A map in a head's own layout, in the chart.

    Parameters
    ----------
    path : Path
        Of one tile.
    layout : OwnLayout
    reading : MapReading
        Of each file as it lies in its tile.

    Raises
    ------
    ChoiceNeeded, MapError, OSError
        As `read_map`; or none of the head's tiles is there.
    """
    files = tile_files(path, layout, reading.tile)
    plain = replace(reading, layout="chart", tile=None)
    wants_normals = reading.normal_map not in (None, "no")
    read = _from_normals if wants_normals else _from_heights
    found = read(files, layout, plain)
    missed = 1 - sum(layout.share_of(tile) for tile in files)
    warnings = [*found.warnings, layout.upon_each_other]
    if missed > _MISSED:
        absent = ", ".join(str(tile) for tile in layout.tiles if tile not in files)
        warnings.append(f"no map of tile {absent}, which has {100 * missed:.0f} % of the face: it stays flat there")
    return replace(found, reading=reading, warnings=tuple(filter(None, warnings)))


def tile_files(
    path: Path, layout: OwnLayout, tile: int | None = None, tiles: Sequence[int] | None = None
) -> dict[int, Path]:
    """Files of the tiles of a face, as far as they are there, ascending.

    Parameters
    ----------
    path : Path
        One of them. Without the number of such a tile in its name it is alone, and of the one with most of the face.
    tile : int, optional
        Which tile it is of, whatever it is called; the others are not looked for.
    tiles : sequence of int, optional
        Those that are wanted; by default `OwnLayout.tiles`.

    Raises
    ------
    MapError
        The face has no such tile.
    """
    tiles = layout.tiles if tiles is None else tiles
    if tile is not None:
        if tile not in tiles:
            there = ", ".join(str(one) for one in tiles)
            raise MapError(f"{path}: the face has no skin in tile {tile}; it lies in {there}")
        return {tile: path}
    # A number that is none of the face's tiles is something else, or counts the tiles of another program.
    return _named_tiles(path, tiles) or {layout.main_tile: path}


def _named_tiles(path: Path, tiles: Sequence[int]) -> dict[int, Path]:
    """Empty where the name has no number of a tile of the face."""
    for pattern, number_of, name_of in _NAMINGS:
        found = pattern.search(path.stem)
        if found is None:
            continue
        own = number_of(found)
        if own not in tiles:
            continue
        named = {tile: path if tile == own else _renamed(path, found, name_of(tile)) for tile in tiles}
        return {tile: file for tile, file in named.items() if tile == own or file.is_file()}
    return {}


def _renamed(path: Path, found: re.Match[str], name: str) -> Path:
    return path.with_name(path.stem[: found.start()] + name + path.stem[found.end() :] + path.suffix)


def _of_mudbox(found: re.Match[str]) -> int:
    return 1000 + int(found[1]) + 10 * (int(found[2]) - 1)


_NAMINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], int], Callable[[int], str]], ...] = (
    (_TILE, lambda found: int(found[1]), str),
    (_MUDBOX, _of_mudbox, lambda tile: f"u{(tile - 1001) % 10 + 1}_v{(tile - 1001) // 10 + 1}"),
)


def _from_heights(files: dict[int, Path], layout: OwnLayout, reading: MapReading) -> DisplacementMap:
    maps = {tile: read_map(file, reading) for tile, file in files.items()}
    main = max(maps, key=layout.share_of)  # a tile of the scalp alone would ask for far more texels
    side = layout.side_in_chart(main, len(maps[main].displacement))
    heights = layout.from_layout({tile: one.displacement for tile, one in maps.items()}, side, 0.0)
    first = maps[min(maps)]
    warnings = dict.fromkeys(warning for one in maps.values() for warning in one.warnings)
    return replace(first, displacement=read_only(heights), warnings=tuple(warnings), stored=None, no_data=None)


def _from_normals(files: dict[int, Path], layout: OwnLayout, reading: MapReading) -> DisplacementMap:
    if reading.scale_mm is not None or reading.mid is not None or reading.unit is not None:
        raise MapError("heights of a normal map in the head's own layout are of the head's size: state no scale")
    slopes, notes, header, name = {}, dict[str, None](), None, ""
    for tile, file in files.items():
        layers = open_layers(file)
        group = chosen_group(file, layers, reading.channel, normals=True)
        layer = group.layer
        x, y, width, height = cropped(layer, reading.crop)
        if width != height:
            raise MapError(f"{file}: the map of a tile is square, not {width} x {height} texels")
        check_size(file, width, height)
        (across, down), green, said = slopes_of(file, group, reading, (slice(y, y + height), slice(x, x + width)))
        slopes[tile] = np.stack(in_tile(across, down, reading), axis=-1)
        notes |= dict.fromkeys((*layer.notes, *said))
        name, dtype = f"normals ({green})", layer.dtypes[group.indices[0]]
        header = header or MapHeader(layer.kind, layer.width, layer.height, dtype, channel_names(layers))
    assert header is not None
    main = max(slopes, key=layout.share_of)
    side = layout.side_in_chart(main, len(slopes[main]))
    heights = _integrated(layout, slopes, side)
    low, high = float(heights.min()), float(heights.max())
    warnings = tuple(filter(None, (*notes, doubts(low, high))))
    reason = "heights from normals, on skin of the head's size"
    return DisplacementMap(read_only(heights), header, reading, name, MILLIMETRES, True, reason, warnings)


def _integrated(layout: OwnLayout, slopes: dict[int, Float32], side: int) -> Float32:
    """Heights in mm, float32 (side, side), of slopes in the tangent frames of the tiles' skin."""
    head = layout.head
    own = layout.from_layout(slopes, side, (0.0, 0.0))
    raster = layout.chart_raster(side)
    covered = raster.covered
    turns = layout.turns.of(head.neutral)
    in_chart = np.zeros_like(own)
    in_chart[covered] = np.einsum("nij,ni->nj", turns[raster.triangle[covered]], own[covered])
    x, y = (raster.sample(tangent) for tangent in chart_tangents(head, head.neutral))
    long_x = np.maximum(np.linalg.norm(x, axis=2), np.float32(1e-6))
    lean = (x * y).sum(axis=2) / long_x
    upright = np.sqrt(np.maximum((y * y).sum(axis=2) - lean * lean, 0))
    along_x = in_chart[..., 0] * long_x
    along_y = in_chart[..., 0] * lean - in_chart[..., 1] * upright
    result: npt.NDArray[np.float32] = integrate(along_x / np.float32(side), along_y / np.float32(side))
    return result

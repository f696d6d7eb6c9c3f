"""Options that say how displacement maps are to be read, and what is told of the maps that were."""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rhytid.core.head.head import Head
    from rhytid.core.io.displacement_file import DisplacementMap
    from rhytid.core.io.map_meaning import MapReading

_FLIPS = {"horizontal": (True, False), "vertical": (False, True), "both": (True, True)}
# Of `core.io.map_meaning`, which takes numpy along that --help does not need.
_UNITS = ("mm", "cm", "m", "normalised")
_NORMAL_MAPS = ("auto", "opengl", "directx", "no")
_CROPS = ("left", "centre", "right", "top", "middle", "bottom")
_NO_DATA = ("fill", "keep")
_LAYOUTS = ("chart", "own")


def add_map_options(parser: argparse.ArgumentParser) -> None:
    """--channel, --scale, --mid, --unit, --flip, --crop, --no-data and --normal-map."""
    group = parser.add_argument_group("how maps are read, where neither the file nor the JSON beside it says it")
    group.add_argument("--channel", metavar="NAME", help="of an EXR, TIFF, PNG or array; sum adds three up")
    group.add_argument("--scale", type=number, metavar="MM", help="mm from value 0 to 1; integers run from 0 to 1")
    group.add_argument("--mid", type=number, metavar="VALUE", help="the value that stands for no displacement")
    group.add_argument("--unit", choices=_UNITS, help="of floating-point values; normalised is 0..1 around 0.5")
    group.add_argument("--flip", choices=tuple(_FLIPS), help="mirror the map")
    group.add_argument("--crop", type=crop, metavar="WHERE", help="a square: " + ", ".join(_CROPS)
                       + ", or x0,y0,x1,y1 as parts of width and height")  # fmt: skip
    group.add_argument("--no-data", type=no_data, metavar="fill|keep|VALUE",
                       help="fill texels without a value, and those that hold VALUE")  # fmt: skip
    group.add_argument("--normal-map", choices=_NORMAL_MAPS, help="integrate a normal map; opengl: green points up")


def add_layout_options(parser: argparse.ArgumentParser) -> None:
    """--detail-layout and --detail-tile, for commands that have a head."""
    group = parser.add_argument_group("where the map of --detail lies")
    own = "own: in the head's own texture coordinates; files of its other UDIM tiles are read too"
    group.add_argument("--detail-layout", choices=_LAYOUTS, default="chart", help=own)
    group.add_argument("--detail-tile", type=int, metavar="UDIM", help="of the file, where its name does not say it")


def add_albedo_options(parser: argparse.ArgumentParser) -> None:
    """--albedo, --albedo-layout and --albedo-tile."""
    group = parser.add_argument_group("skin colour of a picture; with --head, of the head's own file by default")
    group.add_argument("--albedo", type=Path, metavar="PICTURE", help="PNG, JPEG, TIFF, WebP or BMP, square")
    own = "own: in the head's own texture coordinates; files of its other UDIM tiles are read too"
    group.add_argument("--albedo-layout", choices=_LAYOUTS, default="chart", help=own)
    group.add_argument("--albedo-tile", type=int, metavar="UDIM", help="of the file, where its name does not say it")


def number(text: str) -> float:
    """argparse type of a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number")
    return value


def crop(text: str) -> tuple[float, ...] | str:
    """argparse type of a place or of four fractions."""
    if text in _CROPS:
        return text
    parts = text.split(",")
    if len(parts) != 4:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(_CROPS)} and not x0,y0,x1,y1")
    return tuple(number(part) for part in parts)


def no_data(text: str) -> float | str:
    """argparse type of "fill", "keep" or a number."""
    return text if text in _NO_DATA else number(text)


def map_reading(arguments: argparse.Namespace) -> MapReading:
    """How maps are to be read by the options; raises `MapError` when these contradict each other."""
    from rhytid.core.io.map_meaning import MapReading

    flip_x, flip_y = _FLIPS.get(arguments.flip, (False, False))
    return MapReading(
        channel=arguments.channel,
        scale_mm=arguments.scale,
        mid=arguments.mid,
        unit=arguments.unit,
        flip_x=flip_x,
        flip_y=flip_y,
        crop=arguments.crop,
        no_data=arguments.no_data,
        normal_map=arguments.normal_map,
    )


class MapReader:
    """Reads the maps of one command; what was assumed is told on stderr, each doubt once.

    Parameters
    ----------
    arguments : Namespace
        With the options of `add_map_options`, and for a head those of `add_layout_options`.
    head : Head, optional
        In whose own layout the maps may lie.
    """

    def __init__(self, arguments: argparse.Namespace, head: Head | None = None) -> None:
        self._reading, self._head = map_reading(arguments), head
        if head is not None:
            self._reading = replace(self._reading, layout=arguments.detail_layout, tile=arguments.detail_tile)
        self._told: set[str] = set()

    def read(self, path: Path) -> DisplacementMap:
        """A map and its encoding; raises as `core.io.displacement_file.read_map`."""
        from rhytid.core.io.own_layout_reading import read_map_on

        return read_map_on(path, self._head, self._reading)

    def tell(self, path: Path, found: DisplacementMap) -> None:
        """Print what was assumed and was not printed for another map; after the work, for a refusal is one line."""
        for warning in found.warnings:
            if warning not in self._told:
                self._told.add(warning)
                print(f"rhytid: {path}: {warning}", file=sys.stderr)

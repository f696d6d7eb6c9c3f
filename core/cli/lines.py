"""Extract wrinkle lines from displacement maps.

IN is a displacement map or a folder of them. OUT is a picture (.png: white lines, one texel wide, at
the map's resolution), a vector file (.svg: strokes with width and depth) or a folder.

Exit code: 0 all done, 1 some maps of a folder failed (each is named), 2 nothing done.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rhytid.core.cli.map_options import MapReader, add_map_options
from rhytid.core.cli.options import add_overwrite_option, path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=path, metavar="IN")
    parser.add_argument("output", type=path, metavar="OUT")
    parser.add_argument("--format", choices=("png", "svg"), help="of the files in a folder; default png")
    add_map_options(parser)
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the line maps or strokes. Returns the exit code."""
    from rhytid.core.cli.batch import map_pairs, process
    from rhytid.core.io.line_file import write_line_map, write_strokes
    from rhytid.core.lines.extract import extract_lines
    from rhytid.core.lines.raster import draw_line_map
    reader = MapReader(arguments)

    def extract(source: Path, target: Path) -> None:
        found = reader.read(source)
        strokes = extract_lines(found.displacement)
        if target.suffix.lower() == ".svg":
            write_strokes(target, strokes)
        else:
            write_line_map(target, draw_line_map(strokes, len(found.displacement)))
        reader.tell(source, found)

    suffix = arguments.output.suffix.lower()
    if not (arguments.input.is_dir() or suffix in (".png", ".svg") or arguments.output.is_dir()):
        raise ValueError(f"{arguments.output}: lines are written as .png or .svg")
    pairs = map_pairs(arguments.input, arguments.output, f".{arguments.format or 'png'}")
    return process(pairs, extract, lambda target: [target], arguments.overwrite, [])

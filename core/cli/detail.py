"""Edit displacement maps: lines, expression, age.

IN is a displacement map or a folder of them, OUT a file or folder of the same kind. Only what is asked
for changes: without a new expression, age or line picture the output equals the input bit for bit.

--lines is the whole line map after editing: lines of it that the map's own extraction already has
count as unchanged, missing ones as erased, new ones as drawn. `rhytid lines` writes that map. Ink of
any colour on any paper is read, or ink on transparent ground; what was taken for ink is told on stderr.

Exit code: 0 all done, 1 some maps of a folder failed (each is named), 2 nothing done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.cli.map_options import MapReader, add_map_options
from rhytid.core.cli.options import add_overwrite_option, add_pose_options, add_source_options, path

if TYPE_CHECKING:
    from rhytid.core.detail.request import Float32
    from rhytid.core.io.displacement_file import DisplacementMap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=path, metavar="IN")
    parser.add_argument("output", type=path, metavar="OUT")
    parser.add_argument("--engine", help="semm, sd_detail or procedural; default: semm if its weights are there")
    parser.add_argument("--lines", type=path, metavar="EDITED.png", help="line map after editing, or a folder of them")
    parser.add_argument("--erase-all", action="store_true", help="accept a line map without lines: all are erased")
    add_source_options(parser)
    add_pose_options(parser)
    add_map_options(parser)
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the edited maps. Returns the exit code."""
    from rhytid.core.cli.batch import map_pairs, process
    from rhytid.core.cli.line_pictures import edited_strokes, picture_of
    from rhytid.core.document.state import AGE_DEFAULT
    from rhytid.core.face.edit import edit_map
    from rhytid.core.io.displacement_writing import files_of

    source_age = AGE_DEFAULT if arguments.source_age is None else arguments.source_age
    reader = MapReader(arguments)

    def edit(source: Path, target: Path) -> None:
        found = reader.read(source)
        strokes = None
        if arguments.lines:
            picture = picture_of(arguments.lines, arguments.input, source)
            strokes = edited_strokes(found.displacement, picture, arguments.erase_all)
        edited = edit_map(
            found.displacement,
            expression=arguments.expression or arguments.source_expression,
            action_units=arguments.au,
            age=source_age if arguments.age is None else arguments.age,
            strokes=strokes,
            source_expression=arguments.source_expression,
            source_age=source_age,
            engine=arguments.engine,
        )
        _write(target, edited, found)
        reader.tell(source, found)

    pairs = map_pairs(arguments.input, arguments.output)
    return process(pairs, edit, files_of, arguments.overwrite, [arguments.lines])


def _write(path: Path, displacement: Float32, source: DisplacementMap) -> None:
    """Write as the input was stored, so that texels that did not change keep their very values."""
    from rhytid.core.io.displacement_writing import write_like

    written = write_like(path, displacement, source)
    if written.n_clipped:
        ends = f"{written.low_mm:+.3f} or {written.high_mm:+.3f} mm"
        said = f"{path}: {written.n_clipped} texels lie beyond {ends}, the most that the input's encoding holds"
        print(f"rhytid: {said}, and were clipped; name an .exr to keep them", file=sys.stderr)

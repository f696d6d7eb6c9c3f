"""Make a face of a scan: a PLY or OBJ of up to 5 million triangles becomes a project and its head beside it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rhytid.core.cli.options import add_overwrite_option, age, output_file, path
from rhytid.core.document.state import AGE_DEFAULT

_SIZES = (1024, 2048, 4096, 8192)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=path, metavar="SCAN", help="a .ply or .obj")
    parser.add_argument("output", type=output_file, metavar="FACE", help="a .rhytid file; its head goes beside it")
    parser.add_argument("--size", type=int, choices=_SIZES, default=2048, help="texels a side of the displacement")
    parser.add_argument("--age", type=age, default=AGE_DEFAULT, metavar="YEARS", help="of the person")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write project and head. Returns the exit code."""
    from rhytid.core.detail.engine import Control
    from rhytid.core.document.project import PROJECT_SUFFIX, save_project
    from rhytid.core.face.engine_choice import default_engines, new_state
    from rhytid.core.files.outputs import outputs
    from rhytid.core.head.load import default_head
    from rhytid.core.head.store import save_head
    from rhytid.core.scan.face import face_of_scan, taken

    target: Path = arguments.output
    if target.suffix.lower() != PROJECT_SUFFIX:
        raise ValueError(f"{target}: a face is written as a {PROJECT_SUFFIX} file")
    head_file = target.absolute().with_suffix(".head.npz")
    with outputs([target, head_file], arguments.overwrite, [arguments.input]):
        scan = face_of_scan(arguments.input, default_head(), arguments.size, arguments.age, Control())
        save_head(scan.head, head_file)
        save_project(target, taken(new_state(default_engines()), scan, head_file))
    for remark in scan.remarks:
        print(f"rhytid: {arguments.input}: {remark}", file=sys.stderr)
    print(f"{target}: {len(scan.source.lines)} wrinkle lines, head in {head_file.name}")
    return 0

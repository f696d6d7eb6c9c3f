"""Make a face of a scan: a PLY, OBJ or GLB of up to 5 million triangles becomes a project and its head beside it.

Its texture, or the colours of its vertices, become the skin's colour. Nothing is written before all is done: a run that
is stopped leaves both files as they were.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rhytid.core.cli.options import add_overwrite_option, age, output_file, path
from rhytid.core.document.state import AGE_DEFAULT

_SIZES = (1024, 2048, 4096, 8192)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=path, metavar="SCAN", help="a .ply, .obj or .glb")
    parser.add_argument("output", type=output_file, metavar="FACE", help="a .rhytid file; its head goes beside it")
    parser.add_argument("--size", type=int, choices=_SIZES, default=2048, help="texels a side of the displacement")
    parser.add_argument("--age", type=age, default=AGE_DEFAULT, metavar="YEARS", help="of the person")
    parser.add_argument("--no-color", action="store_true", help="leave the scan's colour out")
    parser.add_argument("--no-lines", action="store_true", help="leave its wrinkles in the displacement alone")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write project and head. Returns the exit code."""
    from tqdm import tqdm

    from rhytid.core.detail.engine import Control
    from rhytid.core.document.project import PROJECT_SUFFIX
    from rhytid.core.face.engine_choice import default_engines, new_state
    from rhytid.core.files.outputs import check_outputs
    from rhytid.core.head.load import default_head
    from rhytid.core.scan.face import ScanOptions, face_of_scan, head_file_of, save_scan_face

    target: Path = arguments.output
    if target.suffix.lower() != PROJECT_SUFFIX:
        raise ValueError(f"{target}: a face is written as a {PROJECT_SUFFIX} file")
    check_outputs([target, head_file_of(target)], arguments.overwrite, [arguments.input])
    options = ScanOptions(arguments.size, arguments.age, not arguments.no_color, not arguments.no_lines)
    with tqdm(total=100, unit="%", disable=None) as bar:
        control = Control(progress=lambda share: bar.update(round(share * 100) - bar.n) or None)
        scan = face_of_scan(arguments.input, default_head(), options, control)
        save_scan_face(scan, new_state(default_engines()), target, arguments.overwrite)
    for remark in scan.remarks:
        print(f"rhytid: {arguments.input}: {remark}", file=sys.stderr)
    print(f"{target}: {len(scan.source.lines)} wrinkle lines, head in {head_file_of(target).name}")
    return 0

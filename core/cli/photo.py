"""Make faces of photos: head, expression, light, skin colour, relief and wrinkle lines, as projects.

Several photos IN become one person, who has the expression and the light of the first. A folder IN becomes one project
for each photo in it, in the folder OUT; what an earlier run has done is not done again.

Exit code: 0 all done, 1 some photos of a folder failed (each is named), 2 nothing done.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rhytid.core.cli.options import add_overwrite_option, age, count, path
from rhytid.core.document.state import AGE_DEFAULT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("input", type=path, nargs="+", metavar="IN")
    parser.add_argument("output", type=path, metavar="OUT", help="a .rhytid file, or a folder for a folder")
    parser.add_argument("--expression-photo", type=path, metavar="PHOTO", help="whose expression the face wears")
    parser.add_argument("--focal", type=_focal_mm, metavar="MM", help="focal length on film of 36 x 24 mm")
    parser.add_argument("--age", type=age, default=AGE_DEFAULT, metavar="YEARS", help="of the person in the photos")
    parser.add_argument("--report", type=path, metavar="DIR", help="also write pictures and figures of what was found")
    parser.add_argument("--jobs", type=count, default=1, metavar="N", help="processes for a folder; default 1")
    parser.add_argument("--ray", metavar="ADDRESS", help="send a folder's photos to a Ray cluster (extra: cluster)")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the projects. Returns the exit code."""
    from rhytid.core.cli.photo_batch import PhotoJob, make_project, make_projects, photos_below
    from rhytid.core.cli.resumable import record_line
    from rhytid.core.document.project import PROJECT_SUFFIX
    from rhytid.core.files.outputs import outputs

    options = {
        "age": arguments.age,
        "focal_mm": arguments.focal,
        "expression_photo": arguments.expression_photo,
        "report": arguments.report,
    }
    folders = [source for source in arguments.input if source.is_dir()]
    if folders:
        if len(arguments.input) > 1:
            raise ValueError(f"{folders[0]}: a folder is read alone; name one folder, or the photos of one person")
        jobs = [
            PhotoJob((photo,), arguments.output / photo.relative_to(folders[0]).with_suffix(PROJECT_SUFFIX), **options)
            for photo in photos_below(folders[0], arguments.output)
        ]
        return make_projects(jobs, arguments.output, arguments.jobs, arguments.ray, arguments.overwrite)
    target: Path = arguments.output
    if target.is_dir():
        target = target / (arguments.input[0].stem + PROJECT_SUFFIX)
    if target.suffix.lower() != PROJECT_SUFFIX:
        raise ValueError(f"{target}: a face is written as a {PROJECT_SUFFIX} file")
    with outputs([target], arguments.overwrite, arguments.input):
        told = make_project(PhotoJob(tuple(arguments.input), target, **options))
    print(record_line(told))
    return 0


def _focal_mm(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 8 <= value <= 2000:
        raise argparse.ArgumentTypeError(f"a focal length is 8..2000 mm, not {text}")
    return value

"""Rhytid: open a head, draw and erase wrinkle lines, move expression and age, export what you see."""

from __future__ import annotations

import argparse
from pathlib import Path

from rhytid.core.cli.options import add_overwrite_option, output_file, size
from rhytid.core.cli.virtual_display import screen_problem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the editor's arguments."""
    parser.add_argument("project", type=Path, nargs="?", metavar="FILE",
                        help="what to open: a .rhytid document, or a head, scan, photo, map or recording")  # fmt: skip
    parser.add_argument("--head", type=Path, help="head file or ICT-FaceKit folder to open")
    parser.add_argument("--size", type=size, metavar="WxH", help="of the window")
    parser.add_argument("--smoke", action="store_true", help="open, draw frames until the detail shows, and leave")
    parser.add_argument("--screenshot", type=output_file, metavar="F", help="with --smoke: picture of the window")
    parser.add_argument("--timings", type=output_file, metavar="F", help="write when the first frame showed (JSON)")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Exit code of the editor.

    Raises
    ------
    ValueError, OSError
        There is no such project or head, the arguments make no sense together, or there is no screen.
    """
    if arguments.project is not None and not arguments.project.exists():
        raise ValueError(f"{arguments.project}: no such file or command; --help lists the commands")
    if arguments.head is not None and not arguments.head.exists():
        raise ValueError(f"{arguments.head}: no such head file or folder")
    if arguments.screenshot is not None and not arguments.smoke:
        raise ValueError("--screenshot needs --smoke")
    problem = screen_problem()
    if problem:
        raise OSError(problem)
    _check_presets()
    from rhytid.core.files.outputs import outputs
    from rhytid.gui.app import run_editor

    written = [path for path in (arguments.screenshot, arguments.timings) if path is not None]
    with outputs(written, arguments.overwrite, (arguments.project, arguments.head)):
        return run_editor(arguments)


def _check_presets() -> None:
    """Read what no panel and no face can do without, so that a damaged installation is told before a window opens."""
    from rhytid.core.detail.sites import wrinkle_sites
    from rhytid.core.document.action_units import action_unit_table
    from rhytid.core.document.expression_presets import expression_presets
    from rhytid.core.head.load import default_head
    from rhytid.gui.render.environment import environments

    for read in (action_unit_table, expression_presets, environments, wrinkle_sites, default_head):
        read()

"""Rhytid: open a head, draw and erase wrinkle lines, move expression and age, export what you see."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.options import size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the editor's arguments."""
    parser.add_argument("project", type=Path, nargs="?", help=".rhytid document to open")
    parser.add_argument("--head", type=Path, help="head file or ICT-FaceKit folder to open")
    parser.add_argument("--size", type=size, metavar="WxH", help="of the window")
    parser.add_argument("--smoke", action="store_true", help="open, draw frames until the detail shows, and leave")
    parser.add_argument("--screenshot", type=Path, metavar="F", help="with --smoke: save a picture of the window")
    parser.add_argument("--timings", type=Path, metavar="F", help="write when the first frame was shown to F (JSON)")


def run(arguments: argparse.Namespace) -> int:
    """Exit code of the editor."""
    from gui.app import run_editor

    return run_editor(arguments)

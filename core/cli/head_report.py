"""Measure the quality of a head: mesh, expressions and chart.

With --ict, distances and expression shapes are compared with an ICT-FaceKit model; without it only the
head's own checks are made.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rhytid.core.cli.options import add_overwrite_option, output_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--head", type=Path, help="a head file or folder; default: the head in resources/head")
    parser.add_argument("--ict", type=Path, help="ICT-FaceKit folder or npz to compare with")
    parser.add_argument("--landmarks", type=Path, metavar="F", help="JSON with the chart positions of the 68 landmarks")
    parser.add_argument("--json", type=output_file, metavar="F", help="write the report to F instead of printing it")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the report as JSON. Returns 0."""
    from rhytid.core.files.outputs import outputs
    from rhytid.core.files.writing import write_text
    from rhytid.core.head.load import default_head, load_head
    from rhytid.core.head.report import head_report, read_landmark_targets

    head = load_head(arguments.head) if arguments.head else default_head()
    ict = load_head(arguments.ict) if arguments.ict else None
    targets = read_landmark_targets(arguments.landmarks) if arguments.landmarks else None
    read = (arguments.head, arguments.ict, arguments.landmarks)
    with outputs([arguments.json] if arguments.json else [], arguments.overwrite, read):
        text = json.dumps(head_report(head, ict, targets), indent=1)
        if arguments.json:
            write_text(arguments.json, text + "\n")
        else:
            print(text)
    return 0

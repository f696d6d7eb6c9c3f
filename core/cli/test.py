"""Run the tests; arguments after `--` go to pytest. Needs no screen: on Linux a virtual one is started."""

from __future__ import annotations

import argparse
import subprocess
import sys

from rhytid.core.cli.bootstrap import ROOT
from rhytid.core.cli.virtual_display import display_environment


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is passed on to pytest."""
    parser.add_argument("pytest_arguments", nargs="*", metavar="PYTEST_ARGUMENT", help="after --, for pytest")


def run(arguments: argparse.Namespace) -> int:
    """Exit code of pytest."""
    with display_environment() as environment:
        return subprocess.call([sys.executable, "-m", "pytest", *arguments.pytest_arguments], cwd=ROOT, env=environment)

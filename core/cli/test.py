"""Run the tests; arguments after `--` go to pytest. Needs no screen: on Linux a virtual one is started.

Without arguments all tests run, in two processes side by side. tests/conftest.py gives each a screen of its own,
for windows take the keyboard from one another, and keeps the tests of one file together.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence

from rhytid.core.cli.bootstrap import ROOT
from rhytid.core.cli.virtual_display import display_environment

# In the order of the folders, so that files with the same window follow one another.
ALL = ("--numprocesses=2", "--dist=loadgroup", "--no-loadscope-reorder", "--durations=15", "tests")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is passed on to pytest."""
    parser.add_argument("pytest_arguments", nargs="*", metavar="PYTEST_ARGUMENT", help="after --, for pytest")


def run(arguments: argparse.Namespace) -> int:
    """Exit code of pytest.

    Raises
    ------
    ValueError
        This is the installed program, which brings no tests.
    """
    if not (ROOT / "tests").is_dir():
        raise ValueError("the tests come with the source, not with the installed program: python main.py test")
    with display_environment() as environment:
        if arguments.pytest_arguments:
            return _pytest(arguments.pytest_arguments, environment)
        # Two processes share the processor better when neither starts threads of its own.
        return _pytest(ALL, {"OMP_NUM_THREADS": "1", **environment})


def _pytest(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    return subprocess.call([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment)

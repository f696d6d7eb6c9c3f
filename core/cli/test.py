"""Run the tests; arguments after `--` go to pytest. Needs no screen: on Linux a virtual one is started.

Without arguments all tests run, in two processes side by side: those that open windows, which must not take the
keyboard from one another, and all others.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from rhytid.core.cli.bootstrap import ROOT
from rhytid.core.cli.virtual_display import display_environment

WITH_WINDOWS = ("tests/gui", "tests/render", "tests/smoke", "tests/bench")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is passed on to pytest."""
    parser.add_argument("pytest_arguments", nargs="*", metavar="PYTEST_ARGUMENT", help="after --, for pytest")


def run(arguments: argparse.Namespace) -> int:
    """Exit code of pytest; that of the first process that failed where there are two.

    Raises
    ------
    ValueError
        This is the installed program, which brings no tests.
    """
    if not (ROOT / "tests").is_dir():
        raise ValueError("the tests come with the source, not with the installed program: python main.py test")
    with display_environment() as environment:
        if arguments.pytest_arguments:
            return _start(arguments.pytest_arguments, environment).wait()
        return _run_all(environment)


def _run_all(environment: Mapping[str, str]) -> int:
    """The process with windows tells how it goes; what the other one said is told when both are done."""
    with tempfile.TemporaryFile() as told:
        others = _start(["tests", *(f"--ignore={path}" for path in WITH_WINDOWS)], environment, told)
        try:
            windows = _start(WITH_WINDOWS, environment)
            codes = windows.wait(), others.wait()
        finally:
            others.kill()
            told.seek(0)
            sys.stdout.write(told.read().decode("utf-8", "replace"))
            sys.stdout.flush()
    return next((code for code in codes if code), 0)


def _start(
    arguments: Sequence[str], environment: Mapping[str, str], told: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, stdout=told)

"""Run the tests; arguments after `--` go to pytest. Needs no screen: on Linux a virtual one is started."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from core.cli.bootstrap import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is passed on to pytest."""
    parser.add_argument("pytest_arguments", nargs="*", metavar="PYTEST_ARGUMENT", help="after --, for pytest")


def run(arguments: argparse.Namespace) -> int:
    """Exit code of pytest."""
    environment = dict(os.environ)
    display = None
    if sys.platform.startswith("linux") and not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        display, environment["DISPLAY"] = _start_virtual_display()
    command = [sys.executable, "-m", "pytest", *arguments.pytest_arguments]
    try:
        return subprocess.call(command, cwd=ROOT, env=environment)
    finally:
        if display is not None:
            display.terminate()
            display.wait(10)


def _start_virtual_display() -> tuple[subprocess.Popen[bytes], str]:
    """Xvfb on a free display number that it chooses itself, and that display's name."""
    read_end, write_end = os.pipe()
    screen = ["-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    try:
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), *screen], pass_fds=[write_end], stderr=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise OSError("no display and no Xvfb: sudo apt-get install -y xvfb") from None
    os.close(write_end)
    with os.fdopen(read_end) as stream:
        number = stream.readline().strip()
    if not number:
        raise OSError("Xvfb did not start")
    return process, f":{number}"

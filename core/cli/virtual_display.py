"""A screen where there is none: Xvfb on Linux."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


def has_screen() -> bool:
    """Whether there is a screen for windows; only Linux can lack one."""
    return not sys.platform.startswith("linux") or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


@contextmanager
def display_environment() -> Iterator[Mapping[str, str]]:
    """Environment variables under which windows open: this process's own, or those of an Xvfb that runs meanwhile.

    Raises
    ------
    OSError
        There is no display and Xvfb is not installed or does not start.
    """
    environment = dict(os.environ)
    if has_screen():
        yield environment
        return
    process, environment["DISPLAY"] = _start()
    try:
        yield environment
    finally:
        process.terminate()
        process.wait(10)


def _start() -> tuple[subprocess.Popen[bytes], str]:
    """Xvfb on a free display number that it chooses itself, and that display's name."""
    read_end, write_end = os.pipe()
    screen = ["-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    try:
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), *screen], pass_fds=[write_end], stderr=subprocess.DEVNULL
        )
    except FileNotFoundError:
        os.close(read_end)
        raise OSError("no display and no Xvfb: sudo apt-get install -y xvfb") from None
    finally:
        os.close(write_end)
    with os.fdopen(read_end) as stream:
        number = stream.readline().strip()
    if not number:
        raise OSError("Xvfb did not start")
    return process, f":{number}"

"""Whether there is a screen, and one where there is none: Xvfb on Linux."""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_S = 2.5  # for a display at the other end of a slow line; a living one answers within milliseconds
_WINDOWS = ("", "xcb", "wayland", "wayland-egl")  # what QT_QPA_PLATFORM may say for windows on Linux


def has_screen() -> bool:
    """Whether there is a screen for windows; only Linux can lack one."""
    return not sys.platform.startswith("linux") or any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY"))


def screen_problem() -> str:
    """Why no window can open here, "" where one can.

    Qt ends the process when it cannot reach its display, and waits for minutes for one that does not answer.
    """
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] not in _WINDOWS:
        return ""
    wayland, x11 = os.environ.get("WAYLAND_DISPLAY", ""), os.environ.get("DISPLAY", "")
    if not wayland and not x11:
        return "there is no screen to open the window on; on a server: xvfb-run -a rhytid"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if wayland and (os.path.isabs(wayland) or runtime) and _connected(str(Path(runtime, wayland))) is not None:
        return ""
    if x11 and _x11_answers(x11):
        return ""
    return f"the display {x11 or wayland!s} does not answer; is DISPLAY right? On a server: xvfb-run -a rhytid"


def _x11_answers(display: str) -> bool:
    """Whether a server of the X protocol says anything to a greeting; that it wants a password is an answer too."""
    named = re.fullmatch(r"(.*):(\d+)(\.\d+)?", display)
    if named is None:
        return False
    host, number = named[1], int(named[2])
    folder = "/tmp" + "/.X11-unix"
    local = (f"\0{folder}/X{number}", f"{folder}/X{number}")
    for address in local if host in ("", "unix") else ((host, 6000 + number),):
        connection = _connected(address)
        if connection is None:
            continue
        with connection:
            try:
                connection.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
                if connection.recv(1):
                    return True
            except OSError:
                continue
    return False


def _connected(address: str | tuple[str, int]) -> socket.socket | None:
    try:
        if not isinstance(address, str):
            return socket.create_connection(address, _PATIENCE_S)
        connection = socket.socket(socket.AF_UNIX)
    except (OSError, OverflowError):
        return None
    connection.settimeout(_PATIENCE_S)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        return None
    return connection


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

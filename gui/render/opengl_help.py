"""What a person can do whose machine offers no OpenGL 4.1."""

from __future__ import annotations

import sys

GL_VERSION = (4, 1)
_REMEDIES = {
    "linux": "Install Mesa's drivers, on Debian or Ubuntu:\n"
    "    sudo apt-get install -y libgl1 libegl1 libgl1-mesa-dri\n"
    "on Fedora:\n"
    "    sudo dnf install mesa-libEGL mesa-libGL mesa-dri-drivers",
    "win32": "Install the graphics card's driver from its maker; a remote desktop may hide it.",
    "darwin": "Rhytid needs macOS 10.14 or newer on a Mac of 2012 or later, and a session with a graphics device.",
}


def opengl_help(reason: str) -> str:
    """What is missing, and how to get it.

    Parameters
    ----------
    reason : str
        What was found instead.

    Returns
    -------
    str
        The first line says it all; commands stand on lines of their own.
    """
    remedy = _REMEDIES.get(sys.platform, "Install a driver for the graphics card.")
    return f"Rhytid needs OpenGL 4.1, which is not to be had here ({reason}).\n{remedy}"

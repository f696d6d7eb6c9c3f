"""Options of the commands that draw a face: how it is looked at, and from where."""

from __future__ import annotations

import argparse
from typing import Any

from rhytid.core.cli.options import camera_value
from rhytid.gui.render.view_mode import ViewMode

_CAMERA = {"yaw": "yaw_deg", "pitch": "pitch_deg", "distance": "distance_mm"}


def add_view_options(parser: argparse.ArgumentParser) -> None:
    """Declare ``--view``, ``--yaw``, ``--pitch`` and ``--distance``."""
    parser.add_argument("--view", choices=[mode.value for mode in ViewMode], default=ViewMode.DETAILED.value)
    parser.add_argument("--yaw", type=camera_value("yaw_deg"), metavar="DEG", help="of the camera, + = subject's left")
    parser.add_argument("--pitch", type=camera_value("pitch_deg"), metavar="DEG", help="of the camera, + = from above")
    parser.add_argument("--distance", type=camera_value("distance_mm"), metavar="MM", help="of the camera, 20..10000")


def given_camera(arguments: argparse.Namespace) -> dict[str, Any]:
    """Those fields of `core.document.state.Camera` that the options state."""
    stated = {field: getattr(arguments, option) for option, field in _CAMERA.items()}
    return {field: value for field, value in stated.items() if value is not None}

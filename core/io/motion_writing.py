"""Recordings of expressions as Live Link Face writes them: what every program that takes ARKit weights reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.files.writing import write_text
from rhytid.core.io.motion import Motion

_ANGLES = tuple(f"{part}{turn}" for part in ("Head", "LeftEye", "RightEye") for turn in ("Yaw", "Pitch", "Roll"))
_FRAMES_A_SECOND = 60  # of the timecodes, whatever the rate of the rows: their part behind the point says the rest
_FIRST_FRAME = _FRAMES_A_SECOND - 1  # a reader that counts frames finds out at the second row what they count up to


def write_motion(path: Path, motion: Motion) -> None:
    """Write a recording as CSV of Live Link Face; whole, or not at all.

    Angles of head and eyes that the motion does not have are 0. Times are kept to 17 microseconds.

    Raises
    ------
    core.files.failures.WriteError
        The disk refused.
    """
    write_text(path, motion_csv(motion))


def motion_csv(motion: Motion) -> str:
    """The text of `write_motion`."""
    names = (f"{name[0].upper()}{name[1:]}" for name in ARKIT_NAMES)
    rows = [",".join(("Timecode", "BlendShapeCount", *names, *_ANGLES))]
    angles = np.zeros((len(motion.times_s), len(_ANGLES)))
    if motion.head_rotation is not None:
        angles[:, :3] = motion.head_rotation
    count = str(len(ARKIT_NAMES) + len(_ANGLES))
    for time_s, weights, turned in zip(motion.times_s, motion.weights, angles, strict=True):
        values = (f"{value:.6f}" for value in (*weights, *turned))
        rows.append(",".join((_timecode(float(time_s)), count, *values)))
    return "\n".join(rows) + "\n"


def _timecode(time_s: float) -> str:
    """HH:MM:SS:FF.fff."""
    thousandths = round(time_s * _FRAMES_A_SECOND * 1000) + _FIRST_FRAME * 1000
    seconds, rest = divmod(thousandths, _FRAMES_A_SECOND * 1000)
    frame, part = divmod(rest, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}.{part:03d}"

"""From recordings to keys and back: a clip of the document as the expressions that a face wears."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from rhytid.core.animation.clip import LONGEST_S, Clip, sorted_tracks
from rhytid.core.animation.reduce import TOLERANCE, reduced
from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.channels import HEAD_CHANNELS, channel_value, posed
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.limits import channel_range
from rhytid.core.document.state import DocumentState
from rhytid.core.files.reading import open_file
from rhytid.core.io.clip_file import CLIP_SUFFIX, read_clip, says_clip
from rhytid.core.io.motion import Motion
from rhytid.core.io.motion_file import MAX_BYTES, read_motion
from rhytid.core.read_only import read_only

_HEAD_BYTES = 1 << 16
ANGLE_TOLERANCE_DEG = 0.25
"""Greatest error of an angle of the head: at its surface half a millimetre."""


def clip_of_file(path: Path, keep: Clip | None = None) -> tuple[Clip, tuple[str, ...]]:
    """The keys of a clip's file or of a recording, and what a person should know of how it was read.

    Parameters
    ----------
    keep : Clip, optional
        As of `clip_of_motion`.

    Raises
    ------
    ValueError
        It is neither, or damaged; the message names file and remedy.
    OSError
        It cannot be read.
    """
    if path.suffix.lower() == CLIP_SUFFIX:
        with open_file(path, MAX_BYTES) as stream:
            as_clip = says_clip(stream.read(_HEAD_BYTES))
        if as_clip:
            return read_clip(path), ()
    motion = read_motion(path)
    return clip_of_motion(motion, keep), motion.remarks


def clip_of_motion(motion: Motion, keep: Clip | None = None, tolerance: float = TOLERANCE) -> Clip:
    """A recording as keys.

    Parameters
    ----------
    motion : Motion
        Moving; what comes after an hour is left out.
    keep : Clip, optional
        Its tracks of other numbers than the recording's stay.
    tolerance : float
        Greatest error of a weight at a row of the recording.

    Returns
    -------
    Clip
        Rate and range of the recording. Weights that stay 0 have no keys; the head has some where it is turned.
    """
    inside = motion.times_s <= LONGEST_S
    times = motion.times_s[inside]
    given = ARKIT_NAMES if motion.head_rotation is None else (*ARKIT_NAMES, *HEAD_CHANNELS)
    others = () if keep is None else tuple(track for track in keep.tracks if track.name not in given)
    tracks = []
    for name, values in zip(ARKIT_NAMES, motion.weights[inside].T.astype(np.float64), strict=True):
        if values.max() > tolerance:
            tracks.append(reduced(name, times, values, tolerance))
    if motion.head_rotation is not None:
        angles = np.degrees(motion.head_rotation[inside].T.astype(np.float64))
        for name, values in zip(HEAD_CHANNELS, angles, strict=True):
            if np.abs(values).max() > ANGLE_TOLERANCE_DEG:
                within = np.clip(values, *channel_range(name))
                tracks.append(reduced(name, times, within, ANGLE_TOLERANCE_DEG))
    fps = min(max(motion.fps, 1.0), 240.0)
    end_s = min(max(float(times[-1]), 1 / fps), LONGEST_S)
    loop = keep.loop if keep is not None else True
    return Clip(sorted_tracks((*others, *tracks)), fps, 0.0, end_s, loop)


def motion_of_clip(state: DocumentState, name: str) -> Motion:
    """The expressions that a document wears in its clip's range, a row a frame; action units are in the weights."""
    times = state.clip.frame_times()
    still = replace(state, strokes=(), layers=())
    worn = [posed(still, float(time_s)) for time_s in times]
    rows = np.stack([effective_expression(one) for one in worn])
    turns = np.radians([[channel_value(one, name) for name in HEAD_CHANNELS] for one in worn]).astype(np.float32)
    return Motion(name, read_only(times - times[0]), read_only(rows), state.clip.fps,
                  read_only(turns) if turns.any() else None)  # fmt: skip

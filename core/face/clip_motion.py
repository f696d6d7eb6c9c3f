"""From recordings to keys and back: a clip of the document as the expressions that a face wears."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rhytid.core.animation.clip import LONGEST_S, Clip, sorted_tracks
from rhytid.core.animation.reduce import TOLERANCE, reduced
from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.channels import posed
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.io.motion import Motion
from rhytid.core.read_only import read_only


def clip_of_motion(motion: Motion, keep: Clip | None = None, tolerance: float = TOLERANCE) -> Clip:
    """A recording as keys.

    Parameters
    ----------
    motion : Motion
        Moving; what comes after an hour is left out.
    keep : Clip, optional
        Its tracks of other numbers than ARKit weights stay.
    tolerance : float
        Greatest error of a weight at a row of the recording.

    Returns
    -------
    Clip
        Rate and range of the recording. Weights that stay 0 have no keys.
    """
    inside = motion.times_s <= LONGEST_S
    times = motion.times_s[inside]
    others = () if keep is None else tuple(track for track in keep.tracks if track.name not in ARKIT_NAMES)
    tracks = []
    for name, values in zip(ARKIT_NAMES, motion.weights[inside].T.astype(np.float64), strict=True):
        if values.max() > tolerance:
            tracks.append(reduced(name, times, values, tolerance))
    fps = min(max(motion.fps, 1.0), 240.0)
    end_s = min(max(float(times[-1]), 1 / fps), LONGEST_S)
    loop = keep.loop if keep is not None else True
    return Clip(sorted_tracks((*others, *tracks)), fps, 0.0, end_s, loop)


def motion_of_clip(state: DocumentState, name: str) -> Motion:
    """The expressions that a document wears in its clip's range, a row a frame; action units are in the weights."""
    times = state.clip.frame_times()
    still = replace(state, strokes=(), layers=())
    rows = [effective_expression(posed(still, float(time_s))) for time_s in times]
    return Motion(name, read_only(times - times[0]), read_only(np.stack(rows)), state.clip.fps)

"""Where on a clip wrinkles begin to show: the times at which bound lines pass their onset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.site_match import site_of
from rhytid.core.document.channels import posed
from rhytid.core.document.expression import ExpressedFace
from rhytid.core.document.state import DocumentState
from rhytid.core.face.wrinkle_meter import SHOWN_FROM
from rhytid.core.lines.stroke import Stroke

MOST_FRAMES = 600
"""Of a longer clip every second, third ... frame is looked at; in between the share is taken for straight."""


@dataclass(frozen=True)
class OnsetMark:
    """A moment at which lines begin to show.

    Attributes
    ----------
    time_s : float
    names : tuple of str
        Of the lines, or of their sites; sorted.
    """

    time_s: float
    names: tuple[str, ...]


def onset_marks(state: DocumentState, strokes: Sequence[Stroke]) -> tuple[OnsetMark, ...]:
    """Moments of the clip's range at which lines begin to show, ascending; those of one frame together.

    The lines of one site count as one, from its first on: age alone brings a fine line more every other frame.

    Parameters
    ----------
    strokes : sequence of Stroke
        Those to look at: the document's own, and those that its engine makes.
    """
    times = state.clip.frame_times()
    step = -(-len(times) // MOST_FRAMES)
    times = times[::step]
    bare = replace(state, strokes=(), layers=())
    faces = [ExpressedFace.of(posed(bare, float(time_s))) for time_s in times]
    shown: dict[str, npt.NDArray[np.float64]] = {}
    for stroke in strokes:
        shares = np.array([face.share_of(stroke) for face in faces])
        shown[_name(stroke)] = np.maximum(shown.get(_name(stroke), 0.0), shares)
    found: dict[int, list[str]] = {}
    at: dict[int, float] = {}
    for name, shares in shown.items():
        for k in np.flatnonzero((shares[1:] > SHOWN_FROM) & (shares[:-1] <= SHOWN_FROM)).tolist():
            part = (SHOWN_FROM - shares[k]) / (shares[k + 1] - shares[k])
            time_s = float(times[k] + part * (times[k + 1] - times[k]))
            found.setdefault(k, []).append(name)
            at[k] = min(at.get(k, time_s), time_s)
    return tuple(OnsetMark(at[k], tuple(sorted(found[k]))) for k in sorted(found))


def _name(stroke: Stroke) -> str:
    match = site_of(stroke)
    if stroke.name or match is None:
        return stroke.name or stroke.id
    site, side = match
    return f"{site.titles} {side}".strip()

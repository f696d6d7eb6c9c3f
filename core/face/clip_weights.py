"""A clip of the document as weights of the base mesh's morph targets over time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.channels import posed
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.limits import ACTION_UNIT_NAME
from rhytid.core.document.state import DocumentState
from rhytid.core.face.resolve import ageing_shares
from rhytid.core.head.head import Head
from rhytid.core.head.tongue_room import within_room
from rhytid.core.io.morph_motion import MorphMotion

_MOST_FRAMES = 18_000
"""Ten minutes at 30 frames a second; of a longer clip every second, third ... frame is looked at."""


def weights_over_time(state: DocumentState, head: Head) -> MorphMotion | None:
    """Weights of the 52 expressions and, beyond those of the state's own age, of the head's parts that age.

    The clip's range, with the moments that straight lines need. None without a key of expression or age.
    """
    names = [track.name for track in state.clip.tracks]
    if not any(n in ARKIT_INDEX or n in ("age", "shape_age") or ACTION_UNIT_NAME.fullmatch(n) for n in names):
        return None
    times = state.clip.frame_times()
    times = times[:: -(-len(times) // _MOST_FRAMES)]
    still = replace(state, strokes=(), layers=())
    now = _shares(still, head)
    rows = []
    for time_s in times:
        one = posed(still, float(time_s))
        rows.append(np.concatenate([within_room(effective_expression(one), head), _shares(one, head) - now]))
    return MorphMotion(state.clip.fps, times - times[0], np.stack(rows).astype(np.float32)).reduced()


def _shares(state: DocumentState, head: Head) -> np.ndarray:
    shares = ageing_shares(state, head)
    return np.asarray(shares or np.zeros(len(head.ageing_names)), np.float32)

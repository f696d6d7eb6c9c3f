"""Relief as the skin of a head wears it: weighted by what it shows, with the relief that goes on outside the face."""

from __future__ import annotations

import numpy as np

from rhytid.core.head.head import Float32, Head
from rhytid.core.io.chart_frame import chart_frame, weighted
from rhytid.core.io.outer_relief import ring_height
from rhytid.core.maps.skin_tile import border_slopes

_LEAST_WEIGHT = 0.05
_ROUNDS = 2


def taken_off(displacement: Float32, head: Head) -> Float32:
    """The drawn detail of a map that a head at rest wears.

    Where the skin shows less than a twentieth of it, less comes back.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm, as exports hold it.
    head : Head

    Returns
    -------
    float32 (H, H), mm
    """
    frame = chart_frame(head, head.neutral)
    ones = np.ones(displacement.shape, np.float32)
    share = np.maximum(weighted(ones, frame), np.float32(_LEAST_WEIGHT))
    drawn = displacement
    for _ in range(_ROUNDS):  # how strong the relief outside is follows from the detail itself
        ring = ring_height(head, frame, border_slopes(drawn), len(displacement))
        drawn = np.asarray((displacement - ring) / share, np.float32)
    return drawn

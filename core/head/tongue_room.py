"""How far the tongue can be out: no farther than jaw and lips leave room."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.head import Head

Float32 = npt.NDArray[np.float32]

# Opening between the lips and between the teeth at which the tongue goes all the way out.
_WIDE_OPEN_MM = 16.0
_UPPER_LIP, _LOWER_LIP = 62, 66  # landmarks in the middle of the lips' inner edges
_JAW, _TONGUE = ARKIT_INDEX["jawOpen"], ARKIT_INDEX["tongueOut"]


def within_room(expression: Float32, head: Head) -> Float32:
    """Expression weights (52,) with tongueOut no greater than the opening allows; the given ones where it is not.

    A shape is a straight way for every vertex, and between closed teeth there is none. The limit is one of the weight,
    so that the shape stays a morph target like any other.
    """
    if expression[_TONGUE] <= 0:
        return expression
    lips = head.expression[:, head.landmarks[[_UPPER_LIP, _LOWER_LIP]], 1].astype(np.float32)
    opening_mm = expression * (lips[:, 0] - lips[:, 1])
    room = float(np.clip(min(opening_mm[_JAW], opening_mm.sum()) / _WIDE_OPEN_MM, 0.0, 1.0))
    if room >= expression[_TONGUE]:
        return expression
    limited = expression.copy()
    limited[_TONGUE] = room
    return limited

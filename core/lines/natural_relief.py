"""Relief of a natural stroke of depth 1 on a window of a map: its threads, put together.

As everywhere in `core.lines.relief` a texel's value is a pure function of the pieces near it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.natural import BODY_SUPPORT, CREASE_SHARE, CREASE_SUPPORT, Thread
from rhytid.core.lines.nearest import blended, nearest
from rhytid.core.lines.profile import THINNEST_BREADTH, cross_section, falloff, width_factor
from rhytid.core.lines.stroke import Profile
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
_CORE = 0.25  # half widths within which the pieces of a body count alike
# A wrinkle's bulges: what of the drawn cross-section's stands on either side, and how much more where skin gathers.
_BULGE, _LEANING = 0.62, 0.55
# The cushion beside a fold: it rises steeply out of the crease, overhangs nothing and runs out softly.
_RISE, _ROUND, _CUSHION = 1.7, 0.9, 0.85
_PLAIN_SUPPORT = 3.0


def natural_relief(parts: Sequence[tuple[Thread, Int64]], profile: Profile, rect: Rect) -> Float32:
    """Relief of depth 1, float32 (rect.height, rect.width).

    Parameters
    ----------
    parts : sequence of (Thread, int64 (M, 4))
        Threads with the windows of their rows, those near `rect` at least.
    """
    body = np.zeros((rect.height, rect.width), np.float32)
    crease = np.zeros_like(body)
    for thread, windows in parts:
        if thread.crease:
            np.minimum(crease, _crease(thread, windows, rect), out=crease)
        else:
            body = _body(thread, windows, profile, rect)
    crease *= np.float32(CREASE_SHARE[profile])
    body += crease
    return body


def _crease(thread: Thread, windows: Int64, rect: Rect) -> Float32:
    squared, (effect, *breadth), _ = nearest(thread.rows, windows, rect, sided=False)
    squared *= np.float32(1 / thread.half_px**2)
    for share in breadth:
        squared /= np.maximum(share, np.float32(THINNEST_BREADTH)) ** 2
    value = falloff(squared, CREASE_SUPPORT**2)
    value *= effect
    value *= np.float32(-1)
    return value


def _body(thread: Thread, windows: Int64, profile: Profile, rect: Rect) -> Float32:
    squared, (effect, lean, *breadth), side = blended(
        thread.rows, windows, rect, reach_px=thread.reach_px, core_px=_CORE * thread.half_px
    )
    half = width_factor(effect, *breadth)
    half *= np.float32(thread.half_px)
    half *= half
    np.divide(squared, half, out=squared)
    np.minimum(squared, np.float32(2 * BODY_SUPPORT[profile] ** 2), out=squared)
    section = _fold(squared, side) if profile is Profile.FOLD else cross_section(profile, squared)
    bulge = np.maximum(section, 0)
    np.minimum(section, 0, out=section)
    section *= np.float32(1 - CREASE_SHARE[profile])
    lean *= side
    lean *= np.float32(_LEANING)
    lean += np.float32(_CUSHION if profile is Profile.FOLD else _BULGE)
    bulge *= lean
    section += bulge
    section *= effect
    return section


def _fold(q: Float32, side: Float32) -> Float32:
    """A cushion to the left of the line, a soft slope to the right."""
    cushion = falloff(q, BODY_SUPPORT[Profile.FOLD] ** 2)
    cushion *= (q * np.float32(_RISE) - np.float32(1)) / (q * np.float32(_ROUND) + np.float32(1))
    plain = falloff(q, _PLAIN_SUPPORT)
    plain *= np.float32(-1)
    left = (side + np.float32(1)) * np.float32(0.5)
    cushion -= plain
    cushion *= left
    plain += cushion
    return plain

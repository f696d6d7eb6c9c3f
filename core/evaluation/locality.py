"""Whether an edit of a line leaves the skin beyond its neighbourhood as it was, bit for bit."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.distance import TRUNCATION
from rhytid.core.lines.profile import support_radius
from rhytid.core.lines.segments import centre_rows
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_PAINTER_REACH_PX = 7.0


def neighbourhood_px(stroke: Stroke) -> float:
    """Distance in texels up to which an edit of the line may change the skin.

    That of the truncated distance field, 5 % of the width; or the reach of the line's own relief and beyond
    that of the network which paints it, if that is more.
    """
    relief_px = support_radius(stroke.profile) * stroke.width * SIDE / 2
    return max(TRUNCATION * SIDE, relief_px + _PAINTER_REACH_PX)


def changed_outside(before: Float32, after: Float32, stroke: Stroke) -> int:
    """Texels outside the neighbourhood of an edited line whose bits differ."""
    differs = before.view(np.uint32) != after.view(np.uint32)
    return int(np.count_nonzero(differs & (line_distance_px(stroke) > neighbourhood_px(stroke))))


@lru_cache(maxsize=8)
def line_distance_px(stroke: Stroke) -> Float32:
    """Distance of each texel's centre to a line, not truncated, float32 (256, 256), read-only."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    nearest = np.full((SIDE, SIDE), np.float32(1e9))
    for x0, y0, x1, y1 in centre_rows(stroke, SIDE).tolist():
        ux, uy = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * ux + (y - y0) * uy) / (ux * ux + uy * uy), 0, 1)
        np.minimum(nearest, (x - x0 - share * ux) ** 2 + (y - y0 - share * uy) ** 2, out=nearest)
    np.sqrt(nearest, out=nearest)
    return read_only(nearest)

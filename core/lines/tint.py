"""The colour of strokes: soft stripes along them, paler or redder than the skin is there.

What red does is what more blood does to light, what pale does is what less of it and of melanin does: factors on the
skin's own colour, so that a scar is a scar on every skin.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.nearest import nearest
from rhytid.core.lines.profile import falloff, width_factor
from rhytid.core.lines.segments import bounding_rect, row_windows, segment_rows
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
_RED = np.array([1.0, 0.6, 0.58])
_PALE = np.array([1.22, 1.5, 1.62])
_REACH = 1.6  # half widths at which a stripe ends
_LEAST_PX = 0.7  # of half a stripe's width: a texel averages over a finer one
Stripe = tuple[Stroke, float]


def tinted(color: UInt8, stripes: Sequence[Stripe]) -> UInt8:
    """Skin colour with stripes along strokes, a new array.

    Parameters
    ----------
    color : uint8 (R, R, 3)
        sRGB in the chart.
    stripes : sequence of (Stroke, share)
        How much of each stroke's colour shows, 0..1.
    """
    result = color.copy()
    for stroke, share in stripes:
        cover, rect = _cover(stroke, len(color))
        if rect.empty:
            continue
        part = result[rect.slices]
        factor = 1 + cover[..., None] * (abs(stroke.tint) * share) * ((_RED if stroke.tint > 0 else _PALE) - 1)
        part[:] = np.round(srgb_from_linear(linear_from_srgb(part / 255) * factor) * 255)
    return result


def _cover(stroke: Stroke, resolution: int) -> tuple[Float32, Rect]:
    """How far a stripe covers each texel of its rectangle, 0..1."""
    rows = segment_rows(stroke, resolution)
    half_px = max(stroke.width * resolution / 2, _LEAST_PX)
    windows = row_windows(rows, _REACH * half_px, resolution)
    rect = bounding_rect(windows)
    if rect.empty:
        return np.zeros((0, 0), np.float32), rect
    squared, (effect, *breadth), _ = nearest(rows, windows, rect, sided=False)
    half = width_factor(effect, *breadth)
    half *= np.float32(half_px)
    squared /= half * half
    cover = falloff(squared, _REACH**2)
    cover *= np.minimum(np.float32(1.6) * effect, np.float32(1))
    return cover, rect

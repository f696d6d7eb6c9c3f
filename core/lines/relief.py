"""Relief of strokes in millimetres, on any window of a map of any resolution.

Every texel's value is a pure function of the segments near it, and strokes combine by the deepest valley
plus the highest bulge: exact operations whose order does not matter. A window is therefore bit for bit the
crop of the whole map, which dirty rectangles and tiles rely on. Crossing lines do not add up their depths.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.profile import cross_section, support_radius, width_factor
from rhytid.core.lines.segments import bounding_rect, changed_rows, row_windows, segment_rows
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.rect import EMPTY, Rect

Float32 = npt.NDArray[np.float32]
ActiveStroke = tuple[Stroke, float]
_FAR = np.float32(1e12)
_TILE = 512


def relief(strokes: Sequence[ActiveStroke], resolution: int, rect: Rect | None = None) -> Float32:
    """Relief in mm of all strokes on `rect` of a map of `resolution` texels.

    Parameters
    ----------
    strokes : sequence of (Stroke, activation 0..1)
        See `core.lines.activation.activation`. The order does not matter.
    resolution : int
        Side of the whole map in texels.
    rect : Rect, optional
        The window; the whole map when missing.

    Returns
    -------
    float32 (rect.height, rect.width)
        mm, outward positive; bit-identical to the crop of the whole map.
    """
    rect = Rect.whole(resolution) if rect is None else rect
    high = np.zeros((rect.height, rect.width), np.float32)
    low = np.zeros_like(high)
    for stroke, active in strokes:
        amplitude = _amplitude_mm(stroke, active)
        if amplitude == 0:
            continue
        for where, unit in _unit_relief(stroke, resolution, rect):
            unit = unit * amplitude
            window = where.relative_to(rect).slices
            np.maximum(high[window], unit, out=high[window])
            np.minimum(low[window], unit, out=low[window])
    high += low
    high += np.float32(0)  # no negative zeros, whose sign would depend on the window
    return high


def affected_rect(old: Sequence[ActiveStroke], new: Sequence[ActiveStroke], resolution: int) -> Rect:
    """Smallest known rectangle outside which `relief` of `old` and `new` are bit-identical.

    Strokes are paired by id. Where only the geometry of a stroke changed, only its changed segments count: a
    stroke that grew at its end gives the neighbourhood of that end.
    """
    before = {stroke.id: (stroke, active) for stroke, active in old}
    after = {stroke.id: (stroke, active) for stroke, active in new}
    changed = EMPTY
    for key in before.keys() | after.keys():
        changed = changed.union(_pair_rect(before.get(key), after.get(key), resolution))
    return changed


def stroke_rect(stroke: Stroke, resolution: int) -> Rect:
    """All texels that a stroke's relief can touch."""
    return bounding_rect(row_windows(segment_rows(stroke, resolution), _reach_px(stroke, resolution), resolution))


def _pair_rect(old: ActiveStroke | None, new: ActiveStroke | None, resolution: int) -> Rect:
    if old is not None and new is not None:
        a, b = old[0], new[0]
        if _amplitude_mm(*old) == _amplitude_mm(*new):
            if a is b or _amplitude_mm(*old) == 0:
                return EMPTY
            if a.width == b.width and a.profile is b.profile:
                gone, come = changed_rows(segment_rows(a, resolution), segment_rows(b, resolution))
                rows = np.concatenate([gone, come])
                return bounding_rect(row_windows(rows, _reach_px(a, resolution), resolution))
    rects = [stroke_rect(item[0], resolution) for item in (old, new) if item is not None and _amplitude_mm(*item)]
    return rects[0].union(rects[-1]) if rects else EMPTY


def _amplitude_mm(stroke: Stroke, active: float) -> np.float32:
    return np.float32(stroke.depth_mm * active)


def _reach_px(stroke: Stroke, resolution: int) -> float:
    return support_radius(stroke.profile) * stroke.width * resolution / 2


def _unit_relief(stroke: Stroke, resolution: int, rect: Rect) -> list[tuple[Rect, Float32]]:
    """Pieces of the relief of depth 1 that cover the stroke inside `rect`."""
    rows = segment_rows(stroke, resolution)
    windows = row_windows(rows, _reach_px(stroke, resolution), resolution)
    where = bounding_rect(windows).intersection(rect)
    pieces = []
    for y in range(where.y0, where.y1, _TILE):
        for x in range(where.x0, where.x1, _TILE):
            tile = Rect(x, y, min(x + _TILE, where.x1), min(y + _TILE, where.y1))
            near = (windows[:, 0] < tile.x1) & (windows[:, 2] > tile.x0)
            near &= (windows[:, 1] < tile.y1) & (windows[:, 3] > tile.y0)
            if near.any():
                part = bounding_rect(windows[near]).intersection(tile)
                pieces.append((part, _evaluate(stroke, rows[near], windows[near], part, resolution)))
    return pieces


def _evaluate(
    stroke: Stroke, rows: npt.NDArray[np.float64], windows: npt.NDArray[np.int64], rect: Rect, resolution: int
) -> Float32:
    """Relief of depth 1 on `rect` from the nearest of `rows` at each texel."""
    shape = (rect.height, rect.width)
    nearest = np.full(shape, _FAR, np.float32)  # squared distance in texels
    effect = np.zeros(shape, np.float32)
    sided = stroke.profile is Profile.FOLD
    left = np.zeros(shape, bool) if sided else None
    columns, lines = (
        np.arange(rect.x0, rect.x1, dtype=np.float32),
        np.arange(rect.y0, rect.y1, dtype=np.float32),
    )
    clipped = np.clip(windows - np.array([rect.x0, rect.y0] * 2), 0, [rect.width, rect.height] * 2)
    length = np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1])
    direction = (rows[:, 2:4] - rows[:, 0:2]) / length[:, None]
    for (x0, y0, _, _, start, end), (ux, uy), reach, (cx0, cy0, cx1, cy1) in zip(
        rows.tolist(), direction.tolist(), length.tolist(), clipped.tolist(), strict=True
    ):
        if cx1 <= cx0 or cy1 <= cy0:
            continue
        dx, dy = columns[cx0:cx1] - x0, lines[cy0:cy1, None] - y0
        along = dx * ux + dy * uy
        across = dx * uy - dy * ux  # positive left of the direction
        clamped = np.maximum(along, 0)
        np.minimum(clamped, reach, out=clamped)
        along -= clamped
        along *= along
        squared = across * across
        squared += along
        window = (slice(cy0, cy1), slice(cx0, cx1))
        closer = squared < nearest[window]
        clamped *= (end - start) / reach
        clamped += start
        np.copyto(nearest[window], squared, where=closer)
        np.copyto(effect[window], clamped, where=closer)
        if left is not None:
            np.copyto(left[window], across > 0, where=closer)
    half = width_factor(effect)
    half *= np.float32(stroke.width * resolution / 2)
    half *= half
    np.divide(nearest, half, out=nearest)
    unit = cross_section(stroke.profile, nearest, left)
    unit *= effect
    return unit

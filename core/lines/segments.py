"""A stroke as the straight segments that are drawn at one resolution.

Everything that is drawn from strokes (relief, distance field, line map) starts from these rows, so that two
strokes differ on the map exactly where their rows differ. Rows of a stroke that grows at its end keep their
bits except for the last few: that is what makes live drawing cheap.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.curve import curve
from rhytid.core.lines.profile import taper, taper_length
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
_RELIEF_TOLERANCE_PX = 0.06  # points closer to the simplified line than this are not drawn
_RELIEF_TOLERANCE_SHARE = 0.0025  # or than this share of the width: broad folds show no small facets
_DISTANCE_TOLERANCE_PX = 0.01
_PRESSURE_TOLERANCE = 0.02
_TAPER_STEPS = (0.0, 0.12, 0.25, 0.4, 0.6, 0.8, 1.0)
_SHORT_TAPER_STEPS = (0.0, 0.25, 0.65, 1.0)
_SHORT_TAPER_PX = 20.0


@lru_cache(maxsize=2048)
def segment_rows(stroke: Stroke, resolution: int) -> Float64:
    """Straight pieces of a stroke on a map of `resolution` texels.

    Returns
    -------
    float64 (M, 6), read-only
        x0, y0, x1, y1 in texels (texel centres at integers) and the effect, pressure times taper in 0..1, at
        both ends. Empty when the stroke has no length. Of a stroke of uneven width (M, 8), with the share of its
        width at both ends.
    """
    x, y, pressure, breadth = curve(stroke, resolution).T
    if stroke.breadth is None:
        tolerance_px = max(_RELIEF_TOLERANCE_PX, _RELIEF_TOLERANCE_SHARE * stroke.width * resolution)
        kept = _simplified(x.tolist(), y.tolist(), pressure.tolist(), tolerance_px)
        x, y, pressure, breadth = x[kept], y[kept], pressure[kept], breadth[kept]
    dx, dy = np.diff(x), np.diff(y)
    step = np.sqrt(dx * dx + dy * dy)
    along = np.concatenate([[0.0], np.cumsum(step)])
    length = float(along[-1])
    if length <= 0:
        return read_only(np.zeros((0, 6)))
    fade = taper_length(length, stroke.width * resolution)
    breaks = np.array(_SHORT_TAPER_STEPS if fade < _SHORT_TAPER_PX else _TAPER_STEPS) * fade
    every = np.unique(np.concatenate([along, breaks, length - breaks]))
    x, y, pressure, breadth = (np.interp(every, along, values) for values in (x, y, pressure, breadth))
    effect = pressure * taper(every, length, stroke.width * resolution)
    columns = [x[:-1], y[:-1], x[1:], y[1:], effect[:-1], effect[1:]]
    if stroke.breadth is not None:
        columns += [breadth[:-1], breadth[1:]]
    rows = np.stack(columns, axis=1)
    return read_only(rows[(x[:-1] != x[1:]) | (y[:-1] != y[1:])])


@lru_cache(maxsize=2048)
def centre_rows(stroke: Stroke, resolution: int) -> Float64:
    """Straight pieces of a stroke's centre line to within 0.01 texel.

    Returns
    -------
    float64 (M, 4), read-only
        x0, y0, x1, y1 in texels.
    """
    x, y, _, _ = curve(stroke, resolution).T
    kept = _simplified(x.tolist(), y.tolist(), [0.0] * len(x), _DISTANCE_TOLERANCE_PX)
    x, y = x[kept], y[kept]
    rows = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)
    return read_only(rows[(x[:-1] != x[1:]) | (y[:-1] != y[1:])])


def _simplified(x: list[float], y: list[float], pressure: list[float], tolerance_px: float) -> list[int]:
    """Indices of the points to keep, by a sleeve of directions from the last one (Zhao and Saalfeld 1997).

    Sequential on purpose: appending a point to the list changes nothing before the last kept point.
    """
    kept = [0]
    anchor = 0
    low, high = -math.inf, math.inf
    slope_low, slope_high = -math.inf, math.inf
    heading = math.nan
    reached = 0.0
    i, n = 1, len(x)
    while i < n:
        dx, dy = x[i] - x[anchor], y[i] - y[anchor]
        distance = math.hypot(dx, dy)
        if distance <= tolerance_px:
            fits = reached <= tolerance_px  # a turn back to the anchor ends the piece
        else:
            angle = math.atan2(dy, dx)
            if heading != heading:
                heading = angle
            turn = math.remainder(angle - heading, math.tau)
            slope = (pressure[i] - pressure[anchor]) / distance
            fits = low <= turn <= high and slope_low <= slope <= slope_high
            fits = fits and distance >= reached - tolerance_px
            half = math.asin(tolerance_px / distance)
            low, high = max(low, turn - half), min(high, turn + half)
            leeway = _PRESSURE_TOLERANCE / distance
            slope_low, slope_high = max(slope_low, slope - leeway), min(slope_high, slope + leeway)
            reached = max(reached, distance)
        if fits:
            i += 1
            continue
        anchor = i - 1
        kept.append(anchor)
        low, high = -math.inf, math.inf
        slope_low, slope_high = -math.inf, math.inf
        heading = math.nan
        reached = 0.0
    if kept[-1] != n - 1:
        kept.append(n - 1)
    return kept


def row_windows(rows: Float64, reach_px: float, resolution: int) -> npt.NDArray[np.int64]:
    """Half-open windows (M, 4) x0, y0, x1, y1 of the texels within `reach_px` of each row."""
    low = np.ceil(np.minimum(rows[:, 0:2], rows[:, 2:4]) - reach_px)
    high = np.floor(np.maximum(rows[:, 0:2], rows[:, 2:4]) + reach_px) + 1
    clipped: npt.NDArray[np.int64] = np.clip(np.concatenate([low, high], axis=1), 0, resolution).astype(np.int64)
    return clipped


def bounding_rect(windows: npt.NDArray[np.int64]) -> Rect:
    """Smallest rectangle that covers all of `windows` (M, 4)."""
    windows = windows[(windows[:, 2] > windows[:, 0]) & (windows[:, 3] > windows[:, 1])]
    if not len(windows):
        return EMPTY
    x0, y0, x1, y1 = windows.T  # one by one: along an axis of two, extremes take ten times as long
    return Rect(int(x0.min()), int(y0.min()), int(x1.max()), int(y1.max()))


def lower_to_distance(
    squared: npt.NDArray[np.floating], rect: Rect, rows: Float64, windows: npt.NDArray[np.int64]
) -> None:
    """Running minimum of the squared distance to straight pieces, in place, in the precision of `squared`.

    Parameters
    ----------
    squared : floating (rect.height, rect.width)
        Squared distances in texels on `rect` of the map.
    rows : float64 (M, 4 or more)
        x0, y0, x1, y1 in texels.
    windows : int64 (M, 4)
        As of `row_windows`: where each piece counts; what lies outside `rect` is left out.
    """
    inside = np.clip(windows - [rect.x0, rect.y0] * 2, 0, [rect.width, rect.height] * 2)
    near = (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])
    rows, inside = rows[near], inside[near]
    length = np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1])
    direction = (rows[:, 2:4] - rows[:, 0:2]) / length[:, None]
    columns = np.arange(rect.x0, rect.x1, dtype=squared.dtype)
    lines = np.arange(rect.y0, rect.y1, dtype=squared.dtype)[:, None]
    for (x0, y0), (ux, uy), reach, (cx0, cy0, cx1, cy1) in zip(
        rows[:, :2].tolist(), direction.tolist(), length.tolist(), inside.tolist(), strict=True
    ):
        dx, dy = columns[cx0:cx1] - x0, lines[cy0:cy1] - y0
        across = dx * uy - dy * ux
        across *= across
        beyond = dx * ux + dy * uy
        clamped = np.maximum(beyond, 0)
        np.minimum(clamped, reach, out=clamped)
        beyond -= clamped
        beyond *= beyond
        across += beyond
        target = squared[cy0:cy1, cx0:cx1]
        np.minimum(target, across, out=target)


def changed_rows(old: Float64, new: Float64) -> tuple[Float64, Float64]:
    """Rows of `old` and of `new` between their common beginning and their common end."""
    n = min(len(old), len(new))
    same = (old[:n] == new[:n]).all(axis=1)
    first = n if same.all() else int(np.argmin(same))
    m = n - first
    same = (old[len(old) - m :] == new[len(new) - m :]).all(axis=1)[::-1]
    last = m if same.all() else int(np.argmin(same))
    return old[first : len(old) - last], new[first : len(new) - last]

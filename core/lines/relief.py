"""Relief of strokes in millimetres, on any window of a map of any resolution.

Every texel's value is a pure function of the segments near it, and strokes combine by operations whose order does not
matter (`core.lines.stack`). A window is therefore bit for bit the crop of the whole map, which dirty rectangles and
tiles rely on. Strokes as they were drawn are one line of one cross-section; natural ones consist of several
(`core.lines.natural`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.natural import Thread, threads
from rhytid.core.lines.natural_relief import natural_relief
from rhytid.core.lines.nearest import nearest
from rhytid.core.lines.profile import cross_section, support_radius, width_factor
from rhytid.core.lines.segments import bounding_rect, changed_rows, row_windows, segment_rows
from rhytid.core.lines.stack import Stack
from rhytid.core.lines.stroke import Profile, Stroke, Style
from rhytid.core.maps.rect import EMPTY, Rect

Float32 = npt.NDArray[np.float32]
ActiveStroke = tuple[Stroke, float]
Parts = list[tuple[Thread, npt.NDArray[np.int64]]]
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
    stack = Stack(rect.height, rect.width)
    for stroke, active in strokes:
        amplitude = _amplitude_mm(stroke, active)
        if amplitude == 0:
            continue
        for where, unit in _unit_relief(stroke, resolution, rect):
            stack.add(where.relative_to(rect).slices, unit * amplitude, stroke.style)
    return stack.relief()


def unit_relief(stroke: Stroke, resolution: int, rect: Rect) -> Float32:
    """Relief of a stroke of depth 1 before it shares the skin with others, float32 (rect.height, rect.width).

    Times a depth in mm and put on a `core.lines.stack.Stack` it is bit for bit what `relief` puts there.
    """
    unit = np.zeros((rect.height, rect.width), np.float32)
    for where, values in _unit_relief(stroke, resolution, rect):
        unit[where.relative_to(rect).slices] = values
    return unit


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
    return bounding_rect(_windows(_parts(stroke, resolution)))


def _pair_rect(old: ActiveStroke | None, new: ActiveStroke | None, resolution: int) -> Rect:
    if old is not None and new is not None:
        a, b = old[0], new[0]
        if _amplitude_mm(*old) == _amplitude_mm(*new):
            if a is b or _amplitude_mm(*old) == 0:
                return EMPTY
            if _look(a) == _look(b):
                return _changed_rect(_threads(a, resolution), _threads(b, resolution), resolution)
    rects = [stroke_rect(item[0], resolution) for item in (old, new) if item is not None and _amplitude_mm(*item)]
    return rects[0].union(rects[-1]) if rects else EMPTY


def _look(stroke: Stroke) -> tuple[object, ...]:
    """What two strokes must share for their pieces to be comparable one by one."""
    return stroke.width, stroke.profile, stroke.style, stroke.seed, stroke.breadth is None


def _changed_rect(old: tuple[Thread, ...], new: tuple[Thread, ...], resolution: int) -> Rect:
    """Where the threads of one stroke in two shapes differ."""
    changed = EMPTY
    for i in range(max(len(old), len(new))):
        pair = [lines[i] for lines in (old, new) if i < len(lines)]
        rows = changed_rows(pair[0].rows, pair[1].rows) if len(pair) == 2 else (pair[0].rows,)
        windows = row_windows(np.concatenate(rows), pair[0].reach_px, resolution)
        changed = changed.union(bounding_rect(windows))
    return changed


def _amplitude_mm(stroke: Stroke, active: float) -> np.float32:
    return np.float32(stroke.depth_mm * active)


def _threads(stroke: Stroke, resolution: int) -> tuple[Thread, ...]:
    if stroke.style is Style.NATURAL:
        return threads(stroke.shape, resolution)
    half_px = stroke.width * resolution / 2
    return (Thread(segment_rows(stroke, resolution), half_px, support_radius(stroke.profile) * half_px, False),)


def _parts(stroke: Stroke, resolution: int) -> Parts:
    """The lines that a stroke consists of, with the windows in which their pieces count."""
    return [
        (thread, row_windows(thread.rows, thread.reach_px, resolution)) for thread in _threads(stroke, resolution)
    ]


def _windows(parts: Parts) -> npt.NDArray[np.int64]:
    return np.concatenate([windows for _, windows in parts]) if parts else np.zeros((0, 4), np.int64)


def _unit_relief(stroke: Stroke, resolution: int, rect: Rect) -> list[tuple[Rect, Float32]]:
    """Pieces of the relief of depth 1 that cover the stroke inside `rect`."""
    parts = _parts(stroke, resolution)
    where = bounding_rect(_windows(parts)).intersection(rect)
    pieces = []
    for y in range(where.y0, where.y1, _TILE):
        for x in range(where.x0, where.x1, _TILE):
            tile = Rect(x, y, min(x + _TILE, where.x1), min(y + _TILE, where.y1))
            near = [_near(*part, tile) for part in parts]
            covered = bounding_rect(_windows(near)).intersection(tile)
            if covered.empty:
                continue
            if stroke.style is Style.NATURAL:
                pieces.append((covered, natural_relief(near, stroke.profile, covered)))
            else:
                pieces.append((covered, _as_drawn(*near[0], stroke.profile, covered)))
    return pieces


def _near(thread: Thread, windows: npt.NDArray[np.int64], tile: Rect) -> tuple[Thread, npt.NDArray[np.int64]]:
    """The pieces of a thread that count somewhere in `tile`."""
    near = (windows[:, 0] < tile.x1) & (windows[:, 2] > tile.x0)
    near &= (windows[:, 1] < tile.y1) & (windows[:, 3] > tile.y0)
    return replace(thread, rows=thread.rows[near]), windows[near]


def _as_drawn(thread: Thread, windows: npt.NDArray[np.int64], profile: Profile, rect: Rect) -> Float32:
    """Relief of depth 1 on `rect` from the nearest piece at each texel."""
    squared, (effect, *breadth), across = nearest(thread.rows, windows, rect, sided=profile is Profile.FOLD)
    half = width_factor(effect, *breadth)
    half *= np.float32(thread.half_px)
    half *= half
    np.divide(squared, half, out=squared)
    unit = cross_section(profile, squared, None if across is None else across > 0)
    unit *= effect
    return unit

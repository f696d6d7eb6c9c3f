"""The lines' part of the displacement, redone only where something changed."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import grown_share
from rhytid.core.detail.change import Change, Drawing, Line
from rhytid.core.detail.engine import Control
from rhytid.core.lines.relief import affected_rect, relief, stroke_rect, unit_relief
from rhytid.core.lines.stack import Stack
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_CACHED_RESOLUTION = 2048  # above it the reliefs of single strokes together are larger than the map
_PREPARED_RESOLUTION = 256  # for previews: a slider then never waits for a stroke's first evaluation
_STRIP = 512
# Of a stroke that is redone in a smaller share of its rectangle only that window is evaluated: live drawing.
_WORTH_KEEPING = 0.6


def kept_unit(cache: ArrayCache, stroke: Stroke, resolution: int, rect: Rect) -> Float32:
    """Relief of a whole stroke at depth 1 on its rectangle, float32 (rect.height, rect.width).

    Kept by shape and resolution, so that sliders only scale it.
    """
    return cache.get(("relief", resolution, stroke.shape), lambda: unit_relief(stroke.shape, resolution, rect))


class _Entry:
    """One stroke that is drawn: its amplitude, and once needed its rectangle and unit relief."""

    __slots__ = ("amount", "amplitude", "rect", "stroke", "unit")

    def __init__(self, line: Line, old: _Entry | None, resolution: int) -> None:
        self.stroke, self.amount = line
        self.amplitude = np.float32(self.stroke.depth_mm * self.amount)
        self.rect: Rect | None = None
        self.unit: Float32 | None = None
        if old is not None and old.stroke == self.stroke:
            self.rect, self.unit = old.rect, old.unit
        if self.rect is None and self.amplitude != 0:
            self.rect = stroke_rect(self.stroke, resolution)


class StampedLines:
    """Relief of strokes at one resolution; equals `core.lines.relief.relief` of the same strokes bit for bit.

    Parameters
    ----------
    resolution : int
    cache : ArrayCache
        Keeps reliefs of single strokes.

    Attributes
    ----------
    values : float32 (H, H), read-only
        mm.
    """

    def __init__(self, resolution: int, cache: ArrayCache) -> None:
        self._resolution = resolution
        self._cache = cache if resolution <= _CACHED_RESOLUTION else None
        self._entries: dict[str, _Entry] = {}
        self.values: Float32 = read_only(np.zeros((resolution, resolution), np.float32))

    def redrawn(self, drawing: Drawing, change: Change, control: Control) -> tuple[StampedLines, Rect]:
        """What it is after a change of lines, redone in the rectangle that they change; see `ShapedLines`."""
        if self._resolution <= _PREPARED_RESOLUTION and self._cache is not None and not self._entries:
            self._prepare(drawing, self._cache, control)
        new, dirty = copy(self), EMPTY
        new._entries = dict(self._entries)
        for old_line, line in change.lines:
            control(0.0)
            before = None if old_line is None else new._entries.pop(old_line[0].id)
            after = None
            if line is not None:
                after = new._entries[line[0].id] = _Entry(line, before, self._resolution)
            dirty = dirty.union(self._changed(before, after))
        if not dirty.empty:
            new.values = new._redone(dirty, control)
        return new, dirty

    def _prepare(self, drawing: Drawing, cache: ArrayCache, control: Control) -> None:
        """Evaluate what any expression brings at this age before the first slider moves."""
        age = drawing.request.pose.age
        for stroke, _ in drawing.lines.values():
            if grown_share(stroke.birth_age, age) == 0:
                continue
            control(0.0)
            rect = stroke_rect(stroke, self._resolution)
            if not rect.empty:
                kept_unit(cache, stroke, self._resolution, rect)

    def _changed(self, old: _Entry | None, new: _Entry | None) -> Rect:
        """Where a stroke as it was and as it is differ."""
        if old is not None and new is not None:
            if old.stroke is not new.stroke:
                pair = ([(old.stroke, old.amount)], [(new.stroke, new.amount)])
                return affected_rect(*pair, self._resolution)
            if old.amplitude == new.amplitude:
                return EMPTY
        rects = [entry.rect for entry in (old, new) if entry is not None and entry.amplitude != 0]
        return EMPTY if not rects else (rects[0] or EMPTY).union(rects[-1])

    def _redone(self, dirty: Rect, control: Control) -> Float32:
        near = [
            (entry, entry.rect.intersection(dirty))
            for entry in self._entries.values()
            if entry.amplitude != 0 and entry.rect is not None and entry.rect.meets(dirty)
        ]
        values = self.values.copy()
        if self._cache is None:
            shown = [(entry.stroke, entry.amount) for entry, _ in near]
            for y in range(dirty.y0, dirty.y1, _STRIP):
                control((y - dirty.y0) / dirty.height)
                strip = Rect(dirty.x0, y, dirty.x1, min(y + _STRIP, dirty.y1))
                values[strip.slices] = relief(shown, self._resolution, strip)
        else:
            values[dirty.slices] = self._stacked(near, dirty, self._cache, control)
        return read_only(values)

    def _stacked(self, near: list[tuple[_Entry, Rect]], dirty: Rect, cache: ArrayCache, control: Control) -> Float32:
        """The entries together, as `relief` has it."""
        stack = Stack(dirty.height, dirty.width)
        for number, (entry, where) in enumerate(near):
            if number % 8 == 0:
                control(number / len(near))
            stack.add(where.relative_to(dirty).slices, self._part(entry, where, cache), entry.stroke.style)
        return stack.relief()

    def _part(self, entry: _Entry, where: Rect, cache: ArrayCache) -> Float32:
        """Relief of one stroke on a window inside its rectangle."""
        whole = entry.rect
        assert whole is not None
        if entry.unit is None:
            share = where.width * where.height / max(whole.width * whole.height, 1)
            if share < _WORTH_KEEPING:
                return unit_relief(entry.stroke, self._resolution, where) * entry.amplitude
            entry.unit = kept_unit(cache, entry.stroke, self._resolution, whole)
        return entry.unit[where.relative_to(whole).slices] * entry.amplitude

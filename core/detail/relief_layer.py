"""The lines' part of the displacement, redone only where something changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control, Drawn
from rhytid.core.detail.request import DetailRequest
from rhytid.core.lines.relief import affected_rect, relief, stroke_rect
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_CACHED_RESOLUTION = 2048  # above it the reliefs of single strokes together are larger than the map
_PREPARED_RESOLUTION = 256  # for previews: a slider then never waits for a stroke's first evaluation
_STRIP = 512
# Of a stroke that is redone in a smaller share of its rectangle only that window is evaluated: live drawing.
_WORTH_KEEPING = 0.6


class UnitReliefs:
    """Relief of single strokes at depth 1, by their shape and resolution, so that sliders only scale it.

    Safe to share between threads. Evicts the least recently used beyond `max_bytes`.
    """

    def __init__(self, max_bytes: int = 160 * 2**20) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._units: OrderedDict[Hashable, Float32] = OrderedDict()
        self._lock = Lock()

    def get(self, stroke: Stroke, resolution: int, rect: Rect) -> Float32:
        """Relief of a whole stroke at depth 1 on its rectangle, float32 (rect.height, rect.width)."""
        key = (resolution, stroke.points.tobytes(), stroke.pressure.tobytes(), stroke.width, stroke.profile)
        with self._lock:
            unit = self._units.get(key)
            if unit is not None:
                self._units.move_to_end(key)
                return unit
        unit = relief([(replace(stroke, depth_mm=1.0), 1.0)], resolution, rect)
        with self._lock:
            if key not in self._units:
                self._units[key] = unit
                self._bytes += unit.nbytes
                while self._bytes > self._max_bytes:
                    self._bytes -= self._units.popitem(last=False)[1].nbytes
        return unit


class _Entry:
    """One stroke that is drawn: its amplitude, and once needed its rectangle and unit relief."""

    __slots__ = ("amount", "amplitude", "rect", "stroke", "unit")

    def __init__(self, stroke: Stroke, amount: float, old: _Entry | None, resolution: int) -> None:
        self.stroke = stroke
        self.amount = amount
        self.amplitude = np.float32(stroke.depth_mm * amount)
        same = old is not None and (old.stroke is stroke or old.stroke == stroke)
        self.rect: Rect | None = old.rect if same and old is not None else None
        self.unit: Float32 | None = old.unit if same and old is not None else None
        if self.rect is None and self.amplitude != 0:
            self.rect = stroke_rect(stroke, resolution)


class ReliefLayer:
    """Relief of strokes at one resolution; equals `core.lines.relief.relief` of the same strokes bit for bit.

    Parameters
    ----------
    resolution : int
    units : UnitReliefs
        Shared between layers.
    """

    def __init__(self, resolution: int, units: UnitReliefs) -> None:
        self._resolution = resolution
        self._units = units if resolution <= _CACHED_RESOLUTION else None
        self._values = read_only(np.zeros((resolution, resolution), np.float32))
        self._entries: dict[str, _Entry] = {}

    @property
    def values(self) -> Float32:
        """float32 (H, H) in mm, read-only; a new array after each change."""
        return self._values

    def update(self, drawn: Drawn, request: DetailRequest, control: Control) -> Rect:
        """Take `drawn` as the new strokes and redo the rectangle that they change, whatever the skin.

        Returns
        -------
        Rect
            Texels that may differ from before; empty when nothing changed.
        """
        before = self._entries
        if self._resolution <= _PREPARED_RESOLUTION and self._units is not None and not before:
            self._prepare(drawn, self._units, control)
        after: dict[str, _Entry] = {}
        for stroke, amount in drawn:
            old = before.get(stroke.id)
            if old is not None and old.stroke is stroke and old.amount == amount:
                after[stroke.id] = old
            else:
                after[stroke.id] = _Entry(stroke, amount, old, self._resolution)
        dirty = self._changed(before, after)
        if not dirty.empty:
            self._values = self._redone(after, dirty, control)
        self._entries = after
        return dirty

    def _prepare(self, drawn: Drawn, units: UnitReliefs, control: Control) -> None:
        """Evaluate all strokes before the first slider moves, also those that do not show yet."""
        for stroke, _ in drawn:
            control(0.0)
            rect = stroke_rect(stroke, self._resolution)
            if not rect.empty:
                units.get(stroke, self._resolution, rect)

    def _changed(self, before: dict[str, _Entry], after: dict[str, _Entry]) -> Rect:
        dirty = EMPTY
        for key in [*after, *(key for key in before if key not in after)]:
            old, new = before.get(key), after.get(key)
            if old is new:
                continue
            if old is not None and new is not None and old.stroke is not new.stroke:
                pair = ([(old.stroke, old.amount)], [(new.stroke, new.amount)])
                dirty = dirty.union(affected_rect(*pair, self._resolution))
                continue
            if old is not None and new is not None and old.amplitude == new.amplitude:
                continue
            for entry in (old, new):
                if entry is not None and entry.rect is not None and entry.amplitude != 0:
                    dirty = dirty.union(entry.rect)
        return dirty

    def _redone(self, entries: dict[str, _Entry], dirty: Rect, control: Control) -> Float32:
        near = [
            (entry, entry.rect.intersection(dirty))
            for entry in entries.values()
            if entry.amplitude != 0 and entry.rect is not None
        ]
        near = [(entry, where) for entry, where in near if not where.empty]
        values = self._values.copy()
        if self._units is None:
            shown = [(entry.stroke, entry.amount) for entry, _ in near]
            for y in range(dirty.y0, dirty.y1, _STRIP):
                control((y - dirty.y0) / dirty.height)
                strip = Rect(dirty.x0, y, dirty.x1, min(y + _STRIP, dirty.y1))
                values[strip.slices] = relief(shown, self._resolution, strip)
        else:
            values[dirty.slices] = self._stacked(near, dirty, self._units, control)
        return read_only(values)

    def _stacked(self, near: list[tuple[_Entry, Rect]], dirty: Rect, units: UnitReliefs, control: Control) -> Float32:
        """Deepest valley plus highest bulge of the entries, as `relief` has it."""
        high = np.zeros((dirty.height, dirty.width), np.float32)
        low = np.zeros_like(high)
        for number, (entry, where) in enumerate(near):
            if number % 32 == 0:
                control(number / len(near))
            part = self._part(entry, where, units)
            y0, x0 = where.y0 - dirty.y0, where.x0 - dirty.x0
            window = (slice(y0, y0 + where.height), slice(x0, x0 + where.width))
            np.maximum(high[window], part, out=high[window])
            np.minimum(low[window], part, out=low[window])
        high += low
        high += np.float32(0)
        return high

    def _part(self, entry: _Entry, where: Rect, units: UnitReliefs) -> Float32:
        """Relief of one stroke on a window inside its rectangle."""
        whole = entry.rect
        assert whole is not None
        if entry.unit is None:
            share = where.width * where.height / max(whole.width * whole.height, 1)
            if share < _WORTH_KEEPING:
                return relief([(entry.stroke, entry.amount)], self._resolution, where)
            entry.unit = units.get(entry.stroke, self._resolution, whole)
        y0, x0 = where.y0 - whole.y0, where.x0 - whole.x0
        return entry.unit[y0 : y0 + where.height, x0 : x0 + where.width] * entry.amplitude

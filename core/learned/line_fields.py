"""What the painter sees of lines beside their relief: fields around the strong ones and around all of them.

A field is 1 on a line and falls to 0 at 5 px of 256. A line that fades with expression or age fades out of the
fields as well, so that nothing pops: first out of the strong ones, at last out of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.change import Change
from rhytid.core.lines.segments import bounding_rect, centre_rows, lower_to_distance, row_windows
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
REACH_PX = 5.0
# Depths of the lines that scans show: few strong ones are shallower than 0.1 mm, few faint ones than 0.04 mm.
_STRONG_MM, _FAINT_MM = (0.07, 0.13), (0.015, 0.045)
Patch = tuple[Rect, Float32]


def unit_field(cache: ArrayCache, stroke: Stroke) -> Patch:
    """Where the field of a stroke at full strength lies, and the field there; kept by the stroke's course."""
    return cache.get(("line field", stroke.line_key), lambda: _unit_field(stroke))


class _Entry(NamedTuple):
    """A line that shows, how much, and where its field lies."""

    stroke: Stroke
    strong: float
    faint: float
    patch: Patch


class LineFields:
    """Fields of a set of strokes that changes little at a time.

    Attributes
    ----------
    strong, all : float32 (256, 256)
        1 on a line, 0 from 5 px on.
    """

    def __init__(self, cache: ArrayCache) -> None:
        self._cache = cache
        self._entries: dict[str, _Entry] = {}
        self.strong: Float32 = np.zeros((SIDE, SIDE), np.float32)
        self.all: Float32 = np.zeros((SIDE, SIDE), np.float32)

    def redrawn(self, change: Change) -> tuple[LineFields, Rect]:
        """The fields after a change of lines, and the rectangle of texels that may differ."""
        new, dirty = copy(self), EMPTY
        new._entries = dict(self._entries)
        depth_mm = [0.0 if line is None else line[0].depth_mm * line[1] for _, line in change.lines]
        strong, faint = line_shares(np.array(depth_mm, np.float64))
        for (old_line, line), *shares in zip(change.lines, strong.tolist(), faint.tolist(), strict=True):
            before = None if old_line is None else new._entries.pop(old_line[0].id, None)
            after = None
            if line is not None and shares[1] > 0:
                same = before is not None and before.stroke == line[0]
                patch = before.patch if before is not None and same else unit_field(self._cache, line[0])
                after = new._entries[line[0].id] = _Entry(line[0], shares[0], shares[1], patch)
                if before is not None and same and (before.strong, before.faint) == (after.strong, after.faint):
                    continue
            for entry in (before, after):
                if entry is not None:
                    dirty = dirty.union(entry.patch[0])
        if not dirty.empty:
            new.strong, new.all = self.strong.copy(), self.all.copy()
            new._redo(dirty)
        return new, dirty

    def _redo(self, dirty: Rect) -> None:
        self.strong[dirty.slices] = 0
        self.all[dirty.slices] = 0
        for entry in self._entries.values():
            rect, unit = entry.patch
            if rect.x0 >= dirty.x1 or rect.x1 <= dirty.x0 or rect.y0 >= dirty.y1 or rect.y1 <= dirty.y0:
                continue
            where = rect.intersection(dirty)
            part = unit[where.relative_to(rect).slices]
            for field, share in ((self.strong, entry.strong), (self.all, entry.faint)):
                if share > 0:
                    target = field[where.slices]
                    np.maximum(target, part * np.float32(share), out=target)


def line_shares(depth_mm: Float64) -> tuple[Float64, Float64]:
    """How much valleys of some depths count as strong lines, and as lines at all, each 0..1."""
    strong, faint = ((depth_mm - low) / (high - low) for low, high in (_STRONG_MM, _FAINT_MM))
    return strong.clip(0, 1), faint.clip(0, 1)


def field_of(strokes: Sequence[Stroke], cache: ArrayCache) -> Float32:
    """Field of lines that all count fully, float32 (256, 256)."""
    total = np.zeros((SIDE, SIDE), np.float32)
    for stroke in strokes:
        rect, unit = unit_field(cache, stroke)
        np.maximum(total[rect.slices], unit, out=total[rect.slices])
    return total


def _unit_field(stroke: Stroke) -> Patch:
    rows = centre_rows(stroke, SIDE)
    windows = row_windows(rows, REACH_PX, SIDE)
    rect = bounding_rect(windows)
    squared = np.full((rect.height, rect.width), REACH_PX**2)
    lower_to_distance(squared, rect, rows, windows)
    return rect, (1 - np.sqrt(squared) / REACH_PX).astype(np.float32)

"""What the painter sees of lines beside their relief: fields around the strong ones and around all of them.

A field is 1 on a line and falls to 0 at 5 px of 256. A line that fades with expression or age fades out of the
fields as well, so that nothing pops: first out of the strong ones, at last out of all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from core.detail.engine import Drawn
from core.lines.segments import bounding_rect, centre_rows, row_windows
from core.lines.stroke import Stroke
from core.maps.rect import EMPTY, Rect

Float32 = npt.NDArray[np.float32]
SIZE = 256
REACH_PX = 5.0
# Depths of the lines that scans show: few strong ones are shallower than 0.1 mm, few faint ones than 0.04 mm.
_STRONG_MM, _FAINT_MM = (0.07, 0.13), (0.015, 0.045)
_KEPT = 4096
Patch = tuple[Rect, Float32]


class UnitFields:
    """Field of single strokes at full strength, by their course. Safe to share between threads."""

    def __init__(self) -> None:
        self._patches: OrderedDict[bytes, Patch] = OrderedDict()
        self._lock = Lock()

    def get(self, stroke: Stroke) -> Patch:
        """Where a stroke's field lies, and the field there."""
        key = stroke.points.tobytes()
        with self._lock:
            known = self._patches.get(key)
            if known is not None:
                self._patches.move_to_end(key)
                return known
        patch = _unit_field(stroke)
        with self._lock:
            self._patches[key] = patch
            while len(self._patches) > _KEPT:
                self._patches.popitem(last=False)
        return patch


class LineFields:
    """Fields of a set of strokes that changes little at a time.

    Attributes
    ----------
    strong, all : float32 (256, 256)
        1 on a line, 0 from 5 px on; changed in place.
    """

    def __init__(self, units: UnitFields) -> None:
        self._units = units
        self._entries: dict[str, tuple[Stroke, float, float]] = {}
        self.strong: Float32 = np.zeros((SIZE, SIZE), np.float32)
        self.all: Float32 = np.zeros((SIZE, SIZE), np.float32)

    def update(self, drawn: Drawn) -> Rect:
        """Take `drawn` as the new lines; gives the rectangle of texels that may have changed."""
        after = {}
        for stroke, amount in drawn:
            strong, faint = line_shares(stroke.depth_mm * amount)
            if faint > 0:
                after[stroke.id] = (stroke, strong, faint)
        dirty = EMPTY
        before = self._entries
        for key in [*after, *(key for key in before if key not in after)]:
            old, new = before.get(key), after.get(key)
            if old is not None and new is not None and old[1:] == new[1:] and old[0] == new[0]:
                continue
            for entry in (old, new):
                if entry is not None:
                    dirty = dirty.union(self._units.get(entry[0])[0])
        self._entries = after
        if not dirty.empty:
            self._redo(dirty)
        return dirty

    def _redo(self, dirty: Rect) -> None:
        self.strong[dirty.slices] = 0
        self.all[dirty.slices] = 0
        for stroke, strong, faint in self._entries.values():
            rect, unit = self._units.get(stroke)
            where = rect.intersection(dirty)
            if where.empty:
                continue
            part = unit[where.y0 - rect.y0 : where.y1 - rect.y0, where.x0 - rect.x0 : where.x1 - rect.x0]
            for field, share in ((self.strong, strong), (self.all, faint)):
                if share > 0:
                    target = field[where.slices]
                    np.maximum(target, part * np.float32(share), out=target)


def line_shares(depth_mm: float) -> tuple[float, float]:
    """How much a valley of some depth counts as a strong line, and as a line at all, each 0..1."""
    strong, faint = ((depth_mm - low) / (high - low) for low, high in (_STRONG_MM, _FAINT_MM))
    return min(max(strong, 0.0), 1.0), min(max(faint, 0.0), 1.0)


def field_of(strokes: Sequence[Stroke], units: UnitFields) -> Float32:
    """Field of lines that all count fully, float32 (256, 256)."""
    total = np.zeros((SIZE, SIZE), np.float32)
    for stroke in strokes:
        rect, unit = units.get(stroke)
        np.maximum(total[rect.slices], unit, out=total[rect.slices])
    return total


def _unit_field(stroke: Stroke) -> Patch:
    rows = centre_rows(stroke, SIZE)
    windows = row_windows(rows, REACH_PX, SIZE)
    rect = bounding_rect(windows)
    squared = np.full((rect.height, rect.width), REACH_PX**2)
    for (x0, y0, x1, y1), (left, top, right, bottom) in zip(rows.tolist(), windows.tolist(), strict=True):
        if right <= left or bottom <= top:
            continue
        dx, dy = np.arange(left, right) - x0, np.arange(top, bottom)[:, None] - y0
        length = float(np.hypot(x1 - x0, y1 - y0))
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        along = dx * ux + dy * uy
        beyond = along - np.clip(along, 0, length)
        across = dx * uy - dy * ux
        window = squared[top - rect.y0 : bottom - rect.y0, left - rect.x0 : right - rect.x0]
        np.minimum(window, across**2 + beyond**2, out=window)
    return rect, (1 - np.sqrt(squared) / REACH_PX).astype(np.float32)

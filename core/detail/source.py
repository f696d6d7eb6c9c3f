"""Edits on top of an imported displacement map.

With its own lines, expression and age the map comes out bit for bit. A line that is gone heals, a line with
another depth is scaled, a line that moved heals and is stamped anew. Another expression or age changes the
map as the engine has it (`Engine.reposed`, `Engine.line_factor`), and brings the engine's wrinkles and
texture where the target has more of them than the capture had; where nothing changes nothing is added.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.change import Change, Drawing
from rhytid.core.detail.engine import Control, Engine, checked
from rhytid.core.detail.healing import LinePatch, line_patch, patch_rect
from rhytid.core.detail.request import SourceDetail
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_BLANK_MM = 1e-4
_CHANGED_MM = 0.03  # a texel that changed by so much keeps nothing of what lay between it and the next


class ImportedMap:
    """An imported map at working size, and what is found out about it once, whatever the pose and the edits.

    The working size is no more than the resolution asked for: a coarse preview of a fine map stays quick. Patches of
    lines are kept in the cache.
    """

    def __init__(self, source: SourceDetail, engine: Engine, resolution: int, cache: ArrayCache) -> None:
        self.source = source
        self.resolution = resolution
        self.values: Float32 = resample(source.displacement, min(len(source.displacement), resolution))
        self._engine = engine
        self._cache = cache
        self._mine = object()  # in keys

    @property
    def side(self) -> int:
        """Of the map at working size, in texels."""
        return len(self.values)

    @cached_property
    def finer(self) -> Float32 | None:
        """What the engine finds between the map's texels, at full size."""
        if self.side >= self.resolution:
            return None
        finer = self._engine.finer(self.values, self.source.lines, self.resolution)
        return None if finer is None else checked(finer, self.resolution, "finer detail")

    def patch(self, line: Stroke) -> LinePatch:
        """The relief of one of the map's own lines."""
        return self._cache.get((self._mine, line.id), lambda: line_patch(self.values, line, self.source.lines))


class EditedSource:
    """The imported map in a pose, with its edits, at one resolution.

    Attributes
    ----------
    values : float32 (H, H), read-only
        mm.
    """

    def __init__(self, imported: ImportedMap, drawing: Drawing, engine: Engine, control: Control) -> None:
        source, pose, captured = imported.source, drawing.request.pose, drawing.request.captured
        assert captured is not None
        self._imported = imported
        self._finer = imported.finer
        reposed = engine.reposed(imported.values, source, captured, pose, control.part(0.0, 0.3))
        gain = reposed.line_gain
        self._base = checked(reposed.values, imported.side, "map in another pose")
        self._line_gain = None if gain is None else resample(checked(gain, SIDE, "gain of lines"), imported.side)
        self._added = engine.added_texture(source, captured, pose, imported.resolution, control.part(0.3, 0.6))
        if self._added is not None:
            checked(self._added, imported.resolution, "added texture")
            self._added *= resample(covered(imported.values), imported.resolution)
        control(0.6)
        self._edited = self._with_lines(drawing, Rect.whole(imported.side), control.part(0.6, 0.9))
        self.values = self._composed()

    def redrawn(self, drawing: Drawing, change: Change, control: Control) -> tuple[EditedSource, Rect]:
        """What it is after a change of factors, and the rectangle of texels of `values` that may differ."""
        dirty = EMPTY
        for line in self._imported.source.lines:
            if line.id in change.factors:
                dirty = dirty.union(patch_rect(line, self._imported.side))
        if dirty.empty:
            return self, EMPTY
        new = copy(self)
        new._edited = self._edited.copy()
        new._edited[dirty.slices] = self._with_lines(drawing, dirty, control)
        new.values = new._composed()
        return new, self._at_full_size(dirty)

    def _with_lines(self, drawing: Drawing, dirty: Rect, control: Control) -> Float32:
        """A window of the map in its pose with its lines as the drawing has them, at working size."""
        part = self._base[dirty.slices].copy()
        active = [line for line in self._imported.source.lines if line.id in drawing.factors]
        for number, line in enumerate(active):
            control(number / len(active))
            where = patch_rect(line, self._imported.side).intersection(dirty)
            if not where.empty:
                gain = None if self._line_gain is None else self._line_gain[where.slices]
                _scale_line(part, dirty, where, self._imported.patch(line), drawing.factors[line.id], gain)
        return part

    def _composed(self) -> Float32:
        resolution, imported = self._imported.resolution, self._imported.values
        values = resample(self._edited, resolution)
        if self._finer is not None:
            # It belongs to the map as it was: where that changed it is no longer true.
            changed = np.abs(self._edited - imported) * np.float32(1 / _CHANGED_MM)
            kept = resample(1 - np.minimum(changed, 1), resolution)
            kept *= self._finer
            values = values + kept
        if self._added is not None:
            values = np.add(values, self._added, out=values.copy(), where=self._added != 0)
        return read_only(values)

    def _at_full_size(self, dirty: Rect) -> Rect:
        side, resolution = self._imported.side, self._imported.resolution
        if side == resolution:
            return dirty
        scale = resolution / side
        low = (int(dirty.x0 * scale), int(dirty.y0 * scale))
        high = (int(np.ceil(dirty.x1 * scale)), int(np.ceil(dirty.y1 * scale)))
        return Rect(*low, *high).grown(int(np.ceil(3 * scale)) + 1, resolution)


def _scale_line(
    part: Float32, dirty: Rect, where: Rect, patch: LinePatch, factor: Float32, gain: Float32 | None
) -> None:
    """Add ``(factor - 1)`` times the line's own relief in a window; `factor` is sampled along the line.

    `gain` says how much deeper than `patch` has it that relief is by now.
    """
    inner, outer = where.relative_to(patch.rect), where.relative_to(dirty)
    own = patch.own_mm[inner.slices]
    at = patch.along[inner.slices] * np.float32(len(factor) - 1)
    low = np.minimum(at.astype(np.int32), len(factor) - 2)
    share = at - low
    change = factor[low] * (1 - share) + factor[low + 1] * share - np.float32(1)
    change *= own
    if gain is not None:
        change *= gain
    target = part[outer.slices]
    np.add(target, change, out=target, where=change != 0)


def covered(imported: Float32) -> Float32:
    """1 where the map shows skin, 0 where it is blank as scans are beyond the face, float32 (H, H)."""
    shown = (np.abs(imported) > _BLANK_MM).astype(np.float32)
    share = low_pass(shown, 0.012 * imported.shape[0])
    return np.asarray(np.clip(share * 2 - np.float32(0.8), 0, 1), np.float32)

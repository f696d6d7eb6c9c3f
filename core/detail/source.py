"""Edits on top of an imported displacement map.

With its own lines, expression and age the map comes out bit for bit. A line that is gone heals, a line with
another depth is scaled, a line that moved heals and is stamped anew. Another expression or age changes the
map as the engine has it (`Engine.reposed`, `Engine.line_factor`), and brings the engine's wrinkles and
texture where the target has more of them than the capture had; where nothing changes nothing is added.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control, Drawn, Engine
from rhytid.core.detail.healing import LinePatch, line_patch, patch_rect
from rhytid.core.detail.request import Pose, SourceDetail
from rhytid.core.detail.source_lines import line_factors, stamped
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.resample import resample
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_BLANK_MM = 1e-4
_CHANGED_MM = 0.03  # a texel that changed by so much keeps nothing of what lay between it and the next
_PATCH_BYTES = 128 * 2**20


class SourceLayer:
    """The imported map with its edits at one resolution.

    Attributes
    ----------
    values : float32 (H, H) in mm, read-only; a new array after each change
    drawn : strokes to stamp on top, with the share of their depth
    unchanged : strokes of the document that the map itself shows
    """

    def __init__(self, resolution: int) -> None:
        self.resolution = resolution
        self.values: Float32 = np.zeros((resolution, resolution), np.float32)
        self.drawn: Drawn = ()
        self.unchanged: tuple[Stroke, ...] = ()
        self._source: SourceDetail | None = None
        self._pose_key: Hashable = None
        self._imported = self.values  # at working size
        self._base = self.values  # the same in the pose that is wanted
        self._line_gain: Float32 | None = None  # how much deeper that made its lines, at working size
        self._edited = self.values  # the same with edits of lines
        self._added: Float32 | None = None  # the engine's texture, at full size
        self._finer: Float32 | None = None  # what the engine finds between the map's texels, at full size
        self._finer_key: Hashable = None
        self._factors: dict[str, Float32] = {}
        self._patches: dict[str, LinePatch] = {}
        self._patch_bytes = 0

    def update(
        self, source: SourceDetail, strokes: Sequence[Stroke], pose: Pose, captured: Pose, engine: Engine,
        control: Control,
    ) -> Rect:  # fmt: skip
        """Take a new state; returns the rectangle of texels of `values` that may have changed."""
        if source is not self._source:
            self._take(source)
        key = (engine.name, engine.pose_key(pose), engine.pose_key(captured))
        whole = key != self._pose_key
        if whole:
            self._find_finer(source, engine)
            reposed = engine.reposed(self._imported, source, captured, pose, control.part(0.0, 0.3))
            gain = reposed.line_gain
            self._base = reposed.values
            self._line_gain = None if gain is None else resample(gain, len(self._imported))
            self._added = engine.added_texture(source, captured, pose, self.resolution, control.part(0.3, 0.6))
            if self._added is not None:
                self._added *= resample(covered(self._imported), self.resolution)
            self._pose_key = key
        control(0.6)
        factors = line_factors(source.lines, strokes, pose, captured, engine)
        dirty = self._edit(source, factors, whole, control.part(0.6, 0.9))
        self.drawn, self.unchanged = stamped(source.lines, strokes, factors, pose, captured, engine)
        if not dirty.empty:
            self._compose()
        return self._at_full_size(dirty)

    def _take(self, source: SourceDetail) -> None:
        """Work at no more than the resolution asked for: a coarse preview of a fine map stays quick."""
        old = self._source
        if old is None or old.digest != source.digest or old.lines != source.lines:
            self._imported = resample(source.displacement, min(source.displacement.shape[0], self.resolution))
            self._patches, self._patch_bytes, self._factors, self._pose_key = {}, 0, {}, None
            self._finer, self._finer_key = None, None
        self._source = source

    def _find_finer(self, source: SourceDetail, engine: Engine) -> None:
        key = (engine.name, source.digest)
        if len(self._imported) < self.resolution and key != self._finer_key:
            self._finer = engine.finer(self._imported, source.lines, self.resolution)
            self._finer_key = key

    def _edit(self, source: SourceDetail, factors: dict[str, Float32], whole: bool, control: Control) -> Rect:
        """Redo the lines whose factors changed; returns what changed at working size."""
        side = self._imported.shape[0]
        before = {} if whole else self._factors
        dirty = Rect.whole(side) if whole else EMPTY
        for line in source.lines:
            if not whole and not _equal(before.get(line.id), factors.get(line.id)):
                dirty = dirty.union(patch_rect(line, side))
        self._factors = {}  # not to be believed should this be cancelled half-way
        if not dirty.empty:
            edited = np.empty_like(self._base) if whole else self._edited.copy()
            part = self._base[dirty.slices].copy()
            active = [line for line in source.lines if line.id in factors]
            for number, line in enumerate(active):
                control(number / len(active))
                where = patch_rect(line, side).intersection(dirty)
                if not where.empty:
                    gain = None if self._line_gain is None else self._line_gain[where.slices]
                    _scale_line(part, dirty, where, self._patch(source, line), factors[line.id], gain)
            edited[dirty.slices] = part
            self._edited = edited
        self._factors = factors
        return dirty

    def _patch(self, source: SourceDetail, line: Stroke) -> LinePatch:
        patch = self._patches.get(line.id)
        if patch is None:
            patch = line_patch(self._imported, line, source.lines)
            if self._patch_bytes < _PATCH_BYTES:
                self._patches[line.id] = patch
                self._patch_bytes += patch.own_mm.nbytes + patch.along.nbytes
        return patch

    def _compose(self) -> None:
        values = resample(self._edited, self.resolution)
        if self._finer is not None:
            # It belongs to the map as it was: where that changed it is no longer true.
            changed = np.abs(self._edited - self._imported) * np.float32(1 / _CHANGED_MM)
            kept = resample(1 - np.minimum(changed, 1), self.resolution)
            kept *= self._finer
            values = values + kept
        if self._added is not None:
            values = np.add(values, self._added, out=values.copy(), where=self._added != 0)
        self.values = read_only(values)

    def _at_full_size(self, dirty: Rect) -> Rect:
        side = self._imported.shape[0]
        if dirty.empty or side == self.resolution:
            return dirty
        scale = self.resolution / side
        low = (int(dirty.x0 * scale), int(dirty.y0 * scale))
        high = (int(np.ceil(dirty.x1 * scale)), int(np.ceil(dirty.y1 * scale)))
        return Rect(*low, *high).grown(int(np.ceil(3 * scale)) + 1, self.resolution)


def _equal(a: Float32 | None, b: Float32 | None) -> bool:
    return a is b or (a is not None and b is not None and a.tobytes() == b.tobytes())


def _scale_line(
    part: Float32, dirty: Rect, where: Rect, patch: LinePatch, factor: Float32, gain: Float32 | None
) -> None:
    """Add ``(factor - 1)`` times the line's own relief in a window; `factor` is sampled along the line.

    `gain` says how much deeper than `patch` has it that relief is by now.
    """
    inner, outer = _within(where, patch.rect), _within(where, dirty)
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


def _within(rect: Rect, origin: Rect) -> Rect:
    return Rect(rect.x0 - origin.x0, rect.y0 - origin.y0, rect.x1 - origin.x0, rect.y1 - origin.y0)


def covered(imported: Float32) -> Float32:
    """1 where the map shows skin, 0 where it is blank as scans are beyond the face, float32 (H, H)."""
    shown = (np.abs(imported) > _BLANK_MM).astype(np.float32)
    share = low_pass(shown, 0.012 * imported.shape[0])
    return np.asarray(np.clip(share * 2 - np.float32(0.8), 0, 1), np.float32)

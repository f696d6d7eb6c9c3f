"""Exact Euclidean distance to the strokes, truncated at 5 % of the map's width and divided by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.replaced import replaced
from rhytid.core.lines.segments import bounding_rect, centre_rows, changed_rows, lower_to_distance, row_windows
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import EMPTY, Rect

Float32 = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]
TRUNCATION = 0.05
_STRIP = 256


def distance_field(strokes: Sequence[Stroke], resolution: int) -> Float32:
    """Distance of each texel's centre to the nearest visible stroke.

    Returns
    -------
    float32 (resolution, resolution)
        0 on a line, 1 at 5 % of the map's width or further away.
    """
    reach_px = TRUNCATION * resolution
    values = np.ones((resolution, resolution), np.float32)
    rows = [centre_rows(stroke, resolution) for stroke in strokes if stroke.visible]
    reached = _bounds(rows, reach_px, resolution)
    for y in range(reached.y0, reached.y1, _STRIP):
        strip = Rect(reached.x0, y, reached.x1, min(y + _STRIP, reached.y1))
        squared = np.full((strip.height, strip.width), np.float32(reach_px**2))
        _lower(squared, strip, rows, reach_px, resolution)
        values[strip.slices] = np.sqrt(squared) * np.float32(1 / reach_px)
    return values


class DistanceField:
    """The distance field of a set of strokes that changes little at a time.

    New segments lower a running minimum in their band; where segments went, the band is computed again from
    what is left near it. The result is bit-identical to computing everything anew.
    """

    def __init__(self, resolution: int) -> None:
        self.resolution = resolution
        self.values: Float32 = np.ones((resolution, resolution), np.float32)
        self._reach_px = TRUNCATION * resolution
        self._squared = np.full((resolution, resolution), np.float32(self._reach_px**2))
        self._strokes: dict[str, Stroke] = {}

    def update(self, strokes: Iterable[Stroke]) -> Rect:
        """Take `strokes` as the new set; invisible ones do not count.

        Returns
        -------
        Rect
            Texels of `values` that may have changed.
        """
        after = {stroke.id: stroke for stroke in strokes if stroke.visible}
        gone, come = [], []
        for old, new in replaced(self._strokes, after):
            less, more = changed_rows(self._rows(old), self._rows(new))
            gone.append(less)
            come.append(more)
        self._strokes = after
        removed = _bounds(gone, self._reach_px, self.resolution)
        self._squared[removed.slices] = np.float32(self._reach_px**2)
        if not removed.empty:
            everything = [self._rows(stroke) for stroke in after.values()]
            _lower(self._squared[removed.slices], removed, everything, self._reach_px, self.resolution)
        _lower(self._squared, Rect.whole(self.resolution), come, self._reach_px, self.resolution)
        dirty = removed.union(_bounds(come, self._reach_px, self.resolution))
        self.values[dirty.slices] = np.sqrt(self._squared[dirty.slices]) * np.float32(1 / self._reach_px)
        return dirty

    def _rows(self, stroke: Stroke | None) -> Rows:
        return np.zeros((0, 4)) if stroke is None else centre_rows(stroke, self.resolution)


def _bounds(pieces: list[Rows], reach_px: float, resolution: int) -> Rect:
    if not sum(map(len, pieces)):
        return EMPTY
    return bounding_rect(row_windows(np.concatenate(pieces), reach_px, resolution))


def _lower(squared: Float32, rect: Rect, pieces: list[Rows], reach_px: float, resolution: int) -> None:
    """Running minimum of the squared distance to `pieces`, in place on `rect` of the map."""
    if not sum(map(len, pieces)):
        return
    rows = np.concatenate(pieces)
    lower_to_distance(squared, rect, rows, row_windows(rows, reach_px, resolution))

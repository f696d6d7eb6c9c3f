"""The line map of a set of strokes that changes little at a time."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.change import Change
from rhytid.core.lines.raster import line_texels
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

Texels = npt.NDArray[np.int64]


class LinePicture:
    """One-texel-wide picture of strokes, equal to `core.lines.raster.draw_line_map` of the same strokes.

    Attributes
    ----------
    values : bool (H, H), read-only
    """

    def __init__(self, resolution: int) -> None:
        self._resolution = resolution
        self._texels: dict[str, Texels] = {}
        self.values: npt.NDArray[np.bool_] = read_only(np.zeros((resolution, resolution), bool))

    def redrawn(self, change: Change) -> tuple[LinePicture, Rect]:
        """The picture after a change of courses, and the rectangle of texels that may differ."""
        new, dirty = copy(self), EMPTY
        new._texels = dict(self._texels)
        for old_stroke, stroke in change.courses:
            before = _NONE if old_stroke is None else new._texels.pop(old_stroke.id)
            after = _NONE if stroke is None else new._texels.setdefault(stroke.id, self._of(stroke))
            differs = np.setxor1d(before, after)
            if old_stroke is not None and stroke is not None and stroke.depth_mm == 0:
                # Moved within its texels it changes the distance to it; relief, which tells of others, it has none.
                differs = np.union1d(before, after)
            dirty = dirty.union(self._bounds(differs))
        if not dirty.empty:
            values = np.zeros((self._resolution, self._resolution), bool)
            for flat in new._texels.values():
                values.reshape(-1)[flat] = True
            new.values = read_only(values)
        return new, dirty

    def _of(self, stroke: Stroke) -> Texels:
        """Indices into the flat map of the texels of a stroke."""
        texels = line_texels(stroke, self._resolution)
        texels = texels[((texels >= 0) & (texels < self._resolution)).all(axis=1)]
        return np.asarray(texels[:, 1] * self._resolution + texels[:, 0])

    def _bounds(self, flat: Texels) -> Rect:
        if not len(flat):
            return EMPTY
        rows, columns = np.divmod(flat, self._resolution)
        return Rect(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


_NONE: Texels = np.zeros(0, np.int64)

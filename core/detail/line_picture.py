"""The line map of a set of strokes that changes little at a time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.raster import line_texels
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

Texels = npt.NDArray[np.int64]
_Entry = tuple[Stroke, Texels]


class LinePicture:
    """One-texel-wide picture of strokes, equal to `core.lines.raster.draw_line_map` of the same strokes."""

    def __init__(self, resolution: int) -> None:
        self._resolution = resolution
        self._entries: dict[str, _Entry] = {}
        self._values = read_only(np.zeros((resolution, resolution), bool))

    @property
    def values(self) -> npt.NDArray[np.bool_]:
        """bool (H, H), read-only; a new array after each change."""
        return self._values

    def update(self, strokes: Iterable[Stroke]) -> Rect:
        """Take `strokes` as the new set and return the rectangle of texels that may have changed."""
        entries: dict[str, _Entry] = {}
        dirty = EMPTY
        for stroke in strokes:
            if not stroke.visible:
                continue
            old = self._entries.get(stroke.id)
            if old is not None and (old[0] is stroke or old[0] == stroke):
                entries[stroke.id] = old
                continue
            flat = self._texels(stroke)
            entries[stroke.id] = (stroke, flat)
            changed = flat if old is None else np.setxor1d(old[1], flat)
            dirty = dirty.union(self._bounds(changed))
        for key, (_, flat) in self._entries.items():
            if key not in entries:
                dirty = dirty.union(self._bounds(flat))
        self._entries = entries
        if not dirty.empty:
            values = np.zeros((self._resolution, self._resolution), bool)
            for _, flat in entries.values():
                values.reshape(-1)[flat] = True
            self._values = read_only(values)
        return dirty

    def _texels(self, stroke: Stroke) -> Texels:
        """Indices into the flat map of the texels of a stroke."""
        texels = line_texels(stroke, self._resolution)
        texels = texels[((texels >= 0) & (texels < self._resolution)).all(axis=1)]
        return np.asarray(texels[:, 1] * self._resolution + texels[:, 0])

    def _bounds(self, flat: Texels) -> Rect:
        if not len(flat):
            return EMPTY
        rows, columns = np.divmod(flat, self._resolution)
        return Rect(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)

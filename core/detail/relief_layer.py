"""The lines' part of the displacement, redone only where something changed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.detail.engine import Control, Drawn
from core.lines.relief import ReliefCache, affected_rect, relief
from core.lines.stroke import Stroke
from core.maps.rect import EMPTY, Rect

Float32 = npt.NDArray[np.float32]
_CACHED_RESOLUTION = 2048  # above it single strokes are not remembered: their relief is larger than the map
_STRIP = 512


class ReliefLayer:
    """Relief of strokes at one resolution.

    Parameters
    ----------
    resolution : int
    cache : ReliefCache, optional
        Shared between layers.
    """

    def __init__(self, resolution: int, cache: ReliefCache | None = None) -> None:
        self._resolution = resolution
        self._cache = cache if resolution <= _CACHED_RESOLUTION else None
        self._values = np.zeros((resolution, resolution), np.float32)
        self._values.setflags(write=False)
        self._drawn: dict[str, tuple[Stroke, float]] = {}

    @property
    def values(self) -> Float32:
        """float32 (H, H) in mm, read-only; a new array after each change."""
        return self._values

    def update(self, drawn: Drawn, control: Control) -> Rect:
        """Take `drawn` as the new strokes and redo the rectangle that they change.

        Returns
        -------
        Rect
            Texels that may differ from before; empty when nothing changed.
        """
        after = {stroke.id: (stroke, amount) for stroke, amount in drawn}
        before = self._drawn
        gone = [item for key, item in before.items() if not _same(item, after.get(key))]
        come = [item for key, item in after.items() if not _same(item, before.get(key))]
        dirty = affected_rect(gone, come, self._resolution) if gone or come else EMPTY
        if dirty.empty:
            self._drawn = after
            return dirty
        shown = [item for item in after.values() if item[1] != 0]
        values = self._values.copy()
        step = _STRIP if self._cache is None else self._resolution
        for y in range(dirty.y0, dirty.y1, step):
            control((y - dirty.y0) / dirty.height)
            strip = Rect(dirty.x0, y, dirty.x1, min(y + step, dirty.y1))
            values[strip.slices] = relief(shown, self._resolution, strip, self._cache)
        values.setflags(write=False)
        self._values, self._drawn = values, after
        return dirty


def _same(a: tuple[Stroke, float] | None, b: tuple[Stroke, float] | None) -> bool:
    return a is not None and b is not None and a[1] == b[1] and (a[0] is b[0] or a[0] == b[0])

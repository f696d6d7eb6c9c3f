"""Distance fields as super-resolution needs them: windows of any resolution, exact where the network looks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.super_resolution import REACH_PX
from rhytid.core.lines.distance import TRUNCATION
from rhytid.core.lines.segments import centre_rows, lower_to_distance, row_windows
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]
Windows = npt.NDArray[np.int64]


class NearField:
    """Distance fields of strokes for `SuperResolution.enlarge`.

    Within `REACH_PX` texels of a line the values are those of `core.lines.distance.distance_field`, beyond it they
    are 1: the network looks no further, and a field at 4096 need not be computed 205 texels far.

    Parameters
    ----------
    strokes : iterable of Stroke
        Invisible ones do not count.
    """

    def __init__(self, strokes: Iterable[Stroke]) -> None:
        self._strokes = tuple(stroke for stroke in strokes if stroke.visible)
        self._rows: dict[int, tuple[Rows, Windows]] = {}

    def __call__(self, resolution: int, rect: Rect) -> Float32:
        """The field on a window of a map of `resolution` texels, float32 (rect.height, rect.width), 0..1."""
        rows, windows = self._of(resolution)
        squared = np.full((rect.height, rect.width), np.float32(np.inf))
        lower_to_distance(squared, rect, rows, windows)
        field = np.minimum(np.sqrt(squared) * np.float32(1 / (TRUNCATION * resolution)), np.float32(1))
        return np.where(squared < REACH_PX**2, field, np.float32(1))

    def _of(self, resolution: int) -> tuple[Rows, Windows]:
        """Straight pieces of all strokes (M, 4) and the windows that they reach (M, 4)."""
        if resolution not in self._rows:
            parts = [centre_rows(stroke, resolution) for stroke in self._strokes]
            rows = np.concatenate([np.zeros((0, 4)), *parts])
            self._rows[resolution] = (rows, row_windows(rows, REACH_PX, resolution))
        return self._rows[resolution]

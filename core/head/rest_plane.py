"""Where the skin lies in the head at rest, by its place in the plane around the chart.

What is laid on the skin in space, wherever it moves, is laid on this. The viewport reads the same picture.
"""

from __future__ import annotations

import numpy as np

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.padding import pad_edges
from rhytid.core.read_only import read_only

SIDE = 384


def rest_plane(head: Head) -> Float32:
    """Places in mm over -1..2 of the chart's plane, float32 (384, 384, 3), read-only. Kept with the head."""
    kept: Float32 | None = head.__dict__.get("_rest_plane")
    if kept is None:
        raster = ChartRaster(head, SIDE, AROUND_FIRST, AROUND_SPAN)
        places = pad_edges(raster.sample(head.neutral[: head.n_skin]), raster.covered)
        kept = read_only(np.ascontiguousarray(places))
        head.__dict__["_rest_plane"] = kept
    return kept


def rest_at(head: Head, chart: Float32) -> Float32:
    """Places in mm (N, 3) at points of the chart's plane (N, 2), bilinear."""
    plane = rest_plane(head)
    at = (chart - np.float32(AROUND_FIRST)) * np.float32(SIDE / AROUND_SPAN) - np.float32(0.5)
    at = np.clip(at, 0, SIDE - 1)
    first = np.minimum(at.astype(np.intp), SIDE - 2)
    x, y = ((at - first)[:, k, None] for k in range(2))
    column, row = first.T
    top = plane[row, column] * (1 - x) + plane[row, column + 1] * x
    bottom = plane[row + 1, column] * (1 - x) + plane[row + 1, column + 1] * x
    return np.asarray(top * (1 - y) + bottom * y, np.float32)

"""Pictures of strokes: the one-texel-wide line map and anti-aliased coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.given import given_items, given_whole
from rhytid.core.lines.curve import curve
from rhytid.core.lines.distance import TRUNCATION, distance_field
from rhytid.core.lines.polyline import arc_length, points_at
from rhytid.core.lines.stroke import Stroke

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]

MAX_RESOLUTION = 16384


def draw_line_map(strokes: Iterable[Stroke], resolution: int) -> npt.NDArray[np.bool_]:
    """One-texel-wide picture of the visible strokes.

    Lines are thin and 8-connected: no texel of a line could go without breaking it.

    Returns
    -------
    bool (resolution, resolution)

    Raises
    ------
    ValueError
        Something else than strokes, or a resolution that is no whole number of 1..16384.
    """
    strokes = given_items(strokes, Stroke, "lines")
    resolution = given_whole(resolution, 1, MAX_RESOLUTION, "resolution")
    picture = np.zeros((resolution, resolution), bool)
    for stroke in strokes:
        if stroke.visible:
            x, y = line_texels(stroke, resolution).T
            inside = (x >= 0) & (y >= 0) & (x < resolution) & (y < resolution)
            picture[y[inside], x[inside]] = True
    return picture


def line_texels(stroke: Stroke, resolution: int) -> Int64:
    """Texels (column, row) that a stroke passes, in order, int64 (N, 2); they may lie outside the map."""
    points = curve(stroke, resolution)[:, :2]
    along = arc_length(points)
    path = points_at(points, along, np.linspace(0, along[-1], max(2, int(np.ceil(along[-1] * 4)) + 1)))
    texels = np.floor(path + 0.5).astype(np.int64)
    moved = np.ones(len(texels), bool)
    moved[1:] = (texels[1:] != texels[:-1]).any(axis=1)
    return _without_corners(texels[moved])


def _without_corners(texels: Int64) -> Int64:
    """Drop texels whose two neighbours along the path touch each other diagonally."""
    if len(texels) < 3:
        return texels
    jump = np.abs(texels[2:] - texels[:-2])
    corner = np.concatenate([[False], (jump == 1).all(axis=1), [False]])
    run = np.arange(len(corner)) - np.maximum.accumulate(np.where(corner, -1, np.arange(len(corner))))
    kept: Int64 = texels[~(corner & (run % 2 == 1))]  # of adjacent corners every second one stays
    return kept


def coverage(strokes: Sequence[Stroke], resolution: int, width_px: float = 1.0) -> Float32:
    """Anti-aliased picture of the visible strokes as lines of `width_px`.

    Returns
    -------
    float32 (resolution, resolution)
        0..1.
    """
    distance_px = distance_field(strokes, resolution) * np.float32(TRUNCATION * resolution)
    covered: Float32 = np.clip(np.float32(width_px / 2 + 0.5) - distance_px, 0, 1)
    return covered

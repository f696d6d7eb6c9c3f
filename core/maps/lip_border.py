"""The lips' red with an edge that is even on the face, not in the chart, and the fine lines that run across it.

Every head's chart is the default head's, so the distance from the edge that was measured on that
(`core.head.build.lip_border`) holds for all.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.resources import resource

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]

SIDE = 1024
"""Texels of the whole chart at the size in which distances are kept."""
WINDOW = (slice(620, 792), slice(326, 696))
"""Rows and columns of it that are."""
_SOFT_MM = 0.9
# Spacing in mm and depth of the lines of one kind.
_LINES, _LINES_SEED = ((1.9, 0.75), (1.1, 0.5)), 61


def lip_share(resolution: int) -> UInt8:
    """Share of the lips' red, 222 on them and up to 255 in their lines, uint8 (R, R)."""
    share = np.zeros((resolution, resolution), np.uint8)
    rows, columns = (_texels(part, resolution) for part in WINDOW)
    distance, _ = _sampled(resolution, rows, columns)
    t = np.clip(0.5 + distance / (2 * max(_SOFT_MM, 120.0 / resolution)), 0, 1)
    share[rows[0] : rows[1], columns[0] : columns[1]] = np.round(222 * t * t * (3 - 2 * t))
    lines = lip_lines(resolution)
    return np.asarray(np.round(share + 33 * lines * (share / np.float32(222))), np.uint8)


def lip_lines(resolution: int) -> Float32:
    """Fine lines across the lips, 0..1 in their depth, float32 (R, R); the same at any resolution."""
    lines = np.zeros((resolution, resolution), np.float32)
    rows, columns = (_texels(part, resolution) for part in WINDOW)
    distance, along = _sampled(resolution, rows, columns)
    total = np.zeros_like(distance)
    rng = np.random.default_rng(_LINES_SEED)
    for spacing_mm, depth in _LINES:
        # Each line wanders a little as it runs from the edge inwards, and ends somewhere.
        waves = rng.standard_normal((2, 4, 3)).astype(np.float32)
        upper = np.where(along > 0, 1.0, -1.0).astype(np.float32)
        at = along / spacing_mm + 0.35 * np.sin(0.9 * distance + along * 0.33 + upper)
        for k, (height, phase, pace) in enumerate(waves[0]):
            at += 0.22 * height * np.sin((0.21 + 0.17 * k) * along + phase + 0.3 * pace * distance)
        ends = np.float32(0.55)
        for k, (height, phase, pace) in enumerate(waves[1]):
            ends = ends + 0.3 * height * np.sin((0.37 + 0.29 * k) * along + phase + 0.5 * pace * distance)
        groove = np.exp(-(((at - np.round(at)) / 0.16) ** 2))
        total += depth * groove * np.clip(ends, 0, 1)
    # Not narrower than two texels, not on the very edge.
    fine = np.clip(resolution / 1024, 0, 1)
    total *= fine * np.clip(distance / 1.2, 0, 1)
    lines[rows[0] : rows[1], columns[0] : columns[1]] = np.clip(total, 0, 1)
    return lines


def _texels(part: slice, resolution: int) -> tuple[int, int]:
    """First and end texel of a part of the kept window at another size."""
    return int(np.ceil(part.start * resolution / SIDE)), int(part.stop * resolution // SIDE)


def _sampled(resolution: int, rows: tuple[int, int], columns: tuple[int, int]) -> tuple[Float32, Float32]:
    """Distance from the edge and way along the lips at texels, mm."""
    y, x = (
        ((np.arange(*span) + 0.5) * SIDE / resolution - 0.5 - part.start).astype(np.float32)
        for span, part in zip((rows, columns), WINDOW, strict=True)
    )
    grid_x, grid_y = np.meshgrid(x, y)
    distance, along = (
        np.asarray(cv2.remap(kept, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
        for kept in _places()
    )
    return distance, along


@lru_cache(maxsize=1)
def _places() -> Float32:
    with np.load(resource("head", "lips.npz"), allow_pickle=False) as kept:
        return np.asarray(kept["places_mm"], np.float32)

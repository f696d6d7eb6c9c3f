"""The anatomy guide: lines of relaxed skin tension and fibres of muscles, as courses in the chart.

Tension lines follow the field of `core.detail.anatomy`, evenly apart (after Jobard and Lefer 1997, Creating
evenly-spaced streamlines of arbitrary density). Fibres are a file, `resources/presets/muscle_fibres.json`.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import FACE_RIGHT, mirrored, polygon_mask, skin, tension_line_angle
from rhytid.core.files.presets import read_preset_file
from rhytid.core.lines import polyline
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only
from rhytid.core.resources import resource

Float64 = npt.NDArray[np.float64]
FIBRES_PATH = resource("presets", "muscle_fibres.json")
_APART = 0.026
_STEP = 0.004
_LONGEST = 300  # steps to either side
_SHORTEST = 0.04
_CELLS = round(2.4 / _APART)


@lru_cache(maxsize=1)
def tension_field() -> npt.NDArray[np.float32]:
    """Cosine and sine of twice the direction of the tension lines, float32 (256, 256, 2), read-only."""
    double = 2 * tension_line_angle()
    return read_only(np.stack([np.cos(double), np.sin(double)], axis=-1).astype(np.float32))


def tension_direction(points: npt.ArrayLike) -> Float64:
    """Unit directions of the tension lines at chart points (N, 2); their sign means nothing."""
    at = (np.asarray(points, np.float64).reshape(-1, 2) * SIDE - 0.5).astype(np.float32)
    x, y = at[None, :, 0], at[None, :, 1]
    double = cv2.remap(tension_field(), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).reshape(-1, 2)
    angle = 0.5 * np.arctan2(double[:, 1], double[:, 0]).astype(np.float64)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@lru_cache(maxsize=1)
def tension_lines() -> tuple[Float64, ...]:
    """Lines of relaxed skin tension, float64 (N, 2) each, evenly apart; the left half mirrors the right one."""
    right = np.asarray(FACE_RIGHT, np.float32)
    face = polygon_mask(np.concatenate([right, mirrored(right)[::-1]]), 0.0)
    free = (face > 0.5) & (skin() > 0.6)
    taken = np.full((_CELLS + 1, _CELLS + 1), -1)
    lines: list[Float64] = []
    for y in np.arange(0.04, 0.98, _APART / 2):
        for x in np.arange(0.5 - _APART / 4, 0.1, -_APART / 2):
            line = _streamline(np.array([x, y]), free, taken, len(lines))
            if line is None:
                continue
            for cell in np.unique((line * _CELLS).astype(int), axis=0):
                taken[cell[1], cell[0]] = len(lines)
            lines.append(line)
    both = [read_only(line) for line in lines]
    return (*both, *(read_only(mirrored(line).astype(np.float64)) for line in lines))


@lru_cache(maxsize=1)
def muscle_fibres() -> dict[str, tuple[Float64, ...]]:
    """Fibres of both sides by the muscle's name, float64 (N, 2) each, smooth."""
    muscles: dict[str, tuple[Float64, ...]] = {}
    for entry in read_preset_file(FIBRES_PATH)["muscles"]:
        ring = bool(entry.get("ring", False))
        right = [_smooth(np.array(fibre, np.float64), ring) for fibre in entry["fibres"]]
        left = [] if entry.get("middle", False) else [mirrored(fibre).astype(np.float64) for fibre in right]
        muscles[str(entry["name"])] = tuple(read_only(fibre) for fibre in (*right, *left))
    return muscles


def _streamline(seed: Float64, free: npt.NDArray[np.bool_], taken: npt.NDArray[np.intp], number: int) -> Float64 | None:
    """A line through `seed` along the field, None where there is no room for one."""
    if not _has_room(seed, free, taken):
        return None
    halves = []
    for sign in (1.0, -1.0):
        point, heading, points = seed.copy(), sign * tension_direction(seed)[0], []
        for _ in range(_LONGEST):
            along = tension_direction(point + 0.5 * _STEP * heading)[0]
            heading = along if along @ heading >= 0 else -along
            point = point + _STEP * heading
            if point[0] > 0.5 or not _has_room(point, free, taken):
                break
            points.append(point)
        halves.append(points)
    line = np.array([*halves[1][::-1], seed, *halves[0]])
    return line if len(line) > 2 and polyline.length(line) >= _SHORTEST else None


def _has_room(point: Float64, free: npt.NDArray[np.bool_], taken: npt.NDArray[np.intp]) -> bool:
    x, y = int(point[0] * SIDE), int(point[1] * SIDE)
    if not (0 <= x < SIDE and 0 <= y < SIDE and free[y, x]):
        return False
    column, row = int(point[0] * _CELLS), int(point[1] * _CELLS)
    around = taken[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    return bool((around < 0).all())


def _smooth(points: Float64, ring: bool) -> Float64:
    """Points on a curve through `points`, closed for a ring."""
    closed = np.concatenate([points, points[:1]]) if ring else points
    along = polyline.arc_length(closed)
    from scipy.interpolate import CubicSpline  # slow to import

    spline = CubicSpline(along, closed, bc_type="periodic" if ring else "natural")
    return np.asarray(spline(np.linspace(0, along[-1], max(int(along[-1] / 0.006), 8))), np.float64)

"""Lines joined over gaps: a furrow that pores or a crossing interrupt is one line, as one sees it.

Two ends belong together where each heads for the other and a valley, however faint, runs between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from rhytid.core.lines.polyline import arc_length

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_WIDEST_PX = 14.0  # 11 mm
_HEADING_PX = 12.0  # how far back a line is looked at to tell where it heads
_STRAIGHT = 0.9  # cosine between a line's heading and the bridge: at most 26 degrees
_ALONG_PX = 0.5
_ASIDE_PX = 2.5
_WEAKEST = 0.05  # of the valley measure over a bridge, and how much more of it there is than beside it
_DEEPER = 0.12
_MOST_UNLIKE = 3.0  # times stronger than the other may a line be
_SHORTEST = 3.0  # gaps that either line is long at least: specks in noise make no furrow


class _End(NamedTuple):
    line: int
    last: bool
    point: Float64
    heading: Float64  # unit vector out of the line
    strength: float
    length: float


def joined_over_gaps(paths: Sequence[Float64], strength: Float32) -> list[Float64]:
    """Paths with those that continue each other put together, best fit first.

    Parameters
    ----------
    paths : sequence of float64 (N, 2)
        Pixel positions (x, y).
    strength : float32 (H, W)
        Valley measure.

    Returns
    -------
    list of float64 (N, 2)
        Bridges are straight, with a point about every pixel.
    """
    ends = [end for number, path in enumerate(paths) for end in _ends(number, path, strength)]
    partner: dict[tuple[int, bool], tuple[int, bool]] = {}
    group = list(range(len(paths)))  # lines that are one already; a line never closes on itself

    def root(line: int) -> int:
        while group[line] != line:
            line = group[line]
        return line

    for _, i, j in sorted(_candidates(ends, strength)):
        one, other = ends[i][:2], ends[j][:2]
        if one not in partner and other not in partner and root(one[0]) != root(other[0]):
            partner[one], partner[other] = other, one
            group[root(one[0])] = root(other[0])
    return _chained(paths, partner)


def _ends(number: int, path: Float64, strength: Float32) -> list[_End]:
    if (path[0] == path[-1]).all():
        return []
    found = []
    for last in (False, True):
        outward = path if last else path[::-1]
        along = arc_length(outward[::-1])
        back = outward[::-1][: int(np.searchsorted(along, _HEADING_PX)) + 1]
        heading = back[0] - back[-1]
        at = np.clip(np.round(back).astype(np.int64), 0, np.array(strength.shape)[::-1] - 1)
        mean = float(strength[at[:, 1], at[:, 0]].mean())
        heading /= max(float(np.hypot(*heading)), 1e-9)
        found.append(_End(number, last, back[0], heading, mean, float(along[-1])))
    return found


def _candidates(ends: Sequence[_End], strength: Float32) -> list[tuple[float, int, int]]:
    """Cost and numbers of two ends that may be joined."""
    if len(ends) < 2:
        return []
    point, heading = np.array([end.point for end in ends]), np.array([end.heading for end in ends])
    level, line = np.array([end.strength for end in ends]), np.array([end.line for end in ends])
    length = np.array([end.length for end in ends])
    one, other = cKDTree(point).query_pairs(_WIDEST_PX, output_type="ndarray").T
    bridge = point[other] - point[one]
    gap = np.hypot(*bridge.T)
    # Of each one's heading towards the other.
    cosines = [(bridge * way).sum(axis=1) / np.maximum(gap, 1e-9) for way in (heading[one], -heading[other])]
    fits = (gap > 0) & (line[one] != line[other]) & (np.minimum(*cosines) > _STRAIGHT)
    fits &= (heading[one] * heading[other]).sum(axis=1) < -_STRAIGHT
    fits &= np.minimum(length[one], length[other]) >= _SHORTEST * gap
    weaker = np.minimum(level[one], level[other])
    fits &= np.maximum(level[one], level[other]) <= _MOST_UNLIKE * np.maximum(weaker, 1e-6)
    cost = gap * (3 - cosines[0] - cosines[1])
    found = []
    for pair in np.flatnonzero(fits):
        i, j = int(one[pair]), int(other[pair])
        if _valley_between(point[i], point[j], strength):
            found.append((float(cost[pair]), i, j))
    return found


def _valley_between(start: Float64, end: Float64, strength: Float32) -> bool:
    step = end - start
    length = float(np.hypot(*step))
    share = (np.arange(int(length / _ALONG_PX) + 1) + 0.5) / (int(length / _ALONG_PX) + 1)
    normal = np.array([-step[1], step[0]]) / length
    at = start + share[:, None] * step
    rows = np.stack([at, at - _ASIDE_PX * normal, at + _ASIDE_PX * normal]).astype(np.float32)
    here, left, right = cv2.remap(strength, rows[..., 0], rows[..., 1], cv2.INTER_LINEAR).astype(np.float64)
    return bool(here.mean() > _WEAKEST and (here - 0.5 * (left + right)).mean() > _DEEPER)


def _chained(paths: Sequence[Float64], partner: dict[tuple[int, bool], tuple[int, bool]]) -> list[Float64]:
    """Paths put together, each chain from an end that has no partner; there are no rings."""
    joined, used = [], [False] * len(paths)
    for first in range(len(paths)):
        start = next(((first, last) for last in (False, True) if (first, last) not in partner), None)
        if used[first] or start is None:
            continue
        parts: list[Float64] = []
        at: tuple[int, bool] | None = start
        while at is not None:
            line, from_last = at
            used[line] = True
            path = paths[line][::-1] if from_last else paths[line]
            if parts:
                parts.append(_bridge(parts[-1][-1], path[0]))
            parts.append(path)
            at = partner.get((line, not from_last))
        joined.append(np.concatenate(parts))
    return joined


def _bridge(start: Float64, end: Float64) -> Float64:
    """Points about a pixel apart strictly between two others, (N, 2)."""
    pieces = max(round(float(np.hypot(*(end - start)))), 1)
    return start + (np.arange(1, pieces) / pieces)[:, None] * (end - start)

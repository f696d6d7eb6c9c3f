"""Which anatomical site a line of a scan belongs to, and how deep the site's lines are in a pose."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import coarseness, grown_share
from rhytid.core.detail.anatomy import mirrored
from rhytid.core.detail.sites import Site, between_guides, wrinkle_sites
from rhytid.core.lines.activation import onset_share
from rhytid.core.lines.polyline import arc_length, points_at
from rhytid.core.lines.stroke import Stroke

Float64 = npt.NDArray[np.float64]
_PLACES = 7  # courses per site that stand for all that lie between its guides
_NEAR = 0.028  # a line farther from every course, as a fraction of the chart's side, belongs to no site
_TURNED = np.cos(np.deg2rad(38))
_BASE_MM = 0.03  # what a line has whatever expression and age: keeps ratios finite


@lru_cache(maxsize=1)
def _courses() -> tuple[tuple[Site, str, Float64, Float64], ...]:
    """(site, side, points (M, 2), unit directions (M, 2)) of every site and side."""
    courses = []
    s = np.linspace(0, 1, 24)
    for site in wrinkle_sites():
        if site.weights:
            continue  # a movement that lines of other sites share
        lines = [between_guides(site.guides, place, s) for place in np.linspace(0, 1, _PLACES)]
        for side in ("R", "L") if site.mirrored else ("",):
            sided = [mirrored(line).astype(np.float64) if side == "L" else line for line in lines]
            points = np.concatenate(sided)
            directions = np.concatenate([np.gradient(line, axis=0) for line in sided])
            directions /= np.maximum(np.hypot(directions[:, 0], directions[:, 1])[:, None], 1e-9)
            courses.append((site, side, points, directions))
    return tuple(courses)


@lru_cache(maxsize=2048)
def site_of(stroke: Stroke) -> tuple[Site, str] | None:
    """The site along whose courses most of a line runs, and its side ("R", "L", "" for middle sites).

    None when less than half of the line lies at any site.
    """
    points = stroke.points.astype(np.float64)
    along = arc_length(points)
    line = points_at(points, along, np.linspace(0, along[-1], 12))
    direction = np.gradient(line, axis=0)
    direction /= np.maximum(np.hypot(direction[:, 0], direction[:, 1])[:, None], 1e-9)
    low, high = line.min(axis=0) - _NEAR, line.max(axis=0) + _NEAR
    best, best_score = None, 0.5
    for site, side, course, course_direction in _courses():
        if (course.max(axis=0) < low).any() or (course.min(axis=0) > high).any():
            continue
        distance = np.hypot(line[:, None, 0] - course[None, :, 0], line[:, None, 1] - course[None, :, 1])
        aligned = np.abs(direction @ course_direction.T) > _TURNED
        nearest = np.where(aligned, distance, 1.0).min(axis=1)
        score = float((1 - np.minimum(nearest / _NEAR, 1)).mean())
        if (nearest < _NEAR).mean() >= 0.5 and score > best_score - 0.5:
            best, best_score = (site, side), score + 0.5
    return best


def site_depth_mm(site: Site, side: str, age: float, action_units: Mapping[str, float]) -> float:
    """Depth that lines of a site typically have at an age and with action units, at least a small base."""
    rest = max((depth * grown_share(born, age) for born, depth in site.static), default=0.0)
    motion = 0.0
    if site.action_units:
        units = tuple((name.replace("*", side), weight) for name, weight in site.action_units)
        motion = sum(site.depth_mm) / 2 * (0.75 + 0.5 * coarseness(age)) * onset_share(units, action_units)
    return _BASE_MM + max(rest, motion)

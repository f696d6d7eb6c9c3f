"""Anatomical wrinkle sites: course, muscle, action units, statistics and age of each.

They are an editable file, `resources/presets/wrinkle_sites.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.presets import read_preset_file
from rhytid.core.lines.polyline import arc_length, points_at
from rhytid.core.lines.stroke import Profile
from rhytid.core.resources import resource

Float64 = npt.NDArray[np.float64]
SITES_PATH = resource("presets", "wrinkle_sites.json")


class WrinkleSitesError(ValueError):
    """The file of wrinkle sites cannot be used; the message names file and entry."""


@dataclass(frozen=True, eq=False)
class Site:
    """One place where skin wrinkles; fields as in the file.

    Attributes
    ----------
    id, title, muscle : str
    titles : str
        What several of its lines are called together.
    mirrored : bool
        Given for the subject's right half, repeated on the left.
    action_units : tuple of (name, weight)
        A name ending in ``*`` stands for the unit of the side. Empty: the line is there at rest only.
    weights : tuple of (name, weight)
        ARKit weights that raise the lines, for movements that no action unit names; ``*`` is the side.
    profile : Profile
    guides : tuple of float64 (N, 2)
        Courses in the chart; lines lie between the first and the last.
    lines : (int, int)
        Fewest and most lines (per side).
    width, depth_mm : (float, float)
        Range over lines; the depth is that of the expression.
    young : float
        Share of the lines that already show in a young face's expression.
    trim : float
        Up to this share of a line is missing, distributed over both ends.
    wave : float
        Sideways amplitude as a share of the line's length.
    breaks, branches : float
        Probability that a line is broken in two, or has a side branch.
    deep_start : float
        -1..1; 1 = the depth fades from start to end, -1 the other way.
    static : tuple of (age, depth in mm)
        From that age the first line of the site is there at rest with that depth.
    lag_years : float
        Delay of each further line.
    """

    id: str
    title: str
    titles: str
    muscle: str
    mirrored: bool
    action_units: tuple[tuple[str, float], ...]
    weights: tuple[tuple[str, float], ...]
    profile: Profile
    guides: tuple[Float64, ...]
    lines: tuple[int, int]
    width: tuple[float, float]
    depth_mm: tuple[float, float]
    young: float
    trim: float
    wave: float
    breaks: float
    branches: float
    deep_start: float
    static: tuple[tuple[float, float], ...]
    lag_years: float


@lru_cache(maxsize=1)
def wrinkle_sites() -> tuple[Site, ...]:
    """The program's sites, read once."""
    return load_sites(SITES_PATH)


def load_sites(path: Path) -> tuple[Site, ...]:
    """Read and check a file of sites.

    Raises
    ------
    WrinkleSitesError
        The file cannot be read, is not JSON of the expected form, or an entry is wrong.
    """
    entries = read_preset_file(path, WrinkleSitesError).get("sites")
    if not isinstance(entries, list) or not entries:
        raise WrinkleSitesError(f'{path}: needs a list "sites"')
    sites = []
    for number, entry in enumerate(entries, 1):
        try:
            sites.append(_site(entry))
        except (TypeError, ValueError, KeyError) as error:
            raise WrinkleSitesError(f"{path}: site {number}: {error!r}") from error
    if len({site.id for site in sites}) != len(sites):
        raise WrinkleSitesError(f"{path}: every site needs an id of its own")
    return tuple(sites)


def _site(entry: Mapping[str, Any]) -> Site:
    guides = tuple(np.array(guide, np.float64) for guide in entry["guides"])
    for guide in guides:
        if guide.ndim != 2 or guide.shape[1:] != (2,) or len(guide) < 2 or not np.isfinite(guide).all():
            raise ValueError("a guide needs two or more points [x, y]")
    if not guides:
        raise ValueError("needs a guide")

    def span(name: str) -> tuple[float, float]:
        low, high = (float(value) for value in entry[name])
        if low > high:
            raise ValueError(f"{name} must be [low, high]")
        return low, high

    lines = span("lines")
    numbers = {
        name: float(entry[name])
        for name in ("young", "trim", "wave", "breaks", "branches", "deep_start", "lag_years")
    }
    units = sorted((str(name), float(value)) for name, value in entry["action_units"].items())
    weights = sorted((str(name), float(value)) for name, value in entry.get("weights", {}).items())
    if units and weights:
        raise ValueError("give either action_units or weights")
    return Site(
        id=str(entry["id"]),
        title=str(entry["title"]),
        titles=str(entry.get("titles", entry["title"])),
        muscle=str(entry["muscle"]),
        mirrored=bool(entry["mirrored"]),
        action_units=tuple(units),
        weights=tuple(weights),
        profile=Profile(entry["profile"]),
        guides=guides,
        lines=(int(lines[0]), int(lines[1])),
        width=span("width"),
        depth_mm=span("depth_mm"),
        static=tuple((float(age), float(depth)) for age, depth in entry["static"]),
        **numbers,
    )


def between_guides(guides: tuple[Float64, ...], place: float, s: Float64) -> Float64:
    """The course at `place` 0..1 between first and last guide, at shares `s` of its length, (N, 2)."""
    if len(guides) == 1:
        # A site with one guide still differs from person to person.
        course = _resampled(guides[0], s)
        return course + course_normals(course) * (0.010 * (place - 0.5) * 2)
    at = min(max(place, 0.0), 1.0) * (len(guides) - 1)
    index = min(int(at), len(guides) - 2)
    share = at - index
    return _resampled(guides[index], s) * (1 - share) + _resampled(guides[index + 1], s) * share


def _resampled(points: Float64, s: Float64) -> Float64:
    """Points at shares `s` of a Catmull-Rom curve through `points`."""
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    parts = []
    for p0, p1, p2, p3 in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        square, cube = 2 * p0 - 5 * p1 + 4 * p2 - p3, 3 * p1 - p0 - 3 * p2 + p3
        parts.append(0.5 * (2 * p1 + (p2 - p0) * t + square * t**2 + cube * t**3))
    dense = np.concatenate([*parts, points[-1:]])
    along = arc_length(dense)
    return points_at(dense, along, s * along[-1])


def course_normals(course: Float64) -> Float64:
    """Unit normals of a polyline, float64 (N, 2)."""
    tangent = np.gradient(course, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1])[:, None], 1e-9)
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)

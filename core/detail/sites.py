"""Anatomical wrinkle sites and the strokes that they give a person.

The sites are `resources/presets/wrinkle_sites.json`: course, muscle, action units, statistics and age of
each. A seed draws from them the wrinkles of one person, as strokes like an artist's: bound to action units
(in young faces they show in expression only) and, from the age at which a site's lines stay, at rest.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.detail.anatomy import mirrored
from core.lines.stroke import Binding, Onset, Profile, Stroke

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
SITES_PATH = Path(__file__).resolve().parents[2] / "resources" / "presets" / "wrinkle_sites.json"
_POINTS = 28
_MAX_FILE_BYTES = 1_000_000
# Dynamic lines that young faces lack come up between these ages.
_LATE_DYNAMIC_FROM, _LATE_DYNAMIC_TO = 22.0, 46.0


class WrinkleSitesError(ValueError):
    """The file of wrinkle sites cannot be used; the message names file and entry."""


@dataclass(frozen=True, eq=False)
class Site:
    """One place where skin wrinkles; fields as in the file.

    Attributes
    ----------
    id, title, muscle : str
    mirrored : bool
        Given for the subject's right half, repeated on the left.
    action_units : tuple of (name, weight)
        A name ending in ``*`` stands for the unit of the side. Empty: the line is there at rest only.
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
    muscle: str
    mirrored: bool
    action_units: tuple[tuple[str, float], ...]
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
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise WrinkleSitesError(f"{path}: larger than {_MAX_FILE_BYTES} bytes; this is no file of sites")
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrinkleSitesError(f"{path}: cannot be read ({error.strerror}); install the program again") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise WrinkleSitesError(f"{path}: is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("version") != 1 or not isinstance(document.get("sites"), list):
        raise WrinkleSitesError(f'{path}: needs an object with "version": 1 and a list "sites"')
    sites = []
    for number, entry in enumerate(document["sites"], 1):
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
    return Site(
        id=str(entry["id"]), title=str(entry["title"]), muscle=str(entry["muscle"]), mirrored=bool(entry["mirrored"]),
        action_units=tuple(sorted((str(name), float(value)) for name, value in entry["action_units"].items())),
        profile=Profile(entry["profile"]), guides=guides, lines=(int(lines[0]), int(lines[1])), width=span("width"),
        depth_mm=span("depth_mm"), static=tuple((float(age), float(depth)) for age, depth in entry["static"]), **numbers,
    )  # fmt: skip


class _Draw:
    """Random numbers of one line. Only the raw stream of the generator is used: numpy keeps that stable (NEP 19)."""

    def __init__(self, *identity: int) -> None:
        self._bits = np.random.PCG64(list(identity))

    def __call__(self, low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * (int(self._bits.random_raw()) >> 11) * 2.0**-53

    def wave(self, s: Float64, lowest: int, count: int) -> Float64:
        """Smooth random function of arc length 0..1 with `count` harmonics, about unit amplitude."""
        harmonics = lowest + np.arange(count)
        phases = np.array([self(0, 2 * np.pi) for _ in harmonics])
        weights = np.array([self(0.4, 1.0) for _ in harmonics]) / (harmonics / lowest)
        waves = np.sin(np.pi * harmonics * s[:, None] + phases) @ weights
        return np.asarray(waves / np.sqrt((weights**2).sum()))


@lru_cache(maxsize=8)
def generated_strokes(seed: int) -> tuple[Stroke, ...]:
    """The wrinkles of the person with that seed at all ages, as strokes.

    Ids are stable: the same seed gives the same strokes. Which of them show follows from expression and age
    through `core.lines.activation`, as for an artist's strokes.

    Returns
    -------
    tuple of Stroke
        In the order of the sites.
    """
    strokes: list[Stroke] = []
    for site in wrinkle_sites():
        for side in ("R", "L") if site.mirrored else ("",):
            strokes.extend(_site_strokes(site, side, seed))
    return tuple(strokes)


def _site_strokes(site: Site, side: str, seed: int) -> list[Stroke]:
    """Lines of one site on one side: like the other side's in number and course, unlike in detail."""
    key = zlib.crc32(site.id.encode())
    person = _Draw(seed, key)
    count = site.lines[0] + int(person(0, site.lines[1] - site.lines[0] + 0.999))
    susceptible = person(0.8, 1.25)  # some people frown, others raise their brows
    offset_years = person(-4.0, 5.0)
    own = _Draw(seed, key, {"R": 1, "L": 2}.get(side, 0))
    if site.mirrored and count > 2 and own() < 0.3:
        count -= 1
    strokes: list[Stroke] = []
    order = sorted(range(count), key=lambda _: own())
    for number in range(count):
        rank = order[number]
        place = (number + 0.5 + 0.5 * (own() - 0.5)) / count if count > 1 else 0.5 + 0.3 * (own() - 0.5)
        draw = _Draw(seed, key, {"R": 1, "L": 2}.get(side, 0), number + 10)
        strokes.extend(_line_strokes(site, side, seed, number, rank, count, place, susceptible, offset_years, draw))
    return strokes


def _line_strokes(
    site: Site, side: str, seed: int, number: int, rank: int, count: int, place: float, susceptible: float,
    offset_years: float, draw: _Draw,
) -> list[Stroke]:  # fmt: skip
    width = draw(*site.width)
    depth = draw(*site.depth_mm) * susceptible * (1 - 0.35 * rank / count)
    pieces = _pieces(site, place, draw)
    if side == "L":
        # A fold's bulge lies to the left of its direction, so its mirror image runs the other way.
        reverse = slice(None, None, -1 if site.profile is Profile.FOLD else 1)
        pieces = [(mirrored(points)[reverse], pressure[reverse], share) for points, pressure, share in pieces]
    units = tuple(sorted((name.replace("*", side), weight) for name, weight in site.action_units))
    title = site.title + (f" {number + 1}" if count > 1 else "")
    title += {"R": ", right", "L": ", left", "": ""}[side]
    late = rank / count - site.young
    born = 0.0 if late < 0 else _LATE_DYNAMIC_FROM + (_LATE_DYNAMIC_TO - _LATE_DYNAMIC_FROM) * late + draw(-3, 3)
    strokes = []
    for index, (points, pressure, share) in enumerate(pieces):
        name = f"p{seed}-{site.id}{side and '-' + side.lower()}-{number + 1}{'abcd'[index]}"
        if units and depth > 0:
            strokes.append(
                Stroke(
                    f"{name}-e", points, pressure, width * share, depth * share, site.profile,
                    Binding(Onset.ACTION_UNITS, units), born, title,
                )
            )  # fmt: skip
        for step, (age, rest_depth) in enumerate(site.static):
            # Lines at rest begin as the deepest part of the line in motion and lengthen with the years.
            first = age == 0
            birth = 0.0 if first else max(age + offset_years + site.lag_years * rank + draw(-2, 2) + 4 * index, 17.0)
            low, high = (0.0, 1.0) if first or step > 0 else (draw(0.05, 0.25), draw(0.75, 0.95))
            if birth >= 70:
                continue
            kept = _cut(points, pressure, low, high)
            strokes.append(
                Stroke(
                    f"{name}-r{step + 1}", *kept, width * share * (0.85 + 0.08 * step),
                    rest_depth * susceptible * share * draw(0.8, 1.2), site.profile, Binding(), birth,
                    f"{title}, at rest",
                )
            )  # fmt: skip
    return strokes


def _pieces(site: Site, place: float, draw: _Draw) -> list[tuple[Float32, Float32, float]]:
    """One line as its pieces (points, pressure, relative depth and width): broken, wavy, sometimes branching."""
    s = np.linspace(0, 1, _POINTS)
    course = between_guides(site.guides, place, s)
    length = float(np.hypot(*np.diff(course, axis=0).T).sum())
    course = course + _normals(course) * (site.wave * length * draw.wave(s, 2, 6))[:, None]
    pressure = np.clip(0.78 + 0.24 * draw.wave(s, 2, 7), 0.3, 1.0)
    fade = abs(site.deep_start) * (s if site.deep_start > 0 else 1 - s)
    pressure = pressure * (1 - 0.75 * fade)
    missing = site.trim * draw(0.3, 1.0)
    at_start = missing * draw(0.1, 0.9) * (0.35 if site.deep_start > 0 else 1.0)
    low, high = at_start, 1 - (missing - at_start)
    whole = (course.astype(np.float32), pressure.astype(np.float32))
    pieces: list[tuple[Float32, Float32, float]] = []
    if draw() < site.breaks:
        gap = draw(0.32, 0.68)
        ends = draw(-0.04, 0.05)
        aside = _normals(course) * (draw(-1.0, 1.0) * 0.025 * length)
        shifted = (whole[0] + aside.astype(np.float32), whole[1])
        one, other = (low, gap - ends / 2), (gap + ends / 2, high)
        pieces.append((*_cut(*whole, *one), 1.0))
        pieces.append((*_cut(*shifted, *other), draw(0.65, 1.0)))
    else:
        pieces.append((*_cut(*whole, low, high), 1.0))
    if draw() < site.branches:
        pieces.append((*_branch(course, length, draw), draw(0.5, 0.75)))
    return pieces


def _branch(course: Float64, length: float, draw: _Draw) -> tuple[Float32, Float32]:
    """A short line that leaves the main one at a small angle."""
    start = int(draw(0.25, 0.6) * _POINTS)
    count = max(int(draw(0.25, 0.4) * _POINTS), 5)
    part = course[start : start + count]
    t = np.linspace(0, 1, len(part))
    away = draw(0.04, 0.10) * length * (1 if draw() < 0.5 else -1)
    part = part + _normals(part) * (away * t**1.3)[:, None]
    return part.astype(np.float32), (0.9 - 0.55 * t).astype(np.float32)


def between_guides(guides: tuple[Float64, ...], place: float, s: Float64) -> Float64:
    """The course at `place` 0..1 between first and last guide, at shares `s` of its length, float64 (N, 2)."""
    if len(guides) == 1:
        # A site with one guide still differs from person to person.
        course = _resampled(guides[0], s)
        return course + _normals(course) * (0.010 * (place - 0.5) * 2)
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
        parts.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
        )
    dense = np.concatenate([*parts, points[-1:]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(dense, axis=0).T))])
    at = s * along[-1]
    return np.stack([np.interp(at, along, dense[:, 0]), np.interp(at, along, dense[:, 1])], axis=1)


def _normals(course: Float64) -> Float64:
    """Unit normals of a polyline, float64 (N, 2)."""
    tangent = np.gradient(course, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1])[:, None], 1e-9)
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def _cut(points: Float32, pressure: Float32, low: float, high: float) -> tuple[Float32, Float32]:
    """The part of a line between two shares of its points."""
    count = len(points)
    at = np.linspace(low * (count - 1), high * (count - 1), max(int(round((high - low) * count)), 4))
    index = np.arange(count)
    cut = np.stack([np.interp(at, index, points[:, 0]), np.interp(at, index, points[:, 1])], axis=1)
    return cut.astype(np.float32), np.interp(at, index, pressure).astype(np.float32)

"""The wrinkles of a person, drawn by a seed from the anatomical sites.

They are strokes like an artist's: bound to action units (in young faces they show in expression only) and,
from the age at which a site's lines stay, at rest. A document can adopt them as its own.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import mirrored
from rhytid.core.detail.site_layers import site_layer_id
from rhytid.core.detail.sites import Site, between_guides, course_normals, wrinkle_sites
from rhytid.core.lines import polyline
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style, seed_of
from rhytid.core.maps.random_stream import RandomStream

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_POINTS = 28
_THINNING_WIDTHS, _THINNING_SHARE = 2.5, 0.3
# Dynamic lines that young faces lack come up between these ages.
_LATE_DYNAMIC_FROM, _LATE_DYNAMIC_TO = 22.0, 46.0
_YOUNG_SHARE, _FULL_DEPTH_FROM = 0.6, 26.0


def site_binding(site: Site, side: str) -> Binding:
    """What raises the lines of a site on a side ("R", "L" or ""); always there when nothing does."""
    if site.weights:
        word = {"R": "Right", "L": "Left", "": ""}[side]
        names = tuple(sorted((name.replace("*", word), weight) for name, weight in site.weights))
        return Binding(Onset.EXPRESSION, names)
    units = tuple(sorted((name.replace("*", side), weight) for name, weight in site.action_units))
    return Binding(Onset.ACTION_UNITS, units) if units else Binding()


class _Draw:
    """Random numbers of one line."""

    def __init__(self, *identity: int) -> None:
        self._stream = RandomStream(*identity)

    def __call__(self, low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * self._stream.draw()

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
        In the order of the sites, each in the layer of its site and side.
    """
    strokes: list[Stroke] = []
    for site in wrinkle_sites():
        for side in ("R", "L") if site.mirrored else ("",):
            layer = site_layer_id(site, side)
            strokes.extend(replace(stroke, layer=layer) for stroke in _site_strokes(site, side, seed))
    return tuple(strokes)


@lru_cache(maxsize=8)
def natural_wrinkles(seed: int) -> tuple[Stroke, ...]:
    """`generated_strokes` as skin folds: uneven, leaning, with finer lines beside them (`core.lines.natural`).

    All stages of a line are one wrinkle, which deepens with age and expression where it is.
    """
    return tuple(
        replace(stroke, style=Style.NATURAL, seed=seed_of(stroke.id.rpartition("-")[0]))
        for stroke in generated_strokes(seed)
    )


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
        strokes.extend(
            _line_strokes(site, side, seed, number, rank, count, place, susceptible, offset_years, draw)
        )
    return strokes


def _line_strokes(
    site: Site, side: str, seed: int, number: int, rank: int, count: int, place: float, susceptible: float,
    offset_years: float, draw: _Draw,
) -> list[Stroke]:  # fmt: skip
    width = draw(*site.width)
    depth = draw(*site.depth_mm) * susceptible * (1 - 0.35 * rank / count)
    # Neighbouring lines follow the same bends, for the same skin folds in all of them.
    shared = _Draw(seed, zlib.crc32(site.id.encode()), {"R": 1, "L": 2}.get(side, 0), 5)
    pieces = _pieces(site, place, draw, shared)
    if side == "L":
        # A fold's bulge lies to the left of its direction, so its mirror image runs the other way.
        reverse = slice(None, None, -1 if site.profile is Profile.FOLD else 1)
        pieces = [(mirrored(points)[reverse], pressure[reverse], share) for points, pressure, share in pieces]
    binding = site_binding(site, side)
    title = site.title + (f" {number + 1}" if count > 1 else "")
    title += {"R": ", right", "L": ", left", "": ""}[side]
    late = rank / count - site.young
    span = _LATE_DYNAMIC_TO - _LATE_DYNAMIC_FROM
    born = 0.0 if late < 0 else _LATE_DYNAMIC_FROM + span * late + draw(-3, 3)
    strokes = []
    for index, (points, whole, share) in enumerate(pieces):
        # A short piece is shallow: a wrinkle's depth goes with its length, and a deep stub looks like a scar.
        length = polyline.length(points)
        share *= min(1.0, length / (4.5 * site.width[1])) ** 0.5
        name = f"p{seed}-{site.id}{side and '-' + side.lower()}-{number + 1}{'abcd'[index]}"
        across = width * max(share, 0.6)
        pressure = whole * _thinning(len(points), min(_THINNING_SHARE, _THINNING_WIDTHS * across / length))
        if binding.weights and depth > 0:
            # Young skin folds less deeply; the full depth comes with the years.
            stages = [(born, _YOUNG_SHARE), (_FULL_DEPTH_FROM, 1.0)] if born == 0 else [(born, 1.0)]
            for stage, (birth, part) in enumerate(stages):
                shape = (points, pressure, across, depth * share * part, site.profile)
                strokes.append(Stroke(f"{name}-e{stage + 1}", *shape, binding, birth, title))
        for step, (age, rest_depth) in enumerate(site.static):
            # Lines at rest begin as the deepest part of the line in motion and lengthen with the years.
            first = age == 0
            later = offset_years + site.lag_years * rank + draw(-2, 2) + 4 * index
            birth = 0.0 if first else max(age + later, 17.0)
            low, high = (0.0, 1.0) if first or step > 0 else (draw(0.05, 0.25), draw(0.75, 0.95))
            if birth >= 70:
                continue
            mm = rest_depth * susceptible * share * draw(0.8, 1.2)
            shape = (points, pressure * _window(len(points), low, high), across, mm, site.profile)
            strokes.append(Stroke(f"{name}-r{step + 1}", *shape, Binding(), birth, f"{title}, at rest"))
    return strokes


def _pieces(site: Site, place: float, draw: _Draw, shared: _Draw) -> list[tuple[Float32, Float32, float]]:
    """One line as its pieces (points, pressure, relative depth): wavy, broken, sometimes branching."""
    s = np.linspace(0, 1, _POINTS)
    course = between_guides(site.guides, place, s)
    length = polyline.length(course)
    bends = 0.8 * shared.wave(s, 2, 5) + 0.55 * draw.wave(s, 3, 7)
    course = course + course_normals(course) * (site.wave * length * bends)[:, None]
    uneven = 0.10 if site.profile is Profile.FOLD else 0.24
    pressure = np.clip(1 - uneven + uneven * draw.wave(s, 2, 7), 0.3, 1.0)
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
        aside = course_normals(course) * (draw(-1.0, 1.0) * 0.025 * length)
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
    part = part + course_normals(part) * (away * t**1.3)[:, None]
    return part.astype(np.float32), (0.9 - 0.55 * t).astype(np.float32)


def _thinning(count: int, share: float) -> Float32:
    """1 along a line, smoothly less over a share of it at each end, as grown wrinkles run out; float32 (count,)."""
    s = np.linspace(0, 1, count)
    inside = np.clip(np.minimum(s, 1 - s) / share, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)


def _window(count: int, low: float, high: float) -> Float32:
    """1 between two shares of a line, smoothly 0 beyond, float32 (count,)."""
    s = np.linspace(0, 1, count)
    inside = np.clip(np.minimum(s - low, high - s) / 0.12 + 1, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)


def _cut(points: Float32, pressure: Float32, low: float, high: float) -> tuple[Float32, Float32]:
    """The part of a line between two shares of its points."""
    count = len(points)
    at = np.linspace(low * (count - 1), high * (count - 1), max(round((high - low) * count), 4))
    index = np.arange(count)
    cut = np.stack([np.interp(at, index, points[:, 0]), np.interp(at, index, points[:, 1])], axis=1)
    return cut.astype(np.float32), np.interp(at, index, pressure).astype(np.float32)

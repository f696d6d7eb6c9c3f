"""Why a drawn line looks wrong: rules of anatomy and of the hand, each finding with its place.

A rule speaks of what is drawn, never of taste: lines of a scan (`Stroke.from_source`) are what they are, hidden ones
are nobody's business, and scars run wherever something cut. `core.detail.line_mending` makes a finding go away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import DEEPENING_YEARS, coarseness, grown_share
from rhytid.core.detail.anatomy import EYE_RIGHT, LIPS, MOUTH_OPENING, NOSTRIL_RIGHT, mirrored
from rhytid.core.detail.guide import tension_direction
from rhytid.core.detail.site_layers import site_layer_id
from rhytid.core.detail.site_match import site_of
from rhytid.core.detail.sites import Site, wrinkle_sites
from rhytid.core.lines import edit, polyline
from rhytid.core.lines.curve import course_of
from rhytid.core.lines.stroke import Onset, Profile, Stroke, Style
from rhytid.core.maps.units import CHART_MM
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
STEP_MM = 1.0  # at which a line is looked at
ACROSS_COSINE, ACROSS_SHARE = 0.5, 0.6  # more than 60 degrees off, along most of the line
_ACROSS_LEAST_MM = 6.0
_DEPTH_FACTOR, _WIDTH_FACTOR = 2.2, 1.8  # of what is usual at a site; faces differ
_LEAST_LIMIT_MM = 0.3
_USUAL_MM, _USUAL_FOLD_MM, _FOLD_FROM_MM = 0.35, 0.65, 4.0  # depth away from all sites
_WIDEST_MM = {Profile.FINE_LINE: 4.0, Profile.FOLD: 18.0}
_WIDEST_OTHER_MM = 10.0
_BLUNT_SHARE, _BLUNT_LEAST_MM, _BLUNT_SEEN_MM = 0.8, 6.0, 0.12
_DOUBLED_SHARE, _DOUBLED_COSINE, _DOUBLED_MM, _DOUBLED_WIDTHS = 0.7, 0.85, 0.6, 0.3
INSIDE_MM = 0.8  # beyond a border
_INSIDE_LEAST_MM = {"eye": 1.5, "mouth": 1.5, "nostril": 1.5, "lips": 3.0}
_OFF_LEAST_MM = 2.0
OFF_SKIN = 0.02  # of the chart, from its edge: no detail shows there
KINK_COSINE, _KINK_REACH_MM = 0.34, 1.5  # 70 degrees within three millimetres
_ZIGZAG_DEG, _ZIGZAG_TURNS = 25.0, 4
_SAME = 1e-6


class Fault(str, Enum):
    """What is wrong with a line."""

    ACROSS = "across"  # it crosses the skin's tension where lines never do
    TOO_DEEP = "too_deep"  # for its site and the age
    TOO_WIDE = "too_wide"
    BLUNT = "blunt"  # it ends at full depth
    DOUBLED = "doubled"  # it lies on another one
    OVER_BORDER = "over_border"  # of lips, eye, mouth or nostril
    OFF_SKIN = "off_skin"  # where no detail can be
    KINKED = "kinked"  # a sharp turn, or a zigzag
    TWIN = "twin"  # the exact mirror image of another one


@dataclass(frozen=True)
class Finding:
    """Something wrong with a line.

    Attributes
    ----------
    fault : Fault
    stroke : str
        Id of the line.
    at : (x, y)
        Where it shows most, chart coordinates.
    other : str
        Id of the line that it goes with, "" for none.
    limit_mm : float
        Of a line too deep or too wide: what it may be.
    where : str
        Of a border: "eye", "mouth", "nostril" or "lips".
    """

    fault: Fault
    stroke: str
    at: tuple[float, float]
    other: str = ""
    limit_mm: float = 0.0
    where: str = ""


def findings(strokes: Sequence[Stroke], age: float) -> tuple[Finding, ...]:
    """What is wrong with lines, in their order.

    Parameters
    ----------
    age : float
        Of the face in years.
    """
    judged = [stroke for stroke in strokes if stroke.visible and not stroke.from_source]
    found = [finding for stroke in judged for finding in of_line(stroke, age)]
    found += _doubled(judged)
    found += _twins(judged)
    order = {stroke.id: number for number, stroke in enumerate(strokes)}
    return tuple(sorted(found, key=lambda finding: order[finding.stroke]))


@lru_cache(maxsize=2048)
def of_line(stroke: Stroke, age: float) -> tuple[Finding, ...]:
    """What is wrong with a line by itself."""
    rules = (_across, _too_deep, _too_wide, _blunt, _over_border, _off_skin, _kinked)
    return tuple(finding for rule in rules if (finding := rule(stroke, age)) is not None)


@lru_cache(maxsize=2048)
def looked_at(stroke: Stroke) -> Float64:
    """The line at equal distances of about a millimetre: x, y, pressure and share of the width.

    Returns
    -------
    float64 (M, 4), read-only
    """
    return read_only(polyline.resampled(course_of(stroke), STEP_MM / CHART_MM))


def across(stroke: Stroke) -> npt.NDArray[np.bool_]:
    """Which pieces of `looked_at` cross the tension of the skin, (M - 1,)."""
    line = looked_at(stroke)[:, :2]
    way = np.diff(line, axis=0)
    way /= np.maximum(np.hypot(*way.T)[:, None], 1e-12)
    along = np.abs((way * tension_direction((line[1:] + line[:-1]) / 2)).sum(axis=1))
    return np.asarray(along < ACROSS_COSINE)


def inside(stroke: Stroke, where: str) -> npt.NDArray[np.bool_]:
    """Which samples of `looked_at` lie within a border ("eye", "mouth", "nostril", "lips"), (M,)."""
    line = looked_at(stroke)[:, :2].astype(np.float32)
    found = np.zeros(len(line), bool)
    for border in _borders()[where]:
        low, high = border.min(axis=0), border.max(axis=0)
        for row in np.flatnonzero(((line > low) & (line < high)).all(axis=1)).tolist():
            x, y = (float(value) for value in line[row])
            found[row] |= cv2.pointPolygonTest(border, (x, y), True) * CHART_MM > INSIDE_MM
    return found


def off_skin(stroke: Stroke) -> npt.NDArray[np.bool_]:
    """Which samples of `looked_at` lie at the chart's edge, (M,)."""
    line = looked_at(stroke)[:, :2]
    return np.asarray((np.minimum(line, 1 - line) < OFF_SKIN).any(axis=1))


@lru_cache(maxsize=1)
def _borders() -> dict[str, tuple[npt.NDArray[np.float32], ...]]:
    both = {"eye": EYE_RIGHT, "nostril": NOSTRIL_RIGHT}
    single = {"mouth": MOUTH_OPENING, "lips": LIPS}
    borders = {name: (np.array(right, np.float32), mirrored(right)) for name, right in both.items()}
    return {**borders, **{name: (np.array(border, np.float32),) for name, border in single.items()}}


# ---- a line by itself ------------------------------------------------------------------------------------


def _across(stroke: Stroke, _age: float) -> Finding | None:
    crossing = across(stroke)
    if stroke.profile is Profile.SCAR or len(crossing) * STEP_MM < _ACROSS_LEAST_MM:
        return None
    if crossing.mean() <= ACROSS_SHARE or site_of(stroke) is not None:
        return None
    return Finding(Fault.ACROSS, stroke.id, _place(stroke, crossing))


def _too_deep(stroke: Stroke, age: float) -> Finding | None:
    limit, deepest = depth_limit_mm(stroke, age), abs(stroke.depth_mm) * float(stroke.pressure.max())
    if deepest <= limit:
        return None
    return Finding(Fault.TOO_DEEP, stroke.id, _point(stroke, int(stroke.pressure.argmax())), limit_mm=limit)


def depth_limit_mm(stroke: Stroke, age: float) -> float:
    """The deepest that a line may be where it is: at rest by age, with an expression as deep as it ever gets."""
    if stroke.profile is Profile.SCAR:
        return 3.0
    width_mm = stroke.width * CHART_MM
    if stroke.birth_age > 0:
        age = max(age, stroke.birth_age + DEEPENING_YEARS)  # when it is as deep as it is set
    matched = _site(stroke)
    anywhere = _DEPTH_FACTOR * (_USUAL_FOLD_MM if width_mm >= _FOLD_FROM_MM else _USUAL_MM)
    if matched is None or matched.depth_mm[1] == 0.0:  # grooves that everyone has say nothing of wrinkles there
        return anywhere
    ever = max([abs(depth) for _, depth in matched.static], default=0.0)
    if stroke.binding.onset is Onset.ALWAYS:
        usual = max([abs(depth) * grown_share(born, age) for born, depth in matched.static], default=0.0)
    else:
        usual = max(ever, matched.depth_mm[1] * (0.75 + 0.5 * coarseness(age)))
    return max(_DEPTH_FACTOR * usual, _LEAST_LIMIT_MM)


def _too_wide(stroke: Stroke, _age: float) -> Finding | None:
    limit = width_limit_mm(stroke)
    if stroke.width * CHART_MM <= limit:
        return None
    return Finding(Fault.TOO_WIDE, stroke.id, _point(stroke, len(stroke.points) // 2), limit_mm=limit)


def width_limit_mm(stroke: Stroke) -> float:
    """The widest that a line may be where it is."""
    matched = _site(stroke)
    if stroke.profile is Profile.SCAR or matched is None or matched.depth_mm[1] == 0.0:
        return _WIDEST_MM.get(stroke.profile, _WIDEST_OTHER_MM)
    return _WIDTH_FACTOR * matched.width[1] * CHART_MM


def _site(stroke: Stroke) -> Site | None:
    """The site of the layer that the line lies in, or the one along which it runs."""
    for site in wrinkle_sites():
        if stroke.layer.removesuffix("-r").removesuffix("-l") == site_layer_id(site, ""):
            return site
    matched = site_of(stroke)
    return None if matched is None else matched[0]


def _blunt(stroke: Stroke, _age: float) -> Finding | None:
    """A natural wrinkle runs out by itself."""
    line = looked_at(stroke)
    if stroke.style is Style.NATURAL or stroke.profile is Profile.SCAR or len(line) * STEP_MM < _BLUNT_LEAST_MM:
        return None
    most = line[:, 2:].max(axis=0)
    ends = [row for row in (0, len(line) - 1) if (line[row, 2:] > _BLUNT_SHARE * most).all()]
    if not ends or abs(stroke.depth_mm) * most[0] < _BLUNT_SEEN_MM:
        return None
    return Finding(Fault.BLUNT, stroke.id, _chart(line[ends[0]]))


def _over_border(stroke: Stroke, _age: float) -> Finding | None:
    for where, least_mm in _INSIDE_LEAST_MM.items():
        within = inside(stroke, where)
        if within.sum() * STEP_MM < least_mm:
            continue
        if where == "lips" and ((~within).sum() * STEP_MM < least_mm or site_of(stroke) is not None):
            continue  # a line of the lips' own
        return Finding(Fault.OVER_BORDER, stroke.id, _place(stroke, within), where=where)
    return None


def _off_skin(stroke: Stroke, _age: float) -> Finding | None:
    beyond = off_skin(stroke)
    if beyond.sum() * STEP_MM < _OFF_LEAST_MM or site_of(stroke) is not None:
        return None
    return Finding(Fault.OFF_SKIN, stroke.id, _place(stroke, beyond))


def _kinked(stroke: Stroke, _age: float) -> Finding | None:
    row = kink(stroke)
    return None if row is None else Finding(Fault.KINKED, stroke.id, _chart(looked_at(stroke)[row]))


def kink(stroke: Stroke) -> int | None:
    """Which sample of `looked_at` is the sharpest turn of a line that has one, or turns to and fro; None for none."""
    line = polyline.resampled(course_of(stroke), 0.5 * STEP_MM / CHART_MM)[:, :2]
    reach = round(_KINK_REACH_MM / (0.5 * STEP_MM))
    if len(line) < 2 * reach + 1:
        return None
    arriving, leaving = line[reach:-reach] - line[: -2 * reach], line[2 * reach :] - line[reach:-reach]
    cosine = (arriving * leaving).sum(axis=1)
    cosine /= np.maximum(np.hypot(*arriving.T) * np.hypot(*leaving.T), 1e-12)
    turn = np.degrees(np.arctan2(arriving[:, 0] * leaving[:, 1] - arriving[:, 1] * leaving[:, 0],
                                 (arriving * leaving).sum(axis=1)))  # fmt: skip
    sides = np.sign(turn[np.abs(turn) > _ZIGZAG_DEG])
    if cosine.min() >= KINK_COSINE and (np.diff(sides) != 0).sum() < _ZIGZAG_TURNS:
        return None
    sharpest = (int(cosine.argmin()) + reach) / (len(line) - 1)
    return round(sharpest * (len(looked_at(stroke)) - 1))


# ---- lines beside each other -----------------------------------------------------------------------------


def _doubled(strokes: Sequence[Stroke]) -> Iterator[Finding]:
    """Of two lines that lie on each other the lesser one is told of."""
    lines = [looked_at(stroke)[:, :2] for stroke in strokes]
    weight = [abs(stroke.depth_mm) * len(line) for stroke, line in zip(strokes, lines, strict=True)]
    told: set[str] = set()
    for i, k in _pairs_that_meet(lines):
        lesser, greater = (i, k) if weight[i] < weight[k] else (k, i)
        first, second = strokes[i], strokes[k]
        if strokes[lesser].id in told or not _shows_with(first, second):
            continue
        reach = max(_DOUBLED_MM / CHART_MM, _DOUBLED_WIDTHS * (first.width + second.width) / 2)
        near = _beside(lines[lesser], lines[greater], reach)
        if near.mean() > _DOUBLED_SHARE:
            told.add(strokes[lesser].id)
            place = _place(strokes[lesser], near)
            yield Finding(Fault.DOUBLED, strokes[lesser].id, place, other=strokes[greater].id)


def _pairs_that_meet(lines: Sequence[Float64]) -> list[tuple[int, int]]:
    """Numbers of lines whose boxes overlap, the lower one first."""
    if not lines:
        return []
    margin = 2 * _DOUBLED_MM / CHART_MM
    low = np.array([line.min(axis=0) for line in lines]) - margin
    high = np.array([line.max(axis=0) for line in lines]) + margin
    meets = np.triu(((low[:, None] <= high[None]) & (high[:, None] >= low[None])).all(axis=2), k=1)
    return [(i, k) for i, k in np.argwhere(meets).tolist()]


def _shows_with(first: Stroke, second: Stroke) -> bool:
    """Whether two lines are on the face at the same time and not meant as one, as a line that deepens by steps is."""
    if (first.binding, first.birth_age) != (second.binding, second.birth_age):
        return False
    stacked = first.line_key == second.line_key and first.depth_mm != second.depth_mm
    return not stacked


def _beside(line: Float64, other: Float64, reach: float) -> npt.NDArray[np.bool_]:
    """Which points of a line another one runs along."""
    apart = np.hypot(*(line[:, None] - other[None]).transpose(2, 0, 1))
    nearest = apart.argmin(axis=1)
    way, along = _directions(line), _directions(other)[nearest]
    found: npt.NDArray[np.bool_] = apart.min(axis=1) < reach
    return found & (np.abs((way * along).sum(axis=1)) > _DOUBLED_COSINE)


def _directions(line: Float64) -> Float64:
    way = np.gradient(line, axis=0)
    return np.asarray(way / np.maximum(np.hypot(*way.T)[:, None], 1e-12))


def _twins(strokes: Sequence[Stroke]) -> Iterator[Finding]:
    known: dict[bytes, Stroke] = {}
    for stroke in strokes:
        other = known.get(_course(edit.mirror(stroke, stroke.id)))
        if other is not None and (other.width, other.depth_mm) == (stroke.width, stroke.depth_mm):
            yield Finding(Fault.TWIN, stroke.id, _point(stroke, len(stroke.points) // 2), other=other.id)
        known[_course(stroke)] = stroke


def _course(stroke: Stroke) -> bytes:
    """What two exact twins have in common, rounding apart; the way it was drawn in does not matter."""
    rows = np.column_stack([stroke.points, stroke.pressure]).astype(np.float64)
    rows = rows if tuple(rows[0]) <= tuple(rows[-1]) else rows[::-1]
    return np.round(rows / (10 * _SAME)).astype(np.int64).tobytes()


def _place(stroke: Stroke, chosen: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """The middle one of the chosen samples."""
    rows = np.flatnonzero(chosen)
    return _chart(looked_at(stroke)[rows[len(rows) // 2]])


def _point(stroke: Stroke, index: int) -> tuple[float, float]:
    return _chart(stroke.points[index].astype(np.float64))


def _chart(row: Float64) -> tuple[float, float]:
    return float(row[0]), float(row[1])

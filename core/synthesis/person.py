"""A synthetic person: everything that stays the same through expressions and years, made once per seed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import REFERENCE_AGE
from rhytid.core.lines.activation import activation
from rhytid.core.lines.relief import relief, stroke_rect
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.core.maps.bands import REGIONS
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis.calibration import memberships
from rhytid.core.synthesis.drift import drifted_points, drifted_strokes, shape_field
from rhytid.core.synthesis.features import Drivers, driven_amount, feature_strokes
from rhytid.core.synthesis.hair import scar_strokes
from rhytid.core.synthesis.key_expressions import action_units
from rhytid.core.synthesis.streaks import streak_strokes
from rhytid.core.synthesis.wrinkle_lines import wrinkle_strokes

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Lines = tuple[tuple[Stroke, float], ...]
_MOST_GAIN = 5.0
# Lines that came with the years keep about the depth that is known of them: the scans are of the young.
_AGED_GAIN = (0.55, 1.0)
_SLACK_YEARS = 0.006  # growth per year of ridges and streaks
_LEAST_AMOUNT = 0.02
_SIDES_ALIKE = 0.85  # correlation of what the left and the right of a face deviate by


class Person:
    """The lines of a seed and how a pose raises them.

    Attributes
    ----------
    seed : int
    rest_deviation : float64 (R, B)
        Standard normal deviations of the texture from the mean person, partly common to all places.
    change_deviation : float64 (K, R)
        The same of the change in each key expression.
    """

    def __init__(self, seed: int, n_keys: int, n_regions: int, n_bands: int) -> None:
        self.seed = seed
        shape = shape_field(seed)
        self.shape = shape
        self.wrinkles = drifted_strokes(wrinkle_strokes(seed), shape)
        self.features = tuple(
            (replace(stroke, points=drifted_points(stroke.points, shape)), drivers, side)
            for stroke, drivers, side in feature_strokes(seed)
        )
        self.streaks = tuple(
            (replace(stroke, points=drifted_points(stroke.points, shape)), rest, drivers, side)
            for stroke, rest, drivers, side in streak_strokes(seed)
        )
        self.scars = scar_strokes(seed)
        strokes = [
            *self.wrinkles, *(entry[0] for entry in self.features), *(entry[0] for entry in self.streaks), *self.scars,
        ]  # fmt: skip
        self._members = {stroke.id: memberships(stroke.points) for stroke in strokes}
        rng = np.random.default_rng([seed, 931])
        everywhere, by_band, by_region = rng.normal(), rng.normal(size=n_bands), rng.normal(size=n_regions)
        own_rest = rng.normal(size=(n_regions, n_bands))
        self.rest_deviation = (
            0.55 * everywhere + 0.35 * by_band[None, :] + _sides_alike(0.6 * by_region[:, None] + 0.45 * own_rest)
        )  # fmt: skip
        by_key, own = rng.normal(size=n_keys), rng.normal(size=(n_keys, n_regions))
        self.change_deviation = 0.5 * by_key[:, None] + 0.85 * _sides_alike(own.T).T
        self._aged = frozenset(
            stroke.id for stroke in self.wrinkles if stroke.binding.onset is Onset.ALWAYS and stroke.birth_age > 0
        )
        self._units: dict[str, tuple[Rect, Float32]] = {}
        self._lock = threading.Lock()

    def lines(self, gains: Float64, expression: Float32, age: float, full: bool = False) -> Lines:
        """Strokes that show in a pose with the share of their depth.

        Parameters
        ----------
        gains : float64 (R,)
            Logarithm of the factor of the lines' depth by region.
        full : bool
            Every movement at its strongest, as when the skin is pushed together everywhere.
        """
        units = action_units(expression)
        older = float(np.exp(_SLACK_YEARS * (age - REFERENCE_AGE)))
        amounts: list[tuple[Stroke, float]] = []
        for stroke in self.wrinkles:
            raised = dict(stroke.binding.weights) if full else units
            weights = expression
            amounts.append((stroke, activation(stroke, weights, raised, age)))
        for stroke, drivers, side in self.features:
            amounts.append((stroke, max(1 + _raised(drivers, side, expression, full), 0.25) * older))
        for stroke, rest, drivers, side in self.streaks:
            amounts.append((stroke, max(rest + _raised(drivers, side, expression, full), 0.15 * rest) * older))
        amounts += [(stroke, 1.0) for stroke in self.scars]
        shown = []
        for stroke, amount in amounts:
            if amount > 0:
                gain = min(float(np.exp(self._members[stroke.id] @ gains)), _MOST_GAIN)
                amount *= min(max(gain, _AGED_GAIN[0]), _AGED_GAIN[1]) if stroke.id in self._aged else gain
            if amount > _LEAST_AMOUNT:
                shown.append((stroke, amount))
        return tuple(shown)

    def line_factors(self, capture: int, spread: float) -> dict[str, float]:
        """A random factor of the depth of each of the person's lines in a capture, by id: alike on both sides."""
        normal = np.random.default_rng([self.seed, capture, 951]).standard_normal(len(self._members))
        pairs: dict[str, float] = {}
        for name, own in zip(self._members, normal.tolist(), strict=True):
            pairs.setdefault(_sideless(name), own)
        shared = np.array([pairs[_sideless(name)] for name in self._members])
        mixed = np.sqrt(_SIDES_ALIKE) * shared + np.sqrt(1 - _SIDES_ALIKE) * normal
        return dict(zip(self._members, np.exp(spread * mixed).tolist(), strict=True))

    def relief_parts(self, lines: Lines) -> tuple[Float32, Float32]:
        """Highest bulge and deepest valley of the lines, each float32 (256, 256) in mm.

        Their sum is `core.lines.relief.relief` of the lines.
        """
        high = np.zeros((SIDE, SIDE), np.float32)
        low = np.zeros_like(high)
        for stroke, amount in lines:
            rect, unit = self._unit(stroke)
            amplitude = np.float32(stroke.depth_mm * amount)
            if rect.empty or amplitude == 0:
                continue
            part = unit * amplitude
            np.maximum(high[rect.slices], part, out=high[rect.slices])
            np.minimum(low[rect.slices], part, out=low[rect.slices])
        return high, low

    def _unit(self, stroke: Stroke) -> tuple[Rect, Float32]:
        """Relief of depth 1 of a stroke on its rectangle; that of the person's own strokes is kept."""
        known = self._units.get(stroke.id) if stroke.id in self._members else None
        if known is None:
            sign = Stroke(stroke.id, stroke.points, stroke.pressure, stroke.width, 1.0, stroke.profile)
            rect = stroke_rect(sign, SIDE)
            unit = relief([(sign, 1.0)], SIDE, rect) if not rect.empty else np.zeros((0, 0), np.float32)
            known = (rect, unit)
            if stroke.id in self._members:
                with self._lock:
                    self._units[stroke.id] = known
        return known


def _sides_alike(deviations: Float64) -> Float64:
    """Standard normal deviations (R, N) with those of a left region mostly those of the right one."""
    names = list(REGIONS)
    result = deviations.copy()
    for index, name in enumerate(names):
        if name.endswith("_left"):
            other = deviations[names.index(name.removesuffix("_left") + "_right")]
            result[index] = _SIDES_ALIKE * other + np.sqrt(1 - _SIDES_ALIKE**2) * deviations[index]
    return result


def _sideless(name: str) -> str:
    """A line's id without its side, the same for both of a pair."""
    return "-".join(part for part in name.split("-") if part not in ("l", "r"))


def _raised(drivers: Drivers, side: str, expression: Float32, full: bool) -> float:
    if full:
        return sum(max(gain, 0.0) for _, gain in drivers[:2]) * 0.6
    return driven_amount(drivers, side, expression)


def without(lines: Lines, erased: Sequence[str]) -> Lines:
    """The lines without those of the ids `erased`.

    Raises
    ------
    ValueError
        An id is none of the lines.
    """
    gone = set(erased)
    missing = sorted(gone - {stroke.id for stroke, _ in lines})
    if missing:
        raise ValueError(f"no line {missing[0]!r} shows in this pose; erase one of Sample.lines")
    return tuple(entry for entry in lines if entry[0].id not in gone)


@lru_cache(maxsize=6)
def person(seed: int, n_keys: int, n_regions: int, n_bands: int) -> Person:
    """The person of a seed, the last few kept."""
    return Person(seed, n_keys, n_regions, n_bands)

"""Sliders of the identity that mean something: measures, and how the head's modes bring them about.

Regressed in closed form on the measures of people whom the modes' own prior brings forth. A slider moves its measure
along the likeliest way, the shortest in standard deviations of the modes, that holds the other measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.anthropometry import MEASURES, Landmarks, landmark_vertices, measured
from rhytid.core.head.head import Head
from rhytid.core.head.person_offsets import moved as moved_by

Float64 = npt.NDArray[np.float64]

RANGE = 2.5
"""Spreads to either side of the mean that a slider reaches at most: 988 of 1000 people lie within."""
SEX = "sex"
"""Not measured but the way between the sexes: -1 at the mean woman, 1 at the mean man."""
MEASURE_NAMES = (*(measure.name for measure in MEASURES), SEX)
_N_PEOPLE = 600
_RIDGE = 1e-3
_HOLD = 48.0  # how much a spread of another measure weighs against a standard deviation of the modes
_ROUNDS, _ROUNDS_TOGETHER = 5, 24
_LEAST_SPREAD = 1e-3  # mm or degrees
_SLIGHTLY, _LEAST_SLOPE = 0.01, 0.4
# A part moves its whole, and the whole its parts: neither holds the other.
_PARTS = {"face_height": ("nose_length", "philtrum", "upper_lip", "lower_lip", "chin_height")}
# Cohen's d of adults, men less women: Kesterke et al., "Using the 3D Facial Norms Database to investigate craniofacial
# sexual dimorphism in healthy children, adolescents, and adults", Biology of Sex Differences 7:23, 2016, table 3. Its
# lower facial depth, from tragion to gnathion, stands for the jaw's length.
_DIMORPHISM = {
    "forehead_width": 0.80, "face_width": 1.34, "jaw_width": 1.21, "jaw_length": 2.10, "face_height": 1.58,
    "eye_spacing": 0.61, "eye_width": 0.46, "nose_width": 1.57, "nose_tip": 0.62,
}  # fmt: skip


class IdentityMeasures:
    """The measures of a head's people.

    Attributes
    ----------
    mean, spread : float64 (K,)
        Of each of `MEASURES` over people, the spread as standard deviation.
    directions : float64 (K, I)
        What to add to the weights of identity for one unit more of each measure.
    sex_direction : float64 (I,)
        From the mean person to the mean man; the mean woman lies as far on the other side.
    """

    def __init__(self, head: Head) -> None:
        self._head, self._vertices = head, landmark_vertices(head)
        self._base = head.neutral[self._vertices].astype(np.float64)
        self._modes = head.identity[:, self._vertices].astype(np.float64)
        weights = np.clip(np.random.default_rng(0).normal(size=(_N_PEOPLE, head.n_identity)), -2.0, 2.0)
        with np.errstate(invalid="ignore", divide="ignore"):  # where a strange head has two landmarks in one place
            people = np.nan_to_num(measured(self._base + np.tensordot(weights, self._modes, 1)))
        self.mean, self.spread = people.mean(axis=0), np.maximum(people.std(axis=0), _LEAST_SPREAD)
        centred = weights - weights.mean(axis=0)
        normal = centred.T @ centred + _RIDGE * np.eye(head.n_identity)
        slopes = np.linalg.solve(normal, centred.T @ ((people - self.mean) / self.spread)).T
        self.directions = np.stack([self._direction(slopes, k) for k in range(len(MEASURES))])
        self.sex_direction = _sex_direction(slopes)
        # No farther than people are from the mean, so that a slider at its end makes a face no rarer than most.
        far = np.linalg.norm(self.directions, axis=1) * self.spread
        usual = np.minimum(RANGE, np.sqrt(head.n_identity) / np.maximum(far, _LEAST_SPREAD))
        self._reach = np.where(far > 0, self.spread * usual, 0.0)

    def _direction(self, slopes: Float64, k: int) -> Float64:
        held = slopes[[i for i, other in enumerate(MEASURES) if i != k and not _related(MEASURES[k].name, other.name)]]
        way = np.linalg.solve(np.eye(slopes.shape[1]) + _HOLD * held.T @ held, slopes[k])
        along = float(slopes[k] @ way)
        if along < _LEAST_SPREAD or self.spread[k] <= _LEAST_SPREAD:
            return np.zeros_like(way)
        direction: Float64 = way / along / self.spread[k]
        return direction

    def of(self, identity: npt.ArrayLike, offsets: npt.NDArray[np.float32] | None = None) -> dict[str, float]:
        """The measures of a person, by `MEASURE_NAMES`.

        Parameters
        ----------
        identity : (up to I,)
            Weights in standard deviations.
        offsets : float32 (n, 3), optional
            What the person has beyond the modes, mm, as `core.head.person_offsets` reads it.
        """
        weights = self._weights(identity)
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.nan_to_num(measured(self._landmarks(weights, offsets)))
        return {**dict(zip(MEASURE_NAMES, values.tolist(), strict=False)), SEX: self._sex(weights)}

    def moved(
        self, identity: npt.ArrayLike, values: Mapping[str, float], offsets: npt.NDArray[np.float32] | None = None
    ) -> tuple[float, ...]:
        """Weights (I,) of the same person but for some measures, which take new values.

        The sex is set first: a man with a narrow nose has it and is no more the mean man. Measures that pull against
        each other come as close as a few rounds bring them.

        Raises
        ------
        ValueError
            There is no such measure.
        """
        for name in values:
            if name not in MEASURE_NAMES:
                raise ValueError(f"{name!r} is no measure of a face; there are {', '.join(MEASURE_NAMES)}")
        weights = self._weights(identity)
        if SEX in values:
            weights = weights + (values[SEX] - self._sex(weights)) * self.sex_direction
        wanted = [(k, values[measure.name]) for k, measure in enumerate(MEASURES) if measure.name in values]
        for _ in range(_ROUNDS if len(wanted) == 1 else _ROUNDS_TOGETHER):
            for k, value in wanted:
                weights = self._nearer(weights, k, value, offsets)
        return tuple(weights.tolist())

    def _nearer(self, weights: Float64, k: int, value: float, offsets: npt.NDArray[np.float32] | None) -> Float64:
        """One of Newton's steps along a measure's way, whose slope is only the mean of people: lengths bend."""
        step = self.directions[k] * self.spread[k] * _SLIGHTLY
        here, beside = (self._measure(k, w, offsets) for w in (weights, weights + step))
        slope = max((beside - here) / (self.spread[k] * _SLIGHTLY), _LEAST_SLOPE)
        return weights + (value - here) / slope * self.directions[k]

    def _measure(self, k: int, weights: Float64, offsets: npt.NDArray[np.float32] | None) -> float:
        return float(MEASURES[k].of(Landmarks(self._landmarks(weights, offsets))))

    def limits(self, name: str) -> tuple[float, float, float]:
        """Lowest plausible value of a measure, that of the mean person, and the highest; all one if it is fixed."""
        if name == SEX:
            return -RANGE, 0.0, RANGE
        k = MEASURE_NAMES.index(name)
        with np.errstate(invalid="ignore", divide="ignore"):
            middle, reach = float(np.nan_to_num(measured(self._base)[k])), float(self._reach[k])
        return middle - reach, middle, middle + reach

    def _weights(self, identity: npt.ArrayLike) -> Float64:
        given = np.asarray(identity, np.float64).ravel()[: self._head.n_identity]
        return np.concatenate([given, np.zeros(self._head.n_identity - given.size)])

    def _landmarks(self, weights: Float64, offsets: npt.NDArray[np.float32] | None) -> Float64:
        points: Float64 = self._base + np.tensordot(weights, self._modes, 1)
        if offsets is not None:
            points += moved_by(np.zeros_like(self._head.neutral), offsets, self._head)[self._vertices]
        return points

    def _sex(self, weights: Float64) -> float:
        return float(weights @ self.sex_direction / (self.sex_direction @ self.sex_direction))


@lru_cache(maxsize=2)
def identity_measures(head: Head) -> IdentityMeasures:
    """The measures of a head's people, kept for the next question; a twentieth of a second at first.

    Raises
    ------
    ValueError
        The head has no identity modes.
    """
    if not head.n_identity:
        raise ValueError("this head has no identity modes: it is the person that it was loaded as")
    return IdentityMeasures(head)


def _related(one: str, other: str) -> bool:
    return other in _PARTS.get(one, ()) or one in _PARTS.get(other, ())


def _sex_direction(slopes: Float64) -> Float64:
    """The likeliest way to the mean man from `slopes` (K, I), spreads of the measures per mode."""
    d = np.array(list(_DIMORPHISM.values()))
    # d counts in spreads within a sex; those of `slopes` are over both.
    men = d / np.sqrt(1 + d**2 / 4) / 2
    of_sex = slopes[[MEASURE_NAMES.index(name) for name in _DIMORPHISM]]
    normal = np.eye(slopes.shape[1]) + _HOLD * of_sex.T @ of_sex
    return np.asarray(np.linalg.solve(normal, _HOLD * of_sex.T @ men), np.float64)

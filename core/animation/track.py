"""The curve through the keys of one number: cubic Hermite pieces between neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

SAME_S = 1e-4
"""Keys nearer than this, in seconds, are one: a tenth of the shortest frame there is."""


class Tangent(str, Enum):
    """How the curve passes a key. No kind but FREE leaves the values of the two keys that it runs between.

    Attributes
    ----------
    AUTO
        Smooth, and level where the curve turns back and at its ends (monotone as in Fritsch and Carlson 1980).
    LINEAR
        Straight to each neighbour.
    FLAT
        Level.
    STEP
        The value holds until the next key.
    FREE
        As steep as the key says, on either side.
    """

    AUTO = "auto"
    LINEAR = "linear"
    FLAT = "flat"
    STEP = "step"
    FREE = "free"


@dataclass(frozen=True)
class Key:
    """A value at a time.

    Attributes
    ----------
    time_s : float
    value : float
    tangent : Tangent
    arriving, leaving : float
        Slope of the curve before and after a FREE key, in units a second; others do without.
    """

    time_s: float
    value: float
    tangent: Tangent = Tangent.AUTO
    arriving: float = 0.0
    leaving: float = 0.0


class Slopes(NamedTuple):
    """Keys as arrays, all float64 (K,) but for `holds`.

    Attributes
    ----------
    times_s, values
    arriving, leaving
        Slope of the curve before and after each key, in units a second.
    holds : bool (K,)
        The value holds until the next key.
    free : bool (K,)
        The key says itself how steep it is.
    """

    times_s: Float64
    values: Float64
    arriving: Float64
    leaving: Float64
    holds: npt.NDArray[np.bool_]
    free: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Track:
    """The keys of one number.

    Attributes
    ----------
    name : str
        Of the number.
    keys : tuple of Key
        One at least, ascending in time.
    """

    name: str
    keys: tuple[Key, ...]

    @cached_property
    def slopes(self) -> Slopes:
        """The keys with the slopes that their tangents mean."""
        times = np.array([key.time_s for key in self.keys])
        values = np.array([key.value for key in self.keys])
        secants = np.diff(values) / np.diff(times)
        auto = np.zeros(len(times))
        auto[1:-1] = _monotone(np.diff(times), secants)
        kinds = np.array([key.tangent.value for key in self.keys])
        arriving, leaving = auto.copy(), auto.copy()
        arriving[kinds == Tangent.FLAT.value] = leaving[kinds == Tangent.FLAT.value] = 0.0
        straight = kinds == Tangent.LINEAR.value
        arriving[1:] = np.where(straight[1:], secants, arriving[1:])
        leaving[:-1] = np.where(straight[:-1], secants, leaving[:-1])
        free = kinds == Tangent.FREE.value
        arriving[free] = [key.arriving for key in self.keys if key.tangent is Tangent.FREE]
        leaving[free] = [key.leaving for key in self.keys if key.tangent is Tangent.FREE]
        return Slopes(times, values, arriving, leaving, kinds == Tangent.STEP.value, free)

    def values(self, times_s: npt.ArrayLike) -> Float64:
        """The curve at times, float64 of their shape; before the first and after the last key it holds their value.

        Beside FREE keys it may leave the range of its number.
        """
        asked = np.asarray(times_s, np.float64)
        times, values, arriving, leaving, holds, free = self.slopes
        if len(times) == 1:
            return np.full(asked.shape, values[0])
        inside = np.clip(asked, times[0], times[-1])
        left = np.clip(np.searchsorted(times, inside, side="right") - 1, 0, len(times) - 2)
        length = times[left + 1] - times[left]
        t = (inside - times[left]) / length
        low, high = values[left], values[left + 1]
        rise = t * t * (3 - 2 * t)
        bend = length * (t * (1 - t) ** 2 * leaving[left] - t * t * (1 - t) * arriving[left + 1])
        curve = low + rise * (high - low) + bend
        # Rounding must not carry a curve out of the range that its keys keep.
        kept = np.clip(curve, np.minimum(low, high), np.maximum(low, high))
        curve = np.where(free[left] | free[left + 1], curve, kept)
        return np.where(t == 1, high, np.where(holds[left], low, curve))

    def key_at(self, time_s: float) -> Key | None:
        """The key at a time, if there is one."""
        return next((key for key in self.keys if abs(key.time_s - time_s) < SAME_S), None)


def track_of(name: str, keys: Iterable[Key]) -> Track:
    """A track of keys in any order; of several at one time the last one given counts."""
    kept: list[Key] = []
    for key in sorted(keys, key=lambda one: one.time_s):
        if kept and abs(kept[-1].time_s - key.time_s) < SAME_S:
            kept[-1] = key
        else:
            kept.append(key)
    return Track(name, tuple(kept))


def _monotone(lengths: Float64, secants: Float64) -> Float64:
    """Slopes at inner keys (K - 2,): those of parabolas through three keys, held down where they would overshoot."""
    before, after = secants[:-1], secants[1:]
    parabola = (lengths[1:] * before + lengths[:-1] * after) / (lengths[:-1] + lengths[1:])
    most = 3.0 * np.minimum(np.abs(before), np.abs(after))
    return np.where(before * after > 0, np.clip(parabola, -most, most), 0.0)

"""A recording of expressions: weights over time, whatever they were read from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Motion:
    """Expressions over time; one that holds still has a single row.

    Attributes
    ----------
    name : str
        Of the file or face that it comes from.
    times_s : float64 (N,), read-only
        Ascending, from 0.
    weights : float32 (N, 52), read-only
        ARKit weights 0..1.
    fps : float
        Rows a second.
    head_rotation : float32 (N, 3), read-only, or None
        Yaw, pitch and roll in radians by the right hand about the head's own axes: to its left, down, and onto its
        right shoulder, as Live Link Face has them. None where the head is never turned.
    remarks : tuple of str
        What a person should know of how the file was read.
    """

    name: str
    times_s: Float64
    weights: Float32
    fps: float
    head_rotation: Float32 | None = None
    remarks: tuple[str, ...] = ()

    @classmethod
    def still(cls, name: str, weights: npt.ArrayLike) -> Motion:
        """An expression that does not move, of weights (52,), clipped to 0..1."""
        row = np.clip(np.asarray(weights, np.float32).reshape(1, N_EXPRESSION), 0, 1)
        return cls(name, read_only(np.zeros(1)), read_only(row), 1.0)

    @property
    def is_still(self) -> bool:
        """Whether there is one expression only."""
        return len(self.times_s) == 1

    @property
    def duration_s(self) -> float:
        """Time of the last row."""
        return float(self.times_s[-1])

    def at(self, time_s: float) -> Float32:
        """Weights at a time, float32 (52,): between two rows on the straight line, outside as at the nearest end."""
        return self._between(self.weights, time_s)

    def turn_at(self, time_s: float) -> Float32 | None:
        """Turn of the head at a time as `at` has the weights, float32 (3,) in radians; None without one."""
        return None if self.head_rotation is None else self._between(self.head_rotation, time_s)

    def _between(self, rows: Float32, time_s: float) -> Float32:
        after = int(np.searchsorted(self.times_s, time_s))
        if after < len(self.times_s) and self.times_s[after] == time_s:
            return np.array(rows[after])
        if after in (0, len(self.times_s)):
            return np.array(rows[0 if after == 0 else -1])
        start, end = self.times_s[after - 1], self.times_s[after]
        share = np.float32((time_s - start) / (end - start))
        between: Float32 = (1 - share) * rows[after - 1] + share * rows[after]
        return between

    def frame_times(self, fps: float | None = None, start_s: float = 0.0, end_s: float | None = None) -> Float64:
        """Times of the frames of a film, from `start_s` to `end_s` or the last row, float64 (F,).

        Parameters
        ----------
        fps : float, optional
            Frames a second; those of the recording by default, whose rows they then are.

        Raises
        ------
        ValueError
            `start_s` lies behind the end, or `fps` is not positive.
        """
        end = self.duration_s if end_s is None else min(end_s, self.duration_s)
        rate = self.fps if fps is None else fps
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"frames a second must be more than 0, not {rate:g}")
        if not 0 <= start_s <= end:
            span = f"from {start_s:g} to {end:g} s"
            raise ValueError(f"{self.name} lasts {self.duration_s:.2f} s; there is nothing {span}")
        if fps is None:
            return self.times_s[(self.times_s >= start_s) & (self.times_s <= end)]
        return start_s + np.arange(int((end - start_s) * rate + 1e-6) + 1) / rate

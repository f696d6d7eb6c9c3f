"""Curves that an artist edits: from 0..1 to 0..1 through a few points, smooth and without overshoot.

What a pen's pressure makes of depth and width is such a curve, and so is what runs along a stroke.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Points = tuple[tuple[float, float], ...]
MOST_POINTS = 64
_NEAREST = 1e-3  # two points of a curve are at least this far apart


@dataclass(frozen=True)
class Response:
    """A curve through points.

    Attributes
    ----------
    points : tuple of (x, y)
        From x = 0 to x = 1, x strictly rising, all within 0..1.
    """

    points: Points = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        if not 2 <= len(self.points) <= MOST_POINTS:
            raise ValueError(f"a curve has 2..{MOST_POINTS} points, got {len(self.points)}")
        values = np.array(self.points, np.float64)
        if values.shape != (len(self.points), 2) or not np.isfinite(values).all():
            raise ValueError("the points of a curve are pairs of finite numbers")
        if values.min() < 0 or values.max() > 1 or values[0, 0] != 0 or values[-1, 0] != 1:
            raise ValueError("a curve runs from x = 0 to x = 1 within 0..1")
        if (np.diff(values[:, 0]) < _NEAREST / 2).any():
            raise ValueError("the points of a curve are in the order of x, and apart")

    @staticmethod
    def through(points: Iterable[tuple[float, float]]) -> Response:
        """The curve through points in the order of x, brought into 0..1; level beyond the first and the last.

        Of points that have the same x the last counts; beyond the most that a curve has, every other is left out.
        """
        inside: list[tuple[float, float]] = []
        for x, y in points:
            # An end that is nearly reached is meant.
            near = 0.0 if x < _NEAREST else 1.0 if x > 1 - _NEAREST else x
            if inside and near - inside[-1][0] < _NEAREST:
                inside.pop()
            inside.append((near, min(max(y, 0.0), 1.0)))
        if not inside:
            raise ValueError("a curve needs a point")
        if inside[0][0] > 0:
            inside.insert(0, (0.0, inside[0][1]))
        if inside[-1][0] < 1:
            inside.append((1.0, inside[-1][1]))
        while len(inside) > MOST_POINTS:
            inside = [*inside[:-1:2], inside[-1]]
        return Response(tuple(inside))

    @cached_property
    def _curve(self) -> Callable[[Float64], npt.ArrayLike]:
        from scipy.interpolate import PchipInterpolator  # slow to import

        x, y = np.array(self.points, np.float64).T
        return PchipInterpolator(x, np.round(y, 6))  # of values nearly alike, no slope whose inverse is no number

    def at(self, x: npt.ArrayLike) -> Float64:
        """Values at `x`, of its shape; beyond 0..1 those of the ends."""
        return np.clip(np.asarray(self._curve(np.clip(np.asarray(x, np.float64), 0, 1)), np.float64), 0, 1)

    def __call__(self, x: float) -> float:
        return float(self.at(x))

    @property
    def is_straight(self) -> bool:
        """It gives back what it is given."""
        return all(math.isclose(x, y, abs_tol=1e-9) for x, y in self.points)


LINEAR = Response()
LEVEL = Response(((0.0, 1.0), (1.0, 1.0)))
PEN_WIDTH = Response(((0.0, 0.45), (1.0, 1.0)))
"""What a light hand leaves of a stroke's width."""

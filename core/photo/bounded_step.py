"""One step of Gauss-Newton where unknowns have bounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
_MOST_ROUNDS = 8


def bounded_step(normal: Float64, gradient: Float64, value: Float64, low: Float64, high: Float64) -> Float64:
    """Step d that makes d @ gradient + d @ normal @ d / 2 small while value + d stays between low and high.

    An active set: unknowns at a bound that the gradient pushes against stay, those that would leave their range stop
    at its end and the others are solved for anew.

    Parameters
    ----------
    normal : (P, P)
        Symmetric, positive definite.
    gradient, value, low, high : (P,)
    """
    step = np.zeros_like(value)
    free = (low < high) & ~((value <= low) & (gradient > 0)) & ~((value >= high) & (gradient < 0))
    for _ in range(_MOST_ROUNDS):
        chosen = np.flatnonzero(free)
        pull = gradient[chosen] + normal[np.ix_(chosen, np.flatnonzero(~free))] @ step[~free]
        step[chosen] = np.linalg.solve(normal[np.ix_(chosen, chosen)], -pull)
        reached = value + step
        outside = free & ((reached < low) | (reached > high))
        if not outside.any():
            break
        step[outside] = np.clip(reached, low, high)[outside] - value[outside]
        free &= ~outside
    return np.clip(value + step, low, high) - value

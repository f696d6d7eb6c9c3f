"""Few keys for many samples: a recording as curves that a hand can edit."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rhytid.core.animation.track import Float64, Key, Track

TOLERANCE = 0.005
"""Greatest error of a weight: half a hundredth of its range moves the skin by less than a twentieth of a millimetre."""


def reduced(name: str, times_s: Float64, values: Float64, tolerance: float = TOLERANCE) -> Track:
    """A track that passes every sample within an error.

    Begins with the ends and where the samples turn back, for there the curve is level as they are, and adds, in every
    piece that errs too much, the sample that errs most; the curve passes exactly through samples that are keys, so that
    this comes to an end.

    Parameters
    ----------
    times_s : float64 (N,)
        Ascending.
    values : float64 (N,)
    tolerance : float
        Greatest distance of the curve from a sample, in the samples' unit.
    """
    chosen = np.zeros(len(times_s), bool)
    chosen[[0, *_turns(values, tolerance), -1]] = True
    while True:
        at = np.flatnonzero(chosen)
        track = Track(name, tuple(Key(float(times_s[k]), float(values[k])) for k in at))
        errors = np.abs(track.values(times_s) - values)
        if errors.max() <= tolerance:
            return track
        for left, right in pairwise(at):
            piece = errors[left : right + 1]
            if piece.max() > tolerance:
                chosen[left + int(np.argmax(piece))] = True


def _turns(values: Float64, tolerance: float) -> list[int]:
    """Samples from which the values go back by more than twice the tolerance."""
    turns: list[int] = []
    low = high = 0  # lowest and highest sample since the last turn
    rising = falling = True
    for k, value in enumerate(values.tolist()):
        if value > values[high]:
            high = k
        if value < values[low]:
            low = k
        if rising and values[high] - value > 2 * tolerance:
            turns.append(high)
            rising, falling, low = False, True, k
        elif falling and value - values[low] > 2 * tolerance:
            turns.append(low)
            rising, falling, high = True, False, k
    return turns

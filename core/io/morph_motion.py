"""Weights of morph targets over time, as files of meshes take them: few moments with straight lines between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
TOLERANCE = 0.002
"""Greatest error of a weight: a shape of 10 mm is then off by a fiftieth of a millimetre."""


@dataclass(frozen=True, eq=False)
class MorphMotion:
    """Weights at moments; between two of them they run straight.

    Attributes
    ----------
    fps : float
        Frames a second of the document.
    times_s : float64 (F,)
        Ascending; the first is 0.
    weights : float32 (F, T)
        Of all targets of the mesh.
    """

    fps: float
    times_s: Float64
    weights: npt.NDArray[np.float32]

    def reduced(self, tolerance: float = TOLERANCE) -> MorphMotion:
        """The same with only the moments that are needed for no weight to be off by more than `tolerance`."""
        kept = _needed(self.times_s, self.weights.astype(np.float64), tolerance)
        return MorphMotion(self.fps, self.times_s[kept], self.weights[kept])


def _needed(times_s: Float64, values: Float64, tolerance: float) -> npt.NDArray[np.intp]:
    """Moments that a line through needs (Ramer 1972, with the largest error of all values at a moment)."""
    chosen = np.zeros(len(times_s), bool)
    chosen[[0, -1]] = True
    pieces = [(0, len(times_s) - 1)]
    while pieces:
        first, last = pieces.pop()
        if last - first < 2:
            continue
        share = (times_s[first : last + 1] - times_s[first]) / (times_s[last] - times_s[first])
        straight = values[first] + share[:, None] * (values[last] - values[first])
        errors = np.abs(straight - values[first : last + 1]).max(axis=1)
        worst = int(np.argmax(errors))
        if errors[worst] > tolerance:
            chosen[first + worst] = True
            pieces += [(first, first + worst), (first + worst, last)]
    return np.flatnonzero(chosen)

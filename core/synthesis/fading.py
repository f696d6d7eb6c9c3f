"""How grown ridges and valleys run out at their ends: slowly, unlike a stroke that an artist sets down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
_WIDTHS, _SHARE = 4.0, 0.45


def faded(pressure: npt.ArrayLike, points: npt.ArrayLike, width: float, least: float = 0.1) -> Float32:
    """Pressure that falls off over four widths, and at most 45 % of the length, from each end.

    Parameters
    ----------
    pressure : (N,)
        0..1, before.
    points : (N, 2)
        Course in the chart.
    width : float
        Shoulder to shoulder, in the unit of `points`.
    least : float
        What is left at the very ends, where the stroke's own taper begins.

    Returns
    -------
    float32 (N,)
    """
    steps = np.hypot(*np.diff(np.asarray(points, np.float64), axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = max(float(along[-1]), 1e-9)
    fade = min(_WIDTHS * width, _SHARE * length)
    inside = np.clip(np.minimum(along, length - along) / fade, 0, 1)
    left = least + (1 - least) * inside * inside * (3 - 2 * inside)
    return np.asarray(np.asarray(pressure, np.float64) * left, np.float32)

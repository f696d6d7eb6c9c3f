"""The exponential by which things fade over a chart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

_GONE = np.float32(40)  # e to the minus 40 is 4e-18: beside anything that is drawn it is nothing


def faded(by: npt.NDArray[np.floating]) -> Float32:
    """``exp(-by)``, 1 for 0, in the type of `by`; never below 4e-18.

    Fainter values change no sum that they enter, but products of them leave the range of float32, where processors
    are slow.
    """
    return np.asarray(np.exp(-np.minimum(by, by.dtype.type(_GONE))))

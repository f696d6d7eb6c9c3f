"""A map that need not be in this machine's memory yet."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import numpy as np
import numpy.typing as npt

from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]


class Field:
    """A map of floats that is made when it is first read, by whichever thread that is; made once.

    Parameters
    ----------
    shape : (rows, columns)
    make : callable
        Gives the values, float32 of that shape; they are set read-only.
    """

    def __init__(self, shape: tuple[int, int], make: Callable[[], Float32]) -> None:
        self.shape = shape
        self._make: Callable[[], Float32] | None = make
        self._values: Float32 = np.zeros((0, 0), np.float32)
        self._lock = Lock()

    @staticmethod
    def of(values: Float32) -> Field:
        """A field whose values are there."""
        return Field((values.shape[0], values.shape[1]), lambda: values)

    def numpy(self) -> Float32:
        """The values, float32 `shape`, read-only; the same array each time."""
        with self._lock:
            if self._make is not None:
                self._values, self._make = read_only(self._make()), None
            return self._values

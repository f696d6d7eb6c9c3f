"""Random numbers that are the same on every machine and under every numpy.

Only the raw stream of the generator is used: numpy keeps that stable between versions, its distributions not (NEP 19).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


class RandomStream:
    """The stream that belongs to an identity of one or more whole numbers, not negative."""

    def __init__(self, *identity: int) -> None:
        self._bits = np.random.PCG64(list(identity))

    def words(self, count: int) -> npt.NDArray[np.uint64]:
        """The next `count` words of 64 random bits."""
        return np.asarray(self._bits.random_raw(count), np.uint64)

    def uniform(self, count: int) -> Float64:
        """The next `count` numbers, 0 <= x < 1, in steps of 2^-53."""
        return (self.words(count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def draw(self) -> float:
        """The next number of `uniform`, without an array about it."""
        return (self._bits.random_raw() >> 11) * 2.0**-53

    def normal(self, count: int) -> Float64:
        """The next `count` numbers of mean 0 and variance 1 (Box and Muller 1958)."""
        pairs = (count + 1) // 2
        uniform = self.uniform(2 * pairs) + 2.0**-54
        radius = np.sqrt(-2 * np.log(uniform[:pairs]))
        angle = 2 * np.pi * uniform[pairs:]
        return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]

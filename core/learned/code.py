"""The code of a face's detail: 576 numbers, most of them with a place on the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
STRUCTURE_SHAPE = (8, 8, 8)
N_STRUCTURE, N_STYLE = 512, 64
N_CODE = N_STRUCTURE + N_STYLE


@dataclass(frozen=True, eq=False)
class Code:
    """What a model knows of one map.

    Attributes
    ----------
    structure : float32 (8, 8, 8)
        [channel, row, column]: what lies in each of 8 x 8 cells of the chart.
    style : float32 (64,)
        How rough the skin is, over the whole face.
    """

    structure: Float32
    style: Float32

    @staticmethod
    def of(vector: npt.ArrayLike) -> Code:
        """The code of a vector (576,).

        Raises
        ------
        ValueError
            Another length, or values that are not finite.
        """
        values = np.asarray(vector, np.float32)
        if values.shape != (N_CODE,) or not np.isfinite(values).all():
            raise ValueError(f"a code has {N_CODE} finite numbers, got {values.shape}")
        return Code(values[:N_STRUCTURE].reshape(STRUCTURE_SHAPE), values[N_STRUCTURE:])

    @property
    def vector(self) -> Float32:
        """float32 (576,): structure, then style."""
        return np.concatenate([self.structure.ravel(), self.style])

    def mixed(self, other: Code, share: float) -> Code:
        """On the straight line to another code: this one at 0, the other at 1, exactly."""
        if share in (0, 1):
            return other if share else self
        return Code.of(self.vector * np.float32(1 - share) + other.vector * np.float32(share))

"""Principal components of many maps, found without ever holding more than a block of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Batches = Callable[[], Iterable[Float32]]
"""Begins anew the same maps, some at a time: float32 (n, 256, 256) in mm."""

N_COMPONENTS = 576
_SPARE = 64
_PASSES = 2
_NO_VARIANCE = 1e-6  # of the largest: less is rounding


@dataclass(frozen=True, eq=False)
class Components:
    """The linear code that a set of maps has.

    Attributes
    ----------
    mean : float32 (65536,)
    vectors : float32 (k, 65536)
        Orthonormal, k at most 576.
    n_maps : int
        Maps that they were made of.
    """

    mean: Float32
    vectors: Float32
    n_maps: int

    def reconstructed(self, displacement: Float32) -> Float32:
        """A map from its k numbers alone, float32 (256, 256)."""
        code = self.vectors @ (displacement.ravel() - self.mean)
        return np.asarray((self.mean + code @ self.vectors).reshape(SIDE, SIDE), np.float32)


def principal_components(batches: Batches, n_components: int = N_COMPONENTS, seed: int = 0) -> Components:
    """Components of the greatest variance by randomised subspace iteration (Halko, Martinsson and Tropp 2011, 4.4).

    The subspace is kept as combinations of the maps, which are fewer than texels. Memory: two matrices of
    65536 x (n_components + 64), whatever the number of maps. The maps are gone through six times.

    Raises
    ------
    ValueError
        Fewer than two maps.
    """
    total, n_maps = np.zeros(SIDE * SIDE, np.float64), 0
    for block in batches():
        total += block.reshape(len(block), -1).sum(0, dtype=np.float64)
        n_maps += len(block)
    if n_maps < 2:
        raise ValueError(f"principal components need two maps or more, got {n_maps}")
    mean = (total / n_maps).astype(np.float32)
    rank = min(n_components, n_maps - 1)
    width = min(rank + _SPARE, n_maps)
    shares = np.random.default_rng(seed).standard_normal((n_maps, width), dtype=np.float32)
    for _ in range(_PASSES):
        image = _combined(batches, mean, shares)
        projected = np.concatenate([centred @ image for centred in _centred(batches, mean)])
        shares = np.asarray(np.linalg.qr(projected)[0], np.float32)
    image = _combined(batches, mean, shares)
    variance, rotation = np.linalg.eigh((image.T @ image).astype(np.float64))
    kept = np.flatnonzero(variance > _NO_VARIANCE * variance[-1])[::-1][:rank]
    scaled = (rotation[:, kept] / np.sqrt(variance[kept])).astype(np.float32)
    return Components(mean, scaled.T @ image.T, n_maps)


def _combined(batches: Batches, mean: Float32, shares: Float32) -> Float32:
    """Sums of the centred maps with `shares` (maps, k) of each, float32 (65536, k)."""
    image = np.zeros((SIDE * SIDE, shares.shape[1]), np.float32)
    first = 0
    for centred in _centred(batches, mean):
        image += centred.T @ shares[first : first + len(centred)]
        first += len(centred)
    return image


def _centred(batches: Batches, mean: Float32) -> Iterator[Float32]:
    for block in batches():
        yield block.reshape(len(block), -1).astype(np.float32, copy=False) - mean

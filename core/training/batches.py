"""Batches of a run: each a function of (seed, step, rank) alone, and read while the step before it is computed."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch

from rhytid.core.training.trainer import Batch, Source

_ORDER, _FIXED = 0, 1


class Batches:
    """Draws batches from a source in one thread beside the trainer's.

    Parameters
    ----------
    source : Source
    held : Source
        What `fixed` draws from.
    n_pairs : int
    seed, rank : int
    device : torch.device
        Where the tensors go.
    """

    def __init__(self, source: Source, held: Source, n_pairs: int, seed: int, rank: int, device: torch.device) -> None:
        self._source = source
        self._held = held
        self._n_pairs = n_pairs
        self._key = (seed, rank)
        self._device = device
        self._reader = ThreadPoolExecutor(1, "batches")
        self._ahead: tuple[int, Future[Batch]] | None = None

    def get(self, step: int) -> Batch:
        """The batch of `step`."""
        if self._ahead is None or self._ahead[0] != step:
            self._ahead = (step, self._reader.submit(self._read, step))
        batch = self._ahead[1].result()
        self._ahead = (step + 1, self._reader.submit(self._read, step + 1))
        return {name: tensor.to(self._device) for name, tensor in batch.items()}

    def fixed(self, n_pairs: int) -> Batch:
        """Always the same batch, of persons who are not trained on where there are enough."""
        rng = np.random.default_rng([_FIXED, self._key[0]])
        arrays = self._reader.submit(self._held.batch, n_pairs, rng).result()
        return {name: torch.from_numpy(np.ascontiguousarray(a)).to(self._device) for name, a in arrays.items()}

    def refresh(self) -> None:
        """Take in data that were added; in the reader's thread, so that no batch is half old and half new."""
        self._reader.submit(self._source.refresh).result()

    def close(self) -> None:
        """End the thread."""
        self._reader.shutdown(cancel_futures=True)

    def _read(self, step: int) -> Batch:
        rng = np.random.default_rng([_ORDER, *self._key, step])
        arrays = self._source.batch(self._n_pairs, rng)
        return {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}

"""Batches of a run: each a function of (seed, step, rank) alone, and read while the step before it is computed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from rhytid.core.training.trainer import Batch, Source

_ORDER, _FIXED = 0, 1


class _Drawn(Dataset[Batch]):
    """Batches by the number of their step."""

    def __init__(self, source: Source, n_pairs: int, key: tuple[int, int]) -> None:
        self.source = source
        self._n_pairs = n_pairs
        self._key = key

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([_ORDER, *self._key, step])
        arrays = self.source.batch(self._n_pairs, rng)
        return {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}


class _DrawnInProcess(_Drawn):
    """The same in a process of its own, which looks for new data by itself."""

    def __getitem__(self, step: int) -> Batch:
        self.source.refresh()
        return super().__getitem__(step)


class Batches:
    """Draws batches from a source beside the trainer: in one thread, or in processes where making them is work.

    Parameters
    ----------
    source : Source
    held : Source
        What `fixed` draws from.
    n_pairs : int
    seed, rank : int
    device : torch.device
        Where the tensors go.
    readers : int
        Processes that draw; 0 is a thread of this one.
    """

    def __init__(
        self, source: Source, held: Source, n_pairs: int, seed: int, rank: int, device: torch.device, readers: int = 0
    ) -> None:
        self._drawn = (_DrawnInProcess if readers else _Drawn)(source, n_pairs, (seed, rank))
        self._held = held
        self._seed = seed
        self._device = device
        self._reader = ThreadPoolExecutor(1, "batches")
        self._ahead: tuple[int, Future[Batch]] | None = None
        self._readers = readers
        self._stream: tuple[int, Iterator[Batch]] | None = None
        self._closed = False

    def get(self, step: int) -> Batch:
        """The batch of `step`."""
        batch = self._streamed(step) if self._readers else self._read_ahead(step)
        return {name: tensor.to(self._device, non_blocking=True) for name, tensor in batch.items()}

    def fixed(self, n_pairs: int) -> Batch:
        """Always the same batch, of persons who are not trained on where there are enough."""
        rng = np.random.default_rng([_FIXED, self._seed])
        arrays = self._reader.submit(self._held.batch, n_pairs, rng).result()
        return {name: torch.from_numpy(np.ascontiguousarray(a)).to(self._device) for name, a in arrays.items()}

    def refresh(self) -> None:
        """Take in data that were added; in the reader's thread, so that no batch is half old and half new."""
        self._reader.submit(self._drawn.source.refresh).result()

    def close(self) -> None:
        """End the thread and the processes, which finish what they are at."""
        self._closed = True
        for _ in self._stream[1] if self._stream else ():
            pass
        self._stream = None
        self._reader.shutdown(cancel_futures=True)

    def _read_ahead(self, step: int) -> Batch:
        if self._ahead is None or self._ahead[0] != step:
            self._ahead = (step, self._reader.submit(self._drawn.__getitem__, step))
        batch = self._ahead[1].result()
        self._ahead = (step + 1, self._reader.submit(self._drawn.__getitem__, step + 1))
        return batch

    def _streamed(self, step: int) -> Batch:
        if self._stream is None or self._stream[0] != step:
            loader = DataLoader(
                self._drawn,
                batch_size=None,
                sampler=itertools.takewhile(lambda _: not self._closed, itertools.count(step)),
                num_workers=self._readers,
                worker_init_fn=_start_reader,
                # Spawned, not forked: the trainer's process has threads, and Windows and macOS have no safe fork.
                multiprocessing_context="spawn",
                pin_memory=self._device.type == "cuda",
            )
            self._stream = (step, iter(loader))
        stream = self._stream[1]
        self._stream = (step + 1, stream)
        return next(stream)


def _start_reader(number: int) -> None:
    cv2.setNumThreads(1)

"""A field is made once, by whoever reads it first."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from rhytid.core.maps.field import Field


def test_many_threads_read_what_was_made_once() -> None:
    made, started = [], threading.Barrier(8)

    def make() -> np.ndarray:
        made.append(threading.get_ident())
        return np.full((3, 4), 0.5, np.float32)

    field, read = Field((3, 4), make), []

    def reader() -> None:
        started.wait()
        read.append(field.numpy())

    threads = [threading.Thread(target=reader) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert all(values is read[0] for values in read)
    assert field.shape == read[0].shape
    with pytest.raises(ValueError, match="read-only"):
        read[0][0, 0] = 1


def test_one_that_could_not_be_made_is_tried_again() -> None:
    attempts = iter([MemoryError, None])

    def make() -> np.ndarray:
        failure = next(attempts)
        if failure is not None:
            raise failure
        return np.zeros((2, 2), np.float32)

    field = Field((2, 2), make)
    with pytest.raises(MemoryError):
        field.numpy()
    assert not field.numpy().any()

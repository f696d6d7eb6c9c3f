"""One cache for arrays that are made again and again, with one budget of bytes for all of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
DEFAULT_BYTES = 512 * 2**20


class ArrayCache:
    """Things by their key; beyond the budget the least recently used go. Safe to share between threads.

    What is kept must not change afterwards, nor grow: its bytes are counted once. Something of which parts are made
    when they are needed keeps each part under a key of its own.

    Parameters
    ----------
    max_bytes : int
        All arrays together, those in keys too.
    """

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._lock = Lock()

    @property
    def n_bytes(self) -> int:
        """Bytes of all that is kept."""
        return self._n_bytes

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under `key`, made if it is not there. Two threads may make it at once; both get the first."""
        with self._lock:
            if key in self._kept:
                return self._used(key)
        made = make()
        size = held_bytes(key) + held_bytes(made)
        with self._lock:
            if key in self._kept:
                return self._used(key)
            if size <= self._max_bytes:
                self._kept[key] = (made, size)
                self._n_bytes += size
                self._shrink()
            return made

    def limit(self, max_bytes: int) -> None:
        """Keep no more than so many bytes from now on."""
        with self._lock:
            self._max_bytes = max_bytes
            self._shrink()

    def clear(self) -> None:
        """Forget everything, as for another document."""
        with self._lock:
            self._kept.clear()
            self._n_bytes = 0

    def _used(self, key: Hashable) -> Any:
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def _shrink(self) -> None:
        while self._n_bytes > self._max_bytes:
            self._n_bytes -= self._kept.popitem(last=False)[1][1]


def held_bytes(value: object) -> int:
    """Bytes of the arrays and byte strings that something keeps alive.

    A view keeps the whole array that it shows. What is no array, bytes, sequence or dataclass says it in `nbytes`.
    """
    if isinstance(value, np.ndarray):
        whole: object = value if value.base is None else value.base
        return whole.nbytes if isinstance(whole, np.ndarray) else value.nbytes
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, tuple | list):
        return sum(map(held_bytes, value))
    own = getattr(value, "nbytes", None)
    if isinstance(own, int):
        return own
    if is_dataclass(value) and not isinstance(value, type):
        return sum(held_bytes(getattr(value, field.name)) for field in fields(value))
    return 0

"""One budget of bytes for all arrays that are kept: what is counted, what goes, and several threads."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from rhytid.core.maps.array_cache import ArrayCache, held_bytes

KB = 1024


def kilobytes(n):
    return np.zeros(n * KB, np.uint8)


def test_a_thing_is_made_once_and_again_after_it_was_forgotten():
    cache, made = ArrayCache(), []

    def make():
        made.append(kilobytes(1))
        return made[-1]

    assert cache.get("a", make) is cache.get("a", make) is made[0]
    cache.clear()
    assert cache.n_bytes == 0
    assert cache.get("a", make) is made[1]


def test_the_least_recently_used_goes_first_and_the_budget_holds():
    cache = ArrayCache(3 * KB)
    first = {name: cache.get(name, lambda: kilobytes(1)) for name in "abc"}
    cache.get("a", lambda: kilobytes(1))
    cache.get("d", lambda: kilobytes(1))
    assert cache.n_bytes == 3 * KB
    kept = {name for name in "ac" if cache.get(name, lambda: kilobytes(1)) is first[name]}
    assert kept == {"a", "c"}
    assert cache.get("b", lambda: kilobytes(1)) is not first["b"]


def test_what_is_larger_than_the_budget_is_made_and_displaces_nothing():
    cache = ArrayCache(2 * KB)
    small = cache.get("small", lambda: kilobytes(1))
    assert cache.get("large", lambda: kilobytes(3)).nbytes == 3 * KB
    assert cache.n_bytes == KB
    assert cache.get("small", lambda: kilobytes(1)) is small


def test_a_smaller_budget_acts_at_once():
    cache = ArrayCache(4 * KB)
    for name in "abcd":
        cache.get(name, lambda: kilobytes(1))
    cache.limit(2 * KB)
    assert cache.n_bytes == 2 * KB
    newest = cache.get("d", lambda: kilobytes(1))
    assert cache.get("d", lambda: kilobytes(1)) is newest


def test_bytes_are_those_that_are_held():
    @dataclass
    class Pair:
        values: np.ndarray
        name: str
        parts: tuple

    class Says:
        nbytes = 77

    view = kilobytes(4)[:10]
    assert held_bytes(view) == 4 * KB
    assert held_bytes(Pair(kilobytes(1), "name", (kilobytes(2), [b"12345"]))) == 3 * KB + 5
    assert held_bytes(Says()) == 77
    cache = ArrayCache()
    cache.get((b"x" * 100, 1), lambda: kilobytes(1))
    assert cache.n_bytes == KB + 100


def test_threads_that_make_the_same_thing_get_the_same_one():
    cache, go, got = ArrayCache(), threading.Barrier(8), []

    def work():
        go.wait()
        for number in range(200):
            got.append((number, id(cache.get(number, lambda: kilobytes(1)))))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 200
    assert cache.n_bytes == 200 * KB


def test_what_makes_a_thing_may_ask_for_others():
    cache = ArrayCache()
    whole = cache.get("whole", lambda: cache.get("part", lambda: kilobytes(1))[:KB])
    assert whole.nbytes == KB

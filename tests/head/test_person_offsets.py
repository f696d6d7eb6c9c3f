"""Offsets of a photo's person on heads of today, of before, and on others."""

from __future__ import annotations

import numpy as np

from rhytid.core.head.load import default_head
from rhytid.core.head.person_offsets import moved, rows_on
from tests.head.small_head import small_head

HEAD = default_head()


def test_offsets_of_the_head_itself_move_all_of_it() -> None:
    offsets = np.random.default_rng(0).normal(size=HEAD.neutral.shape).astype(np.float32)
    np.testing.assert_array_equal(moved(HEAD.neutral, offsets, HEAD), HEAD.neutral + offsets)
    assert moved(HEAD.neutral, None, HEAD) is HEAD.neutral


def test_offsets_of_the_first_default_head_move_the_skin_which_is_the_same() -> None:
    offsets = np.random.default_rng(1).normal(size=(23477, 3)).astype(np.float32)
    shape = moved(HEAD.neutral, offsets, HEAD)
    n = HEAD.n_skin
    np.testing.assert_array_equal(shape[:n], HEAD.neutral[:n] + offsets[:n])
    np.testing.assert_array_equal(shape[n:], HEAD.neutral[n:])


def test_offsets_of_another_head_move_nothing() -> None:
    offsets = np.ones((len(HEAD.neutral) - 5, 3), np.float32)
    assert rows_on(offsets, HEAD) is None
    assert moved(HEAD.neutral, offsets, HEAD) is HEAD.neutral
    assert rows_on(np.ones((23477, 3), np.float32), small_head()) is None

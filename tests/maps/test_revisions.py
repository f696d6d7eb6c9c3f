"""What changed since any earlier revision, against maps that are kept and compared."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.revisions import Revisions

SIDE = 16
corner = st.integers(0, SIDE - 1)
rects = st.builds(
    lambda x, y, width, height: Rect(x, y, min(x + width, SIDE), min(y + height, SIDE)),
    corner, corner, st.integers(0, 5), st.integers(0, 5),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(rects, max_size=12))
def test_the_rectangle_covers_what_differs_from_any_earlier_revision(changes: list[Rect]) -> None:
    revisions, values = Revisions.first(), np.zeros((SIDE, SIDE), int)
    seen = {revisions.last: values}
    for number, rect in enumerate(changes, 1):
        values = values.copy()
        values[rect.slices] = number
        before = revisions.last
        revisions = revisions.with_change(rect)
        assert (revisions.last == before) == rect.empty
        seen[revisions.last] = values
    for number, earlier in seen.items():
        rect = revisions.changed_since(number)
        assert rect is not None
        outside = np.ones((SIDE, SIDE), bool)
        outside[rect.slices] = False
        assert (values == earlier)[outside].all()
    assert revisions.changed_since(revisions.last) == EMPTY


def test_what_is_not_known_counts_as_everything() -> None:
    mine, other = Revisions.first(), Revisions.first()
    rect = Rect(1, 1, 2, 2)
    assert mine.changed_since(None) is None
    assert mine.with_change(rect).changed_since(other.last) is None
    assert mine.changed_since(mine.with_change(rect).last) is None, "a later revision than the present one"
    long = mine
    for _ in range(64):
        long = long.with_change(rect)
    assert long.changed_since(mine.last) is None
    assert len(long.steps) == 64

"""From lip to lip: by the mouth between them, not by how far."""

from __future__ import annotations

import pytest

from rhytid.core.head.load import default_head
from rhytid.core.head.mouth_slit import is_from_lip_to_lip

UPPER, LOWER = (61, 62, 63), (67, 66, 65)


@pytest.mark.parametrize("toward", [0.0, 0.45])
def test_lips_are_two_however_near_they_lie(toward: float) -> None:
    """Also of a head whose lips the chart has nearer to each other."""
    chart = default_head().chart[default_head().landmarks]
    for upper, lower in zip(UPPER, LOWER, strict=True):
        way = toward * (chart[lower] - chart[upper])
        start, end = tuple((chart[upper] + way).tolist()), tuple((chart[lower] - way).tolist())
        assert is_from_lip_to_lip(start, end)
        assert is_from_lip_to_lip(end, start)


def test_round_the_corner_along_a_lip_and_elsewhere_it_is_one_skin() -> None:
    chart = default_head().chart[default_head().landmarks].tolist()
    for start, end in ((48, 49), (48, 59), (54, 53), (54, 55), (61, 63), (67, 65), (33, 51), (57, 8), (5, 48)):
        assert not is_from_lip_to_lip(tuple(chart[start]), tuple(chart[end])), (start, end)
    x, y = chart[48]
    assert not is_from_lip_to_lip((x - 0.005, y - 0.02), (x - 0.005, y + 0.02))
    assert not is_from_lip_to_lip((0.5, 0.2), (0.5, 0.2))

"""The slit between the lips on the chart: two points on either side of it are on two lips, however near they lie.

Every head's chart is the default head's, so its landmarks hold for all.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

Chart = tuple[float, float]

_CORNERS = 60, 64
_PAIRS = (61, 67), (62, 66), (63, 65)  # of upper and lower lip


def is_from_lip_to_lip(start: Chart, end: Chart) -> bool:
    """Whether the straight way on the chart between two points leads through the mouth."""
    return any(_cross(start, end, *piece) for piece in _slit())


@lru_cache(maxsize=1)
def _slit() -> tuple[tuple[Chart, Chart], ...]:
    """From the subject's right corner of the mouth to the left one, in the middle between the inner lips."""
    from rhytid.core.head.load import default_head

    head = default_head()
    right, *middle, left = (
        head.chart[head.landmarks[list(numbers)]].mean(axis=0).tolist()
        for numbers in ((_CORNERS[0],), *_PAIRS, (_CORNERS[1],))
    )
    return tuple(itertools.pairwise((x, y) for x, y in (right, *middle, left)))


def _cross(a: Chart, b: Chart, c: Chart, d: Chart) -> bool:
    """Whether two pieces of straight lines have a point in common; pieces of one line have none."""
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Chart, b: Chart, point: Chart) -> float:
    """On which side of the line from a to b a point lies, by its sign."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])

"""What a run of the pipeline draws, and how that differs from what the run before it drew.

A drawing is made of vectors and numbers alone; nothing in it has a resolution. A change is computed once for a run
and given to every stage, which redoes what it names and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailRequest, Pose, SourceDetail
from rhytid.core.lines.replaced import replaced
from rhytid.core.lines.stroke import Stroke

Float32 = npt.NDArray[np.float32]
Line = tuple[Stroke, float]
"""A stroke with the share of its depth that shows: activation times the settings' strengths."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A request with all that follows from it before any texel is touched.

    Attributes
    ----------
    request : DetailRequest
    lines : mapping of Line by id
        To stamp: the document's strokes and the engine's own.
    courses : mapping of Stroke by id
        To show on the line map, one of each course.
    factors : mapping of float32 (N >= 2,) by id
        On the relief of lines of the imported map, sampled along them; those that stay as they are are left out.
    """

    request: DetailRequest
    lines: Mapping[str, Line]
    courses: Mapping[str, Stroke]
    factors: Mapping[str, Float32]


@dataclass(frozen=True, eq=False)
class Change:
    """What differs between two drawings.

    Attributes
    ----------
    source : bool
        Another imported map, or one where there was none, or none where there was one.
    skin : bool
        What lies under the lines: the source, the pose, the captured one, or their settings. Whether the engine adds
        wrinkles counts under `lines` alone.
    lines, courses : tuple of (old, new)
        Those that came (old is None), are gone (new is None) or are others under the same id, also only by how much
        of them shows.
    factors : frozenset of str
        Ids of the lines of the imported map that have another factor.
    """

    source: bool
    skin: bool
    lines: tuple[tuple[Line | None, Line | None], ...]
    courses: tuple[tuple[Stroke | None, Stroke | None], ...]
    factors: frozenset[str]

    @staticmethod
    def between(before: Drawing | None, after: Drawing) -> Change:
        """From `before` to `after`; everything is new where there is no `before`."""
        if before is None:
            nothing = replaced({}, after.lines), replaced({}, after.courses)
            return Change(True, True, *nothing, frozenset(after.factors))
        old, new = before.request, after.request
        source = not same_source(old.source, new.source)
        skin = source or not (_same_pose(old.pose, new.pose) and _same_pose(old.captured, new.captured))
        lines, courses = replaced(before.lines, after.lines), replaced(before.courses, after.courses)
        factors = replaced(_named_bytes(before.factors), _named_bytes(after.factors))
        names = frozenset(pair[0] for pairs in factors for pair in pairs if pair is not None)
        return Change(source, skin, lines, courses, names)


def same_source(a: SourceDetail | None, b: SourceDetail | None) -> bool:
    """Whether two maps and their own lines are the same."""
    return a is b or (a is not None and b is not None and a.digest == b.digest and a.lines == b.lines)


def _same_pose(a: Pose | None, b: Pose | None) -> bool:
    if a is None or b is None or a is b:
        return a is b
    return (
        a.age == b.age
        and replace(a.settings, generate_wrinkles=True) == replace(b.settings, generate_wrinkles=True)
        and a.action_units == b.action_units
        and all(
            x is y or np.array_equal(x, y) for x, y in ((a.expression, b.expression), (a.tension, b.tension))
        )
    )


def _named_bytes(factors: Mapping[str, Float32]) -> dict[str, tuple[str, bytes]]:
    return {name: (name, factor.tobytes()) for name, factor in factors.items()}

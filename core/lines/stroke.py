"""Strokes: wrinkle lines as vector objects in the chart.

A stroke is a polyline with width, depth, cross-section and binding per stroke and pressure per
point. Line maps and distance fields are drawn from strokes at any resolution; lines extracted
from a scan become the same objects.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
MAX_GROWTH_POINTS = 8
SHORTEST_GROWTH = 0.001  # of the way, between two points


class Onset(str, Enum):
    """When a stroke shows."""

    ALWAYS = "always"
    EXPRESSION = "expression"
    ACTION_UNITS = "action_units"


@dataclass(frozen=True)
class Binding:
    """What makes a stroke appear.

    Attributes
    ----------
    onset : Onset
    weights : tuple of (name, value)
        For `Onset.EXPRESSION` ARKit names and the weights at which the stroke was drawn; for
        `Onset.ACTION_UNITS` names such as ``"AU12"`` and the intensity of full depth. Sorted by name.
    growth : tuple of (way, share)
        How the stroke grows with its expression: shares of its depth, 0..1, at shares of the way to `weights`,
        0..1 and rising, two to `MAX_GROWTH_POINTS` of them; a smooth curve goes through them, even before the first
        and beyond the last. Empty for the usual soft beginning and end. A first share above 0 stays on the face at
        rest.

    Raises
    ------
    ValueError
        The points of the growth are none.
    """

    onset: Onset = Onset.ALWAYS
    weights: tuple[tuple[str, float], ...] = ()
    growth: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.growth:
            return
        if not 2 <= len(self.growth) <= MAX_GROWTH_POINTS:
            raise ValueError(f"a growth has 2 to {MAX_GROWTH_POINTS} points, got {len(self.growth)}")
        ways = [way for way, _ in self.growth]
        if any(not after - before >= SHORTEST_GROWTH for before, after in pairwise(ways)):
            raise ValueError("the points of a growth must go on along the way")
        if not all(0.0 <= value <= 1.0 for point in self.growth for value in point):
            raise ValueError("way and share of a growth lie in 0..1")


class Profile(str, Enum):
    """Cross-section of a stroke; depth profiles are given in `core.lines.profile`."""

    WRINKLE = "wrinkle"  # a furrow: a narrow valley with soft bulges beside it
    CREASE = "crease"  # sharper valley, no bulges
    FOLD = "fold"  # broad valley, one-sided bulge as at the nasolabial fold
    FINE_LINE = "fine_line"  # a shallow, round valley, no bulges
    SCAR = "scar"  # a level floor between steep sides; a raised one where the depth is negative


class Style(str, Enum):
    """How a stroke becomes relief."""

    NATURAL = "natural"  # a wrinkle along it: see `core.lines.natural`
    AS_DRAWN = "as_drawn"  # its cross-section, the same all along


SEED_LIMIT = 2**31


def seed_of(stroke_id: str) -> int:
    """The seed that a natural stroke gets when it is first drawn, 1..`SEED_LIMIT` - 1."""
    return zlib.crc32(stroke_id.encode("utf-8", "surrogatepass")) % (SEED_LIMIT - 1) + 1


@dataclass(frozen=True, eq=False)
class Stroke:
    """One wrinkle line.

    Attributes
    ----------
    id : str
        Unique in a document; stable through edits of the same line.
    points : float32 (N, 2), N >= 2, read-only
        Chart coordinates (x right, y down, 0..1).
    pressure : float32 (N,), read-only
        0..1; scales depth fully and width partly at each point.
    width : float
        Width of the valley (shoulder to shoulder) as a fraction of the chart's side.
    depth_mm : float
        Depth of the valley at pressure 1, > 0 for a valley, < 0 for a ridge.
    profile : Profile
    binding : Binding
    birth_age : float
        Years; below it the stroke is absent, above it deepens to full depth over some years.
        0 = always there.
    name : str
        Shown in the stroke list.
    visible : bool
    from_source : bool
        The stroke was extracted from the document's source detail and stands for relief that is already in
        that map.
    layer : str
        Id of the layer that it belongs to, "" for none.
    style : Style
    breadth : float32 (N,), read-only, or None
        Share of the width at each point, 0..1; None = 1 everywhere.
    tangents : float32 (N, 4), read-only, or None
        From each point to the two control points beside it, before it and after it, as x, y, x, y in chart units; 0, 0
        leaves that side to the smooth curve through all points. None = all are left to it.
    tint : float
        Colour of the skin along the stroke, -1 = pale .. 0 = none .. 1 = red.
    folding : float
        How far its depth follows the skin, 0 = not at all .. 1: deeper where the expression pushes the skin together
        across it, gone where it is drawn apart.
    seed : int
        Which wrinkle a natural stroke is: its irregularities belong to places in the chart and to this number, less
        than `SEED_LIMIT` either way. The mirror image of a wrinkle has the negative number.
    """

    id: str
    points: Float32
    pressure: Float32
    width: float = 0.012
    depth_mm: float = 0.15
    profile: Profile = Profile.WRINKLE
    binding: Binding = field(default_factory=Binding)
    birth_age: float = 0.0
    name: str = ""
    visible: bool = True
    from_source: bool = False
    layer: str = ""
    style: Style = Style.AS_DRAWN
    seed: int = 0
    breadth: Float32 | None = None
    tangents: Float32 | None = None
    tint: float = 0.0
    folding: float = 0.0

    def __post_init__(self) -> None:
        points = np.array(self.points, np.float32)
        pressure = np.array(self.pressure, np.float32)
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
            raise ValueError(f"a stroke needs points of shape (N >= 2, 2), got {points.shape}")
        if pressure.shape != (len(points),):
            raise ValueError(f"pressure must have shape ({len(points)},), got {pressure.shape}")
        if not (np.isfinite(points).all() and np.isfinite(pressure).all()):
            raise ValueError("points and pressure of a stroke must be finite")
        if not (isinstance(self.seed, int) and abs(self.seed) < SEED_LIMIT):
            raise ValueError(f"the seed of a stroke is a whole number below 2**31, got {self.seed!r:.40}")
        object.__setattr__(self, "points", read_only(points))
        object.__setattr__(self, "pressure", read_only(pressure))
        object.__setattr__(self, "breadth", _along(self.breadth, (len(points),), "breadth", 1.0))
        object.__setattr__(self, "tangents", _along(self.tangents, (len(points), 4), "tangents", 0.0))

    @property
    def line_key(self) -> tuple[bytes, bytes]:
        """What the course is."""
        return self.points.tobytes(), b"" if self.tangents is None else self.tangents.tobytes()

    @property
    def course_key(self) -> tuple[object, ...]:
        """What the course is, and what runs along it."""
        breadth = b"" if self.breadth is None else self.breadth.tobytes()
        return *self.line_key, self.pressure.tobytes(), breadth

    @property
    def shape(self) -> Stroke:
        """The stroke with nothing but what its relief of depth 1 follows from, the same for all strokes of that."""
        known: Stroke | None = self.__dict__.get("_shape")
        if known is None:
            known = Stroke(
                "", self.points, self.pressure, self.width, 1.0, self.profile, style=self.style, seed=self.seed,
                breadth=self.breadth, tangents=self.tangents,
            )  # fmt: skip
            for one in (self, known):
                object.__setattr__(one, "_shape", known)
        return known

    @property
    def nbytes(self) -> int:
        """Memory of what is kept for each point."""
        parts = (self.points, self.pressure, self.breadth, self.tangents)
        return sum(part.nbytes for part in parts if part is not None)

    def _key(self) -> tuple[object, ...]:
        return (
            self.id, self.course_key,
            self.width, self.depth_mm, self.profile,
            self.binding, self.birth_age, self.name, self.visible, self.from_source, self.layer,
            self.style, self.seed, self.tint, self.folding,
        )  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Stroke) and self._key() == other._key())

    def __hash__(self) -> int:
        known: int | None = self.__dict__.get("_hash")
        if known is None:  # caches look strokes up for every drawn sample; hashing all points each time shows
            known = hash(self._key())
            object.__setattr__(self, "_hash", known)
        return known


def _along(values: object, shape: tuple[int, ...], what: str, usual: float) -> Float32 | None:
    """Values for each point, read-only; None where all of them are the usual one."""
    if values is None:
        return None
    array = np.array(values, np.float32)
    if array.shape != shape:
        raise ValueError(f"{what} of a stroke must have shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} of a stroke must be finite")
    return None if (array == np.float32(usual)).all() else read_only(array)


Strokes = Sequence[Stroke]

"""What the detail pipeline is asked for and what it gives back. All of it frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.activation import activation
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.core.maps.rect import Rect as Rect
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
PREVIEW, VIEWPORT = 256, 1024
FALLBACK = "procedural"  # the engine that is always there and draws in the place of one that cannot


@dataclass(frozen=True, eq=False)
class SourceDetail:
    """A displacement map that was imported and the pose it was captured in.

    Attributes
    ----------
    displacement : float32 (H, W), read-only
        mm, outward positive, chart layout, square, 64..8192 texels wide.
    expression : tuple of 52 floats
        Expression weights at capture.
    age : float
        Years at capture.
    name : str
        File name it came from.
    lines : tuple of Stroke
        The map's own lines as extracted at import, all with `from_source` set. A stroke of the document
        with the same id and the same content leaves the map as it is there; one that is missing or changed
        edits it.
    digest : str
        `displacement_digest` of the displacement.
    """

    displacement: Float32
    expression: tuple[float, ...]
    age: float
    name: str
    lines: tuple[Stroke, ...]
    digest: str


def displacement_digest(displacement: Float32) -> str:
    """sha256 of a map's shape and bytes, hexadecimal."""
    digest = hashlib.sha256(repr(displacement.shape).encode())
    digest.update(np.ascontiguousarray(displacement).data)
    return digest.hexdigest()


@dataclass(frozen=True)
class EngineSettings:
    """How detail is made.

    Attributes
    ----------
    name : str
        Of an engine: see `core.detail.engines`.
    strength : float
        0..2, scale of all detail.
    static_strength, dynamic_strength : float
        0..2, scale of the person's own detail and of what the expression brings.
    pores : float
        0..2, scale of pores and fine skin texture (shown at 1024 and above).
    seed : int
        Identity seed of generated detail, 0..2**31 - 1.
    generate_wrinkles : bool
        The engine adds its own wrinkles. False once they were adopted as strokes of the document, so that
        the artist can erase and move them.
    """

    name: str = FALLBACK
    strength: float = 1.0
    static_strength: float = 1.0
    dynamic_strength: float = 1.0
    pores: float = 1.0
    seed: int = 1
    generate_wrinkles: bool = True


@dataclass(frozen=True, eq=False)
class Pose:
    """The state of a face that detail depends on.

    Action units and tension follow from a head in an expression: `core.face.resolve.detail_pose` makes poses of it.

    Attributes
    ----------
    expression : float32 (52,), read-only
        Effective weights: expression and action units together.
    action_units : dict of intensity 0..1 by name
        As they follow from `expression` (so it does not matter whether an artist moved an AU slider or the ARKit
        weights behind it); nonzero ones only.
    age : float
        Years, 16..70.
    tension : float32 (256, 256), read-only
        Chart map of `1 - mean(edge / rest edge)`: + compression, - stretch (HiFace eq. 8).
    settings : EngineSettings
    """

    expression: Float32
    action_units: dict[str, float]
    age: float
    tension: Float32
    settings: EngineSettings

    @staticmethod
    def without_head(expression: Float32, age: float, settings: EngineSettings) -> Pose:
        """Expression and age alone, for engines whose `reposed` reads no more: no action units, no tension."""
        return Pose(expression, {}, age, np.zeros((256, 256), np.float32), settings)

    def amount(self, stroke: Stroke) -> float:
        """Share of a stroke's depth that shows: activation times strength."""
        return activation(stroke, self.expression, self.action_units, self.age) * self.strength(stroke)

    def strength(self, stroke: Stroke) -> float:
        """How strong the settings want a stroke: as static or as dynamic detail."""
        settings = self.settings
        always = stroke.binding.onset is Onset.ALWAYS
        return settings.strength * (settings.static_strength if always else settings.dynamic_strength)

    def with_most_of(self, other: Pose) -> Pose:
        """This pose with the larger of both poses' age, tension and action units."""
        mine, theirs = self.action_units, other.action_units
        names = sorted(mine.keys() | theirs.keys())
        return replace(
            self,
            age=max(self.age, other.age),
            tension=np.maximum(self.tension, other.tension),
            action_units={name: max(mine.get(name, 0.0), theirs.get(name, 0.0)) for name in names},
        )


@dataclass(frozen=True, eq=False)
class DetailRequest:
    """All that detail depends on: equal requests give bit-identical maps.

    Attributes
    ----------
    resolution : int
        Side of the maps in texels.
    pose : Pose
        How the face shall look.
    captured : Pose or None
        How it looked when `source` was captured, with the settings of `pose`; None on a generated face.
    source : SourceDetail or None
        The imported map; None on a generated face.
    strokes : tuple of Stroke

    Raises
    ------
    ValueError
        Only one of `source` and `captured` is given.
    """

    resolution: int
    pose: Pose
    captured: Pose | None
    source: SourceDetail | None
    strokes: tuple[Stroke, ...]

    def __post_init__(self) -> None:
        if (self.source is None) != (self.captured is None):
            raise ValueError("an imported map comes with the pose in which it was captured")


class LazyArray:
    """An array that is made when it is first read, by whichever thread that is; made once.

    Parameters
    ----------
    make : callable
        Gives the array; what it returns is set read-only.
    """

    def __init__(self, make: Callable[[], Float32]) -> None:
        self._make: Callable[[], Float32] | None = make
        self._array: Float32 | None = None
        self._lock = Lock()

    def get(self) -> Float32:
        """The array."""
        with self._lock:
            if self._make is not None:
                self._array = read_only(self._make())
                self._make = None
            assert self._array is not None
            return self._array


class _DistanceField:
    """Attribute of `DetailMaps` that takes an array or a `LazyArray` and always gives an array."""

    def __get__(self, maps: DetailMaps | None, owner: type[DetailMaps] | None = None) -> Float32:
        if maps is None:
            raise AttributeError("distance_field")  # the dataclass has no default for it
        value = maps.__dict__["distance_field"]
        return value.get() if isinstance(value, LazyArray) else value

    def __set__(self, maps: DetailMaps, value: Float32 | LazyArray) -> None:
        maps.__dict__["distance_field"] = value


@dataclass(frozen=True, eq=False)
class DetailMaps:
    """Result of the pipeline: what viewport, canvas and export all read.

    Attributes
    ----------
    displacement : float32 (H, H), read-only
        mm, outward positive.
    line_map : bool (H, H), read-only
        One-texel-wide picture of the visible strokes.
    distance_field : float32 (H, H), read-only
        0..1: Euclidean distance to the nearest line, truncated at 5 % of the width and divided by it. May be
        given as a `LazyArray`: it is computed when it is first read.
    dirty : Rect or None
        Where displacement or line map differ from the previous result of the same pipeline at the same
        resolution; None = everything. The distance field differs there and up to 5 % of the width around.
    generation : int
        Number of the request that asked for it; only the newest is shown.
    """

    displacement: Float32
    line_map: npt.NDArray[np.bool_]
    distance_field: _DistanceField = _DistanceField()
    dirty: Rect | None = None
    generation: int = 0

    @property
    def resolution(self) -> int:
        return int(self.displacement.shape[0])

    def with_dirty(self, dirty: Rect | None) -> DetailMaps:
        """The same maps with another `dirty`; unlike `dataclasses.replace` it makes no lazy array."""
        maps: DetailMaps = object.__new__(type(self))
        maps.__dict__.update(self.__dict__, dirty=dirty)
        return maps

"""What the detail pipeline is asked for and what it gives back. All of it frozen."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.finish import PLAIN, Finish
from rhytid.core.lines.activation import activation
from rhytid.core.lines.layer import Layering
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.core.maps.field import Field
from rhytid.core.maps.rect import Rect as Rect
from rhytid.core.maps.revisions import Revisions

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


NO_LAYERS = Layering()


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
    layering : Layering
        What layers make of these strokes and of the engine's own.
    finish : Finish
        What happens to the detail at the end.
    folds : mapping of float by id
        Factors on the depth of strokes that fold with the skin, 1 for those that are not named.

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
    layering: Layering = NO_LAYERS
    finish: Finish = PLAIN
    folds: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.source is None) != (self.captured is None):
            raise ValueError("an imported map comes with the pose in which it was captured")


@dataclass(frozen=True, eq=False)
class DetailMaps:
    """Result of the pipeline: what viewport, canvas and export all read.

    Attributes
    ----------
    field : Field
        Displacement in mm, outward positive, (H, H).
    line_map : bool (H, H), read-only
        One-texel-wide picture of the visible strokes.
    distance : Field
        0..1: Euclidean distance to the nearest line, truncated at 5 % of the width and divided by it, (H, H).
    revisions : Revisions
        Of displacement and line map. The distance differs where they do and up to 5 % of the width around.
    generation : int
        Number of the request that asked for it; only the newest is shown.
    """

    field: Field
    line_map: npt.NDArray[np.bool_]
    distance: Field
    revisions: Revisions = dataclasses.field(default_factory=Revisions.first)
    generation: int = 0

    @property
    def resolution(self) -> int:
        return self.field.shape[0]

    @property
    def displacement(self) -> Float32:
        """The displacement as numbers, float32 (H, H) in mm, read-only."""
        return self.field.numpy()

    @property
    def distance_field(self) -> Float32:
        """The distance as numbers, float32 (H, H), read-only; computed when it is first read."""
        return self.distance.numpy()

    @property
    def revision(self) -> int:
        """What a consumer remembers of the maps that it showed."""
        return self.revisions.last

    def changed_since(self, revision: int | None) -> Rect | None:
        """Where displacement or line map differ from a revision that was shown; None for everything."""
        return self.revisions.changed_since(revision)

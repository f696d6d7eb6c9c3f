"""What the pipeline asks of an engine.

An engine is one method that turns (lines, expression, age, identity) into displacement. It makes two parts
that the pipeline adds: what lies under the lines, and the lines.

- Under the lines of a generated face lies the engine's `surface`. Under those of a face with an imported map
  lies that map as the engine has it `reposed`, with the map's own lines edited by the pipeline (each healed,
  scaled or kept; `line_factor` says how the pose moves it), plus the engine's `added_texture`.
- `shaped_lines` are the strokes: a procedural engine stamps them one by one, a learned engine adds the
  correction that its network makes to the stamped relief, in a window if its reach allows it.

Numpy in and out; an engine that needs more (weights, a runtime) loads it when it is made or first asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.change import Change, Drawing
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
_NAME = re.compile(r"[a-z0-9_]{1,64}")


class UnknownEngineError(ValueError):
    """This program has no engine of that name."""


class EngineFailed(Exception):
    """An engine cannot be made or cannot go on; the procedural engine draws in its place.

    Attributes
    ----------
    name : str
        Of the engine.
    reason : str
        In words for an artist.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"engine {name}: {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True)
class Control:
    """How long work is watched: stages call it with the share that is done.

    Attributes
    ----------
    cancel : callable, optional
        True once the result is no longer wanted.
    progress : callable, optional
        Gets the share that is done, 0..1.
    """

    cancel: Callable[[], bool] | None = None
    progress: Callable[[float], None] | None = None

    def __call__(self, share: float) -> None:
        """Report `share`; raises `Cancelled` when the result is no longer wanted."""
        if self.cancel is not None and self.cancel():
            raise Cancelled
        if self.progress is not None:
            self.progress(share)

    def part(self, low: float, high: float) -> Control:
        """The control of a step that makes up the share `low` to `high` of this one."""
        report = self.progress
        if report is None:
            return self
        return Control(self.cancel, lambda share: report(low + (high - low) * share))


@dataclass(frozen=True, eq=False)
class Reposed:
    """An imported map in another pose.

    Attributes
    ----------
    values : float32 (H, H)
        mm. The very array that was given where pose and strengths leave it as it is; otherwise texels that do
        not change keep their bits.
    line_gain : float32 (256, 256) or None
        Factor by which the relief of the map's own lines is deeper in `values` than in the map, so that
        a line that is erased goes as a whole; None for 1 everywhere.
    """

    values: Float32
    line_gain: Float32 | None = None


class ShapedLines(Protocol):
    """The lines' part of the displacement at one resolution. A value: a change makes another one of it."""

    @property
    def values(self) -> Float32:
        """float32 (H, H) in mm, read-only."""

    def redrawn(self, drawing: Drawing, change: Change, control: Control) -> tuple[ShapedLines, Rect]:
        """What `drawing` gives, made of this one, and the rectangle of texels that may differ.

        Exactly 0 where no line reaches, whatever the skin: skin without lines keeps its bits. The result
        depends on `drawing` only; `change` tells how it differs from the one that this was made for.
        """


class Engine(Protocol):
    """One method of making detail. Stateless to its callers; may keep caches; used by several threads.

    `core.detail.engine_base.EngineBase` has all of it but `surface` and `reposed`.
    """

    @property
    def generated_share(self) -> float:
        """Share of their depth with which the engine's own strokes come on an imported map.

        They come as far as the pose has more of them than the capture; an engine whose `reposed` deepens the
        map's own detail needs less of them.
        """

    def strokes(self, settings: EngineSettings) -> Sequence[Stroke]:
        """The engine's own wrinkles as strokes with stable ids; empty if its surface has them."""

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """Detail that does not come from lines, float32 (resolution, resolution) mm, strengths applied."""

    def shaped_lines(self, resolution: int) -> ShapedLines:
        """No lines yet, shaped as this engine shapes them."""

    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """An imported map as it looks in another pose, its lines included, strengths applied.

        Parameters
        ----------
        displacement : float32 (H, H), read-only
            `source.displacement` at the working size: its own or the one asked for, whichever is smaller.
        source : SourceDetail
            The whole map with its lines; `digest` and `lines` identify it to caches.
        captured, pose : Pose
            How the map was captured and how it shall look; both have the settings of the request.

        Returns
        -------
        Reposed
            `values` is `displacement` itself, not a copy, when neither pose nor strengths change it.
        """

    def added_texture(
        self, source: SourceDetail, captured: Pose, pose: Pose, resolution: int, control: Control
    ) -> Float32 | None:
        """Texture that the pose brings beyond what the map had, at the full resolution of the request.

        float32 (resolution, resolution) mm, a new array that the caller may change; None for nothing. The
        caller fades it out where the map is blank.
        """

    def finer(self, displacement: Float32, lines: Sequence[Stroke], resolution: int) -> Float32 | None:
        """What an imported map has between its texels, as far as the engine can tell.

        Parameters
        ----------
        displacement : float32 (H, H), read-only
            The map at the working size, smaller than `resolution`.
        lines : sequence of Stroke
            Its own lines.

        Returns
        -------
        float32 (resolution, resolution) or None
            mm, beside `core.maps.resample.resample` of the map; None for nothing.
        """

    def line_factor(self, stroke: Stroke, captured: Pose, pose: Pose) -> float:
        """Factor on the depth of a line of the map that is bound to nothing, beyond what `reposed` does to it.

        Lines that an artist bound to an expression, to action units or to an age follow their binding and are
        not asked for.
        """


@dataclass(frozen=True)
class EngineInfo:
    """An engine that there is to choose, before it is made.

    Attributes
    ----------
    name : str
        What `EngineSettings.name` and projects say: 1..64 small letters, digits and underscores.
    title, tip : str
        For the menu.
    make : callable
        Makes the engine, once, with the cache for its arrays; a class that derives from `EngineBase` will do.
        What it raises is the reason why the engine cannot run.
    mixes : bool
        Its `reposed` needs no more of a pose than expression and age, so that it can mix two faces.
    """

    name: str
    title: str
    tip: str
    make: Callable[[ArrayCache], Engine]
    mixes: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError` for a name that is none, no title, or a `make` that cannot be called."""
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise ValueError(f"an engine's name is 1..64 small letters, digits and underscores, not {self.name!r:.80}")
        if not (isinstance(self.title, str) and self.title and isinstance(self.tip, str) and callable(self.make)):
            raise ValueError(f"engine {self.name}: title and tip are texts, and make makes the engine")


def checked(values: Float32, side: int, what: str) -> Float32:
    """What an engine gave, if it is float32 (side, side).

    Raises
    ------
    ValueError
        It is something else; the message says `what` it was to be.
    """
    if not isinstance(values, np.ndarray) or values.dtype != np.float32 or values.shape != (side, side):
        given = f"{values.dtype} {values.shape}" if isinstance(values, np.ndarray) else type(values).__name__
        raise ValueError(f"its {what} is {given}, where float32 {(side, side)} is wanted")
    return values

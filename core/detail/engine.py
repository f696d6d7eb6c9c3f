"""What the pipeline asks of an engine, and the engines by name.

An engine is one method that turns (lines, expression, age, identity) into displacement. It makes two layers
that the pipeline adds: what lies under the lines, and the lines.

- Under the lines of a generated face lies the engine's `surface`. Under those of a face with an imported map
  lies that map as the engine has it `reposed`, with the map's own lines edited by the pipeline (each healed,
  scaled or kept; `line_factor` says how the pose moves it), plus the engine's `added_texture`.
- The `line_layer` shapes the strokes: a procedural engine stamps them one by one, a learned engine adds the
  correction that its network makes to the stamped relief, in a window if its reach allows it.

Numpy in and out; an engine that needs more (weights, a runtime) loads it when it is made or first asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.change import Change, Drawing
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]


class Cancelled(Exception):
    """The work was no longer wanted; nothing was changed."""


class UnknownEngineError(ValueError):
    """No engine of that name is registered."""


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


class LineLayer(Protocol):
    """The lines' part of the displacement at one resolution. A value: a change makes another one of it."""

    @property
    def values(self) -> Float32:
        """float32 (H, H) in mm, read-only."""

    def redrawn(self, drawing: Drawing, change: Change, control: Control) -> tuple[LineLayer, Rect]:
        """The layer of `drawing`, made of this one, and the rectangle of texels that may differ.

        Exactly 0 where no line reaches, whatever the skin: skin without lines keeps its bits. The result
        depends on `drawing` only; `change` tells how it differs from the one that this layer was made for.
        """


class Engine(Protocol):
    """One method of making detail. Stateless to its callers; may keep caches; used by several threads."""

    @property
    def name(self) -> str:
        """What `EngineSettings.name` says."""

    @property
    def stroke_share(self) -> float:
        """Share of their depth with which the engine's own strokes come on an imported map.

        They come as far as the pose has more of them than the capture; an engine whose `reposed` deepens the
        map's own detail needs less of them.
        """

    def strokes(self, settings: EngineSettings) -> Sequence[Stroke]:
        """The engine's own wrinkles as strokes with stable ids; empty if its surface has them."""

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """Detail that does not come from lines, float32 (resolution, resolution) mm, strengths applied."""

    def line_layer(self, resolution: int) -> LineLayer:
        """A new, empty layer of lines."""

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


@dataclass
class _Registry:
    makers: dict[str, Callable[[], Engine]] = field(default_factory=dict)
    engines: dict[str, Engine] = field(default_factory=dict)


_registry = _Registry()


def register_engine(name: str, make: Callable[[], Engine]) -> None:
    """Make an engine available under `name`; `make` is called when it is first used."""
    _registry.makers[name] = make
    _registry.engines.pop(name, None)


def unregister_engine(name: str) -> None:
    """Forget an engine; an unknown name is no error."""
    _registry.makers.pop(name, None)
    _registry.engines.pop(name, None)


def engine_names() -> tuple[str, ...]:
    """Names of all engines in the order in which they were registered."""
    return tuple(_registry.makers)


def get_engine(name: str) -> Engine:
    """The engine of that name, made on first use and kept.

    Raises
    ------
    UnknownEngineError
        No engine of that name.
    """
    if name not in _registry.makers:
        raise UnknownEngineError(f"there is no engine {name!r}; there are: {', '.join(_registry.makers)}")
    if name not in _registry.engines:
        _registry.engines[name] = _registry.makers[name]()
    return _registry.engines[name]

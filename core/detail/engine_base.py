"""What engines have in common: a new one writes `surface` and `reposed`, and what it does better than this."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control, Reposed, ShapedLines
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail
from rhytid.core.detail.stamped_lines import StampedLines
from rhytid.core.detail.wrinkles import natural_wrinkles
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache

T = TypeVar("T")
Float32 = npt.NDArray[np.float32]


class EngineBase(ABC):
    """An `Engine` with the wrinkles of anatomy and a seed, stamped as they are drawn.

    Parameters
    ----------
    cache : ArrayCache
        Shared with all engines.
    """

    generated_share = 1.0

    def __init__(self, cache: ArrayCache) -> None:
        self.cache = cache
        self._mine = object()

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What this engine keeps in the cache under `key`, made if it is not there; never change it afterwards."""
        return self.cache.get((self._mine, key), make)

    @abstractmethod
    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """Detail that does not come from lines, float32 (resolution, resolution) mm, strengths applied."""

    @abstractmethod
    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """An imported map as it looks in another pose; see `Engine.reposed`."""

    def strokes(self, settings: EngineSettings) -> tuple[Stroke, ...]:
        """The wrinkles of the person with that seed."""
        return natural_wrinkles(settings.seed)

    def shaped_lines(self, resolution: int) -> ShapedLines:
        """No lines yet: their relief as it was drawn."""
        return StampedLines(resolution, self.cache)

    def added_texture(
        self, source: SourceDetail, captured: Pose, pose: Pose, resolution: int, control: Control
    ) -> Float32 | None:
        """Nothing: what a pose brings is in `reposed`."""
        return None

    def finer(self, displacement: Float32, lines: Sequence[Stroke], resolution: int) -> Float32 | None:
        """Nothing: a map that is enlarged stays as smooth as it is."""
        return None

    def line_factor(self, stroke: Stroke, captured: Pose, pose: Pose) -> float:
        """1: `reposed` takes lines and skin along together."""
        return 1.0

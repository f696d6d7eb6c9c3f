"""The procedural engine: skin and wrinkles from anatomy and a seed, without any weights.

The product's first face, the fallback, and the teacher of the networks to come. Deterministic: a seed gives
the same person on every machine and at every resolution.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from core.detail import skin
from core.detail.engine import Control, Pose, register_engine
from core.detail.relief_layer import ReliefLayer, UnitReliefs
from core.detail.request import EngineSettings
from core.detail.wrinkles import generated_strokes
from core.lines.stroke import Stroke

Float32 = npt.NDArray[np.float32]
NAME = "procedural"


class ProceduralEngine:
    """See the module."""

    name = NAME

    def __init__(self) -> None:
        self._units = UnitReliefs()

    def strokes(self, settings: EngineSettings) -> tuple[Stroke, ...]:
        """The wrinkles of the person with that seed."""
        return generated_strokes(settings.seed)

    def surface_key(self, pose: Pose, resolution: int) -> Hashable:
        """Equal keys mean bit-identical surfaces."""
        weights = skin.Weights(pose)
        return (resolution, pose.settings.seed, tuple(vars(weights).values()), pose.tension.tobytes())

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """Skin texture, float32 (resolution, resolution) in mm."""
        return skin.surface(pose, resolution, control)

    def line_layer(self, resolution: int) -> ReliefLayer:
        """A new, empty layer of lines."""
        return ReliefLayer(resolution, self._units)


def register() -> None:
    """Make the engine available under its name."""
    register_engine(NAME, ProceduralEngine)

"""The procedural engine: skin and wrinkles from anatomy and a seed, without any weights.

The product's first face and the fallback of learned engines. Deterministic: a seed gives the same person on
every machine and at every resolution. An imported map is calmed where skin is younger or less compressed than at
capture, and its lines deepen or fade as those of their anatomical site do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import skin
from rhytid.core.detail.engine import Control, Reposed
from rhytid.core.detail.engine_base import EngineBase
from rhytid.core.detail.request import Pose, SourceDetail
from rhytid.core.detail.site_match import site_depth_mm, site_of
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
_FINE_SIGMA = 0.006  # fine texture is what lies below this, in fractions of the chart's side


class ProceduralEngine(EngineBase):
    """See the module."""

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """Skin texture, float32 (resolution, resolution) in mm."""
        return skin.surface(pose, resolution, control)

    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """The map with its strength, its fine texture calmed."""
        strength = pose.settings.strength * pose.settings.static_strength
        gain = None if strength == 1 else np.full((256, 256), strength, np.float32)
        return Reposed(_calmed(displacement, pose, captured), gain)

    def added_texture(
        self, source: SourceDetail, captured: Pose, pose: Pose, resolution: int, control: Control
    ) -> Float32 | None:
        """What the engine's texture has more of in the pose than at capture, or None for nothing.

        Only increases count: taking away what the engine would have had, but the scan never did, would engrave
        its negative. Decreases are left to `_calmed`.
        """
        more = pose.with_most_of(captured)
        if skin.same_texture(more, captured):
            return None
        added = self.surface(more, resolution, control.part(0.0, 0.5)).copy()
        added -= self.surface(captured, resolution, control.part(0.5, 1.0))
        return added

    def line_factor(self, stroke: Stroke, captured: Pose, pose: Pose) -> float:
        """By the site that the line belongs to."""
        if pose.age == captured.age and pose.action_units == captured.action_units:
            return 1.0
        site = site_of(stroke)
        if site is None:
            return 1.0
        now = site_depth_mm(*site, pose.age, pose.action_units)
        return float(np.clip(now / site_depth_mm(*site, captured.age, captured.action_units), 0.1, 1.5))


def _calmed(imported: Float32, pose: Pose, captured: Pose) -> Float32:
    """The map with its strength, its fine texture calmed where skin is younger or less compressed."""
    strength = np.float32(pose.settings.strength * pose.settings.static_strength)
    result = imported if strength == 1 else imported * strength
    released = captured.tension.astype(np.float32) - pose.tension.astype(np.float32)
    younger = max(captured.age - pose.age, 0.0) / 50
    if younger == 0 and not (released > 0).any():
        return result
    side = imported.shape[0]
    calm = low_pass(np.maximum(released, 0), 2.0) * np.float32(2.5 * pose.settings.dynamic_strength)
    calm = np.clip(calm, 0, 0.5)
    factor = resample(np.float32(1 - 0.35 * younger) * (1 - calm), side) - np.float32(1)
    fine = result - low_pass(result, _FINE_SIGMA * side)
    fine *= factor
    calmed: Float32 = np.add(result, fine, out=result.copy(), where=fine != 0)
    return calmed

"""The engine "facedet3d": detail for target action units through a mask (FaceDet3D, section 3.2).

A generated face is SD-DeTail's at rest, and the network's change of it for the expression. An imported map is changed
from the action units and the age of its capture to those that are wanted: its own relief is deepened and flattened
where it is, and wrinkles are added that were not there. Outside the mask it stays as it is, bit for bit. Finer texture
and super-resolution are those of all learned engines (the paper's eqs. 8 and 9).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control, Engine, Reposed
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail
from rhytid.core.learned.facedet3d import FaceDet3DModel, Hallucination
from rhytid.core.learned.fine_detail import FineDetail
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
_SQUARE = (SIDE, SIDE)


class FaceDet3DEngine(FineDetail):
    """See the module.

    Parameters
    ----------
    cache : ArrayCache
    model : FaceDet3DModel
    resting : Engine
        Draws generated faces at rest.
    """

    def __init__(self, cache: ArrayCache, model: FaceDet3DModel, resting: Engine) -> None:
        super().__init__(cache)
        self._model = model
        self._resting = resting

    def strokes(self, settings: EngineSettings) -> tuple[Stroke, ...]:
        """None: the face at rest has its wrinkles."""
        return ()

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """The face at rest and what the expression changes of it, float32 (resolution, resolution) in mm."""
        still, settings = np.zeros_like(pose.tension), pose.settings
        rest = replace(pose, expression=np.zeros_like(pose.expression), action_units={}, tension=still)
        surface = self._resting.surface(rest, resolution, control.part(0.0, 0.6))
        if not pose.expression.any() or settings.dynamic_strength == 0:
            return surface
        # What an expression changes of a face does not depend on how much of it is shown.
        rest = replace(rest, settings=replace(settings, static_strength=1.0))
        whole = surface if settings.static_strength == 1 else self._resting.surface(rest, resolution, control)
        low = whole if resolution == SIDE else self._resting.surface(rest, SIDE, control)
        change = self._hallucinated(low, rest, pose).change(whole)
        return _added(surface, change * np.float32(settings.dynamic_strength))

    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """The map in another pose; see the module."""
        settings = pose.settings
        static = np.float32(settings.strength * settings.static_strength)
        dynamic = np.float32(settings.strength * settings.dynamic_strength)
        if pose.age == captured.age and np.array_equal(pose.expression, captured.expression):
            return Reposed(displacement * static, np.full(_SQUARE, static)) if static != 1 else Reposed(displacement)
        found = self._of_map(displacement, source, captured, pose)
        control(0.7)
        change, lines = found.change(displacement) * dynamic, found.line_gain() * dynamic
        if static != dynamic:  # years change what is static
            older = self._of_map(displacement, source, captured, replace(pose, expression=captured.expression))
            change += older.change(displacement) * (static - dynamic)
            lines += older.line_gain() * (static - dynamic)
        values = displacement if static == 1 else displacement * static
        return Reposed(_added(values, change), lines + static)

    def _of_map(self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose) -> Hallucination:
        key = (source.digest, len(displacement), *_key(captured), *_key(pose))
        return self.kept(key, lambda: self._hallucinated(resample(displacement, SIDE), captured, pose))

    def _hallucinated(self, low: Float32, captured: Pose, wanted: Pose) -> Hallucination:
        """Of a map of 256 texels."""
        return self._model.hallucinated(low, (captured.expression, captured.age), (wanted.expression, wanted.age))


def _added(displacement: Float32, change: Float32) -> Float32:
    """A map with a change, the same bit for bit where there is none."""
    return np.add(displacement, change, out=displacement.copy(), where=change != 0)


def _key(pose: Pose) -> tuple[float, bytes]:
    return pose.age, pose.expression.tobytes()

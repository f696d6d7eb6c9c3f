"""The engine "semm": detail by the structured SEMM (Ling et al., ECCV 2022)."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.detail import skin
from core.detail.engine import Control, Pose, Reposed
from core.detail.relief_layer import UnitReliefs
from core.detail.request import EngineSettings, SourceDetail
from core.detail.wrinkles import generated_strokes
from core.learned.painted_layer import PaintedLayer
from core.learned.semm import NAME, UNIT_MM, SemmModel
from core.learned.semm_faces import SemmFaces, shown_mm
from core.learned.skin_texture import texture
from core.lines.stroke import Stroke
from core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
_FINE_FROM = 1024


class SemmEngine:
    """See the module.

    Parameters
    ----------
    folder : Path, optional
        Of the weights; by default of those that come with the program.

    Raises
    ------
    WeightsError
        The weights are missing or damaged.
    """

    name = NAME
    stroke_share = 0.35

    def __init__(self, folder: Path | None = None) -> None:
        self._faces = SemmFaces(SemmModel.load(folder))
        self._reliefs = UnitReliefs()

    def strokes(self, settings: EngineSettings) -> tuple[Stroke, ...]:
        """The wrinkles of the person with that seed."""
        return generated_strokes(settings.seed)

    def surface_key(self, pose: Pose, resolution: int) -> Hashable:
        """Equal keys mean bit-identical surfaces."""
        fine = tuple(vars(skin.Weights(pose)).values()) if resolution >= _FINE_FROM else ()
        tension = pose.tension.tobytes() if resolution >= _FINE_FROM else b""
        return (resolution, pose.settings, pose.age, pose.expression.tobytes(), fine, tension)

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """The decoded base, texture, and from 1024 on pores; float32 (resolution, resolution) in mm."""
        face = self._faces.generated(pose)
        control(0.3)
        noise = texture(pose.settings.seed, face.decoded.log_energy, shown_mm(face.decoded))
        values = (face.bare_mm + noise * np.float32(UNIT_MM)) * np.float32(_strength(pose))
        control(0.5)
        result = resample(values, resolution)
        if resolution >= _FINE_FROM:
            result = skin.fine_surface(pose, resolution, control.part(0.5, 1.0)) + result
        return result

    def line_layer(self, resolution: int) -> PaintedLayer:
        """A new, empty layer of lines."""
        return PaintedLayer(resolution, self._reliefs, self._faces)

    def pose_key(self, pose: Pose) -> Hashable:
        """Everything but what the tension map is made of."""
        units = tuple(sorted(pose.action_units.items()))
        return (pose.age, pose.settings, pose.expression.tobytes(), units, pose.tension.tobytes())

    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """The map with the change that its code asks for, computed at 256; finer texture stays."""
        strength = np.float32(_strength(pose))
        values = displacement if strength == 1 else displacement * strength
        gain = None if strength == 1 else np.full((256, 256), strength, np.float32)
        if pose.age == captured.age and np.array_equal(pose.expression, captured.expression):
            return Reposed(values, gain)  # without encoding the map: a mixture of two faces is new at every step
        change = self._faces.reposed(source, captured, pose).change
        control(0.7)
        if change is None:
            return Reposed(values, gain)
        added = resample(change.added_mm * strength, len(displacement))
        values = np.add(values, added, out=values.copy(), where=added != 0)
        return Reposed(values, change.line_gain * strength)

    def added_texture(
        self, source: SourceDetail, captured: Pose, pose: Pose, resolution: int, control: Control
    ) -> Float32 | None:
        """Pores and fine texture that the pose has more of; coarser texture is part of `reposed`."""
        if resolution < _FINE_FROM:
            return None
        more = pose.with_most_of(captured)
        if _fine_key(more) == _fine_key(captured):
            return None
        added = skin.fine_surface(more, resolution, control.part(0.0, 0.5)).copy()
        added -= skin.fine_surface(captured, resolution, control.part(0.5, 1.0))
        return added

    def line_factor(self, stroke: Stroke, captured: Pose, pose: Pose) -> float:
        """Lines deepen and fade with the bands of the map that they are part of."""
        return 1.0


def _strength(pose: Pose) -> float:
    return pose.settings.strength * pose.settings.static_strength


def _fine_key(pose: Pose) -> Hashable:
    return (tuple(vars(skin.Weights(pose)).values()), pose.tension.tobytes())

"""The engine "semm": detail by the structured SEMM (Ling et al., ECCV 2022)."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import anatomy, skin
from rhytid.core.detail.engine import Control, Reposed
from rhytid.core.detail.request import Pose, SourceDetail
from rhytid.core.learned.expression_energy import ExpressionEnergy
from rhytid.core.learned.fine_detail import FineDetail
from rhytid.core.learned.painted_lines import PaintedLines
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.semm_faces import SemmFaces
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
# Skin whose detail belongs to a head of one's own: a scan's ends in hair, cap and border. Right half of the face.
_INNER_FACE = ((0.50, 0.125), (0.34, 0.155), (0.20, 0.29), (0.135, 0.43), (0.165, 0.59), (0.26, 0.78), (0.36, 0.89),
               (0.50, 0.92))  # fmt: skip
_FEATHER = 0.035
_AT_FEATURES = 0.35  # eyes, lips and nose wings of a head have their shape already


class SemmEngine(FineDetail):
    """See the module.

    Parameters
    ----------
    cache : ArrayCache
    model : SemmModel
    energy : ExpressionEnergy, optional
        See `SemmFaces`.
    """

    generated_share = 0.35

    def __init__(self, cache: ArrayCache, model: SemmModel, energy: ExpressionEnergy | None = None) -> None:
        super().__init__(cache)
        self._faces = SemmFaces(model, cache, energy)

    def surface(self, pose: Pose, resolution: int, control: Control) -> Float32:
        """The decoded base on the skin's texture, float32 (resolution, resolution) in mm.

        The texture is drawn as the procedural engine draws it: what a code says of texture it has from maps as
        scanners make them, and their noise, hair and borders make bad skin.
        """
        static, dynamic = _strengths(pose)
        base = self._base(pose) * dynamic
        if static != dynamic:
            base += self._base(replace(pose, expression=np.zeros_like(pose.expression))) * (static - dynamic)
        control(0.3)
        return skin.surface(pose, resolution, control.part(0.3, 1.0)) + resample(base, resolution)

    def _base(self, pose: Pose) -> Float32:
        """What the code says of a generated face without its lines, float32 (256, 256) in mm, at full strength."""
        return self._faces.generated(pose).bare_mm * inner_face()

    def shaped_lines(self, resolution: int) -> PaintedLines:
        """No lines yet, shaped as this engine shapes them."""
        return PaintedLines(resolution, self._faces)

    def reposed(
        self, displacement: Float32, source: SourceDetail, captured: Pose, pose: Pose, control: Control
    ) -> Reposed:
        """The map with the change that the pose asks for, computed at 256; finer texture stays."""
        static, dynamic = _strengths(pose)
        values = displacement if static == 1 else displacement * static
        gain = None if static == 1 else np.full((256, 256), static, np.float32)
        if pose.age == captured.age and np.array_equal(pose.expression, captured.expression):
            return Reposed(values, gain)  # without encoding the map: a mixture of two faces is new at every step
        shares = [(dynamic, pose)]
        if static != dynamic:  # years change what is static
            shares.append((static - dynamic, replace(pose, expression=captured.expression)))
        added, lines = np.zeros((256, 256), np.float32), np.full((256, 256), static, np.float32)
        for share, posed in shares:
            change = self._faces.reposed(source, captured, posed).change
            if change is not None:
                added += change.added_mm * share
                lines += (change.line_gain - 1) * share
        control(0.7)
        if not added.any():
            return Reposed(values, gain)
        added = resample(added, len(displacement))
        values = np.add(values, added, out=values.copy(), where=added != 0)
        return Reposed(values, lines)


@lru_cache(maxsize=1)
def inner_face() -> Float32:
    """Share 0..1 of the decoded base that a generated face shows, float32 (256, 256)."""
    outline = np.concatenate([np.array(_INNER_FACE), anatomy.mirrored(_INNER_FACE)[::-1]])
    features = np.maximum(anatomy.both(anatomy.EYE_RIGHT, 0.02), anatomy.polygon_mask(anatomy.LIPS, 0.015))
    features = np.clip(np.maximum(features, anatomy.both(anatomy.NOSTRIL_RIGHT, 0.025)) * 2, 0, 1)
    window: Float32 = anatomy.polygon_mask(outline, _FEATHER) * anatomy.skin()
    return np.asarray(window * (1 - np.float32(1 - _AT_FEATURES) * features), np.float32)


def _strengths(pose: Pose) -> tuple[np.float32, np.float32]:
    """How strong the person's own detail is, and what the expression changes of it."""
    settings = pose.settings
    return (
        np.float32(settings.strength * settings.static_strength),
        np.float32(settings.strength * settings.dynamic_strength),
    )

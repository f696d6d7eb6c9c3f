"""What learned engines do above 256 texels: texture that a pose has more of, and super-resolution along lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import skin
from rhytid.core.detail.engine import Control
from rhytid.core.detail.engine_base import EngineBase
from rhytid.core.detail.request import Pose, SourceDetail
from rhytid.core.learned.near_field import NearField
from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
_FINE_FROM = 1024


class FineDetail(EngineBase):
    """An engine whose network works at 256 texels.

    Parameters
    ----------
    cache : ArrayCache
    """

    def __init__(self, cache: ArrayCache) -> None:
        super().__init__(cache)
        self._enlarger: SuperResolution | None = None

    def added_texture(
        self, source: SourceDetail, captured: Pose, pose: Pose, resolution: int, control: Control
    ) -> Float32 | None:
        """Pores and fine texture that the pose has more of; coarser texture is part of `reposed`."""
        if resolution < _FINE_FROM:
            return None
        more = pose.with_most_of(captured)
        if skin.same_texture(more, captured):
            return None
        added = skin.fine_surface(more, resolution, control.part(0.0, 0.5)).copy()
        added -= skin.fine_surface(captured, resolution, control.part(0.5, 1.0))
        return added

    def finer(self, displacement: Float32, lines: Sequence[Stroke], resolution: int) -> Float32 | None:
        """Super-resolution by 4 or 16 along the map's lines; None for other factors."""
        if resolution // len(displacement) not in (4, 16) or resolution % len(displacement):
            return None
        if self._enlarger is None:
            self._enlarger = SuperResolution.load()
        enlarged = self._enlarger.enlarge(displacement, NearField(lines), resolution)
        enlarged -= resample(displacement, resolution)
        return enlarged

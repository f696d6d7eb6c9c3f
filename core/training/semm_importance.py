"""Which texels of the chart matter how much when a SEMM learns: the skin of the face before hair, lids and lips."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import anatomy
from rhytid.core.maps.bands import low_pass
from rhytid.core.networks.semm_lapped import outline

Float32 = npt.NDArray[np.float32]
_BESIDE_FACE = 0.02
_FEATURES = 0.1  # of the skin's weight: sharp edges there would drown the wrinkles
_FEATHER_PX = 3.0


def importance() -> Float32:
    """Weight of each texel, float32 (256, 256), 1 on plain skin."""
    features = np.maximum(anatomy.both(anatomy.BROW_RIGHT, 0.012), anatomy.polygon_mask(anatomy.LIPS, 0.008))
    features = np.maximum(features, np.maximum(anatomy.both(anatomy.EYE_RIGHT, 0.02), 1 - anatomy.skin()))
    features = np.maximum(features, anatomy.both(anatomy.NOSTRIL_RIGHT, 0.02))
    face = low_pass(outline(), _FEATHER_PX) * (1 - (1 - _FEATURES) * np.clip(features, 0, 1))
    result: Float32 = np.maximum(face, _BESIDE_FACE).astype(np.float32)
    return result

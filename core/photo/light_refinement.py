"""The network that refines the light, as it ships: a correction of what the closed form found."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.runtime import Session
from rhytid.core.learned.weights import PHOTO_ALBEDO, open_model

Float32 = npt.NDArray[np.float32]


class LightRefinement:
    """See the module and `core.networks.photo_albedo`.

    Parameters
    ----------
    network : Session
    """

    def __init__(self, network: Session) -> None:
        self._network = network

    def light(self, features: Float32) -> Float32:
        """The light's correction in logarithm, float32 (128, 128, 3), of features (19, 128, 128)."""
        (light,) = self._network.run(["light"], {"features": features[None]})
        return np.asarray(light[0].transpose(1, 2, 0), np.float32)


@lru_cache(maxsize=1)
def light_refinement() -> LightRefinement:
    """The network that comes with the program.

    Raises
    ------
    core.learned.weights.WeightsError
        It is not there, or damaged.
    """
    return LightRefinement(open_model(PHOTO_ALBEDO).onnx())

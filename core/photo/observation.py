"""What the later steps read of a photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.photo.landmarks import Landmarks
from rhytid.core.photo.masks import Masks


@dataclass(frozen=True)
class Observation:
    """A photo with one face found in it.

    Attributes
    ----------
    pixels : uint8 (H, W, 3), read-only
        sRGB.
    linear : float32 (H, W, 3), read-only
        Linear RGB, 0..1.
    landmarks : Landmarks
    masks : Masks
    focal_px : float or None
        Focal length as the camera told it, px; None where it did not.
    """

    pixels: npt.NDArray[np.uint8]
    linear: npt.NDArray[np.float32]
    landmarks: Landmarks
    masks: Masks
    focal_px: float | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return self.pixels.shape[1], self.pixels.shape[0]

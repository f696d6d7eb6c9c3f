"""Where a photo shows the skin of a face, where hair, and where something else lies before the face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Masks:
    """What the pixels of a photo show, as shares of 0..1 that blend into each other.

    Attributes
    ----------
    skin : float32 (H, W), read-only
        Skin of the face and what it goes over into (ears, neck), without brows, eyes and lips.
    hair : float32 (H, W), read-only
        Hair of the head, beard and brows.
    occluder : float32 (H, W), read-only
        What else lies before the face: glasses, a hand, a hat.
    """

    skin: Float32
    hair: Float32
    occluder: Float32

"""LPIPS (Zhang et al., CVPR 2018), the perceptual distance that SEMM is published with, where it is installed.

It needs the package lpips and the weights of its AlexNet in torch's cache; nothing is fetched. Maps are shown to
it as grey pictures from -0.25 to 0.25 mm, level outside the mask.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]
Distance = Callable[[Float32, Float32, Bool], float]
"""Of two maps in mm inside a mask, each (256, 256): 0 for equal ones, more for less alike ones."""

_BACKBONE = "alexnet-owt-*.pth"
_FULL_MM = 0.25


@lru_cache(maxsize=1)
def perceptual_distance() -> Distance | None:
    """The distance, or None where the package or its weights are missing."""
    if importlib.util.find_spec("lpips") is None or not any(_checkpoints().glob(_BACKBONE)):
        return None
    lpips = importlib.import_module("lpips")
    network = lpips.LPIPS(net="alex", verbose=False)

    def distance(a: Float32, b: Float32, mask: Bool) -> float:
        return float(network(*(lpips.im2tensor(_picture(values, mask)) for values in (a, b))))

    return distance


def _checkpoints() -> Path:
    """Where torch keeps weights: see its page on `torch.hub`."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("TORCH_HOME") or str(Path(cache) / "torch")) / "hub" / "checkpoints"


def _picture(displacement: Float32, mask: Bool) -> Float32:
    """float32 (256, 256, 3) in 0..255."""
    grey = np.clip(displacement / np.float32(2 * _FULL_MM) + np.float32(0.5), 0, 1) * np.float32(255)
    grey = np.where(mask, grey, np.float32(127.5))
    return np.repeat(grey[..., None], 3, axis=2)

"""The border of the chart, where colours end in one tone: skin outside the chart is as its border."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


def border_fade(resolution: int, width: float = 0.11) -> Float32:
    """0 on the border of the chart, rising smoothly to 1 within a share of its side, float32 (R, R)."""
    t = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    edge = np.clip(np.minimum(t, 1 - t) / width, 0, 1)
    edge = edge * edge * (3 - 2 * edge)
    return np.asarray(edge[:, None] * edge, np.float32)

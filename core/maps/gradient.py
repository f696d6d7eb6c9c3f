"""Gradient of a displacement map: what shading and normal maps read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]


def gradient(displacement: Float32, rect: Rect | None = None) -> Float32:
    """Derivative of a displacement map along the chart's axes.

    Central differences, one-sided at the chart's border. A window's values equal those of the whole map.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm.
    rect : Rect, optional
        The window wanted; the whole map by default.

    Returns
    -------
    float32 (h, w, 2)
        d/dx and d/dy in mm per unit of the chart (the chart's side is 1). Values stay below about 500, so
        float16 holds them with 3 digits.
    """
    height, width = displacement.shape
    rect = rect or Rect(0, 0, width, height)
    x_low, x_high = max(rect.x0 - 1, 0), min(rect.x1 + 1, width)
    y_low, y_high = max(rect.y0 - 1, 0), min(rect.y1 + 1, height)
    columns = displacement[rect.y0 : rect.y1, x_low:x_high]
    rows = displacement[y_low:y_high, rect.x0 : rect.x1]
    result = np.empty((rect.y1 - rect.y0, rect.x1 - rect.x0, 2), np.float32)
    along_x = np.gradient(columns, axis=1)
    along_y = np.gradient(rows, axis=0)
    first_x, first_y = rect.x0 - x_low, rect.y0 - y_low
    result[..., 0] = along_x[:, first_x : first_x + result.shape[1]] * np.float32(width)
    result[..., 1] = along_y[first_y : first_y + result.shape[0]] * np.float32(height)
    return result

"""How the chart is stretched over the skin: lengths in the chart and lengths on the face."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.load import default_head
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
_SMOOTH_PX = 0.7  # triangles are flat; the skin is not
_LEAST_MM, _MOST_MM = 80.0, 1200.0  # of skin per side of the chart: lips of the openings fold without end


@lru_cache(maxsize=1)
def mm_from_chart() -> Float32:
    """Of the default head; other heads are laid into its chart and differ little."""
    return stretch(default_head(), SIDE)


def stretch(head: Head, resolution: int) -> Float32:
    """The symmetric matrix that makes steps in the chart steps on the skin, turned by no more than the skin is.

    Returns
    -------
    float32 (resolution, resolution, 2, 2), read-only
        mm per side of the chart. Its eigenvalues are how far the chart is stretched, across and along. Where no skin
        lies, that of the nearest skin.
    """
    from scipy import ndimage  # slow to import

    triangle = ChartRaster(head, resolution).triangle
    corners = head.skin_triangles
    on_skin, in_chart = (_edges(values[corners].astype(np.float64)) for values in (head.neutral, head.chart))
    flat = np.abs(np.linalg.det(in_chart)) < 1e-12
    in_chart[flat] = np.eye(2)
    steps = on_skin @ np.linalg.inv(in_chart)
    squared = np.swapaxes(steps, 1, 2) @ steps  # first fundamental form
    missing = triangle < 0
    row, column = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    lengths, axes = np.linalg.eigh(squared[triangle[row, column]])
    lengths = np.log(np.clip(np.sqrt(np.maximum(lengths, 0)), _LEAST_MM, _MOST_MM))
    logarithm = (axes * lengths[..., None, :]) @ np.swapaxes(axes, -1, -2)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        logarithm[..., i, j] = ndimage.gaussian_filter(logarithm[..., i, j], _SMOOTH_PX * resolution / SIDE)
    logarithm[..., 1, 0] = logarithm[..., 0, 1]
    lengths, axes = np.linalg.eigh(logarithm)
    return read_only(((axes * np.exp(lengths)[..., None, :]) @ np.swapaxes(axes, -1, -2)).astype(np.float32))


def _edges(corners: Float64) -> Float64:
    """Two edges of each triangle as columns, (T, D, 2), of corners (T, 3, D)."""
    return np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], axis=-1)

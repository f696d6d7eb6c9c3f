"""Uneven blood in the skin outside the chart, laid over neck, ears and scalp without the stretching of its plane."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.skin_tile import MOTTLING, pale_blotches
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
_FADE = 0.2  # of the chart's side beyond its border: there the colour of the plane ends its own unevenness


def blotched(around: UInt8, amount: float) -> UInt8:
    """Skin colour with blotches.

    Parameters
    ----------
    around : uint8 (S, S, 3)
        sRGB over the plane around the chart.
    amount : float
        0..1.

    Returns
    -------
    uint8 (S, S, 3), read-only
    """
    if len(around) == 1 or amount == 0:
        return around
    more = np.exp(_pale(len(around))[..., None] * (np.float32(amount) * np.array(MOTTLING, np.float32)))
    linear = linear_from_srgb(around / np.float32(255)) * more
    return read_only(np.round(srgb_from_linear(np.minimum(linear, 1)) * 255).astype(np.uint8))


@lru_cache(maxsize=1)
def _pale(side: int) -> Float32:
    """Where the skin of the default head has less blood, (side, side); other heads are laid into its chart."""
    head = default_head()
    raster = ChartRaster(head, side, AROUND_FIRST, AROUND_SPAN)
    rest = raster.sample(head.neutral[: head.n_skin])
    normals = raster.sample(vertex_normals(head.neutral, head.triangles)[: head.n_skin])
    t = AROUND_FIRST + AROUND_SPAN * (np.arange(side, dtype=np.float32) + 0.5) / side
    beyond = np.clip(np.maximum(-t, t - 1) / np.float32(_FADE), 0, 1)
    share = np.maximum(beyond[:, None], beyond)
    return read_only(pad_edges((pale_blotches(rest, normals) * share).astype(np.float32), raster.covered))

"""Mean curvature of displaced skin in 1/mm: bumps and edges positive, furrows and pits negative, flat skin 0.

Half the divergence of the normal: that of the smooth skin, and that of the relief in the frame of a normal map.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.normal_map import normal_rows
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.resample import enlarged_rows
from rhytid.core.maps.tangent_frame import dual_tangents

Float32 = npt.NDArray[np.float32]
_STRIP_ROWS = 256


def smooth_curvature(tangents: tuple[Float32, Float32], normals: Float32, turns: tuple[Float32, Float32]) -> Float32:
    """Mean curvature of the smooth skin, float32 (...), 1/mm.

    Parameters
    ----------
    tangents : two of float32 (..., 3)
        How the place changes along x and y, mm per chart unit.
    normals : float32 (..., 3)
        Unit.
    turns : two of float32 (..., 3)
        How the normals change along x and y, per chart unit.
    """
    x, y = dual_tangents(*tangents, normals)
    return np.asarray(((x * turns[0]).sum(axis=-1) + (y * turns[1]).sum(axis=-1)) / 2, np.float32)


def curvature(displacement: Float32, turn: Float32, smooth: Float32) -> Float32:
    """Mean curvature of the displaced skin, float32 (H, H), 1/mm, over four texels.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm.
    turn : float32 (r, r, 4)
        `core.maps.tangent_frame.chart_turn`.
    smooth : float32 (r, r)
        `smooth_curvature` of the skin below.
    """
    side = len(displacement)
    across, up = np.empty_like(displacement), np.empty_like(displacement)
    for rect, normal in normal_rows(displacement, turn):
        across[rect.slices], up[rect.slices] = normal[..., 0], normal[..., 1]
    parts = [np.ascontiguousarray(turn[..., k]) for k in range(4)]
    result = np.empty_like(displacement)
    for y in range(0, side, _STRIP_ROWS):
        end = min(y + _STRIP_ROWS, side)
        # `turn` gives what a slope does to the normal, which leans against it.
        xx, xy, yx, yy = (enlarged_rows(one, side, y, end) for one in parts)
        along, rising = (_gradient_rows(one, y, end) for one in (across, up))
        result[y:end] = enlarged_rows(smooth, side, y, end)
        result[y:end] -= (xx * along[..., 0] + xy * along[..., 1] + yx * rising[..., 0] + yy * rising[..., 1]) / 2
    return result


def _gradient_rows(values: Float32, row_from: int, row_to: int) -> Float32:
    return gradient(values, Rect(0, row_from, values.shape[1], row_to))

"""From pixels back to the skin, through the geometry buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Part
from rhytid.gui.render.gbuffer import GBuffer

Float64 = npt.NDArray[np.float64]
SKIN = 1 + Part.SKIN  # as stored in the coord target


@dataclass(frozen=True, eq=False)
class SurfacePoint:
    """A point of the skin under a pixel.

    Attributes
    ----------
    chart : (float, float)
        Chart coordinate, x right, y down.
    position_mm : float64 (3,)
        Head space.
    normal : float64 (3,)
        Smooth unit normal, head space.
    detail_weight : float
        0..1, how much of the detail shows here.
    """

    chart: tuple[float, float]
    position_mm: Float64
    normal: Float64
    detail_weight: float


def pick(gbuffer: GBuffer, clip_from_head: Float64, drawn_px: tuple[int, int], x: int, y: int) -> SurfacePoint | None:
    """Skin under one pixel of the geometry buffer (origin bottom left), or None.

    Parameters
    ----------
    drawn_px : (width, height)
        The part of the buffer that holds the picture.
    """
    if not (0 <= x < drawn_px[0] and 0 <= y < drawn_px[1]):
        return None
    target, view = gbuffer.framebuffer, (x, y, 1, 1)
    coord = np.frombuffer(target.read(view, 4, attachment=0, dtype="f4"), np.float32)
    # Interpolation leaves the number of the part a rounding error off.
    if round(float(coord[3])) != SKIN:
        return None
    normal = np.frombuffer(target.read(view, 4, attachment=1, dtype="f4"), np.float32)[:3].astype(np.float64)
    depth = float(np.frombuffer(target.read(view, 1, attachment=-1, dtype="f4"), np.float32)[0])
    ndc = np.array([(x + 0.5) / drawn_px[0] * 2 - 1, (y + 0.5) / drawn_px[1] * 2 - 1, depth * 2 - 1, 1.0])
    position = np.linalg.solve(clip_from_head, ndc)
    return SurfacePoint(
        (float(coord[0]), float(coord[1])),
        position[:3] / position[3],
        normal / np.linalg.norm(normal),
        float(coord[2]),
    )


def pick_charts(
    gbuffer: GBuffer, drawn_px: tuple[int, int], x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]
) -> Float64:
    """Chart coordinates under many pixels (origin bottom left), (N, 2); NaN off the skin."""
    result = np.full((len(x), 2), np.nan)
    inside = (x >= 0) & (y >= 0) & (x < drawn_px[0]) & (y < drawn_px[1])
    if not inside.any():
        return result
    x_in, y_in = x[inside], y[inside]
    x0, y0 = int(x_in.min()), int(y_in.min())
    width, height = int(x_in.max()) - x0 + 1, int(y_in.max()) - y0 + 1
    data = gbuffer.framebuffer.read((x0, y0, width, height), 4, attachment=0, dtype="f4")
    coord = np.frombuffer(data, np.float32).reshape(height, width, 4)[y_in - y0, x_in - x0]
    charts = coord[:, :2].astype(np.float64)
    charts[np.round(coord[:, 3]) != SKIN] = np.nan
    result[inside] = charts
    return result

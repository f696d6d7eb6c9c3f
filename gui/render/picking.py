"""From pixels back to the skin, through the geometry buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Part
from rhytid.gui.render.gbuffer import GBuffer

SKIN = 1 + Part.SKIN  # as stored in the coord target


@dataclass(frozen=True)
class SurfacePoint:
    """A point of the skin under a pixel.

    Attributes
    ----------
    chart : (float, float)
        Chart coordinate, x right, y down.
    detail_weight : float
        0..1, how much of the detail shows here.
    """

    chart: tuple[float, float]
    detail_weight: float


def pick(
    gbuffer: GBuffer, drawn_px: tuple[int, int], x: npt.NDArray[np.int64], y: npt.NDArray[np.int64]
) -> list[SurfacePoint | None]:
    """Skin under pixels of the geometry buffer (origin bottom left), None where there is none.

    All of them come with one read of the rectangle that holds them: each read waits for the driver.

    Parameters
    ----------
    drawn_px : (width, height)
        The part of the buffer that holds the picture.
    x, y : int64 (N,)
    """
    inside = (x >= 0) & (y >= 0) & (x < drawn_px[0]) & (y < drawn_px[1])
    if not inside.any():
        return [None] * len(x)
    x0, y0 = int(x[inside].min()), int(y[inside].min())
    width, height = int(x[inside].max()) - x0 + 1, int(y[inside].max()) - y0 + 1
    data = gbuffer.framebuffer.read((x0, y0, width, height), 4, attachment=0, dtype="f4")
    coords = np.frombuffer(data, np.float32).reshape(height, width, 4)

    def point(column: int, row: int) -> SurfacePoint | None:
        chart_x, chart_y, weight, part = (float(value) for value in coords[row - y0, column - x0])
        # Interpolation leaves the number of the part a rounding error off.
        return SurfacePoint((chart_x, chart_y), weight) if round(part) == SKIN else None

    return [
        point(column, row) if shown else None for column, row, shown in zip(x.tolist(), y.tolist(), inside, strict=True)
    ]

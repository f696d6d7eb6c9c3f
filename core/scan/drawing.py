"""The triangles of a scan drawn in the chart, a piece of the chart at a time: whole, 8192 texels take gigabytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.chart import rasterise
from rhytid.core.head.head import Float32, Int32
from rhytid.core.scan.placing import Placed

Bool = npt.NDArray[np.bool_]

_LONGEST = 0.04  # chart units: triangles that are longer go over a fold or a gap
_SIDE = 1024


class Sheet(NamedTuple):
    """What of a scan lies on the face, in the order in which it is drawn.

    Attributes
    ----------
    chart : float32 (V, 2)
    triangles : int32 (D, 3)
    number : intp (D,)
        Of each in the scan.
    """

    chart: Float32
    triangles: Int32
    number: npt.NDArray[np.intp]


class Drawn(NamedTuple):
    """A piece of the chart.

    Attributes
    ----------
    rows, columns : slice
    seen : bool (r, c)
        Where a triangle lies.
    corners : int32 (N, 3)
        Vertices that each texel that is seen lies between.
    weights : float32 (N, 3)
        Theirs.
    number : intp (N,)
        The triangle's number in the scan.
    """

    rows: slice
    columns: slice
    seen: Bool
    corners: Int32
    weights: Float32
    number: npt.NDArray[np.intp]


def sheet_of(place: Placed, triangles: Int32) -> Sheet:
    """What of a scan's triangles (T, 3) lies on the face."""
    number = np.flatnonzero(place.is_on[triangles].all(axis=1))
    corner = place.chart[triangles[number]]
    edge1, edge2 = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    way = np.sign(np.median(area)) if len(area) else 1.0
    number = number[(np.ptp(corner, axis=1).max(axis=1) < _LONGEST) & (way * area > 0)]
    # The last one counts: of two sheets the one nearer to the base.
    number = number[np.argsort(-np.abs(place.height[triangles[number]]).max(axis=1), kind="stable")]
    return Sheet(place.chart, triangles[number], number)


def drawn(sheet: Sheet, resolution: int, control: Control) -> Iterator[Drawn]:
    """The chart of `resolution` texels, piece by piece."""
    low, high = np.zeros((2, len(sheet.triangles), 2), np.int32)
    for axis in range(2):
        corner = sheet.chart[:, axis][sheet.triangles] * (resolution / _SIDE)
        low[:, axis], high[:, axis] = corner.min(axis=1), corner.max(axis=1)
    n_pieces = -(-resolution // _SIDE)
    side = min(_SIDE, resolution)
    for row in range(n_pieces):
        in_row = np.flatnonzero((low[:, 1] <= row) & (high[:, 1] >= row))
        for column in range(n_pieces):
            control((row * n_pieces + column) / n_pieces**2)
            chosen = in_row[(low[in_row, 0] <= column) & (high[in_row, 0] >= column)]
            own = sheet.triangles[chosen]
            moved = sheet.chart.astype(np.float64) * (resolution / side) - (column, row)
            triangle, weights = rasterise(moved, own, side)
            last = min(side, resolution - row * side), min(side, resolution - column * side)
            triangle, weights = triangle[: last[0], : last[1]], weights[: last[0], : last[1]]
            seen = triangle >= 0
            which = triangle[seen]
            rows = slice(row * side, row * side + last[0])
            columns = slice(column * side, column * side + last[1])
            yield Drawn(rows, columns, seen, own[which], weights[seen], sheet.number[chosen[which]])

"""The chart as a raster: which triangle of the skin lies under each texel, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Head, Int32

if TYPE_CHECKING:
    from scipy import sparse

MAX_RESOLUTION = 8192
_CANDIDATES_AT_ONCE = 4_000_000
# A texel centre on the edge of two triangles belongs to both; a hair of slack keeps rounding from losing it.
_SLACK = 1e-6


class ChartRaster:
    """Texels of the chart looked up on the skin.

    Parameters
    ----------
    head : Head
    resolution : int
        Side R of the map in texels, 1..8192. Texel (row, column) has its centre at
        ``((column + 0.5) / R, (row + 0.5) / R)``.
    first, span : float
        The square of the chart's plane that the map shows, ``first .. first + span`` of both coordinates: by default
        the chart itself, which texels are told of above.
    rank : float (T,), optional
        Of the skin's triangles: where the inside of lips lies under their outside, the higher one counts. Whichever
        comes last by default.

    Attributes
    ----------
    triangle : int32 (R, R)
        Index into `head.skin_triangles`, -1 where no skin lies.
    barycentric : float32 (R, R, 3)
        Weights of the triangle's corners; 0 where no skin lies.
    """

    def __init__(
        self,
        head: Head,
        resolution: int,
        first: float = 0.0,
        span: float = 1.0,
        rank: npt.NDArray[np.floating] | None = None,
    ) -> None:
        if not 1 <= resolution <= MAX_RESOLUTION:
            raise ValueError(f"resolution must be 1..{MAX_RESOLUTION}, not {resolution}")
        self.head = head
        self.resolution = resolution
        chart = (head.chart - np.float32(first)) / np.float32(span)
        order = np.arange(len(head.skin_triangles)) if rank is None else np.argsort(rank, kind="stable")
        triangle, self.barycentric = rasterise(chart, head.skin_triangles[order], resolution)
        self.triangle = np.where(triangle >= 0, order[triangle], -1).astype(np.int32)
        self._locator: ChartLocator | None = None

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Where skin lies, bool (R, R)."""
        covered: npt.NDArray[np.bool_] = self.triangle >= 0
        return covered

    def sample(self, per_vertex: npt.NDArray[np.floating], fill: float = 0.0) -> Float32:
        """Values per skin vertex, (n_skin,) or (n_skin, C), interpolated to float32 (R, R) or (R, R, C).

        Texels without skin get `fill`.
        """
        values = np.asarray(per_vertex, np.float32)
        sampled = np.full((self.resolution, self.resolution, *values.shape[1:]), fill, np.float32)
        covered = self.covered
        corners = self.head.skin_triangles[self.triangle[covered]]
        weights = self.barycentric[covered]
        if values.ndim == 1:
            sampled[covered] = np.einsum("ij,ij->i", weights, values[corners])
        else:
            sampled[covered] = np.einsum("ij,ijk->ik", weights, values[corners])
        return sampled

    def matrix(self, extend: bool = False) -> sparse.csr_matrix:
        """`sample` as a sparse float32 matrix (R * R, n_skin).

        With `extend`, texels without skin take the row of the nearest texel that has some.
        """
        from scipy import ndimage, sparse  # slow to import

        triangle, weights = self.triangle, self.barycentric
        covered = self.covered
        if extend and not covered.all() and covered.any():
            row, column = ndimage.distance_transform_edt(~covered, return_distances=False, return_indices=True)
            triangle, weights = triangle[row, column], weights[row, column]
            covered = triangle >= 0
        texel = np.flatnonzero(covered.ravel())
        corners = self.head.skin_triangles[triangle.ravel()[texel]]
        return sparse.csr_matrix(
            (weights.reshape(-1, 3)[texel].ravel(), (np.repeat(texel, 3), corners.ravel())),
            (self.resolution**2, self.head.n_skin),
        )

    def position(self, vertices: Float32, chart_xy: npt.ArrayLike) -> Float32:
        """Points of the skin at chart coordinates.

        Parameters
        ----------
        vertices : float32 (V, 3)
            Current shape in mm.
        chart_xy : (..., 2)
            Chart coordinates. A point off the skin gets the nearest skin that was found beside it.

        Returns
        -------
        float32 (..., 3), mm
        """
        xy = np.asarray(chart_xy, np.float64)
        if self._locator is None:
            self._locator = ChartLocator(self.head.chart, self.head.skin_triangles)
        triangle, weights = self._locator.locate(xy.reshape(-1, 2))
        corners = vertices[self.head.skin_triangles[triangle]]
        points = np.einsum("ij,ijk->ik", weights.astype(np.float32), corners)
        return points.reshape(*xy.shape[:-1], 3)


class ChartLocator:
    """Finds the triangle of a planar mesh that a point lies in.

    Parameters
    ----------
    chart : float (N, 2)
    triangles : int32 (T, 3)
    """

    def __init__(self, chart: npt.NDArray[np.floating], triangles: Int32, cells: int = 192) -> None:
        from scipy import ndimage  # slow to import

        self._corner = chart[triangles].astype(np.float64)
        low, high = self._corner.min(axis=(0, 1)), self._corner.max(axis=(0, 1))
        self._origin = low
        self._cell_size = np.maximum((high - low) / cells, 1e-12)
        self._cells = cells
        first = self._cell(self._corner.min(axis=1))
        last = self._cell(self._corner.max(axis=1))
        owner, rows, columns = _boxes(first, last)
        key = rows * cells + columns
        order = np.argsort(key, kind="stable")
        self._members = owner[order]
        self._start = np.searchsorted(key[order], np.arange(cells * cells + 1))
        covered = np.diff(self._start).reshape(cells, cells) > 0
        # A cell without triangles asks the nearest cell that has some.
        row, column = ndimage.distance_transform_edt(~covered, return_distances=False, return_indices=True)
        self._ask = (row * cells + column).ravel()

    def locate(self, points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """Triangle (N,) and weights of its corners (N, 3), clamped to the triangle for points outside the mesh."""
        cell = self._cell(points)
        bucket = self._ask[cell[:, 1] * self._cells + cell[:, 0]]
        best = np.full(len(points), -np.inf)
        triangle = np.zeros(len(points), np.intp)
        weights = np.zeros((len(points), 3))
        position, end = self._start[bucket].copy(), self._start[bucket + 1]
        active = np.flatnonzero(position < end)
        while active.size:
            candidate = self._members[position[active]]
            tried = barycentric_of(points[active], self._corner[candidate])
            inside = tried.min(axis=1)
            better = inside > best[active]
            chosen = active[better]
            best[chosen], triangle[chosen], weights[chosen] = inside[better], candidate[better], tried[better]
            position[active] += 1
            active = active[(position[active] < end[active]) & (best[active] < 0)]
        weights = np.maximum(weights, 0)
        return triangle, weights / weights.sum(axis=1, keepdims=True)

    def _cell(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
        cell = np.floor((points - self._origin) / self._cell_size)
        return np.clip(cell, 0, self._cells - 1).astype(np.intp)


def rasterise(chart: npt.NDArray[np.floating], triangles: Int32, resolution: int) -> tuple[Int32, Float32]:
    """Triangle index (R, R), -1 for none, and weights of its corners (R, R, 3) at every texel centre."""
    scaled = chart.astype(np.float64) * resolution
    corner = scaled[triangles]
    index = np.full(resolution * resolution, -1, np.int32)
    weights = np.zeros((resolution * resolution, 3), np.float32)
    first = np.ceil(corner.min(axis=1) - 0.5 - 1e-9).astype(np.intp)
    last = np.floor(corner.max(axis=1) - 0.5 + 1e-9).astype(np.intp)
    first, last = np.maximum(first, 0), np.minimum(last, resolution - 1)
    size = np.maximum(last - first + 1, 0).prod(axis=1)
    # The weights of the second and third corner are affine in the texel's place.
    a, edge1, edge2 = corner[:, 0], corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = edge1[:, 0] * edge2[:, 1] - edge1[:, 1] * edge2[:, 0]
    size[np.abs(area) < 1e-12] = 0
    scale = 1 / np.where(np.abs(area) < 1e-12, 1, area)
    by_x = np.stack([edge2[:, 1], -edge1[:, 1]], axis=1) * scale[:, None]
    by_y = np.stack([-edge2[:, 0], edge1[:, 0]], axis=1) * scale[:, None]
    constant = -(by_x * a[:, :1] + by_y * a[:, 1:])
    chosen = np.flatnonzero(size)
    # In batches, so that 4096 x 4096 needs no gigabytes.
    batch = np.cumsum(size[chosen]) // _CANDIDATES_AT_ONCE
    for number in range(int(batch[-1]) + 1 if chosen.size else 0):
        part = chosen[batch == number]
        owner, rows, columns = _boxes(first[part], last[part])
        owner = part[owner]
        x, y = columns + 0.5, rows + 0.5
        second = by_x[owner, 0] * x + by_y[owner, 0] * y + constant[owner, 0]
        third = by_x[owner, 1] * x + by_y[owner, 1] * y + constant[owner, 1]
        inside = np.flatnonzero((second >= -_SLACK) & (third >= -_SLACK) & (second + third <= 1 + _SLACK))
        second, third, texel = second[inside], third[inside], rows[inside] * resolution + columns[inside]
        index[texel] = owner[inside]
        weights[texel] = np.stack([1 - second - third, second, third], axis=1)
    return index.reshape(resolution, resolution), weights.reshape(resolution, resolution, 3)


def barycentric_of(points: npt.NDArray[np.float64], corner: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weights (N, 3) of the corners (N, 3, 2) at points (N, 2); -inf for a triangle without area."""
    a, b, c = corner[:, 0], corner[:, 1], corner[:, 2]
    x, y = points[:, 0], points[:, 1]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    flat = np.abs(area) < 1e-18
    scale = 1.0 / np.where(flat, 1.0, area)
    wb = ((x - a[:, 0]) * (c[:, 1] - a[:, 1]) - (y - a[:, 1]) * (c[:, 0] - a[:, 0])) * scale
    wc = ((b[:, 0] - a[:, 0]) * (y - a[:, 1]) - (b[:, 1] - a[:, 1]) * (x - a[:, 0])) * scale
    weights = np.stack([1.0 - wb - wc, wb, wc], axis=1)
    weights[flat] = -np.inf
    return weights


def _boxes(
    first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Owner, row and column of every cell of integer boxes given by their (x, y) corners, inclusive."""
    width = np.maximum(last[:, 0] - first[:, 0] + 1, 0)
    height = np.maximum(last[:, 1] - first[:, 1] + 1, 0)
    count = width * height
    owner = np.repeat(np.arange(len(first)), count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    rows = first[owner, 1] + within // width[owner]
    columns = first[owner, 0] + within % width[owner]
    return owner, rows, columns

"""Which triangle of a mesh each pixel of a photograph shows, and where on it.

One interface, two implementations with the same answer: `NumpyRasteriser` needs nothing; that of `gui.render.fragments`
draws with OpenGL. The fields of `Fragments` are those of pytorch3d's rasteriser at one face per pixel (`pix_to_face`,
`bary_coords`, `zbuf`).
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

NEAR_MM = 1.0
"""Triangles that reach nearer to the camera, or behind it, are not drawn."""
_PIXELS_AT_ONCE = 1 << 19
_EDGE_PX = 1e-7  # a pixel's centre on the edge of two triangles belongs to both, lest rounding take it from both


class Fragments(NamedTuple):
    """What a camera sees of a mesh.

    Attributes
    ----------
    triangle : int32 (H, W)
        Index of the triangle, -1 where there is none.
    barycentric : float32 (H, W, 3)
        Weights of its corners at the point of the surface under the pixel's centre; 0 where there is none.
    depth : float32 (H, W)
        Distance along the camera's axis in mm, infinite where there is none.
    """

    triangle: Int32
    barycentric: Float32
    depth: Float32


class Surface(NamedTuple):
    """Values of a mesh as a camera sees them.

    Attributes
    ----------
    triangle : int32 (H, W)
        Index of the triangle, -1 where there is none.
    values : float32 (H, W, C)
        Between those of its corners, at the point of the surface under the pixel's centre; 0 where there is none.
    """

    triangle: Int32
    values: Float32


class Rasteriser(Protocol):
    """What draws a mesh as a camera sees it."""

    def fragments(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Fragments:
        """Draw triangles that face the camera, which are clockwise in the picture when seen from the right side.

        Parameters
        ----------
        vertices_cam : (V, 3)
            mm; x right, y down, z forward.
        triangles : int32 (T, 3)
            Counter-clockwise from outside, as in `Head.triangles`.
        focal_px : float
        centre : (2,)
            Where the camera's axis meets the picture, px.
        size : (width, height)
            px.
        """
        ...

    def surface(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        values: Float32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Surface:
        """As `fragments`, with values per vertex, (V, C), C 1..7."""
        ...


class NumpyRasteriser:
    """A depth buffer in numpy: pixels of all triangles row by row, in portions that keep memory small."""

    def fragments(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Fragments:
        """As `Rasteriser.fragments`."""
        width, height = size
        triangle = np.full(width * height, -1, np.int32)
        nearest = np.zeros(width * height)  # 1 / depth
        vertices = np.asarray(vertices_cam, np.float64)
        chosen = _facing(vertices, triangles)
        corner = vertices[triangles[chosen]]
        inverse = 1 / corner[..., 2]
        screen = focal_px * corner[..., :2] * inverse[..., None] + np.asarray(centre, np.float64)
        owner, row, first, last = _spans(screen, width, height)
        plane = _affine(screen, inverse)
        along = plane[owner, 1]
        start = plane[owner, 0] + plane[owner, 2] * (row + 0.5)
        count = last - first + 1
        portion = np.cumsum(count) // _PIXELS_AT_ONCE
        for number in range(int(portion[-1]) + 1 if portion.size else 0):
            here = slice(*np.searchsorted(portion, [number, number + 1]))
            n = count[here]
            column = np.repeat(first[here] - np.cumsum(n) + n, n) + np.arange(n.sum())
            pixel = np.repeat(row[here] * width, n) + column
            value = np.repeat(start[here], n) + np.repeat(along[here], n) * (column + 0.5)
            np.maximum.at(nearest, pixel, value)
            # Of triangles at the same depth the first in order stays: it is written last.
            shown = np.flatnonzero(value >= nearest[pixel])[::-1]
            triangle[pixel[shown]] = np.repeat(chosen[owner[here]], n)[shown]
        return fragments_of(triangle.reshape(height, width), vertices, triangles, focal_px, centre)

    def surface(
        self,
        vertices_cam: npt.NDArray[np.floating],
        triangles: Int32,
        values: Float32,
        focal_px: float,
        centre: npt.NDArray[np.floating],
        size: tuple[int, int],
    ) -> Surface:
        """As `Rasteriser.surface`."""
        seen = self.fragments(vertices_cam, triangles, focal_px, centre, size)
        shown = np.zeros((*seen.triangle.shape, values.shape[1]), np.float32)
        there = seen.triangle >= 0
        corners = values[triangles[seen.triangle[there]]]
        shown[there] = np.einsum("ij,ijk->ik", seen.barycentric[there], corners)
        return Surface(seen.triangle, shown)


def fragments_of(
    triangle: Int32,
    vertices_cam: npt.NDArray[np.floating],
    triangles: Int32,
    focal_px: float,
    centre: npt.NDArray[np.floating],
) -> Fragments:
    """Barycentric coordinates and depth where it is known which triangle (H, W) each pixel shows.

    The ray through a pixel's centre meets the plane of its triangle; a centre a rounding error outside the triangle
    gets weights clipped to 0..1.
    """
    row, column = np.nonzero(triangle >= 0)
    weights, depth = ray_weights(
        vertices_cam, triangles[triangle[row, column]], np.stack([column + 0.5, row + 0.5], axis=1), focal_px, centre
    )
    barycentric = np.zeros((*triangle.shape, 3), np.float32)
    barycentric[row, column] = weights
    depths = np.full(triangle.shape, np.inf, np.float32)
    depths[row, column] = depth
    return Fragments(triangle, barycentric, depths)


def ray_weights(
    vertices_cam: npt.NDArray[np.floating],
    corners: npt.NDArray[np.integer],
    pixels: npt.NDArray[np.floating],
    focal_px: float,
    centre: npt.NDArray[np.floating],
) -> tuple[Float64, Float64]:
    """Weights (N, 3) of the corners (N, 3) and depth (N,) in mm where the rays through pixels (N, 2) meet triangles."""
    points = np.asarray(vertices_cam, np.float64)[corners]
    inverse = 1 / points[..., 2]
    screen = focal_px * points[..., :2] * inverse[..., None] + np.asarray(centre, np.float64)
    x, y = (pixels - screen[:, 0]).T
    (ux, uy), (vx, vy) = (screen[:, 1] - screen[:, 0]).T, (screen[:, 2] - screen[:, 0]).T
    area = ux * vy - uy * vx
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    second, third = (x * vy - y * vx) / area, (y * ux - x * uy) / area
    # What is affine in the picture is weight over depth.
    weights = np.clip(np.stack([1 - second - third, second, third], axis=1), 0.0, 1.0) * inverse
    total = weights.sum(axis=1)
    flat = total <= 0
    weights[flat, 0], total = 1.0, np.where(flat, 1.0, total)
    weights /= total[:, None]
    return weights, np.einsum("ij,ij->i", weights, points[..., 2])


def _facing(vertices: Float64, triangles: Int32) -> npt.NDArray[np.intp]:
    """Triangles before the camera whose outside looks at it."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    towards = np.einsum("ij,ij->i", normal, a) < 0
    ahead = np.minimum(np.minimum(a[:, 2], b[:, 2]), c[:, 2]) > NEAR_MM
    return np.flatnonzero(towards & ahead)


def _affine(screen: Float64, values: Float64) -> Float64:
    """Constant, slope along x and along y (N, 3) of values (N, 3) given at corners (N, 3, 2)."""
    (ux, uy), (vx, vy) = (screen[:, 1] - screen[:, 0]).T, (screen[:, 2] - screen[:, 0]).T
    area = ux * vy - uy * vx
    area = np.where(np.abs(area) < 1e-12, np.inf, area)
    p, q = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    by_x, by_y = (p * vy - q * uy) / area, (q * ux - p * vx) / area
    return np.stack([values[:, 0] - by_x * screen[:, 0, 0] - by_y * screen[:, 0, 1], by_x, by_y], axis=1)


def _spans(
    screen: Float64, width: int, height: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows of pixels whose centres lie in triangles (N, 3, 2): triangle, row, first and last column, each (S,)."""
    low, high = screen[..., 1].min(axis=1), screen[..., 1].max(axis=1)
    top = np.clip(np.ceil(low - 0.5 - _EDGE_PX), 0, height).astype(np.intp)
    bottom = np.clip(np.floor(high - 0.5 + _EDGE_PX), -1, height - 1).astype(np.intp)
    n_rows = np.maximum(bottom - top + 1, 0)
    owner = np.repeat(np.arange(len(screen)), n_rows)
    row = np.arange(len(owner)) - np.repeat(np.cumsum(n_rows) - n_rows - top, n_rows)
    y = row + 0.5
    left = np.full(len(owner), np.inf)
    right = np.full(len(owner), -np.inf)
    for k in range(3):
        a, b = screen[owner, k], screen[owner, (k + 1) % 3]
        rise = b[:, 1] - a[:, 1]
        level = np.abs(rise) < 1e-9
        share = (y - a[:, 1]) / np.where(level, 1.0, rise)
        # Edges that cross the row bound it; the ends of a level edge are ends of the other two as well.
        crosses = ~level & (share >= -1e-9) & (share <= 1 + 1e-9)
        x = a[:, 0] + share * (b[:, 0] - a[:, 0])
        left = np.where(crosses, np.minimum(left, x), left)
        right = np.where(crosses, np.maximum(right, x), right)
    first = np.clip(np.ceil(left - 0.5 - _EDGE_PX), 0, width).astype(np.intp)
    last = np.clip(np.floor(right - 0.5 + _EDGE_PX), -1, width - 1).astype(np.intp)
    some = np.flatnonzero(last >= first)
    return owner[some], row[some], first[some], last[some]

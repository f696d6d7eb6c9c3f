"""Points of the skin on a grid of the chart, with their normals, as functions of identity and expression.

Normals are those of the surface between the neighbours of a point on the grid: smooth at the scale at which a photo is
compared, and their tangents are linear in the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.controls import EXPRESSION_FROM_CONTROLS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
GRID = 64
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_LEAST_WEIGHT = 0.25  # of the detail: where the face ends
# Brows, eyes and lips in the chart (x, y, half width, half height), where colour is not skin's: right half, mirrored.
_NO_SKIN = ((0.345, 0.21, 0.125, 0.035), (0.345, 0.315, 0.085, 0.04), (0.44, 0.69, 0.09, 0.055))


@dataclass(frozen=True, eq=False)
class SkinTexels:
    """N texels of a grid of 64 x 64 that show plain skin of the face.

    Attributes
    ----------
    texel : intp (N,)
        Index into the grid, row by row.
    base, basis : float64 (N, 3), (N, 3, I + 47)
        Points in mm of the mean face, and how they move with identity modes and controls.
    across, across_basis, down, down_basis
        The same for the tangents along the chart's x and y.
    log_albedo : float64 (N,)
        Logarithm of the luminance of skin as usual.
    """

    texel: npt.NDArray[np.intp]
    base: Float64
    basis: Float64
    across: Float64
    across_basis: Float64
    down: Float64
    down_basis: Float64
    log_albedo: Float64

    def places(self, weights: Float64) -> tuple[Float64, Float64, Float64]:
        """Points and both tangents, each (N, 3), at identity and controls (I + 47,)."""
        return (
            self.base + self.basis @ weights,
            self.across + self.across_basis @ weights,
            self.down + self.down_basis @ weights,
        )


@lru_cache(maxsize=1)
def skin_texels(head: Head) -> SkinTexels:
    """The texels of a head."""
    raster = ChartRaster(head, GRID)
    covered = raster.covered
    kernel = np.ones((3, 3), np.uint8)
    inner = cv2.erode(covered.astype(np.uint8), kernel, borderValue=0).astype(bool)
    weight = raster.sample(head.detail_weight)
    chosen = inner & (weight > _LEAST_WEIGHT) & _plain()
    texel = np.flatnonzero(chosen)
    corners = head.skin_triangles[raster.triangle.clip(0)]
    barycentric = np.where(covered[..., None], raster.barycentric, 0.0)

    def grid(values: npt.NDArray[np.floating]) -> Float64:
        sampled: Float64 = np.einsum("rci,rcik->rck", barycentric, values[corners])
        return sampled

    controls = np.tensordot(EXPRESSION_FROM_CONTROLS, head.expression[:, : head.n_skin], 1)
    layers = [*head.identity[:, : head.n_skin].astype(np.float64), *controls]
    base = grid(head.neutral.astype(np.float64))
    n = len(texel)
    basis, across, down = (np.empty((n, 3, len(layers))) for _ in range(3))
    for k, layer in enumerate(layers):
        basis[..., k], across[..., k], down[..., k] = _with_tangents(grid(layer), texel)
    srgb = cv2.resize(procedural_albedo(512), (GRID, GRID), interpolation=cv2.INTER_AREA)
    log_albedo = np.log(linear_from_srgb(srgb / 255.0) @ LUMINANCE).ravel()[texel]
    point, tangent, bitangent = _with_tangents(base, texel)
    return SkinTexels(texel, point, basis, tangent, across, bitangent, down, log_albedo)


def _with_tangents(grid: Float64, texel: npt.NDArray[np.intp]) -> tuple[Float64, Float64, Float64]:
    """Values at texels and their central differences, per texel of the grid."""
    down, across = np.gradient(grid, axis=(0, 1))
    flat = (part.reshape(-1, 3)[texel] for part in (grid, across, down))
    return next(flat), next(flat), next(flat)


def _plain() -> npt.NDArray[np.bool_]:
    y, x = (np.mgrid[:GRID, :GRID] + 0.5) / GRID
    plain = np.ones((GRID, GRID), bool)
    for centre_x, centre_y, half_x, half_y in _NO_SKIN:
        for side in (centre_x, 0.998 - centre_x):
            plain &= ((x - side) / half_x) ** 2 + ((y - centre_y) / half_y) ** 2 > 1
    return plain

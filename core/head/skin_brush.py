"""A brush on the skin: what it covers is measured in mm on the face as it is posed, not in the chart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import rasterise
from rhytid.core.head.head import Float32, Head
from rhytid.core.maps.rect import EMPTY, Rect

if TYPE_CHECKING:
    from scipy import sparse

_COARSE = 256  # texels a side of the map of places: less than a millimetre each, between which skin is flat
_LEAST_MM_PER_SIDE = 80.0  # of skin per side of the chart, see `core.head.metric`
_TEXEL_MM = 3.0  # that a coarse texel may reach beyond its centre
_HARDEST_RIM = 0.04  # of the radius, so that no edge has steps
_CHART_MM = 200.0  # about
_STEP = 0.1  # of the radius: a brush that moved less is taken to stand still


class SkinBrush:
    """Places of the skin of one pose, and what a round brush that goes over it covers.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Of the pose, mm.
    side : int
        Texels a side of the maps that it covers; a multiple of 256.
    """

    def __init__(self, head: Head, vertices: Float32, side: int) -> None:
        coarse = np.asarray(_places(head) @ vertices[: head.n_skin], np.float32).reshape(_COARSE, _COARSE, 3)
        self._side = side
        self._coarse = coarse
        self._places = np.asarray(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)

    def cover(
        self,
        share: Float32,
        points: Sequence[tuple[float, float]],
        radii_mm: Sequence[float],
        strengths: Sequence[float],
        hardness: float,
    ) -> Rect:
        """Raise a share to what a brush gives that goes along a way; going over skin twice does it once.

        Parameters
        ----------
        share : float32 (side, side)
            0..1, written.
        points : K of (x, y), K >= 1
            Chart coordinates.
        radii_mm, strengths : K floats
            Radius and largest share of the brush at each.
        hardness : float
            0..1: part of the radius within which the share is full; beyond it falls smoothly.

        Returns
        -------
        Rect
            Texels outside which nothing is covered.
        """
        way = _thinned(np.asarray(points, np.float64), np.asarray(radii_mm, np.float64))
        places = self._at(np.asarray(points, np.float64))
        touched = EMPTY
        for i, j in zip(way, way[1:] if len(way) > 1 else way, strict=False):
            rect = self._near((points[i], points[j]), max(radii_mm[i], radii_mm[j]))
            if rect.empty:
                continue
            along, away = _away(self._places[rect.slices], places[i], places[j] - places[i])
            radius = radii_mm[i] + along * np.float32(radii_mm[j] - radii_mm[i])
            strength = strengths[i] + along * np.float32(strengths[j] - strengths[i])
            rim = (1 - away / radius) / np.float32(max(1 - hardness, _HARDEST_RIM))
            rim = np.clip(rim, 0, 1)
            part = share[rect.slices]
            np.maximum(part, strength * rim * rim * (3 - 2 * rim), out=part, casting="same_kind")
            touched = rect.union(touched)
        return touched

    def _at(self, points: npt.NDArray[np.float64]) -> Float32:
        """Places (K, 3) of chart coordinates (K, 2)."""
        at = (points * self._side - 0.5).astype(np.float32)
        found = cv2.remap(self._places, at[:, :1], at[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float32)[:, 0]

    def _near(self, ends: tuple[tuple[float, float], tuple[float, float]], radius_mm: float) -> Rect:
        """Texels that a brush on a short way between two points can reach."""
        low, high = (np.asarray(bound) * _COARSE for bound in (np.minimum(*ends), np.maximum(*ends)))
        reach = radius_mm / _LEAST_MM_PER_SIDE * _COARSE + 1
        x0, y0 = np.clip(np.floor(low - reach), 0, _COARSE).astype(int).tolist()
        x1, y1 = np.clip(np.ceil(high + reach), 0, _COARSE).astype(int).tolist()
        start, end = self._at(np.array(ends, np.float64))
        away = _away(self._coarse[y0:y1, x0:x1], start, end - start)[1]
        inside = Rect.around(away < radius_mm + _TEXEL_MM)
        if inside.empty:
            return EMPTY
        scale = self._side // _COARSE
        return Rect((x0 + inside.x0) * scale, (y0 + inside.y0) * scale, (x0 + inside.x1) * scale,
                    (y0 + inside.y1) * scale)  # fmt: skip


def _away(skin: Float32, start: Float32, step: Float32) -> tuple[Float32, Float32]:
    """How far along a short straight way each place is nearest to it, 0..1, and its distance in mm, (h, w) each."""
    length = float(step @ step)
    offset = skin - start
    along = np.clip(offset @ (step / np.float32(max(length, 1e-12))), 0, 1)
    offset = offset - along[..., None] * step
    return along, np.sqrt(np.einsum("ijk,ijk->ij", offset, offset))


@lru_cache(maxsize=2)
def _places(head: Head) -> sparse.csr_matrix:
    """Places of coarse texels from skin vertices; beside the skin those of its edge.

    The lips' insides, which carry no detail, are folded behind them in the chart: the outside is what is painted.
    """
    triangles = head.skin_triangles
    triangles = triangles[np.argsort(head.detail_weight[triangles].mean(axis=1), kind="stable")]
    index, weights = rasterise(head.chart, triangles, _COARSE)
    from scipy import ndimage, sparse  # slow to import

    row, column = ndimage.distance_transform_edt(index < 0, return_distances=False, return_indices=True)
    index, weights = index[row, column].ravel(), weights[row, column].reshape(-1, 3)
    texel = np.repeat(np.arange(_COARSE**2), 3)
    values = weights.ravel(), (texel, triangles[index].ravel())
    return sparse.csr_matrix(values, (_COARSE**2, head.n_skin), dtype=np.float32)


def _thinned(points: npt.NDArray[np.float64], radii_mm: npt.NDArray[np.float64]) -> list[int]:
    """Numbers of the points that a brush is set down at: first and last, and some between."""
    step = _STEP * radii_mm / _CHART_MM
    kept = [0]
    for number in range(1, len(points) - 1):
        if np.hypot(*(points[number] - points[kept[-1]])) >= step[number]:
            kept.append(number)
    return kept if len(points) == 1 else [*kept, len(points) - 1]

"""Maps of the chart in a head's own layout of texture coordinates, and back.

Either way a texel is looked up on the skin: which triangle lies there and where in it; the same point of the triangle
has a place in the other layout, and there the map is sampled. Several UDIM tiles are several maps. Where two parts of
the skin share texels, a map cannot tell them apart: halves that mirror each other take the mean, anything else is
refused with the places named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster, rasterise
from rhytid.core.head.head import Float32, Head, Int32, Part, split_faces
from rhytid.core.io.errors import MapError
from rhytid.core.io.layout_overlap import Overlap, places_of
from rhytid.core.io.layout_sampling import as_coarse, beyond, covered_texels, of_islands, sampled, triangle_areas
from rhytid.core.io.layout_turns import TangentTurns
from rhytid.core.maps.padding import pad_edges

Bool = npt.NDArray[np.bool_]
FIRST_TILE = 1001
_TILES_IN_ROW = 10
_SEARCH_SIDE = 512  # texels a side at which overlaps are looked for
_SAME_MM, _MIRROR_MM, _ROLLED_IN_MM = 1.0, 6.0, 25.0
_TOLERATED = 0.002  # of a tile's skin
_ON_EDGE = 1e-4
_LEAST_SIDE, _MOST_SIDE, _SPARED = 64, 4096, 0.3
_PLACES_AT_ONCE = 1 << 21
_KEPT_TEXELS = 3 * 4096**2


@dataclass(frozen=True, eq=False)
class TileRaster:
    """What lies under the texels of a tile of the own layout, row 0 on top.

    Attributes
    ----------
    triangle : int32 (R, R)
        Index into `OwnLayout.corners`, -1 where no skin lies.
    weights : float32 (R, R, 3)
    second : int32 (R, R)
        The other triangle where the tile is mirrored upon itself; the same as `triangle` elsewhere.
    second_weights : float32 (R, R, 3)
    """

    triangle: Int32
    weights: Float32
    second: Int32
    second_weights: Float32


class OwnLayout:
    """The layout of a head's skin by its own texture coordinates.

    Parameters
    ----------
    head : Head

    Attributes
    ----------
    corners, uv_corners : int32 (T, 3)
        Of the skin's triangles, into vertices and into ``head.uv``.
    takes_detail : bool (T,)
        Which of them lie on the face.
    tiles, skin_tiles : tuple of int
        UDIM numbers of the tiles that hold skin of the chart, and of those that hold any skin, ascending.
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        skin = head.parts == Part.SKIN
        self.corners, _ = split_faces(head.faces[skin])
        self.uv_corners, _ = split_faces(head.face_uv[skin])
        places = head.uv[self.uv_corners]
        column, row = (np.floor(places[..., k].mean(axis=1)).astype(np.intp) for k in range(2))
        self._tile_of = FIRST_TILE + np.clip(column, 0, _TILES_IN_ROW - 1) + _TILES_IN_ROW * np.maximum(row, 0)
        self.takes_detail = head.detail_weight[self.corners].max(axis=1) > 0
        self.tiles = tuple(int(tile) for tile in np.unique(self._tile_of[self.takes_detail]))
        self.skin_tiles = tuple(int(tile) for tile in np.unique(self._tile_of))
        self._rasters: dict[tuple[int, int], TileRaster] = {}

    @cached_property
    def turns(self) -> TangentTurns:
        """From the chart's tangent frame to the layout's."""
        return TangentTurns(self.head, self.corners, self.uv_corners)

    def triangles_of(self, tile: int) -> npt.NDArray[np.intp]:
        """Which triangles lie in a tile."""
        return np.flatnonzero(self._tile_of == tile)

    @lru_cache(maxsize=1)  # noqa: B019  # a layout lives as long as an export
    def overlaps(self) -> tuple[Overlap, ...]:
        """Where parts of the skin share texels, at least one of which takes detail; small slips left out."""
        found = []
        for tile in self.tiles:
            covered, mirrored, others = self._shared(tile, _SEARCH_SIDE)
            for is_mirrored, texels in ((True, mirrored), (False, others)):
                share = texels.sum() / max(covered.sum(), 1)
                if share > _TOLERATED:
                    found.append(Overlap(tile, is_mirrored, float(share), places_of(texels)))
        return tuple(found)

    def islands(self, tile: int, side: int) -> npt.NDArray[np.uint8]:
        """What texels of a tile hold, for a picture, (side, side): 0 nothing, 1 skin, 2 skin in two places."""
        first, _ = self._both(tile, side)
        _, mirrored, others = self._shared(tile, side)
        picture = (first[0] >= 0).astype(np.uint8)
        picture[mirrored | others] = 2
        return picture

    def _shared(self, tile: int, side: int) -> tuple[Bool, Bool, Bool]:
        """Texels with skin of which some takes detail; those shared by mirror images, and those by anything else."""
        first, second = self._both(tile, side)
        detail = [self.takes_detail[np.maximum(raster[0], 0)] for raster in (first, second)]
        covered = (first[0] >= 0) & (detail[0] | detail[1])
        twice = covered & (first[0] != second[0])
        apart, reflected = self._distances(first, second, twice)
        is_mirrored = reflected < _MIRROR_MM
        # Lips and lids roll in under the skin that is seen, and have none of its detail.
        rolled_in = ~(detail[0] & detail[1])[twice] & (np.minimum(apart, reflected) < _ROLLED_IN_MM)
        mirrored, others = np.zeros_like(twice), np.zeros_like(twice)
        mirrored[twice] = is_mirrored & (apart > _SAME_MM)
        others[twice] = ~is_mirrored & ~rolled_in & (apart > _SAME_MM)
        return covered, mirrored, others

    def check(self) -> str:
        """Raises MapError where the layout cannot hold a map; gives a warning where it holds one for both halves."""
        wrong = [overlap.said for overlap in self.overlaps() if not overlap.is_mirrored]
        if wrong:
            raise MapError(
                f"{self.head.name}: parts of the face lie upon each other in its texture coordinates, so that no map "
                f"can tell them apart: {'; '.join(wrong)}. Unwrap the head anew, or export in the chart's layout"
            )
        if not self.overlaps():
            return ""
        return (
            "left and right half of the face share texels in the head's texture coordinates: maps hold the mean of "
            f"both halves, and what differs between them is lost; {_said(self.overlaps())}"
        )

    @property
    def upon_each_other(self) -> str:
        """What a map in this layout does to the face, for a warning; "" where each part has texels of its own."""
        if not self.overlaps():
            return ""
        parts = "both halves of the face" if all(one.is_mirrored for one in self.overlaps()) else "parts of the face"
        return f"{parts} share texels in the head's texture coordinates and get the same; {_said(self.overlaps())}"

    def raster(self, tile: int, side: int) -> TileRaster:
        """Texels of a tile; the last ones are kept."""
        key = tile, side
        if key not in self._rasters:
            self._rasters[key] = self._raster(tile, side)
            while len(self._rasters) > 2 and sum(one * one for _, one in self._rasters) > _KEPT_TEXELS:
                del self._rasters[next(iter(self._rasters))]
        return self._rasters[key]

    def _raster(self, tile: int, side: int) -> TileRaster:
        (triangle, weights), (second, second_weights) = self._both(tile, side)
        # Only halves that mirror each other are shared; of others the skin that takes detail is seen.
        single = triangle == second
        twice = ~single
        apart, reflected = self._distances((triangle, weights), (second, second_weights), twice)
        single[twice] = (reflected >= _MIRROR_MM) | (apart < _SAME_MM)
        second_weights = np.where(single[..., None], weights, second_weights)
        return TileRaster(triangle, weights, np.where(single, triangle, second), second_weights)

    def to_layout(
        self, chart_map: npt.NDArray[Any], tile: int, side: int, fill: npt.ArrayLike | None
    ) -> Float32:
        """A map of the chart, (H, H) or (H, H, C), in a tile: float32 (side, side[, C]).

        Skin outside the chart has `fill`, or with None goes on from the map's border; what lies beside the islands has
        the value of the nearest skin.
        """
        raster = self.raster(tile, side)
        covered = raster.triangle >= 0
        values = np.zeros((side, side, *chart_map.shape[2:]), np.float32)
        small = as_coarse(chart_map.astype(np.float32), self._chart_texels(tile, side, len(chart_map)))
        values[covered] = self._at(small, raster.triangle[covered], raster.weights[covered], fill)
        twice = raster.triangle != raster.second
        if twice.any():
            values[twice] += self._at(small, raster.second[twice], raster.second_weights[twice], fill)
            values[twice] *= 0.5
        return pad_edges(values, covered)

    def turned_normals(self, normals: Float32, tile: int, vertices: Float32) -> Float32:
        """Normals in a tile from those of the chart's frame, (R, R, 3) as `to_layout` gives them, in the tile's frame.

        Both frames stand on one smooth surface, so the way is a turn, and a mirror where an island is mirrored.

        Parameters
        ----------
        normals : float32 (R, R, 3)
            x along u of the chart, y up, z outward.
        vertices : float32 (V, 3)
            The shape for which they are, mm.
        """
        raster = self.raster(tile, len(normals))
        covered = raster.triangle >= 0
        turned = normals.copy()
        turn = self.turns.of(vertices)[raster.triangle[covered]]
        turned[covered, :2] = np.einsum("nij,nj->ni", turn, normals[covered, :2])
        turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), np.float32(1e-6))
        return pad_edges(turned, covered)

    def from_layout(
        self, maps: Mapping[int, npt.NDArray[Any]], side: int, fill: npt.ArrayLike,
        first: float = 0.0, span: float = 1.0,
    ) -> Float32:  # fmt: skip
        """Maps of tiles, (H, H) or (H, H, C) each, as one of the chart, float32 (side, side[, C]).

        Skin in a tile without a map has `fill`. Texels beside the islands are not looked at, so that seams are closed.

        Parameters
        ----------
        maps : mapping of tile to texels
        side : int
        fill : number or (C,)
        first, span : float
            The square of the chart's plane that is wanted, as of `ChartRaster`.
        """
        raster = self.chart_raster(side, first, span)
        # `skin_triangles` are those of `corners` in the same order.
        covered = raster.covered
        triangle, weights = raster.triangle[covered], raster.barycentric[covered]
        channels = next(iter(maps.values())).shape[2:]
        found = np.full((len(triangle), *channels), fill, np.float32)
        for tile, texels in maps.items():
            rows = np.flatnonzero(self._tile_of[triangle] == tile)
            if not len(rows):
                continue
            finer = 1 / self._chart_texels(tile, len(texels), side / span)
            padded = of_islands(texels, self._covered(tile, len(texels)), finer)
            for part in np.array_split(rows, -(-len(rows) // _PLACES_AT_ONCE)):
                place = np.einsum("nk,nkc->nc", weights[part], self._in_tile(tile)[triangle[part]])
                found[part] = sampled(padded, place)
        values = np.full((side, side, *channels), fill, np.float32)
        values[covered] = found
        return pad_edges(values, covered)

    def chart_raster(self, side: int, first: float = 0.0, span: float = 1.0) -> ChartRaster:
        """Texels of the chart, or of a square of its plane; skin that takes detail hides what rolls in under it."""
        weight = self.head.detail_weight[self.head.skin_triangles].mean(axis=1)
        return ChartRaster(self.head, side, first, span, rank=weight)

    @property
    def main_tile(self) -> int:
        """The tile that holds most of the face."""
        return max(self.tiles, key=self.share_of)

    def share_of(self, tile: int) -> float:
        """How much of the face's skin lies in a tile, 0..1 by area."""
        area = triangle_areas(self.head.chart[self.corners]) * self.takes_detail
        return float(area[self._tile_of == tile].sum() / max(area.sum(), 1e-12))

    def side_in_chart(self, tile: int, side: int) -> int:
        """Texels a side of the chart, a power of two, that hold what a map of a tile does; 64..4096."""
        finest = side * self._chart_texels(tile, side, side)
        return int(np.clip(2 ** math.ceil(math.log2(max(finest, 1)) - _SPARED), _LEAST_SIDE, _MOST_SIDE))

    def _covered(self, tile: int, side: int) -> Bool:
        return covered_texels(self._in_tile(tile)[self.triangles_of(tile)], side)

    def _both(self, tile: int, side: int) -> tuple[tuple[Int32, Float32], tuple[Int32, Float32]]:
        """Last and first triangle on each texel, which are one where only one lies there, with their weights."""
        chosen = self.triangles_of(tile)
        chosen = chosen[np.argsort(self.takes_detail[chosen], kind="stable")]  # the last one counts
        places = self._in_tile(tile)[chosen].reshape(-1, 2)
        index = np.arange(len(places), dtype=np.int32).reshape(-1, 3)
        last, last_weights = rasterise(places, index, side)
        first, first_weights = rasterise(places, index[::-1], side)
        first = np.where(first >= 0, len(chosen) - 1 - first, -1)
        # Neighbours share the texels on their edge.
        edge = (last_weights.min(axis=2) < _ON_EDGE) | (first_weights.min(axis=2) < _ON_EDGE)
        first, first_weights = np.where(edge, last, first), np.where(edge[..., None], last_weights, first_weights)
        number = np.append(chosen, -1).astype(np.int32)
        return (number[last], last_weights), (number[first], first_weights)

    def _in_tile(self, tile: int) -> npt.NDArray[np.float64]:
        """Corners of all triangles (T, 3, 2) in a tile, 0..1 there, rows from the top."""
        row, column = divmod(tile - FIRST_TILE, _TILES_IN_ROW)
        uv = self.head.uv[self.uv_corners].astype(np.float64) - (column, row)
        return np.stack([uv[..., 0], 1 - uv[..., 1]], axis=-1)

    def _distances(
        self, one: tuple[Int32, Float32], other: tuple[Int32, Float32], chosen: Bool
    ) -> tuple[Float32, Float32]:
        """How far apart the skin of two rasters lies on chosen texels, and how far the mirror image of one, mm (N,)."""
        first, second = self._points(*one, chosen), self._points(*other, chosen)
        apart = np.linalg.norm(first - second, axis=1)
        reflected = first * np.array([-1, 1, 1], np.float32)
        return apart, np.linalg.norm(reflected - second, axis=1)

    def _points(self, triangle: Int32, weights: Float32, chosen: Bool) -> Float32:
        corners = self.head.neutral[self.corners[triangle[chosen]]]
        points: Float32 = np.einsum("nk,nkc->nc", weights[chosen], corners)
        return points

    def _at(self, chart_map: Float32, triangle: Int32, weights: Float32, fill: npt.ArrayLike | None) -> Float32:
        """A map of the chart at points of the skin, (N[, C]), `fill` outside it."""
        places = np.einsum("nk,nkc->nc", weights, self.head.chart[self.corners[triangle]])
        found = sampled(chart_map, places)
        outside = ~((places >= 0) & (places <= 1)).all(axis=1)
        found[outside] = beyond(chart_map, places[outside], found[outside]) if fill is None else fill
        return found

    def _chart_texels(self, tile: int, side: int, chart_side: float) -> float:
        """How many texels of the chart a texel of the tile is wide, the median over the face, or over all its skin."""
        chosen = self.triangles_of(tile)
        if self.takes_detail[chosen].any():
            chosen = chosen[self.takes_detail[chosen]]
        corners = self._in_tile(tile), self.head.chart[self.corners]
        own, chart = (triangle_areas(each[chosen]) for each in corners)
        return float(np.sqrt(np.median(chart / np.maximum(own, 1e-12)))) * chart_side / side


def is_charts(head: Head) -> bool:
    """Whether a head's own layout is the chart's, tile 1001, as the default head's is."""
    layout = OwnLayout(head)
    chosen = layout.triangles_of(FIRST_TILE)
    away = layout._in_tile(FIRST_TILE)[chosen] - head.chart[layout.corners[chosen]]
    return len(chosen) > 0 and bool(np.abs(away).max() < 1e-3)


def _said(overlaps: Iterable[Overlap]) -> str:
    return "; ".join(overlap.said for overlap in overlaps)

"""Maps of the chart in a head's own layout of texture coordinates, and back.

Either way a texel is looked up on the skin: which triangle lies there and where in it; the same point of the triangle
has a place in the other layout, and there the map is sampled. Several UDIM tiles are several maps. Where two parts of
the skin share texels, a map cannot tell them apart: halves that mirror each other take the mean, anything else is
refused with the places named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster, rasterise
from rhytid.core.head.head import Float32, Head, Int32, Part, split_faces
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import chart_tangents, vertex_normals
from rhytid.core.io.errors import MapError
from rhytid.core.maps.padding import pad_edges

Bool = npt.NDArray[np.bool_]
FIRST_TILE = 1001
_TILES_IN_ROW = 10
_SEARCH_SIDE = 512  # texels a side at which overlaps are looked for
_SAME_MM, _MIRROR_MM, _ROLLED_IN_MM = 1.0, 6.0, 25.0
_TOLERATED = 0.002  # of a tile's skin
_ON_EDGE = 1e-4
_SMALLEST_PLACE_TEXELS = 4
_PLACES_NAMED = 4


@dataclass(frozen=True)
class Overlap:
    """Texels of a tile that two parts of the skin share.

    Attributes
    ----------
    tile : int
        UDIM number.
    is_mirrored : bool
        The two are mirror images, left and right of the face.
    share : float
        Of the texels with skin that takes detail.
    places : tuple of 4 floats
        Rectangles in the tile: least u and v, greatest u and v; 0..1, origin bottom left; the largest first.
    """

    tile: int
    is_mirrored: bool
    share: float
    places: tuple[tuple[float, float, float, float], ...]

    @property
    def said(self) -> str:
        """Where, for a message."""
        rows = [f"u {u0:.2f} to {u1:.2f}, v {v0:.2f} to {v1:.2f}" for u0, v0, u1, v1 in self.places[:_PLACES_NAMED]]
        more = f" and {len(self.places) - _PLACES_NAMED} places more" if len(self.places) > _PLACES_NAMED else ""
        return f"tile {self.tile}: {'; '.join(rows)}{more} ({100 * self.share:.1f} % of its skin)"


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
    tiles : tuple of int
        UDIM numbers of the tiles that hold skin of the chart, ascending.
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        skin = head.parts == Part.SKIN
        self.corners, _ = split_faces(head.faces[skin])
        self.uv_corners, _ = split_faces(head.face_uv[skin])
        places = head.uv[self.uv_corners]
        column, row = (np.floor(places[..., k].mean(axis=1)).astype(np.intp) for k in range(2))
        self._tile_of = FIRST_TILE + np.clip(column, 0, _TILES_IN_ROW - 1) + _TILES_IN_ROW * np.maximum(row, 0)
        takes_detail = head.detail_weight[self.corners].max(axis=1) > 0
        self._takes_detail = takes_detail
        self.tiles = tuple(int(tile) for tile in np.unique(self._tile_of[takes_detail]))

    def triangles_of(self, tile: int) -> npt.NDArray[np.intp]:
        """Which triangles lie in a tile."""
        return np.flatnonzero(self._tile_of == tile)

    @lru_cache(maxsize=1)  # noqa: B019  # a layout lives as long as an export
    def overlaps(self) -> tuple[Overlap, ...]:
        """Where parts of the skin share texels, at least one of which takes detail; small slips left out."""
        found = []
        for tile in self.tiles:
            first, second = self._both(tile, _SEARCH_SIDE)
            detail = [self._takes_detail[np.maximum(raster[0], 0)] for raster in (first, second)]
            covered = (first[0] >= 0) & (detail[0] | detail[1])
            twice = covered & (first[0] != second[0])
            apart, reflected = self._distances(first, second, twice)
            mirrored = reflected < _MIRROR_MM
            # Lips and lids roll in under the skin that is seen, and have none of its detail.
            rolled_in = ~(detail[0] & detail[1])[twice] & (np.minimum(apart, reflected) < _ROLLED_IN_MM)
            for is_mirrored, chosen in ((True, mirrored), (False, ~mirrored & ~rolled_in)):
                texels = np.zeros_like(twice)
                texels[twice] = chosen & (apart > _SAME_MM)
                share = texels.sum() / max(covered.sum(), 1)
                if share > _TOLERATED:
                    found.append(Overlap(tile, is_mirrored, float(share), _places(texels)))
        return tuple(found)

    def check(self) -> str:
        """Raises MapError where the layout cannot hold a map; gives a warning where it holds one for both halves."""
        overlaps = self.overlaps()
        wrong = [overlap.said for overlap in overlaps if not overlap.is_mirrored]
        if wrong:
            raise MapError(
                f"{self.head.name}: parts of the face lie upon each other in its texture coordinates, so that no map "
                f"can tell them apart: {'; '.join(wrong)}. Unwrap the head anew, or export in the chart's layout"
            )
        if not overlaps:
            return ""
        return (
            "left and right half of the face share texels in the head's texture coordinates: maps hold the mean of "
            f"both halves, and what differs between them is lost; {'; '.join(overlap.said for overlap in overlaps)}"
        )

    @lru_cache(maxsize=2)  # noqa: B019
    def raster(self, tile: int, side: int) -> TileRaster:
        """Texels of a tile."""
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

        Skin outside the chart has `fill`, or with None what the map has at its border; what lies beside the islands has
        the value of the nearest skin.
        """
        raster = self.raster(tile, side)
        covered = raster.triangle >= 0
        values = np.zeros((side, side, *chart_map.shape[2:]), np.float32)
        small = _as_coarse(chart_map.astype(np.float32), self._chart_texels(tile, side, len(chart_map)))
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
        turn = self._turns(vertices)[raster.triangle[covered]]
        turned[covered, :2] = np.einsum("nij,nj->ni", turn, normals[covered, :2])
        turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), np.float32(1e-6))
        return pad_edges(turned, covered)

    def from_layout(self, maps: Mapping[int, npt.NDArray[np.floating]], side: int, fill: npt.ArrayLike) -> Float32:
        """Maps of tiles, float (H, H) or (H, H, C) each, as one of the chart, float32 (side, side[, C]).

        Skin in a tile without a map has `fill`. Texels beside the islands are not looked at, so that seams are closed.
        """
        raster = ChartRaster(self.head, side)
        # `skin_triangles` are those of `corners` in the same order.
        covered = raster.covered
        triangle, weights = raster.triangle[covered], raster.barycentric[covered]
        channels = next(iter(maps.values())).shape[2:]
        found = np.full((len(triangle), *channels), fill, np.float32)
        for tile, texels in maps.items():
            rows = self._tile_of[triangle] == tile
            if not rows.any():
                continue
            padded = pad_edges(texels.astype(np.float32), self.raster(tile, len(texels)).triangle >= 0)
            place = np.einsum("nk,nkc->nc", weights[rows], self._in_tile(tile)[triangle[rows]])
            found[rows] = _sampled(padded, place)
        values = np.full((side, side, *channels), fill, np.float32)
        values[covered] = found
        return pad_edges(values, covered)

    def _both(self, tile: int, side: int) -> tuple[tuple[Int32, Float32], tuple[Int32, Float32]]:
        """Last and first triangle on each texel, which are one where only one lies there, with their weights."""
        chosen = self.triangles_of(tile)
        chosen = chosen[np.argsort(self._takes_detail[chosen], kind="stable")]  # the last one counts
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
        sampled = _sampled(chart_map, places)
        if fill is not None:
            sampled[~((places >= 0) & (places <= 1)).all(axis=1)] = fill
        return sampled

    def _chart_texels(self, tile: int, side: int, chart_side: int) -> float:
        """How many texels of the chart a texel of the tile is wide, the median over the face."""
        chosen = self.triangles_of(tile)
        chosen = chosen[self._takes_detail[chosen]]
        own, chart = (_areas(corners[chosen]) for corners in (self._in_tile(tile), self.head.chart[self.corners]))
        return float(np.sqrt(np.median(chart / np.maximum(own, 1e-12)))) * chart_side / side

    @lru_cache(maxsize=1)  # noqa: B019
    def _frames(self) -> TangentFrames:
        return TangentFrames(self.head.uv, self.corners, self.uv_corners)

    def _turns(self, vertices: Float32) -> Float32:
        """From the chart's tangent frame to the layout's, float32 (T, 2, 2), the mean of a triangle."""
        head, frames = self.head, self._frames()
        normals = vertex_normals(vertices, head.triangles)
        own = frames.of(vertices, normals)[frames.of_corner].sum(axis=1)
        normal = _unit(normals[self.corners].sum(axis=1))
        across = _unit(own[:, :3] - normal * (own[:, :3] * normal).sum(axis=1, keepdims=True))
        up = np.cross(normal, across) * np.sign(own[:, 3:])
        along_x, along_y = (tangent[self.corners].sum(axis=1) for tangent in chart_tangents(head, vertices))
        x = _unit(along_x - normal * (along_x * normal).sum(axis=1, keepdims=True))
        y = np.cross(normal, x)
        y *= np.where((y * along_y).sum(axis=1, keepdims=True) > 0, np.float32(-1), np.float32(1))
        rows = [np.stack([(to * of).sum(axis=1) for of in (x, y)], axis=1) for to in (across, up)]
        return np.stack(rows, axis=1).astype(np.float32)


def is_charts(head: Head) -> bool:
    """Whether a head's own layout is the chart's, tile 1001, as the default head's is."""
    layout = OwnLayout(head)
    chosen = layout.triangles_of(FIRST_TILE)
    away = layout._in_tile(FIRST_TILE)[chosen] - head.chart[layout.corners[chosen]]
    return len(chosen) > 0 and bool(np.abs(away).max() < 1e-3)


def overlap_picture(layout: OwnLayout, tile: int, side: int = 512) -> npt.NDArray[np.uint8]:
    """A tile with its skin grey and texels that are shared red, uint8 (R, R, 3)."""
    raster = layout.raster(tile, side)
    picture = np.full((side, side, 3), 32, np.uint8)
    picture[raster.triangle >= 0] = 150
    picture[raster.triangle != raster.second] = (220, 60, 50)
    return picture


def _places(texels: Bool) -> tuple[tuple[float, float, float, float], ...]:
    """Rectangles about patches of texels, the largest first."""
    joined = cv2.dilate(texels.astype(np.uint8), np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    side = len(texels)
    boxes = sorted((row for row in stats[1:] if row[4] >= _SMALLEST_PLACE_TEXELS), key=lambda row: -row[4])
    return tuple(
        (float(x / side), float(1 - (y + height) / side), float((x + width) / side), float(1 - y / side))
        for x, y, width, height, _ in boxes
    )


def _as_coarse(values: Float32, texels: float) -> Float32:
    """A map made smaller so that a sample stands for so many texels."""
    if texels < 1.5:
        return values
    side = max(round(len(values) / texels), 1)
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _sampled(values: Float32, places: npt.NDArray[np.floating]) -> Float32:
    """A map at places (N, 2), 0..1, rows from the top; (N[, C])."""
    at = places.astype(np.float32) * np.float32(len(values)) - np.float32(0.5)
    width = 4096
    padded = np.zeros((-(-len(at) // width) * width, 2), np.float32)
    padded[: len(at)] = at
    grid = padded.reshape(-1, width, 2)
    found = np.empty((*grid.shape[:2], *values.shape[2:]), np.float32)
    for row in range(0, len(grid), 4096):  # what OpenCV takes at once
        part = grid[row : row + 4096]
        found[row : row + 4096] = cv2.remap(
            values, part[..., 0], part[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
    return found.reshape(-1, *values.shape[2:])[: len(at)]


def _areas(corners: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _unit(vectors: Float32) -> Float32:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-9))

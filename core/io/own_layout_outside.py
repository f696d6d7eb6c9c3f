"""Skin outside the chart in a head's own layout: its colour and relief as the viewport draws them there.

Inside the chart the maps of the chart are baked; outside them skin has the colour of the plane around the chart, or
that of the head's own picture where the face wears it, and the relief that goes on over neck, ears and scalp.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.layout_sampling import sampled
from rhytid.core.io.outer_relief import OUTER_SIDE, OuterTile, relief_in_tile
from rhytid.core.io.own_color import OwnColor
from rhytid.core.io.surface_export import outer_surface_maps
from rhytid.core.maps.albedo import RESOLUTION_MIN, procedural_gloss
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN, SkinColors
from rhytid.core.maps.cavity import darkened
from rhytid.core.maps.padding import pad_edges

Pixel = TypeVar("Pixel", np.float32, np.uint8)
Bool = npt.NDArray[np.bool_]
UInt8 = npt.NDArray[np.uint8]
_KEPT = 4  # tiles
_COLOR_FADE = 0.02  # chart units, as in the viewport


class _Relief(NamedTuple):
    strength: Float32
    visibility: Float32


class OwnOutside:
    """See the module. What it is told of is there from then on.

    Parameters
    ----------
    layout : OwnLayout
    vertices : float32 (V, 3)
        The shape that is exported, mm.
    wears_own_color : bool
        The face has the colour of its head's own file.
    """

    def __init__(self, layout: OwnLayout, vertices: Float32, wears_own_color: bool) -> None:
        self._layout, self._vertices = layout, vertices
        self._own = OwnColor(layout) if wears_own_color else None
        self._relief: _Relief | None = None
        self._reliefs: dict[tuple[int, int], OuterTile | None] = {}
        self._beyond: dict[tuple[int, int], Float32] = {}
        self._colors: SkinColors | None = None
        self._gloss = float(procedural_gloss(RESOLUTION_MIN)[0, 0]) / 255

    def take_relief(self, strength: Float32, visibility: Float32) -> None:
        """Know how strong the relief is, and what vertices see of their surroundings; as of `outer_tile`."""
        self._relief = _Relief(strength, visibility)
        self._reliefs.clear()

    def take_colors(self, colors: SkinColors) -> None:
        """Know the colours of the skin; its gloss outside is that at the chart's border."""
        self._colors = colors
        if colors.gloss is not None:
            self._gloss = float(colors.gloss[0, 0]) / 255

    def beyond(self, tile: int, side: int) -> Float32:
        """How far skin lies outside the chart, chart units, float32 (side, side); 0 within it and where none lies."""
        if (tile, side) not in self._beyond:
            while len(self._beyond) >= _KEPT:
                del self._beyond[next(iter(self._beyond))]
            self._beyond[tile, side] = self._how_far(tile, side)
        return self._beyond[tile, side]

    def _how_far(self, tile: int, side: int) -> Float32:
        raster = self._layout.raster(tile, side)
        covered = raster.triangle >= 0
        corners = self._layout.corners[raster.triangle[covered]]
        places = np.einsum("nk,nkc->nc", raster.weights[covered], self._layout.head.chart[corners])
        found = np.zeros((side, side), np.float32)
        found[covered] = np.maximum(np.maximum(-places, places - 1).max(axis=1), 0)
        return found

    def relief(self, tile: int, side: int) -> OuterTile | None:
        """Relief outside the chart at `side` texels, at most 2048; None where nobody needs it."""
        if (tile, side) not in self._reliefs:
            while len(self._reliefs) >= _KEPT:
                del self._reliefs[next(iter(self._reliefs))]
            self._reliefs[tile, side] = self._made(tile, side)
        return self._reliefs[tile, side]

    def _made(self, tile: int, side: int) -> OuterTile | None:
        if self._relief is None:
            return None
        layout, head = self._layout, self._layout.head
        outside = self.beyond(tile, side) > 0
        if not outside.any():
            return None
        chosen = layout.triangles_of(tile)
        chosen = chosen[np.argsort(layout.takes_detail[chosen], kind="stable")]
        row, column = divmod(tile - 1001, 10)
        return relief_in_tile(
            head, self._vertices, self._relief.strength, self._relief.visibility, side,
            head.uv - np.array([column, row], np.float32), layout.uv_corners[chosen], layout.corners[chosen],
            only=outside,
        )  # fmt: skip

    def with_colors(self, baked: UInt8, tile: int) -> UInt8:
        """Colour of a tile (R, R, 3) with that of the skin outside the chart."""
        colors, side = self._colors, len(baked)
        beyond = self.beyond(tile, side)
        outside = beyond > 0
        if colors is None or not outside.any():
            return baked
        around = self._around(colors, tile, side)
        relief = self.relief(tile, min(side, OUTER_SIDE))
        if relief is not None:
            depth = np.where(outside, np.minimum(_enlarged(relief.height, side), 0), np.float32(0))
            around = darkened(around, depth, colors.darkening)
        share = np.clip(beyond[outside] / np.float32(_COLOR_FADE), 0, 1)[:, None]
        result = baked.copy()
        result[outside] = np.rint(baked[outside] * (1 - share) + around[outside] * share).astype(np.uint8)
        return pad_edges(result, self._layout.raster(tile, side).triangle >= 0)

    def _around(self, colors: SkinColors, tile: int, side: int) -> UInt8:
        if self._own is not None:
            found, known = self._own.in_tile(tile, side)
            if known[self.beyond(tile, side) > 0].all():
                return found
        else:
            found, known = np.zeros((side, side, 3), np.uint8), np.zeros((side, side), bool)
        raster = self._layout.raster(tile, side)
        missing = (raster.triangle >= 0) & ~known
        corners = self._layout.corners[raster.triangle[missing]]
        places = np.einsum("nk,nkc->nc", raster.weights[missing], self._layout.head.chart[corners])
        plane = sampled(colors.around.astype(np.float32), (places - AROUND_FIRST) / AROUND_SPAN)
        found[missing] = np.rint(plane).clip(0, 255)
        return found

    def with_heights(self, baked: Float32, tile: int) -> Float32:
        """Displacement of a tile (R, R), mm, with the relief outside the chart."""
        side = len(baked)
        relief = self.relief(tile, min(side, OUTER_SIDE))
        if relief is None:
            return baked
        outside = self.beyond(tile, side) > 0
        result = np.where(outside, _enlarged(relief.height, side), baked)
        return pad_edges(result, self._layout.raster(tile, side).triangle >= 0)

    def with_normals(self, baked: Float32, tile: int) -> Float32:
        """Unit normals of a tile (R, R, 3) in its own frame with the relief outside the chart."""
        side = len(baked)
        relief = self.relief(tile, min(side, OUTER_SIDE))
        if relief is None:
            return baked
        outside = self.beyond(tile, side) > 0
        result = np.where(outside[..., None], _enlarged(relief.normals, side), baked)
        result /= np.maximum(np.linalg.norm(result, axis=2, keepdims=True), np.float32(1e-6))
        return pad_edges(result, self._layout.raster(tile, side).triangle >= 0)

    def with_surface(self, baked: UInt8, tile: int, name: str) -> UInt8:
        """One of the maps of `outer_surface_maps` by name in a tile (R, R)."""
        side = len(baked)
        relief = self.relief(tile, min(side, OUTER_SIDE))
        if relief is None:
            return baked
        outside = self.beyond(tile, side) > 0
        found = _enlarged(outer_surface_maps(relief, self._gloss)[name], side)
        result = np.where(outside, found, baked)
        return pad_edges(result, self._layout.raster(tile, side).triangle >= 0)


def _enlarged(values: npt.NDArray[Pixel], side: int) -> npt.NDArray[Pixel]:
    if len(values) == side:
        return values
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_LINEAR), values.dtype)

"""Maps that an export holds where they are asked for: vectors, normals in space, curvature, bands and masks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.finish import split
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.io.chart_frame import RESOLUTION, ChartFrame, pad_within, weighted
from rhytid.core.io.export_files import ExportFiles
from rhytid.core.io.export_options import OUTER, TILE, ExportOptions
from rhytid.core.io.map_names import BANDS
from rhytid.core.io.outer_relief import OuterTile, skin_curvature
from rhytid.core.io.placing import Placing
from rhytid.core.io.value_maps import ValueMap
from rhytid.core.maps.bands import REGIONS
from rhytid.core.maps.curvature import curvature
from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.normal_map import encoded_normals
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.region_masks import packed_names, soft_region
from rhytid.core.maps.resample import enlarged_rows
from rhytid.core.maps.surface_maps import in_8_bits

Bool = npt.NDArray[np.bool_]
UInt8 = npt.NDArray[np.uint8]
_STRIP_ROWS = 256
_MASK: dict[str, Any] = {"bits": 8, "color_space": "linear (non-colour data)"}


class FurtherMaps:
    """See the module.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        The shape that is exported, mm.
    frame : ChartFrame
        Of this shape.
    displacement : float32 (H, H)
        As the skin wears it, padded, mm.
    covered : bool (H, H)
        Where skin is.
    outer : OuterTile or None
        With its `space`.
    options : ExportOptions
    files : ExportFiles
    """

    def __init__(
        self,
        head: Head,
        vertices: Float32,
        frame: ChartFrame,
        displacement: Float32,
        covered: Bool,
        outer: OuterTile | None,
        options: ExportOptions,
        files: ExportFiles,
    ) -> None:
        self._head, self._vertices, self._frame = head, vertices, frame
        self._displacement, self._covered, self._outer = displacement, covered, outer
        self._options, self._files = options, files
        self._placing = options.placing("obj")

    def write(self) -> None:
        """Write those that the options name."""
        for name, step in (
            ("vector_displacement", self._tangent_vectors),
            ("vector_displacement_object", self._object_vectors),
            ("object_normals", self._object_normals),
            ("curvature", self._curvature),
            ("bands", self._bands),
            ("region_masks", self._region_masks),
            ("detail_mask", self._detail_mask),
        ):
            if name in self._options.what:
                step()

    def _heights(self) -> dict[str, Float32]:
        """Displacement by tile."""
        return {TILE: self._displacement} | ({} if self._outer is None else {OUTER: self._outer.height})

    def _tangent_vectors(self) -> None:
        details = {"space": "tangent (MikkTSpace)", "axes": "R tangent, G normal, B bitangent"}
        maps = {}
        for tile, height in self._heights().items():
            still = np.zeros_like(height)
            maps[tile] = ValueMap((still, height, still), "mm", details)
        self._files.values("vector_displacement", "vector", maps)

    def _object_vectors(self) -> None:
        maps = {TILE: self._in_space((height * normals for height, normals in self._with_normals()))}
        space = None if self._outer is None else self._outer.space
        if self._outer is not None and space is not None:
            maps[OUTER] = self._in_space([self._outer.height[..., None] * space.smooth])
        self._files.values("vector_displacement_object", "vector_object", maps)

    def _with_normals(self) -> Iterator[tuple[Float32, Float32]]:
        """Displacement (h, H, 1) and unit normals (h, H, 3) of the smooth skin, by strips of rows."""
        parts = [np.ascontiguousarray(self._frame.normals[..., k]) for k in range(3)]
        side = len(self._displacement)
        for y, end in _strips(side):
            normals = np.stack([enlarged_rows(one, side, y, end) for one in parts], axis=-1)
            normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), np.float32(1e-6))
            yield self._displacement[y:end, :, None], normals

    def _in_space(self, strips: Iterator[Float32] | list[Float32]) -> ValueMap:
        """Vectors (h, H, 3) as a map, with the axes of the mesh files."""
        turned = np.concatenate([_turned(strip, self._placing) for strip in strips])
        planes = tuple(np.ascontiguousarray(turned[..., k]) for k in range(3))
        return ValueMap(planes, "mm", {"space": "object", "axes": f"R x, G y, B z; {self._up}"})

    @property
    def _up(self) -> str:
        return f"{self._placing.up.upper()} up, as in OBJ and PLY"

    def _object_normals(self) -> None:
        bits = self._options.normal_bits
        side = len(self._displacement)
        texels = np.empty((side, side, 3), np.uint8 if bits == 8 else np.uint16)
        x, y_slopes = (
            [np.ascontiguousarray(self._frame.slopes[..., axis, k]) for k in range(3)] for axis in range(2)
        )
        for (y, end), (_, normals) in zip(_strips(side), self._with_normals(), strict=True):
            slope = gradient(self._displacement, Rect(0, y, side, end))
            for k in range(3):
                normals[..., k] -= slope[..., 0] * enlarged_rows(x[k], side, y, end)
                normals[..., k] -= slope[..., 1] * enlarged_rows(y_slopes[k], side, y, end)
            normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), np.float32(1e-6))
            texels[y:end] = encoded_normals(_turned(normals, self._placing), bits)
        pad_within(texels, self._covered, self._options.padding_px, encoded_normals(np.zeros(3, np.float32), bits))
        tiles = {TILE: texels}
        if self._outer is not None and self._outer.space is not None:
            tiles[OUTER] = encoded_normals(_turned(self._outer.space.displaced, self._placing), bits)
        for tile, picture in tiles.items():
            self._files.picture(
                "object_normals", "normal_object", picture, tile, bits=bits, space="object",
                axes=f"R x, G y, B z, 0.5 is 0; {self._up}", color_space="linear (non-colour data)",
            )  # fmt: skip

    def _curvature(self) -> None:
        details = {"values": "mean curvature over four texels; bumps and edges above 0, pits and furrows below"}
        normals = vertex_normals(self._vertices, self._head.triangles)
        raster = ChartRaster(self._head, RESOLUTION)
        smooth = pad_edges(raster.sample(skin_curvature(self._head, self._vertices, normals)), raster.covered)
        found = curvature(self._displacement, self._frame.turn, smooth)
        pad_within(found, self._covered, self._options.padding_px, 0.0)
        maps = {TILE: ValueMap((found,), "1/mm", details)}
        if self._outer is not None and self._outer.space is not None:
            maps[OUTER] = ValueMap((_outer_curvature(self._outer),), "1/mm", details)
        self._files.values("curvature", "curvature", maps)

    def _bands(self) -> None:
        maps: dict[str, ValueMap] = {}
        for tile, height in self._heights().items():
            if tile == TILE:
                folds, coarse = split(height)
            else:  # what goes on outside the chart is fine
                folds = coarse = np.zeros_like(height)
            planes = (folds, coarse - folds, height - coarse)
            holds = "R folds, G fine lines, B pores; their sum is the displacement"
            maps[tile] = ValueMap(planes, "mm", {"holds": holds})
        if self._options.packing != "apart":
            self._files.values("bands", "bands", maps)
        if self._options.packing != "packed":
            scale_of = list(maps.values())
            for k, name in enumerate(BANDS):
                apart = {tile: ValueMap((one.planes[k],), "mm", {"holds": name}) for tile, one in maps.items()}
                self._files.values("bands", f"band_{name}", apart, scale_of)

    def _region_masks(self) -> None:
        side = self._options.resolution
        if self._options.packing != "apart":
            for number, names in enumerate(packed_names(), 1):
                planes = [soft_region(name, side) for name in names]
                planes += [np.zeros_like(planes[0])] * (3 - len(planes))
                holds = ", ".join(f"{channel} {name}" for channel, name in zip("RGBA", names, strict=False))
                self._files.picture("region_masks", f"regions_{number}", np.dstack(planes), holds=holds, **_MASK)
        if self._options.packing != "packed":
            for name in REGIONS:
                self._files.picture("region_masks", f"region_{name}", soft_region(name, side), holds=name, **_MASK)

    def _detail_mask(self) -> None:
        share = weighted(np.ones_like(self._displacement), self._frame)
        share[~self._covered] = 0
        texels = in_8_bits(share)
        pad_within(texels, self._covered, self._options.padding_px, 0)
        self._files.picture("detail_mask", "detail_mask", texels, values="255 = all of the drawn detail", **_MASK)


def _turned(vectors: Float32, placing: Placing) -> Float32:
    """Vectors (..., 3) with Y up, as mesh files have them."""
    return placing.directions(vectors.reshape(-1, 3)).reshape(vectors.shape)


def _strips(side: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(0, side, _STRIP_ROWS), side]))


def _outer_curvature(outer: OuterTile) -> Float32:
    """Mean curvature in tile 1002, 1/mm."""
    assert outer.space is not None
    mm = np.maximum(outer.space.texel_mm, np.float32(1e-3)) * np.float32(len(outer.height))
    across = gradient(np.ascontiguousarray(outer.normals[..., 0]))[..., 0] / mm[..., 0]
    up = -gradient(np.ascontiguousarray(outer.normals[..., 1]))[..., 1] / mm[..., 1]
    return np.asarray(outer.space.curvature + (across + up) / 2, np.float32)

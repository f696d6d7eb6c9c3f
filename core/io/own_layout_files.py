"""Maps of an export in the head's own layout: what is made for the chart is baked into its tiles as it is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32
from rhytid.core.io.displacement_writing import scale_mm_for
from rhytid.core.io.export_files import ExportFiles
from rhytid.core.io.export_options import SURFACE, TILE
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.own_layout_mesh import rounded
from rhytid.core.io.own_layout_outside import OwnOutside
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.normal_map import encoded_normals

_FLAT = (0.0, 0.0, 1.0)


class OwnLayoutFiles(ExportFiles):
    """The files of an export, whose maps of the chart become maps of the layout's tiles.

    Parameters
    ----------
    files : ExportFiles
        Lists what is written.
    layout : OwnLayout
    vertices : float32 (V, 3)
        The shape that is exported, mm.
    outside : OwnOutside
        What the skin outside the chart has, which is told of what is known of it.
    """

    def __init__(self, files: ExportFiles, layout: OwnLayout, vertices: Float32, outside: OwnOutside) -> None:
        super().__init__(files.folder, files.options)
        self.listed, self.timings_s, self.checks = files.listed, files.timings_s, files.checks
        self._layout, self._vertices, self._outside = layout, vertices, outside

    def relief_goes_on(self, strength: Float32, visibility: Float32) -> None:
        """See `ExportFiles.relief_goes_on`."""
        self._outside.take_relief(strength, visibility)

    def color_goes_on(self, colors: SkinColors) -> None:
        """See `ExportFiles.color_goes_on`."""
        self._outside.take_colors(colors)

    def picture(self, kind: str, label: str, texels: npt.NDArray[Any], tile: str = TILE, **details: Any) -> None:
        """Write a picture of the chart as one of each tile; those of tiles beside the chart are in no own layout."""
        if tile != TILE:
            return
        side, dtype = len(texels), texels.dtype.type
        for own in self._layout.skin_tiles:
            with self.timed("layout"):
                if kind == "normal_map":
                    baked = self._normals(texels, own)
                else:
                    fill = 0 if kind in ("line_map", "distance_field") else None
                    baked = rounded(self._layout.to_layout(texels, own, side, fill), dtype)
                if kind == "albedo":
                    baked = self._outside.with_colors(np.asarray(baked, np.uint8), own)
                elif kind in SURFACE:
                    baked = self._outside.with_surface(np.asarray(baked, np.uint8), own, kind)
            super().picture(kind, label, baked, str(own), **details, layout="the head's own")

    def displacement(self, relief: Float32, tile: str, scale_mm: float, layout: str = "") -> None:
        """Write the displacement of the chart as one of each tile; no value is beyond what 16 bits hold."""
        with self.timed("layout"):
            baked = {
                own: self._outside.with_heights(self._layout.to_layout(relief, own, len(relief), 0.0), own)
                for own in self._layout.skin_tiles
            }
        scale_mm = max(scale_mm, scale_mm_for(max(float(np.abs(one).max()) for one in baked.values())))
        for own, values in baked.items():
            super().displacement(values, str(own), scale_mm, f"own: the head's texture coordinates, UDIM tile {own}")

    def _normals(self, texels: npt.NDArray[Any], own: int) -> npt.NDArray[Any]:
        """Normals of the chart's frame in that of the layout."""
        bits = 8 * texels.dtype.itemsize
        half = np.float32((1 << bits) - 1) / 2
        up = np.array([1, 1 if self.options.green == "opengl" else -1, 1], np.float32)
        normals = (texels.astype(np.float32) / half - 1) * up
        baked = self._layout.to_layout(normals, own, len(texels), _FLAT)
        turned = self._outside.with_normals(self._layout.turned_normals(baked, own, self._vertices), own)
        return encoded_normals(turned * up, bits)

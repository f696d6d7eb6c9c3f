"""The maps of one export: what is made for them, and their files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.head import Float32
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.tension import tension_model
from rhytid.core.head.visibility import ambient_visibility
from rhytid.core.io.chart_frame import chart_frame, coverage, pad_within, weighted
from rhytid.core.io.displacement_writing import scale_mm_for
from rhytid.core.io.export_files import ExportFiles
from rhytid.core.io.export_options import FURTHER, OUTER, SURFACE, TILE, ExportOptions
from rhytid.core.io.face_textures import EMBEDDED_SIDE, FaceTextures, face_textures
from rhytid.core.io.further_maps import FurtherMaps
from rhytid.core.io.map_pixels import in_16_bits
from rhytid.core.io.outer_relief import OUTER_SIDE, OuterTile, outer_tile, ring_height
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.io.surface_export import embedded_maps, outer_surface_maps, surface_maps
from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.cavity import cavity, darkened
from rhytid.core.maps.flush import flushed
from rhytid.core.maps.normal_map import encoded_normals, normal_map
from rhytid.core.maps.skin_tile import border_slopes

_MESHES = frozenset({"base_mesh", "displaced_mesh"})


class MapExport:
    """The steps that make maps and what they share.

    Parameters
    ----------
    face : ShownFace
    vertices : float32 (V, 3)
        The shape that is exported, mm.
    options : ExportOptions
    files : ExportFiles
        Where they are written.
    control : Control

    Attributes
    ----------
    displacement : float32 (R, R) or None
        As the pipeline makes it, mm; None where nothing needs it.
    frame : ChartFrame
        Of the shape, once `write` is done.
    textures : FaceTextures or None
        What meshes show; None where there are none.
    """

    def __init__(
        self, face: ShownFace, vertices: Float32, options: ExportOptions, files: ExportFiles, control: Control
    ) -> None:
        self._face, self._head, self._vertices, self._options = face, face.head, vertices, options
        self._files, self._control = files, control
        self._ring: npt.NDArray[np.float16] = np.zeros((1, 1), np.float16)  # of the relief outside the chart, mm
        self._outer: OuterTile | None = None
        self._visibility: Float32 = np.ones(len(face.vertices), np.float32)  # of the surroundings, where it is needed
        self.displacement: Float32 | None = None
        self.textures: FaceTextures | None = None

    def write(self) -> None:
        """Write every map that the options name."""
        what, side = self._options.what, self._options.resolution
        if what - {"albedo", "hair"} or ("albedo" in what and self._wrinkles_are_darker()):
            self.displacement = self._from_pipeline()
        self._control(0.35)
        self.frame = chart_frame(self._head, self._vertices)
        if self.displacement is not None and what - {"line_map", "distance_field", "hair"}:
            self._outside(self.displacement)
        if self.displacement is not None and what & {"displacement", "normal_map", *FURTHER}:
            self._relief(self.displacement)
        self._control(0.65)
        gloss = None
        if what & (_MESHES | {"albedo", "roughness"}):
            with self._files.timed("albedo"):
                colors = self._face.color_for(side)
                gloss = colors.gloss
            if what & (_MESHES | {"albedo"}):
                self.textures = self._albedo(colors)
            del colors
        self._control(0.7)
        if self.displacement is not None and (self.textures is not None or what & set(SURFACE)):
            self._surface(self.displacement, procedural_gloss(side) if gloss is None else gloss)

    def worn(self, displacement: Float32) -> Float32:
        """Displacement of the chart as the skin wears it, mm: with the relief that goes on outside."""
        relief = weighted(displacement, self.frame)
        relief += self._ring
        return relief

    def _outside(self, displacement: Float32) -> None:
        """Make the relief that goes on outside the chart."""
        with self._files.timed("outside"):
            slopes = border_slopes(displacement)
            self._ring = ring_height(self._head, self.frame, slopes, len(displacement))
            if self._options.what & {"occlusion", "base_mesh", "displaced_mesh"}:
                normals = vertex_normals(self._vertices, self._head.triangles)
                self._visibility = ambient_visibility(self._vertices, normals, self._head.triangles)
            self._files.relief_goes_on(slopes, self._visibility)
            if self._options.layout != "chart":
                return  # the head's own tiles have that skin
            side = min(len(displacement), OUTER_SIDE)
            in_space = bool(self._options.what & set(FURTHER))
            self._outer = outer_tile(self._head, self._vertices, slopes, self._visibility, side, in_space)

    def _albedo(self, colors: SkinColors) -> FaceTextures:
        with self._files.timed("albedo"):
            if self.displacement is not None and any(colors.darkening):
                depth = weighted(cavity(self.displacement), self.frame)
                depth += np.minimum(self._ring, 0)
                colors = colors._replace(chart=darkened(colors.chart, depth, colors.darkening))
                del depth
            model = tension_model(self._head)
            tension = weighted(model.chart_map(model.per_vertex(self._face.rest, self._vertices)), self.frame)
            colors = colors._replace(chart=flushed(colors.chart, tension))
            inner = self._face.state.iris, min(self._options.resolution, EMBEDDED_SIDE), self._face.state.enamel.tint
            textures = face_textures(self._head, colors, *inner)
            if self._outer is not None:
                depth = np.minimum(self._outer.height, 0)
                textures.tiles[OUTER] = darkened(textures.tiles[OUTER], depth, colors.darkening)
        self._files.color_goes_on(colors)
        if "albedo" in self._options.what:
            self._files.picture("albedo", "albedo", colors.chart, color_space="sRGB")
            for tile, texels in textures.tiles.items():
                self._files.picture("albedo", "albedo", texels, tile, color_space="sRGB")
        return textures

    def _wrinkles_are_darker(self) -> bool:
        return self._face.state.albedo is None or any(self._face.state.albedo.darkening)

    def _from_pipeline(self) -> Float32:
        """Write what is exported as the pipeline makes it; gives the displacement, the only map needed further."""
        what, side = self._options.what, self._options.resolution
        with self._files.timed("maps"):
            maps = self._face.maps_for(side)
        if maps.resolution != side:
            raise ValueError(f"the maps are {maps.resolution} texels wide, not {side}")
        if "line_map" in what:
            picture = maps.line_map.astype(np.uint8) * np.uint8(255)
            self._files.picture("line_map", "lines", picture, bits=8, values="255 = line")
        if "distance_field" in what:
            with self._files.timed("distance_field"):
                picture = in_16_bits(maps.distance_field)
            self._files.picture(
                "distance_field", "distance", picture, bits=16,
                units="distance to the nearest line / 5 % of the map's width, white = that or more",
            )  # fmt: skip
        return maps.displacement

    def _relief(self, displacement: Float32) -> None:
        options = self._options
        with self._files.timed("displacement"):
            covered = coverage(self._head, len(displacement))
            displacement = self.worn(displacement)
            pad_within(displacement, covered, options.padding_px, 0.0)
        if "displacement" in options.what:
            tiles = {TILE: displacement} | ({} if self._outer is None else {OUTER: self._outer.height})
            scale_mm = scale_mm_for(max(float(np.abs(one).max()) for one in tiles.values()))
            for tile, relief in tiles.items():
                self._files.displacement(relief, tile, scale_mm)
        self._control(0.5)
        if "normal_map" in options.what:
            with self._files.timed("normal_map"):
                normals = normal_map(displacement, self.frame.turn, options.green, options.normal_bits)
                half = 1 << (options.normal_bits - 1)
                pad_within(normals, covered, options.padding_px, (half, half, 2 * half - 1))
            self._normals(normals, TILE)
            if self._outer is not None:
                up = (1, 1 if options.green == "opengl" else -1, 1)
                normals = encoded_normals(self._outer.normals * np.array(up, np.float32), options.normal_bits)
                self._normals(normals, OUTER)
        if options.what & set(FURTHER):
            with self._files.timed("further"):
                FurtherMaps(
                    self._head, self._vertices, self.frame, displacement, covered, self._outer, options, self._files
                ).write()

    def _normals(self, texels: npt.NDArray[Any], tile: str) -> None:
        self._files.picture(
            "normal_map", "normal", texels, tile, green=self._options.green, bits=self._options.normal_bits,
            space="tangent, MikkTSpace", color_space="linear (non-colour data)",
        )  # fmt: skip

    def _surface(self, displacement: Float32, gloss: npt.NDArray[np.uint8]) -> None:
        """Write the maps of the surface, and add to the textures those that a GLB holds."""
        with self._files.timed("surface"):
            relief = self.worn(displacement)
            maps = {TILE: surface_maps(self._head, self._visibility, relief, self.frame, gloss)}
            del relief
            if self._outer is not None:
                maps[OUTER] = outer_surface_maps(self._outer, gloss[0, 0] / 255)
        for tile, of_tile in maps.items():
            for name, texels in of_tile.items():
                if name in self._options.what:
                    self._files.picture(name, name, texels, tile, bits=8, color_space="linear (non-colour data)")
        if self.textures is None:
            return
        held = embedded_maps(maps[TILE], len(self.textures.face))
        self.textures = replace(self.textures, orm=held["orm"], specular=held["specular"])
        if self._outer is not None:
            held = embedded_maps(maps[OUTER], len(self._outer.height))
            normals = np.asarray(encoded_normals(self._outer.normals, 8), np.uint8)
            self.textures = replace(
                self.textures, head_orm=held["orm"], head_specular=held["specular"], head_normal=normals
            )

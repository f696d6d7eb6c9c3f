"""Export of what the viewport shows: meshes and maps, complete and checked, or nothing at all.

Everything is written into a temporary folder, read back and compared, and only then moved to its place.
"""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.files.file_set import file_set
from rhytid.core.files.outputs import check_outputs
from rhytid.core.hair.wig import Worn
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.tension import tension_model
from rhytid.core.head.visibility import ambient_visibility
from rhytid.core.io.chart_frame import ChartFrame, chart_frame, coverage, pad_within, weighted
from rhytid.core.io.displacement_writing import scale_mm_for, write_displacement
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export_about import described, write_about
from rhytid.core.io.export_folder import check_room, failing_as_export
from rhytid.core.io.export_hair import write_hair
from rhytid.core.io.export_meshes import ExportedMesh, chosen_levels, write_base_mesh, write_displaced_mesh
from rhytid.core.io.export_options import (
    OUTER,
    SURFACE,
    TILE,
    Check,
    ExportedFile,
    ExportOptions,
    ExportReport,
    planned_files,
)
from rhytid.core.io.export_verify import checked, content_check, displacement_check, mesh_checks, picture_check
from rhytid.core.io.face_textures import EMBEDDED_SIDE, FaceTextures, face_textures
from rhytid.core.io.map_pixels import in_16_bits, write_png
from rhytid.core.io.outer_relief import OUTER_SIDE, OuterTile, outer_tile, ring_height
from rhytid.core.io.surface_export import embedded_maps, outer_surface_maps, surface_maps
from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.cavity import cavity, darkened
from rhytid.core.maps.flush import flushed
from rhytid.core.maps.normal_map import encoded_normals, normal_map
from rhytid.core.maps.skin_tile import border_slopes

MapsFor = Callable[[int], DetailMaps]
ColorFor = Callable[[int], SkinColors]


def posed_state(state: DocumentState, pose: str) -> DocumentState:
    """The state whose maps an export of `pose` needs: "neutral" takes all expression away."""
    if pose == "current":
        return state
    return replace(state, expression=(0.0,) * N_EXPRESSION, action_units=())


@dataclass(frozen=True)
class ShownFace:
    """What the viewport shows of a face: all that an export writes.

    Attributes
    ----------
    state : DocumentState
        What `vertices` and the maps are made from.
    head : Head
    vertices, rest : float32 (V, 3)
        Current shape and the same identity without expression, mm.
    maps_for : callable
        Detail maps at a resolution, for ``posed_state(state, options.pose)``; called at most once.
    color_for : callable
        Skin colour at a resolution; called at most once.
    hair_for : callable
        The hair that it wears, by kind.
    """

    state: DocumentState
    head: Head
    vertices: Float32
    rest: Float32
    maps_for: MapsFor
    color_for: ColorFor
    hair_for: Callable[[], dict[str, Worn]] = dict


def export(
    face: ShownFace,
    outdir: Path | str,
    options: ExportOptions | None = None,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> ExportReport:
    """Write the chosen files into `outdir`.

    Parameters
    ----------
    face : ShownFace
    outdir : path
        Made if it does not exist. Files of the same names are replaced if an export wrote them and nobody changed
        them since, or if the options say so.
    progress : callable, optional
        Gets the share that is done, 0..1.
    cancel : callable, optional
        Polled between steps; when it says True, nothing is written and `Cancelled` comes out.

    Raises
    ------
    ExportError
        The folder cannot be written, the disk is full, files stand in the way, or a file did not read back as it
        should. The folder is as it was.
    Cancelled
        `cancel` said True.
    """
    options = options or ExportOptions()
    outdir = Path(outdir)
    started = time.perf_counter()
    with failing_as_export(outdir), file_set(outdir) as files:
        check_room(outdir, options)
        check_outputs((outdir / name for name in planned_files(options)), options.overwrite)
        work = _Export(face, options, files.folder, Control(cancel, progress))
        work.run()
        checks = work.verified()
        report = ExportReport(outdir, tuple(work.files), checks, time.perf_counter() - started, work.timings_s)
        about = write_about(files.folder, report, options, face.state, face.head)
        work.control(1.0)
        report = replace(report, files=report.files + about)
        files.put((file.name for file in report.files), options.overwrite)
    return report


class _Export:
    """The steps of one export and what they share.

    Every file is read back and compared as soon as it is written, so that nothing is kept that is written.
    """

    def __init__(self, face: ShownFace, options: ExportOptions, folder: Path, control: Control) -> None:
        self.face, self.options = face, options
        self.state, self.head, self.rest = face.state, face.head, face.rest
        self.vertices = face.vertices if options.pose == "current" else face.rest
        self.folder, self.control = folder, control
        self.ring: npt.NDArray[np.float16] = np.zeros((1, 1), np.float16)  # of the relief outside the chart, mm
        self.outer: OuterTile | None = None
        self.visibility: Float32 = np.ones(len(face.vertices), np.float32)  # of the surroundings, where it is needed
        self.files: list[ExportedFile] = []
        self.timings_s: dict[str, float] = {}
        self.checks: list[Check] = []
        # Before any work: what cannot be made is refused at once.
        self.levels = chosen_levels(face.head, self.vertices, options) if "displaced_mesh" in options.what else 0

    def run(self) -> None:
        what, side = self.options.what, self.options.resolution
        self.control(0.0)
        displacement: Float32 | None = None
        if what - {"albedo", "hair"} or ("albedo" in what and self._wrinkles_are_darker()):
            displacement = self._from_pipeline()
        self.control(0.35)
        frame = chart_frame(self.head, self.vertices)
        if displacement is not None and what - {"line_map", "distance_field", "hair"}:
            self._outside(displacement, frame)
        if displacement is not None and what & {"displacement", "normal_map"}:
            self._relief(displacement, frame)
        self.control(0.65)
        textures, gloss = None, None
        if what & {"albedo", "base_mesh", "displaced_mesh", "roughness"}:
            with self._timed("albedo"):
                colors = self.face.color_for(side)
                gloss = colors.gloss
            if what & {"albedo", "base_mesh", "displaced_mesh"}:
                textures = self._albedo(colors, displacement, frame)
            del colors
        self.control(0.7)
        if displacement is not None and (textures is not None or what & set(SURFACE)):
            shine = procedural_gloss(side) if gloss is None else gloss
            textures = self._surface(displacement, frame, shine, textures)
        if displacement is not None and what & {"base_mesh", "displaced_mesh"}:
            assert textures is not None
            self._meshes(displacement, frame, textures)
        if "hair" in what:
            self._hair()
        self.control(0.97)

    def _outside(self, displacement: Float32, frame: ChartFrame) -> None:
        """Make the relief that goes on outside the chart."""
        with self._timed("outside"):
            slopes = border_slopes(displacement)
            self.ring = ring_height(self.head, frame, slopes, len(displacement))
            if self.options.what & {"occlusion", "base_mesh", "displaced_mesh"}:
                normals = vertex_normals(self.vertices, self.head.triangles)
                self.visibility = ambient_visibility(self.vertices, normals, self.head.triangles)
            side = min(len(displacement), OUTER_SIDE)
            self.outer = outer_tile(self.head, self.vertices, slopes, self.visibility, side)

    def _worn(self, displacement: Float32, frame: ChartFrame) -> Float32:
        """Displacement of the chart as the skin wears it, mm: with the relief that goes on outside."""
        relief = weighted(displacement, frame)
        relief += self.ring
        return relief

    def _albedo(self, colors: SkinColors, displacement: Float32 | None, frame: ChartFrame) -> FaceTextures:
        with self._timed("albedo"):
            if displacement is not None and any(colors.darkening):
                depth = weighted(cavity(displacement), frame)
                depth += np.minimum(self.ring, 0)
                colors = colors._replace(chart=darkened(colors.chart, depth, colors.darkening))
                del depth
            model = tension_model(self.head)
            tension = weighted(model.chart_map(model.per_vertex(self.rest, self.vertices)), frame)
            colors = colors._replace(chart=flushed(colors.chart, tension))
            inner = self.state.iris, min(self.options.resolution, EMBEDDED_SIDE), self.state.enamel.tint
            textures = face_textures(self.head, colors, *inner)
            if self.outer is not None:
                depth = np.minimum(self.outer.height, 0)
                textures.tiles[OUTER] = darkened(textures.tiles[OUTER], depth, colors.darkening)
        if "albedo" in self.options.what:
            self._picture("albedo", "albedo", colors.chart, color_space="sRGB")
            for tile, texels in textures.tiles.items():
                self._picture("albedo", "albedo", texels, tile, color_space="sRGB")
        return textures

    def _wrinkles_are_darker(self) -> bool:
        return self.state.albedo is None or any(self.state.albedo.darkening)

    def _from_pipeline(self) -> Float32:
        """Write what is exported as the pipeline makes it; gives the displacement, the only map needed further."""
        what, side = self.options.what, self.options.resolution
        with self._timed("maps"):
            maps = self.face.maps_for(side)
        if maps.resolution != side:
            raise ValueError(f"the maps are {maps.resolution} texels wide, not {side}")
        if "line_map" in what:
            picture = maps.line_map.astype(np.uint8) * np.uint8(255)
            self._picture("line_map", "lines", picture, bits=8, values="255 = line")
        if "distance_field" in what:
            with self._timed("distance_field"):
                picture = in_16_bits(maps.distance_field)
            self._picture(
                "distance_field", "distance", picture, bits=16,
                units="distance to the nearest line / 5 % of the map's width, white = that or more",
            )  # fmt: skip
        return maps.displacement

    def _relief(self, displacement: Float32, frame: ChartFrame) -> None:
        options = self.options
        with self._timed("displacement"):
            covered = coverage(self.head, len(displacement))
            displacement = self._worn(displacement, frame)
            pad_within(displacement, covered, options.padding_px, 0.0)
        if "displacement" in options.what:
            tiles = {TILE: displacement} | ({} if self.outer is None else {OUTER: self.outer.height})
            scale_mm = scale_mm_for(max(float(np.abs(one).max()) for one in tiles.values()))
            for tile, relief in tiles.items():
                self._displacement(relief, tile, scale_mm)
        self.control(0.5)
        if "normal_map" in options.what:
            with self._timed("normal_map"):
                normals = normal_map(displacement, frame.metric, options.green, options.normal_bits)
                half = 1 << (options.normal_bits - 1)
                pad_within(normals, covered, options.padding_px, (half, half, 2 * half - 1))
            self._normals(normals, TILE)
            if self.outer is not None:
                up = (1, 1 if options.green == "opengl" else -1, 1)
                normals = encoded_normals(self.outer.normals * np.array(up, np.float32), options.normal_bits)
                self._normals(normals, OUTER)

    def _normals(self, texels: npt.NDArray[Any], tile: str) -> None:
        self._picture(
            "normal_map", "normal", texels, tile, green=self.options.green, bits=self.options.normal_bits,
            space="tangent, MikkTSpace", color_space="linear (non-colour data)",
        )  # fmt: skip

    def _surface(
        self, displacement: Float32, frame: ChartFrame, gloss: npt.NDArray[np.uint8], textures: FaceTextures | None
    ) -> FaceTextures | None:
        """Write the maps of the surface; gives the textures with those that a GLB holds."""
        with self._timed("surface"):
            maps = {TILE: surface_maps(self.head, self.visibility, self._worn(displacement, frame), frame, gloss)}
            if self.outer is not None:
                maps[OUTER] = outer_surface_maps(self.outer, gloss[0, 0] / 255)
        for tile, of_tile in maps.items():
            for name, texels in of_tile.items():
                if name in self.options.what:
                    self._picture(name, name, texels, tile, bits=8, color_space="linear (non-colour data)")
        if textures is None:
            return None
        held = embedded_maps(maps[TILE], len(textures.face))
        textures = replace(textures, orm=held["orm"], specular=held["specular"])
        if self.outer is None:
            return textures
        held = embedded_maps(maps[OUTER], len(self.outer.height))
        normals = np.asarray(encoded_normals(self.outer.normals, 8), np.uint8)
        return replace(textures, head_orm=held["orm"], head_specular=held["specular"], head_normal=normals)

    def _displacement(self, displacement: Float32, tile: str, scale_mm: float) -> None:
        with self._timed("displacement"):
            exr = write_displacement(self._path("displacement", ".exr", tile), displacement, self.options.exr_channels)
            self.control(0.42)
            png = write_displacement(self._path("displacement", ".png", tile), displacement, scale_mm=scale_mm)
        sidecar = json.loads(png[1].read_text("utf-8"))
        common = {
            "resolution": len(displacement),
            "units": "mm",
            "direction": "smooth normal, outward positive",
        }
        common |= {"min_mm": sidecar["min_mm"], "max_mm": sidecar["max_mm"], "color_space": "linear"}
        self._add(
            exr, "displacement", **common, bits=32, mid=0.0, scale_mm=1.0, channels=self.options.exr_channels
        )
        self._add(png, "displacement", **common, bits=16, mid=sidecar["mid"], scale_mm=sidecar["scale_mm"])
        # Half a step of 16 bits, with room for the rounding of float32; float files are exact.
        self._check(displacement_check, exr[0], displacement, 0.0)
        self._check(displacement_check, png[0], displacement, 0.51 * float(sidecar["scale_mm"]) / 65535)

    def _meshes(self, displacement: Float32, frame: ChartFrame, textures: FaceTextures) -> None:
        options = self.options
        if "displaced_mesh" in options.what:
            with self._timed("displaced_mesh"):
                mesh = write_displaced_mesh(
                    self.folder, self.head, self.vertices, displacement, self.levels, options, textures
                )
            self._mesh(mesh)
            del mesh
            self.control(0.85)
        if "base_mesh" in options.what:
            with self._timed("base_mesh"):
                weights = effective_expression(posed_state(self.state, options.pose)).tolist()
                relief = self._worn(displacement, frame)
                mesh = write_base_mesh(self.folder, self.head, self.rest, weights, relief, frame, options, textures)
            self._mesh(mesh)

    def _hair(self) -> None:
        with self._timed("hair"):
            worn = self.face.hair_for()
            if not worn:
                return
            weights = effective_expression(posed_state(self.state, self.options.pose)).tolist()
            hair = write_hair(self.folder, self.head, self.vertices, self.rest, weights, worn, self.options)
        self._mesh(hair)

    def _mesh(self, written: ExportedMesh) -> None:
        self._add(written.paths, written.kind, **written.details)
        self._check(mesh_checks, written.paths[0], written.mesh, written.target_names)

    def _picture(self, kind: str, label: str, texels: npt.NDArray[Any], tile: str = TILE, **details: Any) -> None:
        """Write a PNG and read it back."""
        path = self._path(label, ".png", tile)
        with self._timed(kind):
            write_png(path, texels)
        self._add([path], kind, resolution=len(texels), **details)
        self._check(picture_check, path, texels)

    def _check(self, check: Callable[..., list[Check]], path: Path, *meant: Any) -> None:
        if self.options.verify:
            with self._timed("verify"):
                self.checks += checked(check, path, *meant)

    def verified(self) -> tuple[Check, ...]:
        """All checks; those of files that are compared with nothing else are that they did not change.

        Raises
        ------
        ExportError
            One failed.
        """
        known = {check.file for check in self.checks}
        for file in self.files:
            if file.name not in known:
                self._check(content_check, self.folder / file.name, file.sha256)
        failed = [f"{check.file}: {check.what} ({check.found})" for check in self.checks if not check.passed]
        if failed:
            raise ExportError(errno.EIO, "the export did not read back as it was meant: " + "; ".join(failed))
        return tuple(self.checks)

    def _path(self, label: str, suffix: str, tile: str = TILE) -> Path:
        return self.folder / f"{self.options.name}_{label}.{tile}{suffix}"

    def _add(self, paths: list[Path], kind: str, **details: Any) -> None:
        self.files += [described(path, kind, details) for path in paths]

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.timings_s[step] = self.timings_s.get(step, 0.0) + time.perf_counter() - started

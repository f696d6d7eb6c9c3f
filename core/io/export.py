"""Export of what the viewport shows: meshes and maps, complete and checked, or nothing at all.

Everything is written into a temporary folder, read back and compared, and only then moved to its place.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.resolve import effective_expression
from rhytid.core.document.skin_color import skin_color
from rhytid.core.document.state import DocumentState
from rhytid.core.files.failures import WriteError, explained
from rhytid.core.files.file_set import file_set, is_hidden
from rhytid.core.files.outputs import check_outputs
from rhytid.core.head.head import Float32, Head
from rhytid.core.io.chart_frame import ChartFrame, chart_frame, coverage, pad_within, worn
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export_meshes import ExportedMesh, chosen_levels, write_base_mesh, write_displaced_mesh
from rhytid.core.io.export_options import (
    LISTING_NAME,
    README_NAME,
    TILE,
    Check,
    Expected,
    ExportedFile,
    ExportOptions,
    ExportReport,
    planned_files,
)
from rhytid.core.io.export_verify import verify_files
from rhytid.core.io.map_pixels import write_png
from rhytid.core.io.recipe import recipe_text
from rhytid.core.maps.normal_map import normal_map

MapsFor = Callable[[int], DetailMaps]
_BYTES_PER_TEXEL = {"displacement": 8, "normal_map": 6, "line_map": 1, "distance_field": 2, "albedo": 3}
_MESH_BYTES = 200 << 20


def posed_state(state: DocumentState, pose: str) -> DocumentState:
    """The state whose maps an export of `pose` needs: "neutral" takes all expression away."""
    if pose == "current":
        return state
    return replace(state, expression=(0.0,) * N_EXPRESSION, action_units=())


def export(
    state: DocumentState,
    head: Head,
    vertices: Float32,
    rest: Float32,
    maps_for: MapsFor,
    outdir: Path | str,
    options: ExportOptions | None = None,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> ExportReport:
    """Write the chosen files into `outdir`.

    Parameters
    ----------
    state : DocumentState
        What `vertices` and the maps were made from.
    vertices, rest : float32 (V, 3)
        Current shape and the same identity without expression, mm.
    maps_for : callable
        Detail maps at a resolution, for ``posed_state(state, options.pose)``; called at most once.
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
    with _failing_as_export(outdir), file_set(outdir) as files:
        _check_room(outdir, options)
        check_outputs((outdir / name for name in planned_files(options)), options.overwrite)
        work = _Export(state, head, vertices, rest, options, files.folder, Control(cancel, progress))
        work.run(maps_for)
        checks = work.verified() if options.verify else ()
        report = ExportReport(
            outdir, tuple(work.files), checks, time.perf_counter() - started, work.timings_s, work.expected
        )
        about = _write_about(files.folder, report, options, state, head)
        work.control(1.0)
        report = replace(report, files=report.files + about)
        files.put((file.name for file in report.files), options.overwrite)
    return report


def verify_export(report: ExportReport) -> tuple[Check, ...]:
    """Read the files of an export again, where they lie now, and compare them with what was meant."""
    return verify_files(report.folder, report.files, report.expected)


class _Export:
    """The steps of one export and what they share."""

    def __init__(
        self,
        state: DocumentState,
        head: Head,
        vertices: Float32,
        rest: Float32,
        options: ExportOptions,
        folder: Path,
        control: Control,
    ) -> None:
        self.state, self.head, self.options = state, head, options
        self.rest = rest
        self.vertices = vertices if options.pose == "current" else rest
        self.folder, self.control = folder, control
        self.files: list[ExportedFile] = []
        self.timings_s: dict[str, float] = {}
        self.expected = Expected()
        # Before any work: what cannot be made is refused at once.
        self.levels = chosen_levels(head, self.vertices, options) if "displaced_mesh" in options.what else 0

    def run(self, maps_for: MapsFor) -> None:
        what, side = self.options.what, self.options.resolution
        self.control(0.0)
        maps: DetailMaps | None = None
        if what - {"albedo"}:
            with self._timed("maps"):
                maps = maps_for(side)
            if maps.resolution != side:
                raise ValueError(f"the maps are {maps.resolution} texels wide, not {side}")
        self.control(0.35)
        frame = chart_frame(self.head, self.vertices)
        covered = coverage(self.head, side) if what & {"displacement", "normal_map"} else None
        texture = None
        if what & {"albedo", "base_mesh", "displaced_mesh"}:
            with self._timed("albedo"):
                texture = skin_color(self.state, side)
        if maps is not None:
            self._maps(maps, frame, covered)
            self.control(0.7)
        if texture is not None and "albedo" in what:
            with self._timed("albedo"):
                path = self._path("albedo", ".png")
                write_png(path, texture)
                self._add([path], "albedo", resolution=side, color_space="sRGB")
        if maps is not None and what & {"base_mesh", "displaced_mesh"}:
            self._meshes(maps, frame, texture)
        self.control(0.85)

    def _maps(self, maps: DetailMaps, frame: ChartFrame, covered: npt.NDArray[np.bool_] | None) -> None:
        options, what, side = self.options, self.options.what, maps.resolution
        if covered is not None:
            with self._timed("displacement"):
                displacement = worn(maps.displacement, frame)
                pad_within(displacement, covered, options.padding_px, 0.0)
            if "displacement" in what:
                self._displacement(displacement)
            self.control(0.5)
            if "normal_map" in what:
                with self._timed("normal_map"):
                    normals = normal_map(displacement, frame.metric, options.green, options.normal_bits)
                    half = 1 << (options.normal_bits - 1)
                    pad_within(normals, covered, options.padding_px, (half, half, 2 * half - 1))
                    path = self._path("normal", ".png")
                    write_png(path, normals)
                self._add(
                    [path], "normal_map", resolution=side, green=options.green, bits=options.normal_bits,
                    space="tangent, MikkTSpace", color_space="linear (non-colour data)",
                )  # fmt: skip
                self.expected = replace(self.expected, normals=normals)
        if "line_map" in what:
            path = self._path("lines", ".png")
            write_png(path, maps.line_map.astype(np.uint8) * np.uint8(255))
            self._add([path], "line_map", resolution=side, bits=8, values="255 = line")
            self.expected = replace(self.expected, line_map=maps.line_map)
        if "distance_field" in what:
            with self._timed("distance_field"):
                path = self._path("distance", ".png")
                write_png(path, np.rint(maps.distance_field * np.float32(65535)).astype(np.uint16))
            self._add(
                [path], "distance_field", resolution=side, bits=16,
                units="distance to the nearest line / 5 % of the map's width, white = that or more",
            )  # fmt: skip

    def _displacement(self, displacement: Float32) -> None:
        with self._timed("displacement"):
            exr = write_displacement(
                self._path("displacement", ".exr"), displacement, self.options.exr_channels
            )
            self.control(0.42)
            png = write_displacement(self._path("displacement", ".png"), displacement)
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
        self.expected = replace(self.expected, displacement=displacement)

    def _meshes(self, maps: DetailMaps, frame: ChartFrame, texture: npt.NDArray[np.uint8] | None) -> None:
        options = self.options
        meshes: list[ExportedMesh] = []
        if "displaced_mesh" in options.what:
            with self._timed("displaced_mesh"):
                albedo = self._path("albedo", ".png") if "albedo" in options.what else None
                mesh = write_displaced_mesh(
                    self.folder, self.head, self.vertices, maps.displacement, self.levels, options, texture, albedo
                )
            self.expected = replace(self.expected, displaced=mesh.mesh)
            meshes.append(mesh)
            self.control(0.78)
        if "base_mesh" in options.what:
            with self._timed("base_mesh"):
                weights = effective_expression(posed_state(self.state, options.pose)).tolist()
                mesh = write_base_mesh(
                    self.folder, self.head, self.rest, weights, maps.displacement, frame, options, texture
                )
            self.expected = replace(self.expected, base=mesh.mesh, target_names=mesh.target_names)
            meshes.append(mesh)
        for mesh in meshes:
            self._add(mesh.paths, mesh.kind, **mesh.details)

    def verified(self) -> tuple[Check, ...]:
        with self._timed("verify"):
            checks = verify_files(self.folder, self.files, self.expected)
        failed = [f"{check.file}: {check.what} ({check.found})" for check in checks if not check.passed]
        if failed:
            raise ExportError(errno.EIO, "the export did not read back as it was meant: " + "; ".join(failed))
        self.control(0.97)
        return checks

    def _name(self, label: str, suffix: str) -> str:
        return f"{self.options.name}_{label}.{TILE}{suffix}"

    def _path(self, label: str, suffix: str) -> Path:
        return self.folder / self._name(label, suffix)

    def _add(self, paths: list[Path], kind: str, **details: Any) -> None:
        self.files += [_described(path, kind, details) for path in paths]

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.timings_s[step] = self.timings_s.get(step, 0.0) + time.perf_counter() - started


def _described(path: Path, kind: str, details: dict[str, Any]) -> ExportedFile:
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 22):
            digest.update(block)
    return ExportedFile(path.name, kind, path.stat().st_size, digest.hexdigest(), details)


def _check_room(outdir: Path, options: ExportOptions) -> None:
    home = next(folder for folder in (outdir, *outdir.parents) if folder.is_dir())
    needed = options.resolution**2 * sum(_BYTES_PER_TEXEL.get(what, 0) for what in options.what) + _MESH_BYTES
    free = shutil.disk_usage(home).free
    if free < needed:
        raise ExportError(
            errno.ENOSPC,
            f"{outdir}: the export may need {needed >> 20} MB, but only {free >> 20} MB are free; "
            "make room or lower the resolution",
        )


@contextmanager
def _failing_as_export(outdir: Path) -> Iterator[None]:
    """Every failure of the disk is about the export's folder, not about the hidden one in it."""
    whole = outdir / "the export"
    try:
        yield
    except ExportError:
        raise
    except OSError as error:
        if error.filename is not None and not is_hidden(str(error.filename)):
            raise  # a file that the export reads
        told = error if isinstance(error, WriteError) and not is_hidden(error.message) else explained(error, whole)
        raise ExportError(told.errno or errno.EIO, str(told)) from error


def _write_about(
    folder: Path, report: ExportReport, options: ExportOptions, state: DocumentState, head: Head
) -> tuple[ExportedFile, ...]:
    content = {
        "format": "rhytid-export",
        "version": 1,
        "head": {"name": head.name, "digest": head.digest},
        "pose": options.pose,
        "age": state.age,
        "seed": state.settings.seed,
        "units": {"obj": "mm", "ply": "mm", "glb": "m", "displacement": "mm"},
        "axes": "Y up, facing +Z, right-handed",
        "texture_coordinates": "UDIM, origin bottom left; tile 1001 is the chart, in which all maps lie",
        "files": [
            {"name": f.name, "kind": f.kind, "bytes": f.n_bytes, "sha256": f.sha256, **f.details}
            for f in report.files
        ],
        "checks": [
            {"file": c.file, "what": c.what, "passed": c.passed, "found": c.found} for c in report.checks
        ],
    }
    readme, listing = folder / README_NAME, folder / LISTING_NAME
    readme.write_text(recipe_text(report, options), "utf-8")
    listing.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return tuple(_described(path, "about", {}) for path in (readme, listing))

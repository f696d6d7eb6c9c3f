"""Export of what the viewport shows: meshes and maps, complete and checked, or nothing at all.

Everything is written into a temporary folder, read back and compared, and only then moved to its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rhytid.core.detail.engine import Control
from rhytid.core.document.expression import effective_expression
from rhytid.core.files.file_set import file_set
from rhytid.core.files.outputs import check_outputs
from rhytid.core.head.head import Float32
from rhytid.core.head.tongue_room import within_room
from rhytid.core.io.export_about import write_about
from rhytid.core.io.export_base import base_face, check_formats, write_base
from rhytid.core.io.export_files import ExportFiles
from rhytid.core.io.export_folder import check_room, failing_as_export
from rhytid.core.io.export_hair import write_hair
from rhytid.core.io.export_meshes import write_base_obj, write_displaced_mesh
from rhytid.core.io.export_options import BASE_FORMATS, ExportOptions, ExportReport
from rhytid.core.io.export_other_parts import posed_parts
from rhytid.core.io.export_shapes import write_shape_objs
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.map_export import MapExport
from rhytid.core.io.mesh_density import chosen_levels
from rhytid.core.io.own_layout_export import OwnLayoutMeshes
from rhytid.core.io.own_layout_files import OwnLayoutFiles
from rhytid.core.io.own_layout_outside import OwnOutside
from rhytid.core.io.planned_export import layout_of, planned_for
from rhytid.core.io.shown_face import ShownFace, posed_state


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
    MapError
        The layout is to be the head's own, and parts of the face lie upon each other in it.
    Cancelled
        `cancel` said True.
    """
    options = options or ExportOptions()
    outdir = Path(outdir)
    started = time.perf_counter()
    with failing_as_export(outdir), file_set(outdir) as files:
        check_room(outdir, options)
        layout = None if options.layout == "chart" else layout_of(face.head)
        planned = planned_for(face.head, options, layout)
        check_outputs((outdir / name for name in planned), options.overwrite)
        tiles = () if layout is None else tuple(str(tile) for tile in layout.skin_tiles)
        remarks = () if layout is None else tuple(filter(None, (layout.check(),)))
        control = Control(cancel, progress)
        written = ExportFiles(files.folder, options)
        _write(face, options, layout, written, control)
        checks = written.verified()
        elapsed_s = time.perf_counter() - started
        report = ExportReport(outdir, tuple(written.listed), checks, elapsed_s, written.timings_s, remarks, tiles)
        about = write_about(files.folder, report, options, face.state, face.head)
        control(1.0)
        report = replace(report, files=report.files + about)
        files.put((file.name for file in report.files), options.overwrite)
    return report


def _write(
    face: ShownFace, options: ExportOptions, layout: OwnLayout | None, files: ExportFiles, control: Control
) -> None:
    """The steps of one export."""
    vertices = face.vertices if options.pose == "current" else face.rest
    # Before any work: what cannot be made is refused at once.
    check_formats(options)
    levels = chosen_levels(face.head, vertices, options) if "displaced_mesh" in options.what else 0
    control(0.0)
    outside = None if layout is None else OwnOutside(layout, vertices, _wears_own_color(face))
    maps_of = files if layout is None or outside is None else OwnLayoutFiles(files, layout, vertices, outside)
    maps = MapExport(face, vertices, options, maps_of, control)
    maps.write()
    if layout is not None and outside is not None:
        _own_meshes(face, vertices, levels, OwnLayoutMeshes(layout, maps, outside, options, files), options, control)
    elif "displaced_mesh" in options.what:
        _displaced_mesh(face, vertices, levels, options, maps, files)
        control(0.85)
    if layout is None and "base_mesh" in options.what:
        _base_mesh(face, options, maps, files, control.cancel)
    if "hair" in options.what:
        _hair(face, vertices, options, files)
    control(0.97)


def _wears_own_color(face: ShownFace) -> bool:
    return face.state.albedo is not None and face.state.albedo.head == face.head.digest


def _weights(face: ShownFace, options: ExportOptions) -> list[float]:
    """Weights of the 52 expressions as the viewport wears them."""
    return within_room(effective_expression(posed_state(face.state, options.pose)), face.head).tolist()


def _own_meshes(
    face: ShownFace, vertices: Float32, levels: int, meshes: OwnLayoutMeshes, options: ExportOptions, control: Control
) -> None:
    weights = _weights(face, options)
    if "displaced_mesh" in options.what:
        meshes.write_displaced(vertices, levels, weights)
        control(0.85)
    if "base_mesh" in options.what:
        motion = face.motion_for() if options.pose == "current" else None
        meshes.write_base(face.rest, weights, motion, control.cancel)


def _displaced_mesh(
    face: ShownFace, vertices: Float32, levels: int, options: ExportOptions, maps: MapExport, files: ExportFiles
) -> None:
    assert maps.displacement is not None
    assert maps.textures is not None
    with files.timed("displaced_mesh"):
        others = posed_parts(face.head.other_parts, _weights(face, options))
        mesh = write_displaced_mesh(
            files.folder, face.head, vertices, maps.displacement, levels, options, maps.textures, others
        )
    files.mesh(mesh)


def _base_mesh(
    face: ShownFace, options: ExportOptions, maps: MapExport, files: ExportFiles, cancel: Callable[[], bool] | None
) -> None:
    assert maps.displacement is not None
    assert maps.textures is not None
    if "obj" in options.base_formats:
        with files.timed("base_mesh"):
            mesh = write_base_obj(files.folder, face.head, face.rest, options, maps.textures)
        files.mesh(mesh)
        if options.shapes_obj:
            files.meshes(write_shape_objs(files.folder, face.head, face.rest, mesh.mesh, options), cancel)
    others = [kind for kind in BASE_FORMATS if kind in options.base_formats and kind != "obj"]
    if not others:
        return
    with files.timed("base_mesh"):
        weights = _weights(face, options)
        relief = maps.worn(maps.displacement)
        motion = face.motion_for() if options.pose == "current" else None
        base = base_face(
            face.head, face.rest, weights, relief, maps.frame, options, maps.textures, motion
        )
    for kind in others:
        with files.timed(f"base_mesh {kind}"):
            mesh = write_base(files.folder, base, kind, options, cancel)
        files.mesh(mesh)


def _hair(face: ShownFace, vertices: Float32, options: ExportOptions, files: ExportFiles) -> None:
    with files.timed("hair"):
        worn = face.hair_for()
        if not worn:
            return
        weights = _weights(face, options)
        hair = write_hair(files.folder, face.head, vertices, face.rest, weights, worn, options)
    files.mesh(hair)

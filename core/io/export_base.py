"""The base mesh of an export with its shapes, as GLB, USD, FBX and Alembic; `export_meshes` writes it as OBJ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.blender_bridge import find_blender
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.base_pictures import drawn_pictures
from rhytid.core.io.blender_writing import BLENDER_SUFFIXES, write_by_blender
from rhytid.core.io.chart_frame import ChartFrame, coverage, pad_within
from rhytid.core.io.export_meshes import (
    ExportedMesh,
    base_mesh,
    encoded_png,
    morph_targets,
    primitives,
)
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.export_other_parts import all_vertices, obj_look, with_part_shapes, with_parts, write_part_pictures
from rhytid.core.io.face_textures import EMBEDDED_SIDE, FaceTextures
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, write_glb
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.io.outer_relief import HEAD
from rhytid.core.io.usd_file import NO_USD, USD_SUFFIXES, NoUsdError, why_no_usd
from rhytid.core.io.usd_scene import UsdFace
from rhytid.core.io.usd_writing import write_usd_mesh
from rhytid.core.maps.normal_map import normal_map
from rhytid.core.maps.resample import resample


@dataclass(frozen=True, eq=False)
class BaseFace:
    """The base mesh and all that goes with it.

    Attributes
    ----------
    mesh : MeshData
        The identity at its age without expression.
    parts : list of GltfPrimitive
        A material for each of ``mesh.material_names``, with pictures of at most 2048 texels.
    targets : list of MorphTarget
    weights : list of float
        Of the targets, in the pose. Those of age add to the face's own age and are 0.
    motion : MorphMotion or None
        Weights over time.
    others : tuple of OtherPart
        What the head's file holds beside it.
    """

    mesh: MeshData
    parts: list[GltfPrimitive]
    targets: list[MorphTarget]
    weights: list[float]
    motion: MorphMotion | None
    others: tuple[OtherPart, ...] = ()

    @property
    def materials(self) -> list[GltfMaterial]:
        return [part.material for part in self.parts]


def check_formats(options: ExportOptions) -> None:
    """Raises `NoUsdError` or `NoBlenderError` where this machine lacks what a chosen format of a mesh needs."""
    suffixes = {f".{kind}" for kind in options.base_formats} if "base_mesh" in options.what else set()
    if options.what & {"displaced_mesh", "hair"}:
        suffixes.add(f".{options.mesh_format}")
    if suffixes & set(USD_SUFFIXES) and why_no_usd():
        raise NoUsdError(NO_USD)
    if suffixes & set(BLENDER_SUFFIXES):
        find_blender()


def base_face(
    head: Head,
    rest: Float32,
    weights: Sequence[float],
    relief: Float32,
    frame: ChartFrame,
    options: ExportOptions,
    textures: FaceTextures,
    motion: MorphMotion | None = None,
) -> BaseFace:
    """The base mesh of a face.

    Parameters
    ----------
    head : Head
    rest : float32 (V, 3)
        The identity at its age without expression, mm.
    weights : sequence of float
        Those of the 52 expressions in the pose.
    relief : float32 (H, H)
        Displacement that the skin wears, mm.
    frame : ChartFrame
    options : ExportOptions
    textures : FaceTextures
    motion : MorphMotion, optional
        Of expressions and ages.
    """
    mesh = base_mesh(head, rest)
    assert mesh.normals is not None
    targets = morph_targets(head, rest, mesh.normals)
    parts = primitives(mesh, textures, _normal_png(head, relief, frame, options))
    if textures.head_normal is not None:
        material = replace(parts[HEAD].material, normal_png=encoded_png(textures.head_normal))
        parts[HEAD] = replace(parts[HEAD], material=material)
    return BaseFace(mesh, parts, targets, [*weights, *(0.0 for _ in head.ageing_names)], motion, head.other_parts)


def write_base(
    folder: Path,
    base: BaseFace,
    kind: str,
    options: ExportOptions,
    cancel: Callable[[], bool] | None = None,
) -> ExportedMesh:
    """Write the base mesh as one of `BASE_FORMATS` other than OBJ.

    USD and FBX name the maps that are exported with them, which must be there, and pictures that are written beside
    the file for those that are not.
    """
    path, placing = folder / f"{options.name}_base.{kind}", options.placing(kind)
    details: dict[str, Any] = {
        "vertices": len(base.mesh.vertices),
        "faces": len(base.mesh.faces),
        "morph_targets": len(base.targets),
        **placing.details(all_vertices(base.mesh, base.others)),
        "texture_size": min(options.resolution, EMBEDDED_SIDE),
    }
    if base.motion is not None:
        details |= {"fps": base.motion.fps, "seconds": float(base.motion.times_s[-1]), "keys": len(base.motion.times_s)}
    if kind == "glb":
        details["normal_map"] = "embedded, OpenGL green"
        extras = {"displacement_units": "mm", "mesh_units": "m", "age_and_expression": options.pose}
        details["other_parts"] = [part.name for part in base.others]
        paths = write_glb(
            path, base.mesh, base.parts, base.targets, base.weights, extras=extras, motion=base.motion,
            others=base.others,
        )  # fmt: skip
    elif path.suffix in USD_SUFFIXES:
        details["subdivision"] = "Catmull-Clark"
        details["other_parts"] = [part.name for part in base.others]
        paths = _write_usd(path, base, options)
    else:
        details["other_parts"] = [part.name for part in base.others]
        paths = _write_by_blender(path, base, options, cancel)
    names = tuple(target.name for target in base.targets) if kind != "abc" else ()
    return ExportedMesh("base_mesh", paths, base.mesh, details, names, placing)


def _write_by_blender(
    path: Path, base: BaseFace, options: ExportOptions, cancel: Callable[[], bool] | None
) -> list[Path]:
    """Body, hair and clothes are of one mesh with the head, in materials of their own."""
    named, made = drawn_pictures(path.parent, base.materials, options) if path.suffix == ".fbx" else ({}, [])
    mesh, targets, materials = with_parts(base.mesh, base.others), base.targets, base.materials
    if base.others:
        targets, look = with_part_shapes(targets, base.others), obj_look(base.others, mesh, options.name)
        materials = materials + [GltfMaterial(name, (*color, 1.0)) for name, color in look.colors.items()]
        if path.suffix == ".fbx":
            for kind, files in (("albedo", look.pictures), ("normal", look.normals)):
                for name, file in files.items():
                    named[name] = {**named.get(name, {}), kind: file}
            made = made + write_part_pictures(path.parent, base.others, options.name, with_normals=True)
    per_mm = options.placing(path.suffix[1:]).per_mm
    written = write_by_blender(path, mesh, materials, named, targets, base.weights, base.motion, per_mm, cancel)
    return written + made


def _write_usd(path: Path, base: BaseFace, options: ExportOptions) -> list[Path]:
    notes = {"displacement_units": "mm", "age_and_expression": options.pose}
    scene = UsdFace(base.mesh, (), base.targets, base.weights, base.motion, notes=notes)
    return write_usd_mesh(path, scene, base.materials, options, base.others)


def _normal_png(head: Head, relief: Float32, frame: ChartFrame, options: ExportOptions) -> bytes:
    """The normal map of a mesh's own pictures: always OpenGL green and 8 bits, whatever the separate map is."""
    side = min(options.resolution, EMBEDDED_SIDE)
    small = np.array(resample(relief, side))
    covered = coverage(head, side)
    pad_within(small, covered, options.padding_px, 0.0)
    normals = normal_map(small, frame.turn, "opengl", 8)
    pad_within(normals, covered, options.padding_px, (128, 128, 255))
    return encoded_png(normals)

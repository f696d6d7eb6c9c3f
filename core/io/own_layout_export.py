"""The meshes of an export in the head's own layout, as GLB, OBJ and packages of USD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rhytid.core.files.writing import replacing
from rhytid.core.head.head import Float32
from rhytid.core.head.subdivide import surface_faces
from rhytid.core.io.displaced_mesh import displaced_mesh
from rhytid.core.io.export_base import BaseFace, write_base
from rhytid.core.io.export_files import ExportFiles
from rhytid.core.io.export_meshes import ExportedMesh, encoded_png, morph_targets
from rhytid.core.io.export_options import BASE_FORMATS, ExportOptions
from rhytid.core.io.export_other_parts import obj_look, posed_parts, with_parts, write_part_pictures
from rhytid.core.io.export_shapes import write_shape_objs
from rhytid.core.io.gltf_file import write_glb
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.map_export import MapExport
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.io.obj_file import plain_name, write_obj
from rhytid.core.io.own_layout_mesh import (
    EYE_TILE,
    OwnMaterials,
    PlainPictures,
    at_side,
    own_base_mesh,
    own_materials,
    own_primitives,
    own_uv,
    plain_pictures,
)
from rhytid.core.io.own_layout_outside import OwnOutside
from rhytid.core.io.ply_file import write_ply
from rhytid.core.io.relief_kept import relief_kept
from rhytid.core.io.usd_file import USD_SUFFIXES
from rhytid.core.io.usd_scene import UsdFace
from rhytid.core.io.usd_writing import write_usd_mesh


class OwnLayoutMeshes:
    """Writes the meshes of one export.

    Parameters
    ----------
    layout : OwnLayout
    maps : MapExport
        Done.
    outside : OwnOutside
        What the skin outside the chart has.
    options : ExportOptions
    files : ExportFiles
    """

    def __init__(
        self, layout: OwnLayout, maps: MapExport, outside: OwnOutside, options: ExportOptions, files: ExportFiles
    ) -> None:
        self._layout, self._head, self._options, self._files = layout, layout.head, options, files
        self._maps, self._outside, self._materials = maps, outside, own_materials(layout)

    def write_base(
        self, rest: Float32, weights: Sequence[float], motion: MorphMotion | None,
        cancel: Callable[[], bool] | None,
    ) -> None:  # fmt: skip
        """Write the base mesh in every format that the options name; `rest` (V, 3) in mm, `weights` (52,)."""
        head, maps = self._head, self._maps
        assert maps.displacement is not None
        assert maps.textures is not None
        with self._files.timed("base_mesh"):
            mesh = own_base_mesh(self._layout, self._materials, rest)
            assert mesh.normals is not None
            relief = at_side(maps.worn(maps.displacement), len(maps.textures.face))
            parts = own_primitives(
                mesh, self._layout, self._materials, maps.textures, relief, maps.frame.turn, rest, self._outside
            )
            targets = morph_targets(head, rest, mesh.normals)
            every = [*weights, *(0.0 for _ in head.ageing_names)]
            base = BaseFace(mesh, parts, targets, every, motion, head.other_parts)
        for kind in BASE_FORMATS:
            if kind in self._options.base_formats:
                with self._files.timed("base_mesh"):
                    is_obj = kind == "obj"
                    written = (
                        self._obj("base_mesh", "base", with_parts(mesh, head.other_parts))
                        if is_obj
                        else write_base(self._files.folder, base, kind, self._options, cancel)
                    )
                self._files.mesh(written)
                if is_obj and self._options.shapes_obj:
                    shapes = write_shape_objs(self._files.folder, head, rest, written.mesh, self._options)
                    self._files.meshes(shapes, cancel)

    def write_displaced(self, vertices: Float32, levels: int, expression: Sequence[float]) -> None:
        """Write the displaced mesh of a shape, (V, 3) in mm, with the other parts in its pose, weights (52,)."""
        head, maps, options = self._head, self._maps, self._options
        assert maps.displacement is not None
        assert maps.textures is not None
        with self._files.timed("displaced_mesh"):
            finer = displaced_mesh(head, vertices, maps.displacement, levels, uv=own_uv(head))
            of_face = self._materials.of_face
            surface = surface_faces(head)
            of_face = np.concatenate([of_face[surface][finer.parent], of_face[~surface]]).astype(np.int32)
            mesh = finer.mesh
            mesh = replace(mesh, material=of_face, material_names=self._materials.names)
            others = posed_parts(head.other_parts, expression)
            kept = round(relief_kept(head, vertices, maps.displacement, levels), 3)
            if options.mesh_format == "obj":
                joined = with_parts(mesh, others)
                written = self._obj("displaced_mesh", "displaced", joined, levels=levels, slopes_kept=kept)
            else:
                path = self._files.folder / f"{options.name}_displaced.{options.mesh_format}"
                placing = options.placing(options.mesh_format)
                if options.mesh_format == "ply":
                    paths = write_ply(path, mesh, f"Rhytid: displaced mesh of head {head.name}", placing)
                else:
                    parts = own_primitives(
                        mesh, self._layout, self._materials, maps.textures, None, maps.frame.turn, vertices,
                        self._outside,
                    )  # fmt: skip
                    if path.suffix in USD_SUFFIXES:
                        materials = [part.material for part in parts]
                        scene = UsdFace(mesh, (), subdivided=False)
                        paths = write_usd_mesh(path, scene, materials, options, others)
                    else:
                        paths = write_glb(path, mesh, parts, others=others)
                details = {"vertices": len(mesh.vertices), "faces": len(mesh.faces), "levels": levels,
                           "slopes_kept": kept,
                           "units": placing.unit, "up_axis": placing.up.upper()}  # fmt: skip
                written = ExportedMesh("displaced_mesh", paths, mesh, details, placing=placing)
        self._files.mesh(written)

    def _obj(self, kind: str, label: str, mesh: MeshData, **details: float) -> ExportedMesh:
        options, folder = self._options, self._files.folder
        placing, path = options.placing("obj"), folder / f"{options.name}_{label}.obj"
        look = obj_look(self._head.other_parts, mesh, options.name)
        written: list[Path] = []
        shown = {**_named(self._materials, options, "albedo"), **look.pictures}
        if "albedo" in options.what:
            plain = plain_pictures(self._materials, options.name)
            shown = plain.of_material | shown
            written = self._plain(plain)
        colors = {one.name: one.kept.color[:3] for one in self._materials.materials if one.kept is not None}
        rough = _named(self._materials, options, "roughness")
        comment = f"Rhytid: {label} mesh of head {self._head.name}, in its own layout"
        paths = write_obj(path, mesh, shown, comment, {**colors, **look.colors}, rough, placing)
        paths += written + write_part_pictures(folder, self._head.other_parts, options.name)
        told = {"vertices": len(mesh.vertices), "faces": len(mesh.faces), "units": placing.unit,
                "up_axis": placing.up.upper()}  # fmt: skip
        return ExportedMesh(kind, paths, mesh, told | details, placing=placing)


    def _plain(self, pictures: PlainPictures) -> list[Path]:
        """Write pictures of materials that nothing is baked for where they are not yet."""
        assert self._maps.textures is not None
        files = dict(pictures.kept)
        if pictures.eyes:
            files[pictures.eyes] = encoded_png(self._maps.textures.tiles[EYE_TILE])
        written = []
        for name, data in files.items():
            path = self._files.folder / name
            if not path.exists():
                with replacing(path) as temporary:
                    temporary.write_bytes(data)
                written.append(path)
        return written


def _named(materials: OwnMaterials, options: ExportOptions, label: str) -> dict[str, str]:
    """Map of each material that an OBJ can name."""
    if label not in options.what:
        return {}
    files = materials.file_of(options.name, label)
    return {name: file for name, file in files.items() if plain_name(file) == file}

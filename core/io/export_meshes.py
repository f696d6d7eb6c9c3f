"""The two meshes of an export: the displaced surface, and the base mesh with its parts, materials and targets."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.head.person_lids import PersonLids
from rhytid.core.io.chart_uv import export_uv
from rhytid.core.io.displaced_mesh import FACE, MATERIAL_NAMES, displaced_mesh, materials_of
from rhytid.core.io.errors import MapError
from rhytid.core.io.export_options import OUTER, TILE, ExportOptions
from rhytid.core.io.export_other_parts import all_vertices, obj_look, with_parts, write_part_pictures
from rhytid.core.io.face_textures import TILE_OF, FaceTextures
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, write_glb
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.mesh_density import faces_in_file
from rhytid.core.io.obj_file import plain_name, write_obj
from rhytid.core.io.outer_relief import HEAD
from rhytid.core.io.placing import Placing
from rhytid.core.io.ply_file import write_ply
from rhytid.core.io.relief_kept import relief_kept
from rhytid.core.io.usd_file import USD_SUFFIXES
from rhytid.core.io.usd_scene import UsdFace
from rhytid.core.io.usd_writing import write_usd_mesh
from rhytid.core.maps.albedo import MEAN_GLOSS
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.maps.surface_maps import F0, roughness

_COLORS: dict[str, tuple[float, float, float]] = {
    "eye_left": (0.75, 0.72, 0.70),
    "eye_right": (0.75, 0.72, 0.70),
    "teeth": (0.62, 0.53, 0.41),
    "mouth": (0.30, 0.085, 0.075),
}
_SKIN = (0, 1)  # materials
_DIELECTRIC = 0.04  # reflectance that glTF takes for granted
_SKIN_COLOR = (0.62, 0.37, 0.29)
_ROUGHNESS = {"head": float(roughness(MEAN_GLOSS)), "eye_left": 0.1, "eye_right": 0.1, "teeth": 0.3, "mouth": 0.3}


@dataclass(frozen=True, eq=False)
class ExportedMesh:
    """A mesh that was written and what there is to say about it."""

    kind: str
    paths: list[Path]
    mesh: MeshData
    details: Mapping[str, Any]
    target_names: tuple[str, ...] = field(default=())
    placing: Placing = field(default=Placing())


def write_displaced_mesh(
    folder: Path,
    head: Head,
    vertices: Float32,
    displacement: Float32,
    levels: int,
    options: ExportOptions,
    textures: FaceTextures,
    others: Sequence[OtherPart] = (),
) -> ExportedMesh:
    """Write the displaced mesh in the chosen format, but in a PLY with the `others` of the head in its pose.

    An OBJ shows the pictures of the albedo, which lie in the same folder. Where it cannot name them, copies under
    names without spaces lie beside them.
    """
    mesh = displaced_mesh(head, vertices, displacement, levels).mesh
    path = folder / f"{options.name}_displaced.{options.mesh_format}"
    comment = f"Rhytid: displaced mesh of head {head.name}"
    placing = options.placing(options.mesh_format)
    beside: Sequence[OtherPart] = ()  # what is in the file and not in the mesh
    if options.mesh_format == "obj":
        mesh = with_parts(mesh, others)
        paths = _obj(path, head, mesh, comment, options, textures, bool(others))
    elif options.mesh_format == "ply":
        paths = write_ply(path, mesh, comment, placing)
    else:
        parts = primitives(mesh, textures, None)
        if path.suffix in USD_SUFFIXES:
            materials = [part.material for part in parts]
            paths = write_usd_mesh(path, UsdFace(mesh, (), subdivided=False), materials, options, others)
        else:
            paths = write_glb(path, mesh, parts, others=others)
        beside = others
    details = {
        "vertices": len(mesh.vertices),
        "faces": faces_in_file(head, levels, options.mesh_format),
        "levels": levels,
        "slopes_kept": round(relief_kept(head, vertices, displacement, levels), 3),
        **placing.details(all_vertices(mesh, beside)),
    }
    return ExportedMesh("displaced_mesh", paths, mesh, details, placing=placing)


def write_base_obj(
    folder: Path, head: Head, rest: Float32, options: ExportOptions, textures: FaceTextures
) -> ExportedMesh:
    """Write the base mesh at rest as OBJ: its own quads, welded, with the texture coordinates of the maps."""
    mesh, placing = with_parts(base_mesh(head, rest), head.other_parts), options.placing("obj")
    comment = f"Rhytid: base mesh of head {head.name}, for subdivision and displacement"
    paths = _obj(folder / f"{options.name}_base.obj", head, mesh, comment, options, textures, bool(head.other_parts))
    details = {
        "vertices": len(mesh.vertices),
        "faces": len(mesh.faces),
        **placing.details(mesh.vertices),
    }
    return ExportedMesh("base_mesh", paths, mesh, details, placing=placing)


def _obj(
    path: Path, head: Head, mesh: MeshData, comment: str, options: ExportOptions, textures: FaceTextures,
    has_parts: bool,
) -> list[Path]:  # fmt: skip
    """Write an OBJ with its MTL and pictures, which lie in the same folder; gives all that was written."""
    shown, written = _pictures(path.parent, options, textures)
    colors = {"teeth": _teeth(textures)}
    if has_parts:
        look = obj_look(head.other_parts, mesh, options.name)
        shown, colors = {**shown, **look.pictures}, {**colors, **look.colors}
        written = written + write_part_pictures(path.parent, head.other_parts, options.name)
    rough = _rough(options, textures)
    return write_obj(path, mesh, shown, comment, colors, rough, options.placing("obj")) + written


def base_mesh(head: Head, vertices: Float32) -> MeshData:
    """The head's own mesh with normals, export texture coordinates and materials."""
    uv, face_uv = export_uv(head)
    material = materials_of(head.parts, uv, face_uv)
    return MeshData(
        vertices=vertices,
        faces=head.faces,
        normals=vertex_normals(vertices, head.triangles),
        uv=uv,
        face_uv=face_uv,
        material=material,
        material_names=MATERIAL_NAMES,
        detail=detail_of(head),
        mapped=mapped_of(head, material != FACE),
    )


def mapped_of(head: Head, is_elsewhere: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """`MeshData.mapped` (V,) of a head whose faces lie in another tile than the first, or in none, bool (F,)."""
    inside, outside = (np.zeros(len(head.neutral), bool) for _ in range(2))
    for chosen, found in ((~is_elsewhere, inside), (is_elsewhere, outside)):
        corners = head.faces[chosen]
        found[corners[corners >= 0]] = True
    return inside & ~outside


def detail_of(head: Head) -> Float32:
    """How much of the drawn detail each vertex of a head shows, float32 (V,), 0..1."""
    detail = np.zeros(len(head.neutral), np.float32)
    detail[: head.n_skin] = head.detail_weight.clip(0, 1)
    return detail


def morph_targets(head: Head, rest: Float32, rest_normals: Float32) -> list[MorphTarget]:
    """The 52 expression shapes and those of age ("age_jowls"): offsets, and how normals turn."""
    lids = PersonLids(head, rest)
    named = ((name, lids.straight(number)) for number, name in enumerate(ARKIT_NAMES))
    of_age = zip(head.ageing_names, head.ageing, strict=True)
    aged = ((f"age_{name}", shape.astype(np.float32)) for name, shape in of_age)
    targets = []
    for name, offsets in (*named, *aged):
        turned = np.zeros_like(offsets)
        if offsets.any():
            turned = vertex_normals(rest + offsets, head.triangles) - rest_normals
        targets.append(MorphTarget(name, offsets, turned))
    return targets


def primitives(mesh: MeshData, textures: FaceTextures, normal_png: bytes | None) -> list[GltfPrimitive]:
    """The mesh by material: skin and eyes with their textures, the rest in one colour."""
    parts = []
    pngs = {tile: encoded_png(texels) for tile, texels in {TILE: textures.face, **textures.tiles}.items()}
    tile_of = {MATERIAL_NAMES[0]: TILE, **TILE_OF}
    red, green, blue = linear_from_srgb(textures.face[0, 0] / 255).tolist()
    for number, name in enumerate(mesh.material_names):
        color = _teeth(textures) if name == "teeth" else _COLORS.get(name, (red, green, blue))
        material = GltfMaterial(name, (*color, 1.0), _ROUGHNESS.get(name, 0.5), pngs.get(tile_of.get(name, "")))
        if number in _SKIN:
            material = replace(material, specular=F0 / _DIELECTRIC)
        held = {0: (textures.orm, textures.specular), HEAD: (textures.head_orm, textures.head_specular)}.get(number, ())
        if held:
            orm, specular = (None if one is None else encoded_png(one) for one in held)
            material = replace(material, orm_png=orm, specular_png=specular)
        if number == 0:
            material = replace(material, normal_png=normal_png)
        parts.append(GltfPrimitive(mesh.material == number, material))
    return parts


def plain_colors(name: str) -> tuple[float, float, float]:
    """Linear colour of a part that has no picture."""
    return _COLORS.get(name, _SKIN_COLOR)


def plain_roughness(name: str) -> float:
    """Roughness of a part that has no picture."""
    return _ROUGHNESS.get(name, 0.5)


def _teeth(textures: FaceTextures) -> tuple[float, float, float]:
    red, green, blue = (min(c * factor, 1.0) for c, factor in zip(_COLORS["teeth"], textures.enamel, strict=True))
    return red, green, blue


def _pictures(folder: Path, options: ExportOptions, textures: FaceTextures) -> tuple[dict[str, str], list[Path]]:
    """Picture of each material that an OBJ names, and the copies that were made for it."""
    if "albedo" not in options.what:
        return {}, []
    shown: dict[str, str] = {}
    copies: list[Path] = []
    for name, tile in {MATERIAL_NAMES[0]: TILE, **TILE_OF}.items():
        if tile != TILE and tile not in textures.tiles:
            continue
        picture = f"{options.name}_albedo.{tile}.png"
        shown[name] = plain_name(picture)
        copy = folder / shown[name]
        if shown[name] != picture and not copy.exists():
            shutil.copyfile(folder / picture, copy)
            copies.append(copy)
    return shown, copies


def _rough(options: ExportOptions, textures: FaceTextures) -> dict[str, str]:
    """Picture of each material's roughness that an OBJ can name."""
    if "roughness" not in options.what:
        return {}
    tiles = {MATERIAL_NAMES[0]: TILE} | ({} if textures.head_orm is None else {MATERIAL_NAMES[HEAD]: OUTER})
    named = {name: f"{options.name}_roughness.{tile}.png" for name, tile in tiles.items()}
    return {name: picture for name, picture in named.items() if plain_name(picture) == picture}


def encoded_png(rgb: npt.NDArray[Any]) -> bytes:
    """PNG of red, green, blue and perhaps alpha."""
    order = [2, 1, 0, 3][: rgb.shape[2]]
    done, encoded = cv2.imencode(".png", np.ascontiguousarray(rgb[..., order]), [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not done:
        raise MapError("a texture could not be encoded")
    return encoded.tobytes()

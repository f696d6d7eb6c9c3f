"""Meshes of an export in the head's own layout: the artist's texture coordinates, UDIM tiles and materials."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Head, Int32, Part
from rhytid.core.head.material import Material, picture_type
from rhytid.core.head.material_picture import texels
from rhytid.core.head.normals import vertex_normals
from rhytid.core.io.chart_uv import EYES, compacted, eyeballs
from rhytid.core.io.errors import MapError
from rhytid.core.io.export_meshes import detail_of, encoded_png, mapped_of, plain_colors, plain_roughness
from rhytid.core.io.face_textures import TILE_OF, FaceTextures
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive
from rhytid.core.io.layout_bake import FIRST_TILE, OwnLayout
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.obj_file import plain_name
from rhytid.core.io.own_layout_outside import OwnOutside
from rhytid.core.maps.normal_map import encoded_normals, normal_rows

_PART_NAMES = {Part.SKIN: "skin", Part.EYE_LEFT: "eye_left", Part.EYE_RIGHT: "eye_right", Part.TEETH: "teeth",
               Part.MOUTH: "mouth"}  # fmt: skip
UInt8 = npt.NDArray[np.uint8]
_PICTURE_PX = 4096
EYE_TILE = TILE_OF["eye_left"]
_EYE_COLUMN = int(EYE_TILE) - FIRST_TILE


@dataclass(frozen=True)
class OwnMaterial:
    """A material of a mesh in the own layout.

    Attributes
    ----------
    name : str
    tile : int
        UDIM number of the tile whose maps it shows; 0 for what has none, beside the face.
    kept : Material or None
        As the head's file has it.
    part : Part
    """

    name: str
    tile: int
    kept: Material | None
    part: Part


@dataclass(frozen=True, eq=False)
class OwnMaterials:
    """Materials of a head in its own layout, and which of them each face has, int32 (F,)."""

    materials: tuple[OwnMaterial, ...]
    of_face: Int32

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(material.name for material in self.materials)

    def file_of(self, name: str, label: str) -> dict[str, str]:
        """Name of the exported map of each material that has one, for an export of a name."""
        return {one.name: f"{name}_{label}.{one.tile}.png" for one in self.materials if one.tile}


@dataclass(frozen=True)
class PlainPictures:
    """Pictures of materials that nothing is baked for, in the files of an OBJ.

    Attributes
    ----------
    of_material : dict
        File of each material that has one, by its name.
    kept : dict of file to bytes
        Those of the head's own file.
    eyes : str
        The file that is to hold the eyes' colour, "" where all eyes have a picture.
    """

    of_material: dict[str, str]
    kept: dict[str, bytes]
    eyes: str


def plain_pictures(materials: OwnMaterials, name: str) -> PlainPictures:
    """Pictures of the materials beside the skin, for an export of a name."""
    of_material: dict[str, str] = {}
    files: dict[bytes, str] = {}
    eyes = ""
    for one in materials.materials:
        data = b"" if one.kept is None or one.tile else one.kept.base_picture
        if data:
            suffix = ".jpg" if picture_type(data) == "image/jpeg" else ".png"
            of_material[one.name] = files.setdefault(data, plain_name(f"{name}_{one.name}{suffix}"))
        elif one.part in EYES:
            of_material[one.name] = eyes = plain_name(f"{name}_eyes.png")
    return PlainPictures(of_material, {file: data for data, file in files.items()}, eyes)


def own_materials(layout: OwnLayout) -> OwnMaterials:
    """One for each material of the file and each tile."""
    head = layout.head
    centre = head.uv[head.face_uv[:, :3]].mean(axis=1)
    tile = FIRST_TILE + np.floor(centre[:, 0]).astype(np.intp) + 10 * np.floor(centre[:, 1]).astype(np.intp)
    baked = (head.parts == Part.SKIN) & np.isin(tile, layout.skin_tiles)
    number = head.face_material if len(head.face_material) else np.full(len(head.faces), -1)
    # A mesh in one file needs one tile for each material.
    keys = np.stack([head.parts, number, np.where(baked, tile, -tile)], axis=1).astype(np.int64)
    rows, of_face = np.unique(keys, axis=0, return_inverse=True)
    materials: list[OwnMaterial] = []
    for part, which, of_tile in rows.tolist():
        kept = head.materials[which] if which >= 0 else None
        name = _PART_NAMES[Part(part)] if kept is None else kept.name
        taken = {one.name for one in materials}
        unique, count = name, 2
        while unique in taken:
            unique, count = f"{name}_{count}", count + 1
        materials.append(OwnMaterial(unique, max(of_tile, 0), kept, Part(part)))
    return OwnMaterials(tuple(materials), of_face.ravel().astype(np.int32))


def own_uv(head: Head) -> tuple[Float32, Int32]:
    """The head's texture coordinates that a face uses, and their indices (F, 4).

    Eyeballs without a picture of their own have coordinates for the one with their irises.
    """
    bare = np.isin(head.parts, EYES)
    if len(head.face_material):
        has_picture = np.array([bool(material.base_picture) for material in head.materials] + [False])
        bare &= ~has_picture[head.face_material]
    places = eyeballs(head) - np.array([_EYE_COLUMN, 0], np.float32)
    face_uv = np.where(bare[:, None] & (head.faces >= 0), head.faces + len(head.uv), head.face_uv)
    return compacted(np.concatenate([head.uv, places]), face_uv.astype(np.int32))


def own_base_mesh(layout: OwnLayout, materials: OwnMaterials, vertices: Float32) -> MeshData:
    """The head's own mesh with its own texture coordinates."""
    head = layout.head
    uv, face_uv = own_uv(head)
    normals = vertex_normals(vertices, head.triangles)
    is_elsewhere = np.array([one.tile != FIRST_TILE for one in materials.materials])
    return MeshData(
        vertices, head.faces, normals, uv, face_uv, materials.of_face, materials.names, detail_of(head),
        mapped_of(head, is_elsewhere[materials.of_face]),
    )  # fmt: skip


def own_primitives(
    mesh: MeshData, layout: OwnLayout, materials: OwnMaterials, textures: FaceTextures,
    relief: Float32 | None, turn: Float32, vertices: Float32, outside: OwnOutside,
) -> list[GltfPrimitive]:  # fmt: skip
    """The mesh by material: what is baked on the skin, the artist's own on the rest.

    Parameters
    ----------
    mesh : MeshData
        By `own_base_mesh`, or finer with the same materials.
    layout : OwnLayout
    materials : OwnMaterials
    textures : FaceTextures
        Of the chart.
    relief : float32 (S, S) or None
        Displacement as the skin wears it, mm, at the side of the textures; None for a mesh without a normal map.
    turn : float32 (r, r, 4)
        `ChartFrame.turn`.
    vertices : float32 (V, 3)
        The shape for which they are.
    outside : OwnOutside
        What the skin outside the chart has.
    """
    parts = []
    for number, one in enumerate(materials.materials):
        material, kept = _plain(one), one.kept
        if one.tile:
            kept = None
            material = GltfMaterial(
                one.name,
                roughness=material.roughness,
                base_color_png=encoded_png(outside.with_colors(_baked(layout, textures.face, one.tile), one.tile)),
                normal_png=None if relief is None else _normals(layout, relief, turn, one.tile, vertices, outside),
                orm_png=_surface(layout, textures.orm, one.tile, outside, ("occlusion", "roughness")),
                specular_png=_surface(layout, textures.specular, one.tile, outside, (None, None, None, "cavity")),
            )
        elif one.part in EYES and material.base_color_png is None:
            kept = None
            material = replace(material, base_color=(1, 1, 1, 1), base_color_png=encoded_png(textures.tiles[EYE_TILE]))
        parts.append(GltfPrimitive(mesh.material == number, material, kept))
    return parts


def baked_normals(
    layout: OwnLayout, relief: Float32, turn: Float32, tile: int, side: int, vertices: Float32
) -> Float32:
    """Unit normals of a tile in its own tangent frame, float32 (R, R, 3), y up."""
    normals = np.empty((*relief.shape, 3), np.float32)
    for rect, rows in normal_rows(relief, turn):
        normals[rect.slices] = rows
    return layout.turned_normals(layout.to_layout(normals, tile, side, (0, 0, 1)), tile, vertices)


def _normals(
    layout: OwnLayout, relief: Float32, turn: Float32, tile: int, vertices: Float32, outside: OwnOutside
) -> bytes:
    normals = baked_normals(layout, relief, turn, tile, len(relief), vertices)
    return encoded_png(encoded_normals(outside.with_normals(normals, tile), 8))


def _surface(
    layout: OwnLayout, chart: UInt8 | None, tile: int, outside: OwnOutside, channels: tuple[str | None, ...]
) -> bytes | None:
    """A picture of the surface in a tile; outside the chart its channels are maps by name, or go on from the border."""
    if chart is None:
        return None
    baked = _baked(layout, chart, tile)
    for number, name in enumerate(channels):
        if name is not None:
            baked[..., number] = outside.with_surface(np.ascontiguousarray(baked[..., number]), tile, name)
    return encoded_png(baked)


def _baked(layout: OwnLayout, chart: UInt8, tile: int) -> UInt8:
    return np.asarray(rounded(layout.to_layout(chart, tile, len(chart), None), np.uint8), np.uint8)


def rounded(values: Float32, dtype: type[np.unsignedinteger]) -> npt.NDArray[np.unsignedinteger]:
    """Values of texels as whole numbers of a type."""
    return np.clip(np.rint(values), 0, np.iinfo(dtype).max).astype(dtype)


def _plain(one: OwnMaterial) -> GltfMaterial:
    """The material without what is baked: as the file has it, or in the colour of its part."""
    kept = one.kept
    if kept is None or (not kept.base_picture and kept.color == (1.0, 1.0, 1.0, 1.0)):
        return GltfMaterial(one.name, (*plain_colors(_PART_NAMES[one.part]), 1.0), plain_roughness(one.name))
    picture = texels(kept.base_picture, _PICTURE_PX)
    png = None if picture is None else encoded_png(picture[..., :3])
    return GltfMaterial(one.name, kept.color, kept.roughness, png, two_sided=kept.is_two_sided)


def at_side(values: Float32, side: int) -> Float32:
    """A map of the chart at fewer texels."""
    if len(values) <= side:
        return values
    small = cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA)
    if small is None:
        raise MapError("a map could not be made smaller")
    return np.asarray(small, np.float32)

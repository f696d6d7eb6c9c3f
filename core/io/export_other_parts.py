"""Body, hair and clothes of a head's file in the meshes of an export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rhytid.core.files.writing import replacing
from rhytid.core.head.material import Material, picture_type
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.gltf_file import MorphTarget
from rhytid.core.io.mesh_data import Float32, MeshData
from rhytid.core.io.obj_file import plain_name

_SUFFIX = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(frozen=True)
class ObjLook:
    """What a file tells of materials by their names: pictures of colours and of normals, and linear colours."""

    pictures: dict[str, str]
    colors: dict[str, tuple[float, float, float]]
    normals: dict[str, str]


def posed_parts(parts: Sequence[OtherPart], expression: Sequence[float]) -> tuple[OtherPart, ...]:
    """The parts in a pose, weights (52,), without shapes."""
    still = []
    for part in parts:
        shape = part.shape(expression)
        normals = part.normals if shape is part.vertices else vertex_normals(shape, part.triangles)
        none = np.zeros((0, len(shape), 3), np.float16)
        still.append(replace(part, vertices=shape, normals=normals, names=(), offsets=none))
    return tuple(still)


def with_parts(mesh: MeshData, parts: Sequence[OtherPart]) -> MeshData:
    """One mesh of a head's and its parts, each of whose materials joins those of the head."""
    if not parts or mesh.normals is None or mesh.uv is None or mesh.face_uv is None:
        return mesh
    names = list(mesh.material_names)
    number = {material: len(names) + k for k, material in enumerate(_materials(parts))}
    names += _free_names(mesh.material_names, _materials(parts))
    vertices, normals, uv = [mesh.vertices], [mesh.normals], [mesh.uv]
    faces, face_uv, material = [mesh.faces], [mesh.face_uv], [mesh.material]
    n_vertices, n_uv = len(mesh.vertices), len(mesh.uv)
    for part in parts:
        corners = np.full((len(part.triangles), 4), -1, np.int32)
        corners[:, :3] = part.triangles
        faces.append(np.where(corners < 0, -1, corners + n_vertices).astype(np.int32))
        face_uv.append(np.where(corners < 0, -1, corners + n_uv).astype(np.int32))
        material.append(np.full(len(corners), number[part.material], np.int32))
        vertices.append(part.vertices)
        normals.append(part.normals)
        uv.append(part.uv)
        n_vertices, n_uv = n_vertices + len(part.vertices), n_uv + len(part.uv)
    return MeshData(
        np.concatenate(vertices), np.concatenate(faces), np.concatenate(normals), np.concatenate(uv),
        np.concatenate(face_uv), np.concatenate(material), tuple(names),
    )  # fmt: skip


def all_vertices(mesh: MeshData, parts: Sequence[OtherPart]) -> Float32:
    """Vertices (V, 3) of a mesh and of the parts beside it, mm."""
    return np.concatenate([mesh.vertices, *(part.vertices for part in parts)])


def part_pictures(parts: Sequence[OtherPart], name: str, with_normals: bool = False) -> dict[str, bytes]:
    """Files of the colours of a head's parts by their names, for an export of a name; their normals if wanted."""
    found: dict[str, bytes] = {}
    for material in _materials(parts):
        kinds = {"": material.base_picture, "_normal": material.normal_picture if with_normals else b""}
        for kind, data in kinds.items():
            if data:
                found[plain_name(f"{name}_{material.name}{kind}{_SUFFIX[picture_type(data)]}")] = data
    return found


def write_part_pictures(
    folder: Path, parts: Sequence[OtherPart], name: str, with_normals: bool = False
) -> list[Path]:
    """Write them where they are not yet."""
    written = []
    for file, data in part_pictures(parts, name, with_normals).items():
        path = folder / file
        if not path.exists():
            with replacing(path) as temporary:
                temporary.write_bytes(data)
            written.append(path)
    return written


def with_part_shapes(targets: Sequence[MorphTarget], parts: Sequence[OtherPart]) -> list[MorphTarget]:
    """Shapes of the mesh that `with_parts` makes; how normals of the parts turn is left out."""
    joined = []
    for target in targets:
        moved = [
            part.offsets[part.names.index(target.name)] if target.name in part.names else np.zeros_like(part.vertices)
            for part in parts
        ]
        offsets = np.concatenate([target.offsets, *moved]).astype(np.float32)
        turned = np.zeros_like(offsets)
        turned[: len(target.normal_offsets)] = target.normal_offsets
        joined.append(MorphTarget(target.name, offsets, turned))
    return joined


def obj_look(parts: Sequence[OtherPart], mesh: MeshData, name: str) -> ObjLook:
    """How a file that holds the parts of a head shows them, see `with_parts`."""
    of_file = {data: file for file, data in part_pictures(parts, name, True).items()}
    materials = _materials(parts)
    # The parts' materials stand last.
    named = list(zip(mesh.material_names[len(mesh.material_names) - len(materials) :], materials, strict=True))
    pictures = {given: of_file[one.base_picture] for given, one in named if one.base_picture in of_file}
    normals = {given: of_file[one.normal_picture] for given, one in named if one.normal_picture in of_file}
    return ObjLook(pictures, {given: one.color[:3] for given, one in named}, normals)


def _materials(parts: Sequence[OtherPart]) -> list[Material]:
    return list(dict.fromkeys(part.material for part in parts))


def _free_names(taken: Sequence[str], materials: Sequence[Material]) -> list[str]:
    names: list[str] = []
    for material in materials:
        name, number = material.name, 2
        while name in (*taken, *names):
            name, number = f"{material.name}_{number}", number + 1
        names.append(name)
    return names

"""Body, hair and clothes of a head's file in a GLB: a node each, with the material as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pygltflib as gltf

from rhytid.core.head.material import Material, extensions_in, picture_type, with_textures
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.gltf_builder import GltfBuilder
from rhytid.core.io.gltf_tangents import Tangents, split_by, unit

_M_PER_MM = np.float32(0.001)
_STILL_M, _STILL_DIRECTION = 1e-7, 1e-4


@dataclass
class GltfAddition:
    """What joins a document: lists of glTF objects, whose indices count from what it has already."""

    nodes: list[gltf.Node] = field(default_factory=list)
    meshes: list[gltf.Mesh] = field(default_factory=list)
    materials: list[gltf.Material] = field(default_factory=list)
    extensions: set[str] = field(default_factory=set)


def other_parts_of(
    builder: GltfBuilder, parts: Sequence[OtherPart], weights: Mapping[str, float], n_materials: int
) -> GltfAddition:
    """Meshes of parts in a document that has one mesh and so many materials.

    Parameters
    ----------
    builder : GltfBuilder
    parts : sequence of OtherPart
    weights : mapping of ARKit name to float
        Initial weights.
    n_materials : int
    """
    added = GltfAddition()
    numbers: dict[Material, int] = {}
    for part in parts:
        if part.material not in numbers:
            numbers[part.material] = n_materials + len(numbers)
            added.materials.append(gltf_material(builder, part.material))
            added.extensions |= extensions_in(part.material.gltf)
        number = numbers[part.material]
        has_normals = added.materials[number - n_materials].normalTexture is not None
        added.meshes.append(_mesh(builder, part, weights, number, has_normals))
        added.nodes.append(gltf.Node(mesh=len(added.meshes), name=part.name))
    return added


def gltf_material(builder: GltfBuilder, material: Material) -> gltf.Material:
    """A material as its file had it, or from its colour and picture where the file was no glTF."""
    pictures = [builder.texture(data, f"{material.name}_{number}", picture_type(data))
                for number, data in enumerate(material.pictures)]  # fmt: skip
    if material.gltf:
        entry = with_textures(json.loads(material.gltf), lambda index: _at(pictures, index))
        try:
            read: gltf.Material = gltf.Material.from_dict(entry)
            return read
        except (TypeError, ValueError, KeyError, AttributeError):
            pass  # a stranger's JSON: what no reader of glTF would take becomes plain
    rough = gltf.PbrMetallicRoughness(
        baseColorFactor=list(material.color), metallicFactor=material.metallic, roughnessFactor=material.roughness
    )
    if material.base_picture:
        rough.baseColorTexture = gltf.TextureInfo(index=pictures[material.picture])
    return gltf.Material(
        name=material.name, pbrMetallicRoughness=rough, alphaMode=material.alpha, doubleSided=material.is_two_sided,
        alphaCutoff=material.cutoff if material.alpha == "MASK" else None,
    )  # fmt: skip


def _at(pictures: list[int], index: Any) -> int | None:
    return pictures[index] if type(index) is int and 0 <= index < len(pictures) else None


def _mesh(
    builder: GltfBuilder, part: OtherPart, weights: Mapping[str, float], material: int, has_normals: bool
) -> gltf.Mesh:
    triangles: npt.NDArray[np.integer] = part.triangles
    vertex, tangents = np.arange(len(part.vertices)), None
    if has_normals:  # the map is nothing without tangents
        frames = TangentFrames(part.uv, triangles, triangles)
        triangles, frame, vertex = split_by(triangles, frames.of_corner)
        tangents = Tangents(part.vertices, part.normals, frames, frame)
    attributes = gltf.Attributes(
        POSITION=builder.vectors(part.vertices[vertex] * _M_PER_MM, bounds=True),
        NORMAL=builder.vectors(unit(part.normals[vertex])),
        TEXCOORD_0=builder.vectors(np.stack([part.uv[vertex, 0], 1 - part.uv[vertex, 1]], axis=1)),
    )
    if tangents is not None:
        attributes.TANGENT = builder.vectors(tangents.at_rest)
    still = vertex_normals(part.vertices, part.triangles)
    targets = []
    for offsets in part.offsets:
        moved = offsets.astype(np.float32)
        turned = vertex_normals(part.vertices + moved, part.triangles) - still
        target = {
            "POSITION": builder.offsets(moved[vertex] * _M_PER_MM, _STILL_M),
            "NORMAL": builder.offsets(turned[vertex], _STILL_DIRECTION),
        }
        if tangents is not None:
            target["TANGENT"] = builder.offsets(tangents.turned(moved, turned), _STILL_DIRECTION)
        targets.append(target)
    primitive = gltf.Primitive(
        attributes=attributes, indices=builder.indices(triangles.ravel(), len(vertex)),
        material=material, targets=targets,
    )  # fmt: skip
    return gltf.Mesh(
        primitives=[primitive], name=part.name,
        weights=[float(weights.get(name, 0.0)) for name in part.names],
        extras={"targetNames": list(part.names)} if part.names else {},
    )  # fmt: skip

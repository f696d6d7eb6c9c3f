"""glTF binary (GLB): several primitives, embedded textures, named morph targets with normals.

glTF 2.0 wants metres, triangles, texture coordinates with the origin top left and no UDIM, so every material
has its own tile in 0..1. Displacement has no place in glTF: what shows is the normal map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pygltflib as gltf

from rhytid.core.files.writing import replacing
from rhytid.core.head.material import Material, extensions_in
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.errors import MeshError
from rhytid.core.io.gltf_builder import GltfBuilder
from rhytid.core.io.gltf_other_parts import gltf_material, other_parts_of
from rhytid.core.io.gltf_tangents import Tangents, split_by, unit
from rhytid.core.io.mesh_data import Float32, MeshData
from rhytid.core.io.morph_motion import MorphMotion

METRES_PER_MM = 0.001
DETAIL = "_DETAIL"
"""Attribute of how much of the drawn detail a vertex shows; names that glTF does not know begin with a line."""
MAPPED = "_MAPPED"
"""Attribute that is 1 where the displacement map of tile 1001 moves a vertex, and 0 elsewhere."""
_PICTURES = ("base_color_png", "normal_png", "orm_png", "specular_png")
_SPECULAR = "KHR_materials_specular"
# Offsets below this are rounding noise of the shapes; leaving them out keeps the sparse accessors small.
_STILL_M, _STILL_DIRECTION = 1e-7, 1e-4


@dataclass(frozen=True)
class GltfMaterial:
    """Metallic-roughness material of a primitive.

    Attributes
    ----------
    base_color : 4 floats, linear
    roughness : float
    base_color_png, normal_png : bytes or None
        Encoded pictures, embedded in the file. The normal map is OpenGL style (green up), as glTF demands.
    two_sided : bool
        Seen from behind, too, as ribbons are.
    orm_png, specular_png : bytes or None
        Occlusion, roughness and metal in red, green and blue; strength of the mirror in alpha.
    specular : float
        Reflectance as a part of 0.04, 0..1.
    """

    name: str
    base_color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.5
    base_color_png: bytes | None = None
    normal_png: bytes | None = None
    two_sided: bool = False
    orm_png: bytes | None = None
    specular_png: bytes | None = None
    specular: float = 1.0


@dataclass(frozen=True, eq=False)
class MorphTarget:
    """Offsets per vertex of the mesh: mm (V, 3), and of its unit normals (V, 3)."""

    name: str
    offsets: Float32
    normal_offsets: Float32


@dataclass(frozen=True, eq=False)
class GltfPrimitive:
    """The faces (F,) of the mesh that share a material; one that is `kept` is written as its file had it in GLB."""

    faces: npt.NDArray[np.bool_]
    material: GltfMaterial
    kept: Material | None = None


def write_glb(
    path: Path | str,
    mesh: MeshData,
    primitives: Sequence[GltfPrimitive],
    targets: Sequence[MorphTarget] = (),
    weights: Sequence[float] = (),
    name: str = "face",
    extras: dict[str, Any] | None = None,
    motion: MorphMotion | None = None,
    others: Sequence[OtherPart] = (),
) -> list[Path]:
    """Write a GLB that Khronos' validator passes.

    Primitives without faces are left out, with their materials and pictures. Where a normal map needs them, tangents
    of MikkTSpace are written, and how each morph target turns them.

    Parameters
    ----------
    mesh : MeshData
        mm; written in metres.
    primitives : sequence of GltfPrimitive
        Each must lie in one UDIM tile; texture coordinates are brought into 0..1.
    targets : sequence of MorphTarget
        Their names go to ``mesh.extras.targetNames``, where Blender, Unity, Unreal and three.js look.
    weights : sequence of float
        Initial weight of each target; all 0 when empty.
    extras : dict, optional
        Further entries of the mesh's extras (units, scale of the maps that lie beside the file).
    motion : MorphMotion, optional
        Weights of the targets over time, written as an animation with a key at each of its moments.
    others : sequence of OtherPart
        Written beside it, with the weights of their targets' names.
    """
    path = Path(path)
    builder = GltfBuilder()
    primitives = [primitive for primitive in primitives if primitive.faces.any()]
    # Pictures without coordinates show nothing.
    dropped: dict[str, Any] = dict.fromkeys(_PICTURES) if mesh.uv is None else {}
    materials = [
        _material(builder, replace(primitive.material, **dropped))
        if primitive.kept is None
        else gltf_material(builder, primitive.kept)
        for primitive in primitives
    ]
    written = [
        _primitive(builder, mesh, primitive, targets, number, materials[number].normalTexture is not None)
        for number, primitive in enumerate(primitives)
    ]
    of_name = dict.fromkeys((target.name for target in targets), 0.0)
    of_name |= dict(zip(of_name, weights, strict=False))
    beside = other_parts_of(builder, others, of_name, len(materials))
    extensions = beside.extensions.union(*(material.extensions or () for material in materials))
    extensions |= {name for one in primitives if one.kept is not None for name in extensions_in(one.kept.gltf)}
    mesh_extras: dict[str, Any] = dict(extras or {})
    if targets:
        mesh_extras["targetNames"] = [target.name for target in targets]
    document = gltf.GLTF2(
        asset=gltf.Asset(version="2.0", generator="Rhytid"),
        scene=0,
        scenes=[gltf.Scene(nodes=list(range(1 + len(beside.nodes))), name=name)],
        nodes=[gltf.Node(mesh=0, name=name), *beside.nodes],
        meshes=[
            gltf.Mesh(
                primitives=written,
                name=name,
                weights=[float(w) for w in (weights or [0.0] * len(targets))] if targets else [],
                extras=mesh_extras,
            ),
            *beside.meshes,
        ],
        animations=[] if motion is None or not targets else [_animation(builder, motion, list(of_name), others)],
        materials=materials + beside.materials,
        extensionsUsed=sorted(extensions),
        accessors=builder.accessors,
        bufferViews=builder.views,
        images=builder.images,
        textures=builder.textures,
        samplers=[gltf.Sampler(magFilter=gltf.LINEAR, minFilter=gltf.LINEAR_MIPMAP_LINEAR)]
        if builder.textures
        else [],
    )
    with replacing(path) as temporary, temporary.open("wb") as stream:
        builder.write(stream, document)
    return [path]


@dataclass(frozen=True, eq=False)
class ReadPrimitive:
    """What `read_glb` finds in a primitive, in the file's own units (metres).

    Attributes
    ----------
    positions : float32 (N, 3)
    normals : float32 (N, 3) or None
    uv : float32 (N, 2) or None
        Origin top left.
    triangles : int64 (T, 3)
    target_offsets, target_normals : tuple of float32 (N, 3)
        Per morph target.
    material : str
    """

    positions: Float32
    normals: Float32 | None
    uv: Float32 | None
    triangles: npt.NDArray[np.int64]
    target_offsets: tuple[Float32, ...]
    target_normals: tuple[Float32, ...]
    material: str


def read_glb(path: Path | str) -> tuple[tuple[ReadPrimitive, ...], tuple[str, ...]]:
    """Primitives and names of the morph targets of a GLB that `write_glb` wrote.

    Raises
    ------
    MeshError
        The file is damaged or was written by another program in a way that this does not cover; `load_mesh`
        reads more.
    """
    path = Path(path)
    try:
        document = gltf.GLTF2().load_binary(str(path))
        mesh, blob = document.meshes[0], document.binary_blob()
        primitives = []
        for primitive in mesh.primitives:
            attributes, targets = primitive.attributes, primitive.targets or []
            normals = None if attributes.NORMAL is None else _values(document, blob, attributes.NORMAL)
            uv = None if attributes.TEXCOORD_0 is None else _values(document, blob, attributes.TEXCOORD_0)
            primitives.append(
                ReadPrimitive(
                    positions=_values(document, blob, attributes.POSITION),
                    normals=normals,
                    uv=uv,
                    triangles=_values(document, blob, primitive.indices).reshape(-1, 3).astype(np.int64),
                    target_offsets=tuple(_values(document, blob, t["POSITION"]) for t in targets),
                    target_normals=tuple(_values(document, blob, t["NORMAL"]) for t in targets if "NORMAL" in t),
                    material=document.materials[primitive.material].name,
                )
            )
    except Exception as error:  # the parser meets hostile bytes: whatever it raises, the file is bad
        raise MeshError(f"{path}: damaged or not written here ({error}); export it again") from error
    return tuple(primitives), tuple((mesh.extras or {}).get("targetNames", ()))


_DTYPES = {gltf.FLOAT: "<f4", gltf.UNSIGNED_SHORT: "<u2", gltf.UNSIGNED_INT: "<u4"}
_WIDTHS = {gltf.SCALAR: 1, gltf.VEC2: 2, gltf.VEC3: 3, gltf.VEC4: 4}


def _values(document: gltf.GLTF2, blob: bytes, index: int) -> npt.NDArray[Any]:
    """Content of an accessor (N, width), sparse ones filled in."""
    accessor = document.accessors[index]
    width = _WIDTHS[accessor.type]
    if accessor.bufferView is None:
        values = np.zeros((accessor.count, width), np.float32)
    else:
        values = _slice(document, blob, accessor.bufferView, accessor.componentType, accessor.count * width)
        values = values.reshape(-1, width).copy()
    if accessor.sparse is not None:
        sparse = accessor.sparse
        where = _slice(document, blob, sparse.indices.bufferView, sparse.indices.componentType, sparse.count)
        moved = _slice(document, blob, sparse.values.bufferView, accessor.componentType, sparse.count * width)
        values[where] = moved.reshape(-1, width)
    return values


def _slice(document: gltf.GLTF2, blob: bytes, view: int, component: int, count: int) -> npt.NDArray[Any]:
    start = document.bufferViews[view].byteOffset
    return np.frombuffer(blob, _DTYPES[component], count, start)


def _material(builder: GltfBuilder, material: GltfMaterial) -> gltf.Material:
    roughness = gltf.PbrMetallicRoughness(
        baseColorFactor=list(material.base_color), metallicFactor=0.0, roughnessFactor=material.roughness
    )
    if material.base_color_png is not None:
        roughness.baseColorFactor = [1.0, 1.0, 1.0, 1.0]
        roughness.baseColorTexture = gltf.TextureInfo(
            index=builder.texture(material.base_color_png, f"{material.name}_albedo")
        )
    occlusion = None
    if material.orm_png is not None:
        orm = builder.texture(material.orm_png, f"{material.name}_orm")
        roughness.roughnessFactor = 1.0
        roughness.metallicRoughnessTexture = gltf.TextureInfo(index=orm)
        occlusion = gltf.OcclusionTextureInfo(index=orm, strength=1.0)
    extensions: dict[str, Any] = {}
    if material.specular != 1.0:
        extensions[_SPECULAR] = {"specularFactor": material.specular}
        if material.specular_png is not None:
            index = builder.texture(material.specular_png, f"{material.name}_specular")
            extensions[_SPECULAR]["specularTexture"] = {"index": index}
    normal = None
    if material.normal_png is not None:
        normal = gltf.NormalMaterialTexture(
            index=builder.texture(material.normal_png, f"{material.name}_normal"), scale=1.0
        )
    return gltf.Material(
        name=material.name, pbrMetallicRoughness=roughness, normalTexture=normal, alphaCutoff=None,
        doubleSided=material.two_sided, occlusionTexture=occlusion, extensions=extensions,
    )  # fmt: skip


def _primitive(
    builder: GltfBuilder,
    mesh: MeshData,
    primitive: GltfPrimitive,
    targets: Sequence[MorphTarget],
    material: int,
    has_normals: bool,
) -> gltf.Primitive:
    chosen = primitive.faces
    # Not `MeshData.only`: the morph targets' offsets are indexed by the whole mesh.
    part = MeshData(
        mesh.vertices,
        mesh.faces[chosen],
        mesh.normals,
        mesh.uv,
        None if mesh.face_uv is None else mesh.face_uv[chosen],
        mesh.material[chosen],
        mesh.material_names,
    )
    faces, vertex, coordinate = part.split_at_seams()
    quad = faces[:, 3] >= 0
    triangles = np.concatenate([faces[:, :3], faces[quad][:, [0, 2, 3]]])
    frames = None
    if mesh.normals is not None and mesh.uv is not None and has_normals:
        frames = TangentFrames(mesh.uv, vertex[triangles], coordinate[triangles])
        # A vertex is split where its tangent is not the same all around it.
        triangles, frame, split = split_by(triangles, frames.of_corner)
        vertex, coordinate = vertex[split], coordinate[split]
    else:
        used, triangles = np.unique(triangles, return_inverse=True)
        vertex, coordinate = vertex[used], coordinate[used]
    attributes = gltf.Attributes(
        POSITION=builder.vectors(mesh.vertices[vertex] * np.float32(METRES_PER_MM), bounds=True)
    )
    if mesh.normals is not None:
        attributes.NORMAL = builder.vectors(unit(mesh.normals[vertex]))
    tangents = None
    if frames is not None and mesh.normals is not None:
        tangents = Tangents(mesh.vertices, mesh.normals, frames, frame)
        attributes.TANGENT = builder.vectors(tangents.at_rest)
    if mesh.uv is not None:
        uv = mesh.uv[coordinate]
        uv = uv - np.floor(uv.mean(axis=0))
        uv[:, 1] = 1 - uv[:, 1]
        attributes.TEXCOORD_0 = builder.vectors(uv)
    if mesh.detail is not None:
        setattr(attributes, DETAIL, builder.attribute(mesh.detail[vertex]))
    if mesh.mapped is not None:
        setattr(attributes, MAPPED, builder.attribute(mesh.mapped[vertex].astype(np.float32)))
    indices = builder.indices(triangles.ravel(), len(vertex))
    morphs = [_offsets(builder, target, vertex, attributes, tangents) for target in targets]
    return gltf.Primitive(attributes=attributes, indices=indices, material=material, targets=morphs)


def _animation(
    builder: GltfBuilder, motion: MorphMotion, names: Sequence[str], others: Sequence[OtherPart]
) -> gltf.Animation:
    """Weights over time of the face, which is node 0 and has targets of these names, and of the parts behind it."""
    times = builder.scalars(motion.times_s.astype(np.float32), bounds=True)
    columns = {0: np.arange(len(names))}
    for node, part in enumerate(others, 1):
        if part.names:
            columns[node] = np.array([names.index(name) for name in part.names])
    rows = [builder.scalars(motion.weights[:, chosen].ravel()) for chosen in columns.values()]
    return gltf.Animation(
        name="clip",
        samplers=[gltf.AnimationSampler(input=times, output=row, interpolation=gltf.ANIM_LINEAR) for row in rows],
        channels=[
            gltf.AnimationChannel(sampler=number, target=gltf.AnimationChannelTarget(node=node, path="weights"))
            for number, node in enumerate(columns)
        ],
        extras={"fps": motion.fps},
    )


def _offsets(
    builder: GltfBuilder,
    target: MorphTarget,
    vertex: npt.NDArray[np.intp],
    attributes: gltf.Attributes,
    tangents: Tangents | None,
) -> dict[str, int]:
    """Accessors of a morph target, one for each attribute of the mesh that moves.

    Every target has the same ones, if only to say that nothing moves: importers take that for granted.
    """
    metres = target.offsets[vertex] * np.float32(METRES_PER_MM)
    morph = {"POSITION": builder.offsets(metres, _STILL_M)}
    if attributes.NORMAL is not None:
        morph["NORMAL"] = builder.offsets(target.normal_offsets[vertex], _STILL_DIRECTION)
    if tangents is not None:
        morph["TANGENT"] = builder.offsets(tangents.turned(target.offsets, target.normal_offsets), _STILL_DIRECTION)
    return morph

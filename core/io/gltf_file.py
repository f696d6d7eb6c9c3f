"""glTF binary (GLB): several primitives, embedded textures, named morph targets with normals.

glTF 2.0 wants metres, triangles, texture coordinates with the origin top left and no UDIM, so every material
has its own tile in 0..1. Displacement has no place in glTF: what shows is the normal map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pygltflib as gltf

from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import Float32, MeshData

METRES_PER_MM = 0.001
# Offsets below this are rounding noise of the shapes; leaving them out keeps the sparse accessors small.
_STILL_M, _STILL_NORMAL = 1e-7, 1e-4


@dataclass(frozen=True)
class GltfMaterial:
    """Metallic-roughness material of a primitive.

    Attributes
    ----------
    base_color : 4 floats, linear
    roughness : float
    base_color_png, normal_png : bytes or None
        Encoded pictures, embedded in the file. The normal map is OpenGL style (green up), as glTF demands.
    """

    name: str
    base_color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.5
    base_color_png: bytes | None = None
    normal_png: bytes | None = None


@dataclass(frozen=True, eq=False)
class MorphTarget:
    """Offsets per vertex of the mesh: mm (V, 3), and of its unit normals (V, 3)."""

    name: str
    offsets: Float32
    normal_offsets: Float32


@dataclass(frozen=True, eq=False)
class GltfPrimitive:
    """The faces (F,) of the mesh that share a material."""

    faces: npt.NDArray[np.bool_]
    material: GltfMaterial


@dataclass
class _Builder:
    """Binary chunk and the lists of the JSON while they grow."""

    blob: bytearray = field(default_factory=bytearray)
    views: list[gltf.BufferView] = field(default_factory=list)
    accessors: list[gltf.Accessor] = field(default_factory=list)
    images: list[gltf.Image] = field(default_factory=list)
    textures: list[gltf.Texture] = field(default_factory=list)

    def view(self, data: bytes, target: int | None = None) -> int:
        self.blob.extend(bytes(-len(self.blob) % 4))
        self.views.append(
            gltf.BufferView(buffer=0, byteOffset=len(self.blob), byteLength=len(data), target=target)
        )
        self.blob.extend(data)
        return len(self.views) - 1

    def vectors(self, values: Float32, kind: str, bounds: bool) -> int:
        values = np.ascontiguousarray(values, np.float32)
        accessor = gltf.Accessor(
            bufferView=self.view(values.tobytes(), gltf.ARRAY_BUFFER),
            componentType=gltf.FLOAT,
            count=len(values),
            type=kind,
        )
        return self._add(accessor, values if bounds else None)

    def indices(self, values: npt.NDArray[np.integer[Any]], count: int) -> int:
        small = count <= 65535  # 65535 itself is the primitive restart value
        data = values.astype("<u2" if small else "<u4")
        accessor = gltf.Accessor(
            bufferView=self.view(data.tobytes(), gltf.ELEMENT_ARRAY_BUFFER),
            componentType=gltf.UNSIGNED_SHORT if small else gltf.UNSIGNED_INT,
            count=data.size,
            type=gltf.SCALAR,
        )
        return self._add(accessor, None)

    def sparse_vectors(self, values: Float32, still: float, bounds: bool) -> int:
        """Offsets of a morph target: only the vertices that move, unless most of them do."""
        values = np.where(np.abs(values).max(axis=1, keepdims=True) > still, values, 0).astype(np.float32)
        moving = np.flatnonzero(values.any(axis=1))
        if len(moving) > 0.6 * len(values):
            return self.vectors(values, gltf.VEC3, bounds)
        accessor = gltf.Accessor(componentType=gltf.FLOAT, count=len(values), type=gltf.VEC3)
        if len(moving):
            small = len(values) <= 65535
            index = moving.astype("<u2" if small else "<u4")
            accessor.sparse = gltf.Sparse(
                count=len(moving),
                indices=gltf.AccessorSparseIndices(
                    bufferView=self.view(index.tobytes()),
                    componentType=gltf.UNSIGNED_SHORT if small else gltf.UNSIGNED_INT,
                ),
                values=gltf.AccessorSparseValues(bufferView=self.view(values[moving].tobytes())),
            )
        return self._add(accessor, values if bounds else None)

    def texture(self, png: bytes, name: str) -> int:
        self.images.append(gltf.Image(bufferView=self.view(png), mimeType="image/png", name=name))
        self.textures.append(gltf.Texture(source=len(self.images) - 1, sampler=0))
        return len(self.textures) - 1

    def _add(self, accessor: gltf.Accessor, bounded: Float32 | None) -> int:
        if bounded is not None:
            accessor.min = [float(value) for value in bounded.min(axis=0)]
            accessor.max = [float(value) for value in bounded.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def write_glb(
    path: Path | str,
    mesh: MeshData,
    primitives: Sequence[GltfPrimitive],
    targets: Sequence[MorphTarget] = (),
    weights: Sequence[float] = (),
    name: str = "face",
    extras: dict[str, Any] | None = None,
) -> list[Path]:
    """Write a GLB.

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
    """
    path = Path(path)
    builder = _Builder()
    materials = [_material(builder, primitive.material) for primitive in primitives]
    written = []
    for number, primitive in enumerate(primitives):
        if primitive.faces.any():
            written.append(_primitive(builder, mesh, primitive.faces, targets, number))
    mesh_extras: dict[str, Any] = dict(extras or {})
    if targets:
        mesh_extras["targetNames"] = [target.name for target in targets]
    document = gltf.GLTF2(
        asset=gltf.Asset(version="2.0", generator="Rhytid"),
        scene=0,
        scenes=[gltf.Scene(nodes=[0], name=name)],
        nodes=[gltf.Node(mesh=0, name=name)],
        meshes=[
            gltf.Mesh(
                primitives=written,
                name=name,
                weights=[float(w) for w in (weights or [0.0] * len(targets))] if targets else [],
                extras=mesh_extras,
            )
        ],
        materials=materials,
        accessors=builder.accessors,
        bufferViews=builder.views,
        images=builder.images,
        textures=builder.textures,
        samplers=[gltf.Sampler(magFilter=gltf.LINEAR, minFilter=gltf.LINEAR_MIPMAP_LINEAR)]
        if builder.textures
        else [],
        buffers=[gltf.Buffer(byteLength=len(builder.blob))],
    )
    document.set_binary_blob(bytes(builder.blob))
    with replacing(path) as temporary:
        document.save_binary(str(temporary))
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
                    target_normals=tuple(_values(document, blob, t["NORMAL"]) for t in targets),
                    material=document.materials[primitive.material].name,
                )
            )
    except Exception as error:  # the parser meets hostile bytes: whatever it raises, the file is bad
        raise MeshError(f"{path}: damaged or not written here ({error}); export it again") from error
    return tuple(primitives), tuple((mesh.extras or {}).get("targetNames", ()))


_DTYPES = {gltf.FLOAT: "<f4", gltf.UNSIGNED_SHORT: "<u2", gltf.UNSIGNED_INT: "<u4"}
_WIDTHS = {gltf.SCALAR: 1, gltf.VEC2: 2, gltf.VEC3: 3}


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


def _material(builder: _Builder, material: GltfMaterial) -> gltf.Material:
    roughness = gltf.PbrMetallicRoughness(
        baseColorFactor=list(material.base_color), metallicFactor=0.0, roughnessFactor=material.roughness
    )
    if material.base_color_png is not None:
        roughness.baseColorFactor = [1.0, 1.0, 1.0, 1.0]
        roughness.baseColorTexture = gltf.TextureInfo(
            index=builder.texture(material.base_color_png, f"{material.name}_albedo")
        )
    normal = None
    if material.normal_png is not None:
        normal = gltf.NormalMaterialTexture(
            index=builder.texture(material.normal_png, f"{material.name}_normal"), scale=1.0
        )
    return gltf.Material(
        name=material.name, pbrMetallicRoughness=roughness, normalTexture=normal, alphaCutoff=None
    )


def _primitive(
    builder: _Builder,
    mesh: MeshData,
    chosen: npt.NDArray[np.bool_],
    targets: Sequence[MorphTarget],
    material: int,
) -> gltf.Primitive:
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
    used, triangles = np.unique(triangles, return_inverse=True)
    vertex, coordinate = vertex[used], coordinate[used]
    attributes = gltf.Attributes(
        POSITION=builder.vectors(mesh.vertices[vertex] * np.float32(METRES_PER_MM), gltf.VEC3, True)
    )
    if mesh.normals is not None:
        attributes.NORMAL = builder.vectors(_unit(mesh.normals[vertex]), gltf.VEC3, False)
    if mesh.uv is not None:
        uv = mesh.uv[coordinate]
        uv = uv - np.floor(uv.mean(axis=0))
        uv[:, 1] = 1 - uv[:, 1]
        attributes.TEXCOORD_0 = builder.vectors(uv, gltf.VEC2, False)
    indices = builder.indices(triangles.ravel(), len(vertex))
    morphs = [
        {
            "POSITION": builder.sparse_vectors(
                target.offsets[vertex] * np.float32(METRES_PER_MM), _STILL_M, True
            ),
            "NORMAL": builder.sparse_vectors(target.normal_offsets[vertex], _STILL_NORMAL, False),
        }
        for target in targets
    ]
    return gltf.Primitive(attributes=attributes, indices=indices, material=material, targets=morphs)


def _unit(normals: Float32) -> Float32:
    """glTF validators insist on unit length; a vertex without area points to the front."""
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    fallback = np.array([0, 0, 1], np.float32)
    unit: Float32 = np.where(length > 0.5, normals / np.maximum(length, 1e-12), fallback).astype(np.float32)
    return unit

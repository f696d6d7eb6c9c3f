"""Heads out of GLB and VRM files: meshes whose morph targets have ARKit's names, in whatever spelling.

Meshes with such targets are the head, and all meshes where none has one; eyes and teeth are found by the names of their
materials, meshes or nodes. Everything else (body, hair, lashes) is kept beside it. Skins are ignored: a mesh is taken
as it is bound. Vertices that the format had to split along seams of the texture are joined again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.glb import Entry, Glb
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.gltf_material import Materials
from rhytid.core.head.gltf_other import OtherMesh, other_parts
from rhytid.core.head.head import Head, Part
from rhytid.core.head.material import Material
from rhytid.core.head.model import DROPPED, HeadModel, RawModel, assemble
from rhytid.core.head.other_parts import MAX_OTHER_TRIANGLES, MAX_OTHER_VERTICES
from rhytid.core.head.part_names import part_of
from rhytid.core.head.shape_names import shape_meaning
from rhytid.core.head.store import MAX_FACES

_MAX_FILE_BYTES = 1 << 28
_MAX_VERTICES = 200_000
_MAX_NODES = 5_000
_MAX_TARGETS = 1_000
_TRIANGLES = 4
_TILES = 10  # in a row of UDIM

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Piece:
    """A primitive in the scene: positions (N, 3), offsets of its shapes, triangles (T, 3), texture coordinates."""

    name: str
    positions: Float64
    normals: Float64 | None
    shapes: dict[str, Float64]
    triangles: npt.NDArray[np.int64]
    uv: Float64
    part: int
    material: Material


def read_gltf(path: Path, reference: Head) -> HeadModel:
    """Read a GLB or VRM.

    Parameters
    ----------
    path : Path
    reference : Head
        A head beside which this one is turned upright and scaled.

    Raises
    ------
    HeadFileError
        No head, compressed, damaged, or too large.
    OSError
        The file cannot be read.
    """
    try:
        glb = Glb(path, _MAX_FILE_BYTES)
        materials, left_out = Materials(glb), set[str]()
        every = list(_pieces(glb, materials, left_out, is_plain=False))
        if not any(piece.shapes for piece in every):
            materials, left_out = Materials(glb), set[str]()
            every = list(_pieces(glb, materials, left_out, is_plain=True))
        pieces = [piece for piece in every if piece.part != DROPPED]
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    if not any(piece.part == Part.SKIN for piece in pieces):
        raise HeadFileError(f"{path}: no mesh of it is a head; export the head with its skin")
    raw, shapes = _joined(path, pieces)
    raw, standing = raw.stood(reference)
    # Which eye is which shows once the head stands upright.
    placed = standing.points(raw.neutral)
    middle = placed[raw.faces[raw.parts == Part.SKIN][:, :3], 0].mean()
    is_right = placed[raw.faces[:, :3], 0].mean(axis=1) < middle
    parts = np.where((raw.parts == Part.EYE_LEFT) & is_right, np.uint8(Part.EYE_RIGHT), raw.parts)
    raw = replace(raw, parts=parts.astype(np.uint8))
    turned = {name: standing.offsets(offsets) for name, offsets in shapes.items()}
    model = assemble(raw, standing, turned)
    beside = [
        OtherMesh(piece.name, piece.positions, piece.normals, piece.triangles, piece.uv, piece.material, piece.shapes)
        for piece in every
        if piece.part == DROPPED
    ]
    others, notes = other_parts(beside, standing, path, model.is_mirrored)
    if left_out:
        notes += (f"too large to be kept beside the head: {', '.join(sorted(left_out))}",)
    if others:
        notes += (f"kept beside the head: {', '.join(dict.fromkeys(one.name for one in others))}",)
    return replace(
        model,
        notes=model.notes + notes + tuple(materials.notes),
        other_parts=model.other_parts + others,
    )


def _pieces(glb: Glb, materials: Materials, left_out: set[str], is_plain: bool) -> Iterator[_Piece]:
    """Pieces of the head, and of what is beside it as far as there is room: `left_out` gets the names of others.

    In a plain file, whose meshes have no shapes, what is nothing else is skin.
    """
    left_vertices, left_corners = _MAX_VERTICES, 3 * MAX_FACES
    beside_vertices, beside_corners = MAX_OTHER_VERTICES, 3 * MAX_OTHER_TRIANGLES
    for node, matrix in placed_nodes(glb):
        mesh = glb.entry("meshes", node.get("mesh"))
        for number, primitive in enumerate(glb.entries(mesh, "primitives")):
            if not isinstance(primitive, dict) or primitive.get("mode", _TRIANGLES) != _TRIANGLES:
                continue
            attributes = primitive.get("attributes")
            if not isinstance(attributes, dict):
                raise glb.refused("is damaged (attributes)")
            names = _target_names(glb, mesh, primitive)
            part = _part(glb, node, mesh, primitive, bool(names) or is_plain)
            count = glb.count(attributes.get("POSITION"))
            n_corners = count if primitive.get("indices") is None else glb.count(primitive.get("indices"))
            material = materials.of(primitive)
            name = str(node.get("name") or mesh.get("name") or material.name)[:80]
            if part == DROPPED:
                if count > beside_vertices or n_corners > beside_corners:
                    left_out.add(name)
                    continue
                beside_vertices, beside_corners = beside_vertices - count, beside_corners - n_corners
            else:
                left_vertices, left_corners = left_vertices - count, left_corners - n_corners
            if left_vertices < 0 or left_corners < 0:
                raise glb.refused(f"holds more than {_MAX_VERTICES} vertices, too many for a head: reduce the mesh")
            place = name, material, part, 0 if part == DROPPED else number % _TILES
            yield _piece(glb, primitive, attributes, names, matrix, *place)


def _piece(
    glb: Glb, primitive: Entry, attributes: Entry, names: dict[str, int], matrix: Float64, called: str,
    material: Material, part: int, tile: int,
) -> _Piece:  # fmt: skip
    positions = _vectors(glb, attributes.get("POSITION"))
    count = len(positions)
    shapes = {}
    for name, number_of_target in names.items():
        target = glb.entries(primitive, "targets")[number_of_target]
        if not isinstance(target, dict):
            raise glb.refused("is damaged (targets)")
        if "POSITION" in target:
            if glb.count(target["POSITION"]) != count:
                raise glb.refused(f"is damaged (shape {name!s:.40} has another number of vertices)")
            shapes[name] = _vectors(glb, target["POSITION"]) @ matrix[:3, :3].T
    index = np.arange(count) if primitive.get("indices") is None else glb.values(primitive["indices"])[:, 0]
    if index.dtype.kind not in "iu" or len(index) % 3 or (len(index) and int(index.max()) >= count):
        raise glb.refused("is damaged (indices)")
    triangles = index.astype(np.int64).reshape(-1, 3)
    if np.linalg.det(matrix[:3, :3]) < 0:
        triangles = triangles[:, ::-1]
    uv = np.zeros((count, 2))
    if attributes.get("TEXCOORD_0") is not None:
        given = glb.values(attributes["TEXCOORD_0"]).astype(np.float64)
        if given.shape == (count, 2) and np.isfinite(given).all():
            # A tile of its own for each material; glTF counts rows from the top.
            uv = np.stack([given[:, 0] + tile, 1 - given[:, 1]], axis=1)
    normals = None
    if attributes.get("NORMAL") is not None and glb.count(attributes["NORMAL"]) == count:
        # Off the plane of a surface that a scale distorts goes the inverse, transposed.
        normals = _vectors(glb, attributes["NORMAL"]) @ np.linalg.pinv(matrix[:3, :3])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    placed = positions @ matrix[:3, :3].T + matrix[:3, 3]
    return _Piece(called, placed, normals, shapes, triangles, uv, part, material)


def _vectors(glb: Glb, index: object) -> Float64:
    values = glb.values(index).astype(np.float64)
    if values.shape[1:] != (3,) or not np.isfinite(values).all():
        raise glb.refused("has vertices or shapes that are no finite numbers")
    return values


def _joined(path: Path, pieces: list[_Piece]) -> tuple[RawModel, dict[str, Float64]]:
    """One mesh of the pieces, and its shapes: vertices in one place that move alike are one."""
    first = np.cumsum([0] + [len(piece.positions) for piece in pieces])
    names = dict.fromkeys(name for piece in pieces for name in piece.shapes)
    shapes = {name: np.zeros((first[-1], 3)) for name in names}
    for start, piece in zip(first, pieces, strict=False):
        for name, offsets in piece.shapes.items():
            shapes[name][start : start + len(offsets)] = offsets
    positions = np.concatenate([piece.positions for piece in pieces])
    rows = np.concatenate([positions, *shapes.values()], axis=1).astype(np.float32) + np.float32(0)
    _, kept, index = np.unique(
        rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))), return_index=True, return_inverse=True
    )
    order = np.argsort(kept)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    kept, vertex = kept[order], place[index.ravel()]
    corners = np.concatenate([piece.triangles + start for start, piece in zip(first, pieces, strict=False)])
    corners = np.concatenate([corners, np.full((len(corners), 1), -1)], axis=1)
    parts = np.concatenate([np.full(len(piece.triangles), piece.part, np.uint8) for piece in pieces])
    number = {material: k for k, material in enumerate(dict.fromkeys(piece.material for piece in pieces))}
    materials = np.repeat([number[piece.material] for piece in pieces], [len(piece.triangles) for piece in pieces])
    raw = RawModel(
        file=path,
        neutral=positions[kept],
        faces=np.where(corners < 0, -1, vertex[corners]),
        face_uv=corners,
        uv=np.concatenate([piece.uv for piece in pieces]),
        parts=parts,
        face_material=materials.astype(np.int16),
        materials=tuple(number),
    )
    return raw, {name: offsets[kept] for name, offsets in shapes.items()}


def _target_names(glb: Glb, mesh: Entry, primitive: Entry) -> dict[str, int]:
    """Targets with the meaning of an ARKit shape: name in the file and number."""
    for holder in (mesh, primitive):
        extras = holder.get("extras")
        names = extras.get("targetNames") if isinstance(extras, dict) else None
        if isinstance(names, list):
            n_targets = len(glb.entries(primitive, "targets"))
            if n_targets > _MAX_TARGETS:
                raise glb.refused(f"has more than {_MAX_TARGETS} shapes")
            given = [(str(name), number) for number, name in enumerate(names[:n_targets])]
            return {name: number for name, number in given if shape_meaning(name)}
    return {}


def _part(glb: Glb, node: Entry, mesh: Entry, primitive: Entry, has_shapes: bool) -> int:
    material = ""
    if primitive.get("material") is not None:
        material = str(glb.entry("materials", primitive["material"]).get("name", ""))
    told = part_of(material, str(mesh.get("name", "")), str(node.get("name", "")))
    if told is not None:
        return told
    return int(Part.SKIN) if has_shapes else DROPPED


def placed_nodes(glb: Glb) -> Iterator[tuple[Entry, Float64]]:
    """Nodes with a mesh and their place in the scene (4, 4)."""
    nodes = glb.entries(glb.document, "nodes")
    if len(nodes) > _MAX_NODES:
        raise glb.refused(f"holds more than {_MAX_NODES} nodes")
    children = {child for node in nodes if isinstance(node, dict) for child in _numbers(glb, node, "children")}
    waiting: list[tuple[Any, Float64]] = [(i, np.eye(4)) for i in range(len(nodes)) if i not in children]
    seen = set()
    while waiting:
        index, above = waiting.pop(0)
        node = glb.entry("nodes", index)
        if index in seen:
            raise glb.refused("is damaged (a node is its own child)")
        seen.add(index)
        matrix = above @ _matrix(glb, node)
        waiting.extend((child, matrix) for child in _numbers(glb, node, "children"))
        if "mesh" in node:
            # The place of a skinned mesh is its skeleton's.
            yield node, np.eye(4) if "skin" in node else matrix


def _matrix(glb: Glb, node: Entry) -> Float64:
    if "matrix" in node:
        return np.array(_floats(glb, node, "matrix", 16)).reshape(4, 4).T
    x, y, z, w = _floats(glb, node, "rotation", 4, (0, 0, 0, 1))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * _floats(glb, node, "scale", 3, (1, 1, 1))
    matrix[:3, 3] = _floats(glb, node, "translation", 3, (0, 0, 0))
    return matrix


def _floats(glb: Glb, of: Entry, name: str, count: int, default: tuple[float, ...] = ()) -> Float64:
    found = of.get(name, default)
    is_list = isinstance(found, list | tuple) and len(found) == count
    if not is_list or not all(type(value) in (int, float) and abs(value) < 1e9 for value in found):
        raise glb.refused(f"is damaged ({name} of a node)")
    return np.array(found, np.float64)


def _numbers(glb: Glb, of: Entry, name: str) -> list[int]:
    found = glb.entries(of, name)
    if not all(type(value) is int for value in found):
        raise glb.refused(f"is damaged ({name})")
    return found

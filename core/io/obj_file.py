"""Wavefront OBJ with MTL: quads kept, UDIM texture coordinates, normals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import MeshData

_ROWS_AT_ONCE = 1 << 15
MAX_FILE_BYTES = 4 << 30
_SKIN = (0.81, 0.64, 0.57)
_COLORS = {"face": _SKIN, "head": _SKIN, "teeth": (0.81, 0.75, 0.67), "mouth": (0.58, 0.32, 0.30)}


def plain_name(name: str) -> str:
    """`name` as it may stand in an OBJ or MTL: letters of any alphabet, digits, ``_``, ``.`` and ``-``.

    Many readers end a name at a space, take ``#`` for a comment, ``\\`` for a continued line and a first ``-`` for
    an option. Every other character becomes ``_``.
    """
    return re.sub(r"^-|[^\w.-]", "_", name)


def write_obj(
    path: Path | str, mesh: MeshData, textures: Mapping[str, str] | None = None, comment: str = ""
) -> list[Path]:
    """Write an OBJ and its MTL; gives both paths. The MTL has the `plain_name` of the OBJ, which names it.

    Parameters
    ----------
    mesh : MeshData
        Coordinates are written in mm with 5 decimals.
    textures : mapping of material name to file name, optional
        ``map_Kd`` of that material, relative to the MTL; each must be a `plain_name`.
    comment : str
        One line at the head of the file.

    Raises
    ------
    ValueError
        A texture's name is not plain.
    """
    path = Path(path)
    note = " ".join(comment.replace("\\", "/").split())
    for texture in (textures or {}).values():
        if texture != plain_name(texture):
            raise ValueError(f"{texture}: an OBJ cannot name this file; call it {plain_name(texture)}")
    material_path = path.with_name(plain_name(f"{path.stem}.mtl"))
    with replacing(material_path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(_mtl(mesh.material_names, textures or {}))
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        if note:
            stream.write(f"# {note}\n")
        stream.write(f"# units: mm, Y up, facing +Z\nmtllib {material_path.name}\n")
        _write_rows(stream, "v %.5f %.5f %.5f\n", mesh.vertices)
        if mesh.uv is not None:
            _write_rows(stream, "vt %.6f %.6f\n", mesh.uv)
        if mesh.normals is not None:
            _write_rows(stream, "vn %.4f %.4f %.4f\n", mesh.normals)
        for number, name in enumerate(mesh.material_names):
            _write_faces(stream, mesh, mesh.material == number, name)
    return [path, material_path]


def _write_faces(stream: TextIO, mesh: MeshData, chosen: npt.NDArray[np.bool_], name: str) -> None:
    if not chosen.any():
        return
    stream.write(f"g {plain_name(name)}\nusemtl {plain_name(name)}\n")
    corner = "%d" if mesh.face_uv is None else "%d/%d"
    if mesh.normals is not None:
        corner += "//%d" if mesh.face_uv is None else "/%d"
    for n_corners in (4, 3):
        row = "f " + " ".join([corner] * n_corners) + "\n"
        of_size = np.flatnonzero(chosen & ((mesh.faces[:, 3] >= 0) == (n_corners == 4)))
        for start in range(0, len(of_size), _ROWS_AT_ONCE):
            part = of_size[start : start + _ROWS_AT_ONCE]
            faces = mesh.faces[part, :n_corners] + 1
            columns = [faces]
            if mesh.face_uv is not None:
                columns.append(mesh.face_uv[part, :n_corners] + 1)
            if mesh.normals is not None:
                columns.append(faces)
            _write_rows(stream, row, np.stack(columns, axis=2).reshape(len(part), -1))


def _write_rows(stream: TextIO, row: str, values: npt.NDArray[np.generic]) -> None:
    for start in range(0, len(values), _ROWS_AT_ONCE):
        part = values[start : start + _ROWS_AT_ONCE]
        # One formatting call for thousands of rows is several times as fast as one per row.
        stream.write((row * len(part)) % tuple(part.ravel().tolist()))


def _mtl(names: tuple[str, ...], textures: Mapping[str, str]) -> str:
    lines = []
    for name in names:
        red, green, blue = _COLORS.get(name, (0.85, 0.85, 0.85))
        lines += [f"newmtl {plain_name(name)}", f"Kd {red} {green} {blue}", "Ks 0.04 0.04 0.04", "Ns 40", "illum 2"]
        if name in textures:
            lines.append(f"map_Kd {textures[name]}")
        lines.append("")
    return "\n".join(lines)


def read_obj(path: Path | str) -> MeshData:
    """Read an OBJ: vertices, texture coordinates, normals per vertex, triangles and quads, materials.

    Larger polygons become fans of triangles. Lines, curves and groups are skipped.

    Raises
    ------
    MeshError
        No faces, indices out of range, numbers that cannot be read or are not finite.
    """
    path = Path(path)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise MeshError(f"{path}: larger than {MAX_FILE_BYTES >> 30} GB; export it with fewer faces")
    try:
        lines = _Lines(path)
    except (ValueError, IndexError, OverflowError) as error:
        raise MeshError(f"{path}: not a readable OBJ ({error}); export it again") from error
    if not len(lines.vertices):
        raise MeshError(f"{path}: no vertices; is this an OBJ mesh?")
    if not len(lines.corner):
        raise MeshError(f"{path}: the OBJ has no faces; export it with polygons")
    if not np.isfinite(lines.vertices).all():
        raise MeshError(f"{path}: vertex coordinates are NaN or infinite; export the mesh again")
    faces = _indices(path, lines.corner[..., 0], len(lines.vertices), "vertices")
    has_uv = len(lines.uv) > 0 and bool((lines.corner[..., 1] != 0)[faces >= 0].all())
    face_uv = _indices(path, lines.corner[..., 1], len(lines.uv), "texture coordinates") if has_uv else None
    return MeshData(
        vertices=lines.vertices,
        faces=faces,
        normals=_vertex_normals_of(path, lines, faces),
        uv=lines.uv if has_uv else None,
        face_uv=face_uv,
        material=lines.material,
        material_names=tuple(lines.material_names),
    )


class _Lines:
    """The statements of an OBJ as arrays; `corner` is (F, 4, 3) 1-based as in the file, 0 = absent."""

    def __init__(self, path: Path) -> None:
        lines = _statements(path)
        self.vertices = _numbers(lines, b"v ", 3)
        self.uv = _numbers(lines, b"vt ", 2)
        self.normals = _numbers(lines, b"vn ", 3)
        face_at = np.array([i for i, line in enumerate(lines) if line.startswith(b"f ")], np.intp)
        faces = [lines[i][2:] for i in face_at]
        fields, n_corners = _face_fields(faces)
        if (fields < 0).any():
            # Negative indices count from the last one stated before the face.
            face_of = np.repeat(np.arange(len(faces)), n_corners)
            for column, keyword in enumerate((b"v ", b"vt ", b"vn ")):
                stated = np.cumsum([line.startswith(keyword) for line in lines])[face_at][face_of]
                negative = fields[:, column] < 0
                fields[negative, column] += stated[negative] + 1
                if (fields[negative, column] < 1).any():
                    raise ValueError("a relative index of a face is out of range")
        if (fields[:, 0] < 1).any():
            raise ValueError("a face without a vertex index")
        self.corner, owner = _polygons(fields, n_corners)
        names: dict[str, int] = {}
        switches = [(i, line[7:]) for i, line in enumerate(lines) if line.startswith(b"usemtl ")]
        number = [names.setdefault(n.strip().decode("utf-8", "replace"), len(names)) for _, n in switches]
        section = np.searchsorted(np.array([i for i, _ in switches], np.intp), face_at[owner]) - 1
        self.material_names = list(names) or ["default"]
        self.material = np.array([*number, 0], np.int32)[section]


def _statements(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.replace(b"\\\n", b" ").replace(b"\t", b" ")
    lines = data.split(b"\n")
    return [line.lstrip() for line in lines] if b"\n " in data else lines


def _numbers(lines: list[bytes], keyword: bytes, n_columns: int) -> npt.NDArray[np.float32]:
    """First numbers of the statements with that keyword (N, n_columns); colours behind them are skipped."""
    if not any(line.startswith(keyword) for line in lines):
        return np.zeros((0, n_columns), np.float32)
    rows = (line[len(keyword) :] for line in lines if line.startswith(keyword))
    values = np.loadtxt(rows, np.float64, usecols=range(n_columns), ndmin=2, encoding="latin-1")
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def _face_fields(faces: list[bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Vertex, texture coordinate and normal of each corner (N, 3); number of corners of each face (F,)."""
    n_corners = np.array([len(face.split()) for face in faces], np.int64)
    if not len(faces):
        return np.zeros((0, 3), np.int64), n_corners
    if n_corners.min() < 3:
        raise ValueError("a face with fewer than 3 corners")
    per_corner = faces[0].count(b"/") // int(n_corners[0])
    uniform = per_corner <= 2 and not any(b"//" in face for face in faces)
    if not uniform or any(f.count(b"/") != per_corner * n for f, n in zip(faces, n_corners, strict=True)):
        split = (word.split(b"/")[:3] for face in faces for word in face.split())
        table = [[int(index or 0) for index in corner] + [0] * (3 - len(corner)) for corner in split]
        return np.array(table, np.int64), n_corners
    fields = np.zeros((int(n_corners.sum()), 3), np.int64)
    first = np.cumsum(n_corners) - n_corners
    for size in np.unique(n_corners):
        chosen = n_corners == size
        rows = (face.replace(b"/", b" ") for face, use in zip(faces, chosen, strict=True) if use)
        table_of_size = np.loadtxt(rows, np.int64, ndmin=2, encoding="latin-1")
        corner = (first[chosen][:, None] + np.arange(size)).ravel()
        fields[corner, : per_corner + 1] = table_of_size.reshape(-1, per_corner + 1)
    return fields, n_corners


def _polygons(
    fields: npt.NDArray[np.int64], n_corners: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    """Quads, triangles and fans of larger polygons (F, 4, 3) in the file's order; the statement of each."""
    first = np.cumsum(n_corners) - n_corners
    n_pieces = np.where(n_corners > 4, n_corners - 2, 1)
    owner = np.repeat(np.arange(len(n_corners)), n_pieces)
    piece = np.arange(len(owner)) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
    base = first[owner]
    corner = np.zeros((len(owner), 4, 3), np.int64)
    corner[:, 0] = fields[base]
    corner[:, 1] = fields[base + piece + 1]
    corner[:, 2] = fields[base + piece + 2]
    is_quad = n_corners[owner] == 4
    corner[is_quad, 3] = fields[base[is_quad] + 3]
    return corner, owner


def _indices(path: Path, one_based: npt.NDArray[np.int64], count: int, what: str) -> npt.NDArray[np.int32]:
    if one_based.max(initial=0) > count:
        raise MeshError(
            f"{path}: a face names {what} {one_based.max()}, but there are {count}; export it again"
        )
    return (one_based - 1).astype(np.int32)


def _vertex_normals_of(
    path: Path, lines: _Lines, faces: npt.NDArray[np.int32]
) -> npt.NDArray[np.float32] | None:
    index = lines.corner[..., 2]
    valid = faces >= 0
    if not len(lines.normals) or (index[valid] == 0).any():
        return None
    normals = np.zeros_like(lines.vertices)
    normals[faces[valid]] = lines.normals[_indices(path, index, len(lines.normals), "normals")[valid]]
    return normals

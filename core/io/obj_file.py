"""Wavefront OBJ with MTL: quads kept, UDIM texture coordinates, normals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from core.io.atomic import replacing
from core.io.errors import MeshError
from core.io.mesh_data import MeshData

_ROWS_AT_ONCE = 1 << 15
MAX_FILE_BYTES = 4 << 30
_COLORS = {"skin": (0.80, 0.62, 0.54), "teeth": (0.86, 0.83, 0.76), "mouth": (0.55, 0.25, 0.24)}


def write_obj(
    path: Path | str, mesh: MeshData, textures: Mapping[str, str] | None = None, comment: str = ""
) -> list[Path]:
    """Write an OBJ and its MTL; gives both paths.

    Parameters
    ----------
    mesh : MeshData
        Coordinates are written in mm with 5 decimals.
    textures : mapping of material name to file name, optional
        ``map_Kd`` of that material, relative to the MTL.
    comment : str
        One line at the head of the file.
    """
    path = Path(path)
    material_path = path.with_suffix(".mtl")
    with replacing(material_path) as temporary:
        temporary.write_text(_mtl(mesh.material_names, textures or {}), "utf-8", newline="\n")
    with replacing(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as stream:
        if comment:
            stream.write(f"# {comment.encode('ascii', 'replace').decode()}\n")
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
    stream.write(f"g {name}\nusemtl {name}\n")
    for n_corners in (4, 3):
        of_size = chosen & ((mesh.faces[:, 3] >= 0) == (n_corners == 4))
        faces = mesh.faces[of_size, :n_corners] + 1
        columns = [faces]
        corner = "%d"
        if mesh.face_uv is not None:
            columns.append(mesh.face_uv[of_size, :n_corners] + 1)
            corner = "%d/%d"
        if mesh.normals is not None:
            columns.append(faces)
            corner += "/%d" if mesh.face_uv is not None else "//%d"
        row = "f " + " ".join([corner] * n_corners) + "\n"
        _write_rows(stream, row, np.stack(columns, axis=2).reshape(-1, n_corners * len(columns)))


def _write_rows(stream: TextIO, row: str, values: npt.NDArray[np.generic]) -> None:
    for start in range(0, len(values), _ROWS_AT_ONCE):
        part = values[start : start + _ROWS_AT_ONCE]
        # One formatting call for thousands of rows is several times as fast as one per row.
        stream.write((row * len(part)) % tuple(part.ravel().tolist()))


def _mtl(names: tuple[str, ...], textures: Mapping[str, str]) -> str:
    lines = []
    for name in names:
        red, green, blue = _COLORS.get(name, (0.85, 0.85, 0.85))
        lines += [f"newmtl {name}", f"Kd {red} {green} {blue}", "Ks 0.04 0.04 0.04", "Ns 40", "illum 2"]
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
        rows: dict[bytes, list[bytes]] = {b"v": [], b"vt": [], b"vn": []}
        faces: list[bytes] = []
        material_of: list[int] = []
        names: dict[str, int] = {}
        current = 0
        counts: list[tuple[int, int, int]] = []
        v_rows, vt_rows, vn_rows = rows[b"v"], rows[b"vt"], rows[b"vn"]
        for line in _statements(path):
            if line.startswith(b"v "):
                v_rows.append(line[2:])
            elif line.startswith(b"f "):
                faces.append(line[2:])
                material_of.append(current)
                counts.append((len(v_rows), len(vt_rows), len(vn_rows)))
            elif line.startswith(b"vt "):
                vt_rows.append(line[3:])
            elif line.startswith(b"vn "):
                vn_rows.append(line[3:])
            elif line.startswith(b"usemtl "):
                name = line[7:].strip().decode("utf-8", "replace")
                current = names.setdefault(name, len(names))
        self.vertices = _numbers(v_rows, 3)
        self.uv = _numbers(vt_rows, 2)
        self.normals = _numbers(vn_rows, 3)
        self.material_names = list(names) or ["default"]
        self.corner, owner = _corners(faces, counts)
        self.material = np.array(material_of, np.int32)[owner]


def _statements(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        pending = b""
        for line in stream:
            stripped = line.strip()
            if stripped.endswith(b"\\"):
                pending += stripped[:-1] + b" "
                continue
            yield (pending + stripped).replace(b"\t", b" ")
            pending = b""


def _numbers(rows: list[bytes], n_columns: int) -> npt.NDArray[np.float32]:
    if not rows:
        return np.zeros((0, n_columns), np.float32)
    table = [row.split()[:n_columns] for row in rows]
    return np.array([[float(value) for value in row] for row in table], np.float32).reshape(-1, n_columns)


def _corners(
    faces: list[bytes], counts: list[tuple[int, int, int]]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.intp]]:
    corners: list[list[tuple[int, int, int]]] = []
    owner: list[int] = []
    absent = (0, 0, 0)
    for number, (text, count) in enumerate(zip(faces, counts, strict=True)):
        polygon = [_corner(word, count) for word in text.split()]
        if len(polygon) < 3:
            raise ValueError(f"a face of {len(polygon)} corners")
        if len(polygon) == 4:
            corners.append(polygon)
            owner.append(number)
            continue
        for i in range(1, len(polygon) - 1):
            corners.append([polygon[0], polygon[i], polygon[i + 1], absent])
            owner.append(number)
    return np.array(corners, np.int64).reshape(-1, 4, 3), np.array(owner, np.intp)


def _corner(word: bytes, count: tuple[int, int, int]) -> tuple[int, int, int]:
    fields = word.split(b"/")
    result = [0, 0, 0]
    for i, field in enumerate(fields[:3]):
        if field:
            index = int(field)
            # Negative indices count from the last one stated before the face.
            result[i] = index if index > 0 else count[i] + index + 1
            if result[i] < 1:
                raise ValueError(f"index {index} of a face is out of range")
    if result[0] == 0:
        raise ValueError("a face without vertices")
    return result[0], result[1], result[2]


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

"""Binary PLY: quads or triangles with normals and texture coordinates per vertex (split at seams)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.writing import replacing
from rhytid.core.head.head import split_faces
from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import MeshData

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
_HEADER_BYTES = 1 << 16


def write_ply(path: Path | str, mesh: MeshData, comment: str = "") -> list[Path]:
    """Write little-endian binary PLY in mm: x y z, nx ny nz, s t as Blender reads them.

    All faces have the same number of corners, because many readers take the first face's for all: quads stay
    quads in a mesh without triangles, otherwise they become two triangles each.
    """
    path = Path(path)
    faces, vertex, coordinate = mesh.split_at_seams()
    columns = [mesh.vertices[vertex]]
    names = ["x", "y", "z"]
    if mesh.normals is not None:
        columns.append(mesh.normals[vertex])
        names += ["nx", "ny", "nz"]
    if mesh.uv is not None:
        columns.append(mesh.uv[coordinate])
        names += ["s", "t"]
    polygons = faces if (faces[:, 3] >= 0).all() else split_faces(faces)[0]
    note = " ".join(comment.encode("ascii", "replace").decode().split())
    header = ["ply", "format binary_little_endian 1.0"]
    header += [f"comment {note}"] if note else []
    header += ["comment units: mm, Y up, facing +Z", f"element vertex {len(vertex)}"]
    header += [f"property float {name}" for name in names]
    header += [f"element face {len(polygons)}", "property list uchar int vertex_indices", "end_header\n"]
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.write("\n".join(header).encode("ascii"))
        stream.write(np.concatenate(columns, axis=1, dtype="<f4").data)
        rows = np.empty(len(polygons), [("count", "u1"), ("index", "<i4", polygons.shape[1])])
        rows["count"] = polygons.shape[1]
        rows["index"] = polygons
        stream.write(rows.data)
    return [path]


@dataclass
class _Element:
    """An element of the header; a property is its name, its type, and for a list the type of the count."""

    name: str
    count: int
    properties: list[tuple[str, str, str]] = field(default_factory=list)


def read_ply(path: Path | str) -> MeshData:
    """Read a binary PLY, triangles and quads kept; larger polygons become fans.

    Raises
    ------
    MeshError
        Not a binary PLY with vertices before faces, no faces, indices out of range, values that are not
        finite, or fewer bytes than the header announces.
    """
    path = Path(path)
    data = path.read_bytes()
    try:
        order, elements, position = _header(data)
        if [element.name for element in elements[:2]] != ["vertex", "face"]:
            raise ValueError("vertices must come first, faces second")
        vertex, face = elements[:2]
        if any(listed for *_, listed in vertex.properties):
            raise ValueError("vertices with lists")
        row = np.dtype([(name, order + kind) for name, kind, _ in vertex.properties])
        columns = np.frombuffer(data, row, vertex.count, position)
        rows, first = _face_rows(data, position + columns.nbytes, order, face)
    except (ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
        raise MeshError(f"{path}: not a readable binary PLY ({error}); export it again") from error
    vertices = _columns(columns, ("x", "y", "z"))
    if vertices is None or not len(vertices):
        raise MeshError(f"{path}: no vertices; export a mesh")
    if not len(rows):
        raise MeshError(f"{path}: the mesh has no faces; export it with polygons")
    if rows.max() >= len(vertices) or rows[:, :3].min() < 0:
        raise MeshError(f"{path}: faces name vertices that do not exist; export it again")
    if not np.isfinite(vertices).all():
        raise MeshError(f"{path}: vertex coordinates are NaN or infinite; export it again")
    faces = rows[np.argsort(first, kind="stable")]
    uv = _columns(columns, ("s", "t"))
    return MeshData(
        vertices=vertices,
        faces=faces,
        normals=_columns(columns, ("nx", "ny", "nz")),
        uv=uv,
        face_uv=None if uv is None else faces,
        material=np.zeros(len(faces), np.int32),
    )


def _header(data: bytes) -> tuple[str, list[_Element], int]:
    end = data.find(b"end_header\n", 0, _HEADER_BYTES)
    lines = data[: max(end, 0)].decode("ascii", "replace").split("\n")
    if end < 0 or lines[0].strip() != "ply":
        raise ValueError("no PLY header")
    order, elements = "", list[_Element]()
    for words in (line.split() for line in lines[1:]):
        if words[:1] == ["format"]:
            order = {"binary_little_endian": "<", "binary_big_endian": ">"}.get(words[1], "")
        elif words[:1] == ["element"]:
            elements.append(_Element(words[1], int(words[2])))
        elif words[:2] == ["property", "list"]:
            elements[-1].properties.append((words[4], _TYPES[words[3]], _TYPES[words[2]]))
        elif words[:1] == ["property"]:
            elements[-1].properties.append((words[2], _TYPES[words[1]], ""))
    if not order:
        raise ValueError("text instead of binary")
    # Each vertex and face takes at least a byte: counts beyond that are a trap.
    if any(not 0 <= element.count <= len(data) for element in elements):
        raise ValueError("its header announces more than the file holds")
    return order, elements, end + len(b"end_header\n")


def _face_rows(
    data: bytes, position: int, order: str, face: _Element
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.intp]]:
    """Faces (F, 4) and their place in the file, read in runs of polygons with the same number of corners."""
    (name, kind, counted), *more = face.properties
    if not counted or more:
        raise ValueError(f"faces need one list of vertex indices, not {name}")
    parts, places, done = [np.zeros((0, 4), np.int32)], [np.zeros(0, np.intp)], 0
    run = 1
    while done < face.count:
        n_corners = int(np.frombuffer(data, order + counted, 1, position)[0])
        if not 3 <= n_corners <= 256:
            raise ValueError(f"a face with {n_corners} corners")
        row = np.dtype([("count", order + counted), ("index", order + kind, (n_corners,))])
        # Runs are tried twice as long each time, so that alternating polygons do not cost a whole scan each.
        wanted = min(run, face.count - done, (len(data) - position) // row.itemsize)
        if wanted < 1:
            raise ValueError("fewer faces than its header says")
        table = np.frombuffer(data, row, wanted, position)
        other = np.flatnonzero(table["count"] != n_corners)
        n_same = int(other[0]) if other.size else wanted
        run = run * 2 if n_same == wanted else 1
        index = table["index"][:n_same].astype(np.int64)
        if index.size and (index.min() < 0 or index.max() > np.iinfo(np.int32).max):
            raise ValueError("impossible vertex index")
        place = done + np.arange(n_same)
        if n_corners == 4:
            parts.append(index.astype(np.int32))
            places.append(place)
        else:
            for i in range(1, n_corners - 1):
                fan = np.stack([index[:, 0], index[:, i], index[:, i + 1], np.full(n_same, -1)], axis=1)
                parts.append(fan.astype(np.int32))
                places.append(place)
        position += n_same * row.itemsize
        done += n_same
    return np.concatenate(parts), np.concatenate(places)


def _columns(table: npt.NDArray[np.void], names: tuple[str, ...]) -> npt.NDArray[np.float32] | None:
    if not set(names) <= set(table.dtype.names or ()):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return np.stack([table[name].astype(np.float32) for name in names], axis=1)

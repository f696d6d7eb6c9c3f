"""Reading PLY as scanners and scan programs write it, with distrust: what is announced is held against what is there.

Not with trimesh, which decodes whatever a header announces and opens the files that its comments name.
Texture coordinates are read as MeshLab and Metashape write them, a list `texcoord` of each face, and as Blender does,
two numbers of each vertex; pictures are named in comments `TextureFile`.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, read_file

_REMEDY = "export it again as binary PLY with triangles"
_MAX_HEADER = 1 << 16
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "float": "f4", "float32": "f4",
    "double": "f8", "float64": "f8",
}  # fmt: skip
_UV_NAMES = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"))
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": "="}


class PlyMesh(NamedTuple):
    """What a PLY holds.

    Attributes
    ----------
    vertices : float32 (V, 3)
    faces : int64 (F, 3 or 4)
    colors : uint8 (V, 3) or None
    uv : float32 (U, 2) or None
        Texture coordinates, origin bottom left.
    face_uv : int64 (F, 3 or 4)
        Indices into `uv`; `faces` where each vertex has one.
    picture : int64 (F,)
        Which of `pictures` lies on each face.
    pictures : tuple of str
        Names of files.
    """

    vertices: npt.NDArray[np.float32]
    faces: npt.NDArray[np.int64]
    colors: npt.NDArray[np.uint8] | None
    uv: npt.NDArray[np.float32] | None
    face_uv: npt.NDArray[np.int64]
    picture: npt.NDArray[np.int64]
    pictures: tuple[str, ...]


class _Element(NamedTuple):
    name: str
    n_rows: int
    # (type of the length or "", type, name)
    properties: list[tuple[str, str, str]]


def read_ply(path: Path, max_bytes: int, max_vertices: int, max_faces: int) -> PlyMesh:
    """Read a PLY whose faces all have the same number of corners, three or four.

    Raises
    ------
    FileRefused
        No such PLY, damaged, or too large.
    OSError
        The file cannot be read.
    """
    data = read_file(path, max_bytes, "export it with fewer faces")
    end = data.find(b"end_header", 0, _MAX_HEADER)
    first = data.find(b"\n", end) + 1
    if not data.startswith(b"ply") or end < 0 or not first:
        raise FileRefused(f"{path}: is no PLY; {_REMEDY}")
    header = data[:end].decode("utf-8", "replace")
    order, elements = _header(path, header)
    most = {"vertex": max_vertices, "face": max_faces}
    found: dict[str, npt.NDArray[np.void]] = {}
    rest: list[bytes] = data[first:].split(b"\n") if order == "=" else []
    for element in elements:
        if element.n_rows > most.get(element.name, max_faces):
            raise FileRefused(f"{path}: holds {element.n_rows} of {element.name!r:.20}; export it with fewer faces")
        if order == "=":
            found[element.name] = _text_rows(path, rest[: element.n_rows], element)
            rest = rest[element.n_rows :]
        else:
            found[element.name] = _binary_rows(path, data, first, element, order)
            first += found[element.name].nbytes
        if {"vertex", "face"} <= set(found):
            break
    if not {"vertex", "face"} <= set(found):
        raise FileRefused(f"{path}: holds points without faces; make a mesh of them first")
    named = (line.split(None, 2) for line in header.splitlines() if line.lower().startswith("comment texturefile "))
    return _mesh(path, found["vertex"], found["face"], tuple(words[2].strip() for words in named if len(words) == 3))


def _header(path: Path, text: str) -> tuple[str, list[_Element]]:
    order, elements = "", []
    for line in text.splitlines()[1:]:
        match line.split():
            case ["format", name, *_] if name in _ORDERS:
                order = _ORDERS[name]
            case ["element", name, count] if count.isdigit() and len(count) < 12:
                elements.append(_Element(name, int(count), []))
            case ["property", "list", length, kind, name] if {length, kind} <= set(_TYPES) and elements:
                elements[-1].properties.append((_TYPES[length], _TYPES[kind], name))
            case ["property", kind, name] if kind in _TYPES and elements:
                elements[-1].properties.append(("", _TYPES[kind], name))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                _refuse(path, f"has a header that is none ({line!r:.60})")
    if not order or len(elements) > 20 or any(len(element.properties) > 100 for element in elements):
        _refuse(path, "has a header that is none")
    return order, elements


def _row(element: _Element, lengths: list[int], order: str) -> np.dtype[np.void]:
    """Type of a row whose lists are so long."""
    fields: list[tuple[str, str] | tuple[str, str, int]] = []
    left = iter(lengths)
    for number, (length, kind, name) in enumerate(element.properties):
        if length:
            fields += [(f"n{number}", order + length), (f"{number} {name}", order + kind, next(left))]
        else:
            fields.append((f"{number} {name}", order + kind))
    return np.dtype(fields)


def _binary_rows(path: Path, data: bytes, first: int, element: _Element, order: str) -> npt.NDArray[np.void]:
    lengths: list[int] = []
    at = first
    for length, kind, _name in element.properties:
        size = np.dtype(kind).itemsize
        if length and element.n_rows:
            step = np.dtype(length).itemsize
            if at + step > len(data):
                _refuse(path, "is cut off")
            count = int(np.frombuffer(data, order + length, 1, at)[0])
            if not 0 <= count <= 1000:
                _refuse(path, "has a list that is none")
            lengths.append(count)
            at += step + count * size
        else:
            at += size
    dtype = _row(element, lengths, order)
    if not dtype.itemsize or first + element.n_rows * dtype.itemsize > len(data):
        _refuse(path, "is cut off, or has faces of several numbers of corners")
    return np.frombuffer(data, dtype, element.n_rows, first)


def _text_rows(path: Path, lines: list[bytes], element: _Element) -> npt.NDArray[np.void]:
    if len(lines) < element.n_rows:
        _refuse(path, "is cut off")
    words = lines[0].split() if lines else []
    lengths: list[int] = []
    at = 0
    for length, _kind, _name in element.properties:
        if length:
            count = int(words[at]) if at < len(words) and words[at].isdigit() else -1
            if not 0 <= count <= 1000:
                _refuse(path, "has a list that is none")
            lengths.append(count)
            at += count
        at += 1
    dtype = _row(element, lengths, "=")
    try:
        values = np.loadtxt(io.BytesIO(b"\n".join(lines)), np.float64, ndmin=2, comments=None, encoding="latin-1")
    except ValueError:
        _refuse(path, "has rows that are no numbers, or faces of several numbers of corners")
    n_columns = sum(dtype[name].shape[0] if dtype[name].shape else 1 for name in dtype.names or ())
    if element.n_rows and values.shape != (element.n_rows, n_columns):
        _refuse(path, "has rows that are no numbers, or faces of several numbers of corners")
    rows = np.zeros(element.n_rows, dtype)
    column = 0
    for name in dtype.names or ():
        width = dtype[name].shape[0] if dtype[name].shape else 1
        with np.errstate(invalid="ignore"):
            part = values[:, column : column + width]
            rows[name] = part if dtype[name].shape else part[:, 0]
        column += width
    return rows


def _mesh(
    path: Path, vertex: npt.NDArray[np.void], face: npt.NDArray[np.void], pictures: tuple[str, ...]
) -> PlyMesh:
    named = {name.partition(" ")[2]: name for name in vertex.dtype.names or ()}
    if not {"x", "y", "z"} <= set(named):
        _refuse(path, "has vertices without places")
    with np.errstate(over="ignore"):
        vertices = np.stack([vertex[named[axis]].astype(np.float32) for axis in "xyz"], axis=1)
    fields = face.dtype.names or ()
    corners = next((name for name in fields if name.partition(" ")[2] in ("vertex_indices", "vertex_index")), None)
    if corners is None:
        _refuse(path, "has faces without corners")
    for number, name in enumerate(fields):
        lengths = face[name]
        if name.startswith("n") and len(lengths) and (lengths != len(face[fields[number + 1]][0])).any():
            _refuse(path, "has faces of several numbers of corners")
    faces = face[corners].astype(np.int64)
    if faces.ndim != 2 or faces.shape[1] not in (3, 4):
        _refuse(path, "has faces that are neither triangles nor quads")
    if not np.isfinite(vertices).all() or (faces.size and not 0 <= faces.min() <= faces.max() < len(vertices)):
        _refuse(path, "is damaged")
    colors = None
    if {"red", "green", "blue"} <= set(named):
        given = np.stack([vertex[named[channel]] for channel in ("red", "green", "blue")], axis=1)
        if given.dtype.kind == "f":
            given = np.nan_to_num(given).clip(0, 1) * 255
        elif given.dtype.itemsize == 2:
            given = given >> 8
        colors = given.astype(np.uint8)
    uv, face_uv = _texture_coordinates(vertex, face, faces)
    numbered = next((name for name in fields if name.partition(" ")[2] == "texnumber"), None)
    which = np.zeros(len(faces), np.int64)
    if numbered is not None and face[numbered].ndim == 1:
        with np.errstate(invalid="ignore"):
            which = face[numbered].astype(np.int64)
    which[(which < 0) | (which >= len(pictures))] = -1
    return PlyMesh(vertices, faces, colors, uv, face_uv, which, pictures)


def _texture_coordinates(
    vertex: npt.NDArray[np.void], face: npt.NDArray[np.void], faces: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float32] | None, npt.NDArray[np.int64]]:
    """Texture coordinates and which of them each corner of a face has; None where there are none."""
    given = next((name for name in face.dtype.names or () if name.partition(" ")[2] == "texcoord"), None)
    with np.errstate(over="ignore", invalid="ignore"):
        if given is not None and face[given].shape == (len(faces), 2 * faces.shape[1]):
            uv = face[given].reshape(-1, 2).astype(np.float32)
            return np.nan_to_num(uv, posinf=0.0, neginf=0.0), np.arange(len(uv)).reshape(faces.shape)
        named = {name.partition(" ")[2]: name for name in vertex.dtype.names or ()}
        for pair in _UV_NAMES:
            if set(pair) <= set(named) and all(vertex[named[one]].ndim == 1 for one in pair):
                uv = np.stack([vertex[named[one]].astype(np.float32) for one in pair], axis=1)
                return np.nan_to_num(uv, posinf=0.0, neginf=0.0), faces
    return None, faces


def _refuse(path: os.PathLike[str], what: str) -> NoReturn:
    raise FileRefused(f"{path}: {what}; {_REMEDY}")

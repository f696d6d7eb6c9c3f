"""Heads in files: our own format as .npz or .safetensors, read with distrust and written atomically.

Both containers hold the same arrays, little-endian, nothing pickled:

================== ============ ==========================================================================
array              type         content
================== ============ ==========================================================================
format             int32 (1,)   1
name               uint8 (n,)   UTF-8
neutral            float32      (V, 3) mm
faces, face_uv     int32        (F, 4), last -1 for a triangle
parts              uint8        (F,)
n_skin             int32 (1,)
chart, uv          float32      (n_skin, 2), (U, 2)
detail_weight      float16      (n_skin,)
identity           float16      (I, V, 3)
expression_start   int32 (53,)  rows of the next two that belong to shape k are start[k] .. start[k + 1]
expression_vertex  int32 (M,)   vertices that move
expression_offset  float16      (M, 3) mm
landmarks          int32 (68,)
eye_centers        float32      (2, 3)
================== ============ ==========================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.files.writing import replacing
from rhytid.core.head.head import Head, Part

Arrays = dict[str, npt.NDArray[Any]]

FORMAT = 1
MAX_VERTICES = 400_000
MAX_FACES = 800_000
MAX_MODES = 400
MAX_FILE_BYTES = 1 << 29
_REMEDY = "export or download the head again"


class HeadFileError(ValueError):
    """A file is not a head that can be used; the message names the file and what to do."""


def save_head(head: Head, path: str | os.PathLike[str]) -> None:
    """Write a head in our format; ".safetensors" chooses that container, anything else .npz (stored, not deflated)."""
    path = Path(path)
    start, vertex, offset = _sparse(head.expression)
    arrays: Arrays = {
        "format": np.array([FORMAT], np.int32),
        "name": np.frombuffer(head.name.encode(), np.uint8),
        "neutral": head.neutral.astype(np.float32),
        "faces": head.faces.astype(np.int32),
        "parts": head.parts.astype(np.uint8),
        "n_skin": np.array([head.n_skin], np.int32),
        "chart": head.chart.astype(np.float32),
        "detail_weight": head.detail_weight.astype(np.float16),
        "uv": head.uv.astype(np.float32),
        "face_uv": head.face_uv.astype(np.int32),
        "identity": head.identity.astype(np.float16),
        "expression_start": start,
        "expression_vertex": vertex,
        "expression_offset": offset,
        "landmarks": head.landmarks.astype(np.int32),
        "eye_centers": head.eye_centers.astype(np.float32),
    }
    with replacing(path) as temporary, temporary.open("wb") as stream:
        if path.suffix == ".safetensors":
            _write_safetensors(stream, arrays)
        else:
            np.savez(stream, allow_pickle=False, **arrays)


def read_head(path: Path) -> Head:
    """Head from a file in our format.

    Raises
    ------
    HeadFileError
        Not such a file, damaged, or over the size limits.
    """
    arrays = read_safetensors(path) if path.suffix == ".safetensors" else read_npz(path)
    return head_from_arrays(arrays, path)


def head_from_arrays(arrays: Mapping[str, npt.NDArray[Any]], path: Path) -> Head:
    """Checked head from the arrays of our format; `path` only names the source in messages."""
    version = _get(arrays, "format", path, np.int32, (1,))[0]
    if version != FORMAT:
        raise HeadFileError(f"{path}: head format {version} is newer than this program reads; update Rhytid")
    neutral = _get(arrays, "neutral", path, np.float32, (None, 3))
    n_vertices = len(neutral)
    faces = _get(arrays, "faces", path, np.int32, (None, 4))
    n_skin = int(_get(arrays, "n_skin", path, np.int32, (1,))[0])
    if not 0 < n_skin <= n_vertices:
        raise HeadFileError(f"{path}: {n_skin} skin vertices of {n_vertices}; {_REMEDY}")
    start = _get(arrays, "expression_start", path, np.int32, (N_EXPRESSION + 1,))
    vertex = _get(arrays, "expression_vertex", path, np.int32, (None,))
    offset = _get(arrays, "expression_offset", path, np.float16, (len(vertex), 3))
    if start[0] != 0 or start[-1] != len(vertex) or (np.diff(start) < 0).any():
        raise HeadFileError(f"{path}: expression_start does not fit expression_vertex; {_REMEDY}")
    _check_indices(vertex, n_vertices, "expression_vertex", path)
    expression = np.zeros((N_EXPRESSION, n_vertices, 3), np.float16)
    shape_of_row = np.repeat(np.arange(N_EXPRESSION), np.diff(start))
    expression[shape_of_row, vertex] = offset
    uv = _get(arrays, "uv", path, np.float32, (None, 2))
    return checked_head(
        path,
        name=_get(arrays, "name", path, np.uint8, (None,)).tobytes().decode(errors="replace")[:80],
        neutral=neutral,
        faces=faces,
        parts=_get(arrays, "parts", path, np.uint8, (len(faces),)),
        n_skin=n_skin,
        chart=_get(arrays, "chart", path, np.float32, (n_skin, 2)),
        detail_weight=_get(arrays, "detail_weight", path, np.float16, (n_skin,)).astype(np.float32),
        uv=uv,
        face_uv=_get(arrays, "face_uv", path, np.int32, (len(faces), 4)),
        identity=_get(arrays, "identity", path, np.float16, (None, n_vertices, 3)),
        expression=expression,
        landmarks=_get(arrays, "landmarks", path, np.int32, (68,)),
        eye_centers=_get(arrays, "eye_centers", path, np.float32, (2, 3)),
    )


def checked_head(path: Path, **content: Any) -> Head:
    """A `Head` (its digest added) after checks that hold for every head, whatever file it came from."""
    neutral, faces, n_skin = content["neutral"], content["faces"], content["n_skin"]
    if len(faces) == 0:
        raise HeadFileError(f"{path}: the mesh has no faces; export it with its polygons")
    if len(neutral) > MAX_VERTICES or len(faces) > MAX_FACES or len(content["identity"]) > MAX_MODES:
        raise HeadFileError(
            f"{path}: larger than a head may be ({MAX_VERTICES} vertices, {MAX_FACES} faces, {MAX_MODES} modes); "
            "reduce the mesh"
        )
    for key in ("neutral", "chart", "detail_weight", "uv", "identity", "expression", "eye_centers"):
        if not np.isfinite(content[key]).all():
            raise HeadFileError(f"{path}: {key} has values that are not finite numbers; {_REMEDY}")
    for key, limit in (("faces", len(neutral)), ("face_uv", len(content["uv"]))):
        _check_indices(content[key][:, :3], limit, key, path)
        _check_indices(np.maximum(content[key][:, 3], 0), limit, key, path)
    if (content["parts"] > max(Part)).any():
        raise HeadFileError(f"{path}: unknown part of the head; {_REMEDY}")
    skin = faces[content["parts"] == Part.SKIN]
    if len(skin) == 0:
        raise HeadFileError(f"{path}: the mesh has no skin; export the face with the head")
    _check_indices(skin, n_skin, "faces of the skin", path, low=-1)
    _check_indices(content["landmarks"], n_skin, "landmarks", path)
    for value in content.values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return Head(digest=content_digest(content), **content)


def content_digest(content: Mapping[str, Any]) -> str:
    """sha256 over name, types, shapes and bytes of everything a head consists of."""
    digest = hashlib.sha256()
    for key in sorted(content):
        value = content[key]
        if isinstance(value, np.ndarray):
            digest.update(f"{key}{value.dtype.str}{value.shape}".encode())
            digest.update(np.ascontiguousarray(value).data)
        elif key != "digest":
            digest.update(f"{key}{value}".encode())
    return digest.hexdigest()


def read_npz(path: Path) -> Arrays:
    """All arrays of an .npz, nothing unpickled; sizes are checked before anything is allocated."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_FILE_BYTES:
                raise HeadFileError(f"{path}: unpacks to more than {MAX_FILE_BYTES >> 20} MB; this is no head")
            names = [m.filename for m in archive.infolist() if m.filename.endswith(".npy")]
            arrays = {}
            for name in names:
                with archive.open(name) as stream:
                    arrays[name[:-4]] = np.lib.format.read_array(stream, allow_pickle=False)
            return arrays
    except HeadFileError:
        raise
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, RuntimeError, zlib.error) as error:
        raise HeadFileError(f"{path}: not a readable .npz file ({error}); {_REMEDY}") from error


_SAFETENSORS_TYPES = {"F16": "<f2", "F32": "<f4", "I32": "<i4", "U8": "|u1"}


def read_safetensors(path: Path) -> Arrays:
    """All arrays of a .safetensors file (types F16, F32, I32, U8)."""
    # The format is 8 bytes of header length, a JSON header and raw data; a dependency for that would be too
    # much.
    if path.stat().st_size > MAX_FILE_BYTES:
        raise HeadFileError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MB; this is no head")
    data = path.read_bytes()
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        body = memoryview(data)[8 + length :]
        arrays = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = entry["data_offsets"]
            if not 0 <= begin <= end <= len(body):
                raise ValueError(f"{name} lies outside the file")
            flat = np.frombuffer(body[begin:end], np.dtype(_SAFETENSORS_TYPES[entry["dtype"]]))
            arrays[name] = flat.reshape(entry["shape"])
        return arrays
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeadFileError(f"{path}: not a readable .safetensors file ({error}); {_REMEDY}") from error


def _write_safetensors(stream: BinaryIO, arrays: Arrays) -> None:
    names = {np.dtype(code): name for name, code in _SAFETENSORS_TYPES.items()}
    header, position = {}, 0
    for key, value in arrays.items():
        header[key] = {
            "dtype": names[value.dtype],
            "shape": list(value.shape),
            "data_offsets": [position, position + value.nbytes],
        }
        position += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    stream.write(len(text).to_bytes(8, "little") + text)
    for value in arrays.values():
        stream.write(np.ascontiguousarray(value).tobytes())


def _sparse(expression: npt.NDArray[np.float16]) -> tuple[npt.NDArray[np.int32], ...]:
    moves = expression.any(axis=2)
    shape, vertex = np.nonzero(moves)
    start = np.searchsorted(shape, np.arange(len(expression) + 1)).astype(np.int32)
    return start, vertex.astype(np.int32), expression[shape, vertex].astype(np.float16)


def _get(
    arrays: Mapping[str, npt.NDArray[Any]], key: str, path: Path, dtype: Any, shape: tuple[int | None, ...]
) -> npt.NDArray[Any]:
    if key not in arrays:
        raise HeadFileError(f"{path}: {key} is missing; this is not a Rhytid head, or it is damaged: {_REMEDY}")
    value = arrays[key]
    fits = value.ndim == len(shape) and all(w in (None, h) for w, h in zip(shape, value.shape, strict=True))
    if value.dtype != dtype or not fits:
        raise HeadFileError(
            f"{path}: {key} is {value.dtype} {value.shape}, expected {np.dtype(dtype)} {shape}; {_REMEDY}"
        )
    return value


def _check_indices(values: npt.NDArray[Any], limit: int, key: str, path: Path, low: int = 0) -> None:
    if values.size and (values.min() < low or values.max() >= limit):
        raise HeadFileError(f"{path}: {key} point outside the {limit} elements there are; {_REMEDY}")

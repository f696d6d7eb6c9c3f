"""Heads in files: our own format as .npz or .safetensors, read with distrust and written atomically.

Both containers hold the same arrays, little-endian, nothing pickled:

================== ============ ==========================================================================
array              type         content
================== ============ ==========================================================================
format             int32 (1,)   2; files of format 1 are read, they have no ageing
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
ageing_names       uint8 (n,)   UTF-8, one name a line
ageing_start       int32 (A+1,) as of the expression
ageing_vertex      int32 (N,)
ageing_offset      float16      (N, 3) mm
made_shapes        uint8 (n,)   UTF-8, one name a line; this and the next may be missing
residual_mm        float16      (n_skin,) or (0,)
pin_landmarks      int32 (P,)   landmarks that were put in place; this and the next may be missing
pin_places         float32      (P, 3) mm
kept_..., face_material         of a head whose file held more: `core.head.store_other`
================== ============ ==========================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES, N_EXPRESSION
from rhytid.core.files.writing import replacing
from rhytid.core.head.arrays import (
    REMEDY,
    Arrays,
    Limits,
    Table,
    read_npz,
    read_safetensors,
    safetensors_header,
)
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part
from rhytid.core.head.pins import N_LANDMARKS, HeadPin, check_pins
from rhytid.core.head.store_other import KEPT, KEPT_LIMITS, kept_arrays, kept_of
from rhytid.core.read_only import read_only

FORMAT = 2
MAX_VERTICES = 400_000
MAX_FACES = 800_000
MAX_MODES = 400
MAX_AGEING = 64


def save_head(head: Head, path: str | os.PathLike[str]) -> None:
    """Write a head in our format; ".safetensors" chooses that container, anything else .npz (stored, not deflated)."""
    path = Path(path)
    start, vertex, offset = _sparse(head.expression)
    ageing_start, ageing_vertex, ageing_offset = _sparse(head.ageing)
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
        "ageing_names": np.frombuffer("\n".join(head.ageing_names).encode(), np.uint8),
        "ageing_start": ageing_start,
        "ageing_vertex": ageing_vertex,
        "ageing_offset": ageing_offset,
        "made_shapes": np.frombuffer("\n".join(head.made_shapes).encode(), np.uint8),
        "residual_mm": head.residual_mm.astype(np.float16),
        "pin_landmarks": np.array([pin.landmark for pin in head.pins], np.int32),
        "pin_places": np.array([pin.place_mm for pin in head.pins], np.float32).reshape(-1, 3),
        **kept_arrays(head),
    }
    with replacing(path) as temporary, temporary.open("wb") as stream:
        if path.suffix == ".safetensors":
            _write_safetensors(stream, arrays)
        else:
            np.savez(stream, allow_pickle=False, **arrays)


_FORMAT: Table = {"format": ("i4", (1,))}
_ARRAYS: Table = {
    "name": ("u1", ("N",)),
    "neutral": ("f4", ("V", 3)),
    "faces": ("i4", ("F", 4)),
    "parts": ("u1", ("F",)),
    "n_skin": ("i4", (1,)),
    "chart": ("f4", ("S", 2)),
    "detail_weight": ("f2", ("S",)),
    "uv": ("f4", ("U", 2)),
    "face_uv": ("i4", ("F", 4)),
    "identity": ("f2", ("I", "V", 3)),
    "expression_start": ("i4", (N_EXPRESSION + 1,)),
    "expression_vertex": ("i4", ("M",)),
    "expression_offset": ("f2", ("M", 3)),
    "landmarks": ("i4", (68,)),
    "eye_centers": ("f4", (2, 3)),
}
_AGEING: Table = {
    "ageing_names": ("u1", ("N",)),
    "ageing_start": ("i4", ("A",)),
    "ageing_vertex": ("i4", ("M",)),
    "ageing_offset": ("f2", ("M", 3)),
}
_REGISTERED: Table = {"made_shapes": ("u1", ("N",)), "residual_mm": ("f2", ("R",))}
_PINS: Table = {"pin_landmarks": ("i4", ("P",)), "pin_places": ("f4", ("P", 3))}
_LIMITS: Limits = {
    "A": MAX_AGEING + 1,
    "N": 2000,
    "V": MAX_VERTICES,
    "F": MAX_FACES,
    "S": MAX_VERTICES,
    "R": MAX_VERTICES,
    "P": N_LANDMARKS,
    "U": 4 * MAX_VERTICES,
    "I": MAX_MODES,
    "M": N_EXPRESSION * MAX_VERTICES,
}


def read_head(path: Path) -> Head:
    """Head from a file in our format.

    Raises
    ------
    HeadFileError
        Not such a file, damaged, or over the size limits.
    """
    read = read_safetensors if path.suffix.lower() == ".safetensors" else read_npz
    version = read(path, _FORMAT, {})["format"][0]
    if not 1 <= version <= FORMAT:
        raise HeadFileError(f"{path}: head format {version} is newer than this program reads; update Rhytid")
    arrays = read(path, _ARRAYS, _LIMITS)
    n_vertices, n_skin = len(arrays["neutral"]), int(arrays["n_skin"][0])
    if n_skin != len(arrays["chart"]) or not 0 < n_skin <= n_vertices:
        raise HeadFileError(f"{path}: {n_skin} skin vertices of {n_vertices}; {REMEDY}")
    optional: dict[str, Any] = {}
    if version > 1:
        arrays |= read(path, _AGEING, _LIMITS)
        optional["ageing_names"] = _lines(arrays["ageing_names"])
        optional["ageing"] = _dense("ageing", len(optional["ageing_names"]), arrays, path)
    registered = read(path, _REGISTERED, _LIMITS, optional=True)
    if registered:
        made = _lines(registered["made_shapes"])
        optional["made_shapes"] = tuple(name for name in ARKIT_NAMES if name in made)
        optional["residual_mm"] = registered["residual_mm"].astype(np.float32)
    pins = read(path, _PINS, _LIMITS, optional=True)
    if pins:
        optional["pins"] = _pins_of(pins, path)
    kept = read(path, KEPT, KEPT_LIMITS, optional=True)
    if kept:
        optional |= kept_of(kept, len(arrays["faces"]), path)
    return checked_head(
        path,
        name=arrays["name"].tobytes().decode(errors="replace")[:80],
        neutral=arrays["neutral"],
        faces=arrays["faces"],
        parts=arrays["parts"],
        n_skin=n_skin,
        chart=arrays["chart"],
        detail_weight=arrays["detail_weight"].astype(np.float32),
        uv=arrays["uv"],
        face_uv=arrays["face_uv"],
        identity=arrays["identity"],
        expression=_dense("expression", N_EXPRESSION, arrays, path),
        landmarks=arrays["landmarks"],
        eye_centers=arrays["eye_centers"],
        **optional,
    )


def checked_head(path: Path, notes: tuple[str, ...] = (), **content: Any) -> Head:
    """A `Head` (its digest added) after checks that hold for every head, whatever file it came from."""
    neutral, faces, n_skin = content["neutral"], content["faces"], content["n_skin"]
    if len(faces) == 0:
        raise HeadFileError(f"{path}: the mesh has no faces; export it with its polygons")
    if len(neutral) > MAX_VERTICES or len(faces) > MAX_FACES or len(content["identity"]) > MAX_MODES:
        raise HeadFileError(
            f"{path}: larger than a head may be ({MAX_VERTICES} vertices, {MAX_FACES} faces, {MAX_MODES} modes); "
            "reduce the mesh"
        )
    numbers = ("neutral", "chart", "detail_weight", "uv", "identity", "expression", "eye_centers", "ageing")
    for key in (*numbers, "residual_mm"):
        if key in content and not np.isfinite(content[key]).all():
            raise HeadFileError(f"{path}: {key} has values that are not finite numbers; {REMEDY}")
    if len(content.get("residual_mm", ())) not in (0, n_skin):
        raise HeadFileError(f"{path}: residual_mm does not fit the skin; {REMEDY}")
    for key, limit in (("faces", len(neutral)), ("face_uv", len(content["uv"]))):
        _check_indices(content[key][:, :3], limit, key, path)
        _check_indices(np.maximum(content[key][:, 3], 0), limit, key, path)
    if (content["parts"] > max(Part)).any():
        raise HeadFileError(f"{path}: unknown part of the head; {REMEDY}")
    skin = faces[content["parts"] == Part.SKIN]
    if len(skin) == 0:
        raise HeadFileError(f"{path}: the mesh has no skin; export the face with the head")
    _check_indices(skin, n_skin, "faces of the skin", path, low=-1)
    _check_indices(content["landmarks"], n_skin, "landmarks", path)
    for value in content.values():
        if isinstance(value, np.ndarray):
            read_only(value)
    # Ageing is what the program makes of a head: with better shapes of age it is still the head of a project.
    # So it is with another coat or another body.
    around = ("ageing", "made_shapes", "residual_mm", "pins", "other_parts", "materials", "face_material")
    own = {key: value for key, value in content.items() if not key.startswith(around)}
    return Head(digest=content_digest(own), notes=notes, **content)


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


def _write_safetensors(stream: BinaryIO, arrays: Arrays) -> None:
    header = safetensors_header(arrays)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    stream.write(len(text).to_bytes(8, "little") + text)
    for value in arrays.values():
        stream.write(np.ascontiguousarray(value).tobytes())


def _dense(key: str, n: int, arrays: Arrays, path: Path) -> npt.NDArray[np.float16]:
    """Shapes (n, V, 3) that a file holds as the vertices that move."""
    start, vertex, offset = (arrays[f"{key}_{what}"] for what in ("start", "vertex", "offset"))
    if len(start) != n + 1 or start[0] != 0 or start[-1] != len(vertex) or (np.diff(start) < 0).any():
        raise HeadFileError(f"{path}: {key}_start does not fit {key}_vertex; {REMEDY}")
    _check_indices(vertex, len(arrays["neutral"]), f"{key}_vertex", path)
    shapes = np.zeros((n, len(arrays["neutral"]), 3), np.float16)
    shapes[np.repeat(np.arange(n), np.diff(start)), vertex] = offset
    return shapes


def _pins_of(arrays: Arrays, path: Path) -> tuple[HeadPin, ...]:
    rows = zip(arrays["pin_landmarks"].tolist(), arrays["pin_places"].tolist(), strict=True)
    pins = tuple(HeadPin(landmark, tuple(place)) for landmark, place in rows)
    try:
        check_pins(pins)
    except ValueError as error:
        raise HeadFileError(f"{path}: {error}; {REMEDY}") from error
    return pins


def _lines(text: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(text.tobytes().decode(errors="replace").splitlines())


def _sparse(shapes: npt.NDArray[np.float16]) -> tuple[npt.NDArray[np.int32], ...]:
    shape, vertex = np.nonzero(shapes.any(axis=2))
    start = np.searchsorted(shape, np.arange(len(shapes) + 1)).astype(np.int32)
    return start, vertex.astype(np.int32), shapes[shape, vertex].astype(np.float16)


def _check_indices(values: npt.NDArray[Any], limit: int, key: str, path: Path, low: int = 0) -> None:
    if values.size and (values.min() < low or values.max() >= limit):
        raise HeadFileError(f"{path}: {key} point outside the {limit} elements there are; {REMEDY}")

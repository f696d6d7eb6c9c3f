"""OBJ and PLY as they were written here, compared with the mesh piece by piece: a fine mesh fills gigabytes as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import split_faces
from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.obj_file import plain_name
from rhytid.core.io.placing import Placing

_BLOCK_BYTES = 1 << 22
_ROWS_AT_ONCE = 1 << 17
_MAX_HEADER_LINES = 100


@dataclass
class Difference:
    """How a file differs from the mesh that it should hold.

    Attributes
    ----------
    worst_mm : float
        Largest difference of a coordinate of a vertex.
    same_faces : bool
        Corners, their texture coordinates and normals, and materials are the very ones.
    count : str
        Says what is missing or too much; empty when all is there.
    """

    worst_mm: float = 0.0
    same_faces: bool = True
    count: str = ""

    def take_vertices(self, read: npt.NDArray[Any], meant: npt.NDArray[np.float32]) -> None:
        """Note the differences of some vertices."""
        if len(read) and len(read) == len(meant):
            self.worst_mm = max(self.worst_mm, float(np.abs(read - meant).max()))


def obj_difference(path: Path, meant: MeshData, placing: Placing) -> Difference:
    """Compare an OBJ in the order in which `write_obj` writes: by material, quads before triangles."""
    result = Difference()
    order = np.lexsort((meant.faces[:, 3] < 0, meant.material))
    materials = {plain_name(name): number for number, name in enumerate(meant.material_names)}
    counts = {b"v": 0, b"vt": 0, b"vn": 0, b"f": 0}
    material = -1
    for keyword, n_fields, lines in _runs(path):
        if keyword == b"usemtl":
            material = materials.get(lines[-1][7:].strip().decode("utf-8", "replace"), -1)
        if keyword not in counts:
            continue
        done = counts[keyword]
        counts[keyword] += len(lines)
        if keyword == b"v":
            read = placing.in_mm(_numbers(path, keyword, lines, 3))
            result.take_vertices(read, meant.vertices[done : done + len(lines)])
        elif keyword == b"f":
            chosen = order[done : done + len(lines)]
            same = len(chosen) == len(lines) and _same_faces(path, lines, n_fields, meant, chosen, material)
            result.same_faces = result.same_faces and same
    for keyword, values, what in (
        (b"v", meant.vertices, "vertices"), (b"vt", meant.uv, "texture coordinates"), (b"vn", meant.normals, "normals"),
        (b"f", meant.faces, "faces"),
    ):  # fmt: skip
        expected = 0 if values is None else len(values)
        if counts[keyword] != expected:
            result.count = f"{counts[keyword]} {what} instead of {expected}"
    return result


def ply_difference(path: Path, meant: MeshData, placing: Placing) -> Difference:
    """Compare a PLY of `write_ply`."""
    result = Difference()
    faces, vertex, _ = meant.split_at_seams()
    polygons = faces if (faces[:, 3] >= 0).all() else split_faces(faces)[0]
    with path.open("rb") as stream:
        counts, n_columns = _ply_header(path, stream)
        if counts != [len(vertex), len(polygons)]:
            result.count = f"{counts} vertices and faces instead of {[len(vertex), len(polygons)]}"
            return result
        for start in range(0, len(vertex), _ROWS_AT_ONCE):
            part = vertex[start : start + _ROWS_AT_ONCE]
            rows = _exactly(path, stream, np.dtype(("<f4", (n_columns,))), len(part))
            result.take_vertices(placing.in_mm(rows[:, :3]), meant.vertices[part])
        row = np.dtype([("count", "u1"), ("index", "<i4", (polygons.shape[1],))])
        for start in range(0, len(polygons), _ROWS_AT_ONCE):
            expected = polygons[start : start + _ROWS_AT_ONCE]
            rows = _exactly(path, stream, row, len(expected))
            same = bool((rows["count"] == polygons.shape[1]).all()) and np.array_equal(rows["index"], expected)
            result.same_faces = result.same_faces and same
    return result


def _runs(path: Path) -> Iterator[tuple[bytes, int, list[bytes]]]:
    """Statements of an OBJ with the same keyword and number of fields, as they follow each other."""
    with path.open("rb") as stream:
        while lines := stream.readlines(_BLOCK_BYTES):
            for (keyword, n_fields), run in groupby(lines, lambda line: (line.split(b" ", 1)[0], line.count(b" "))):
                yield keyword, n_fields, list(run)


def _numbers(path: Path, keyword: bytes, lines: list[bytes], n_columns: int) -> npt.NDArray[np.float64]:
    text = b"".join(lines).replace(keyword + b" ", b"").replace(b"/", b" ")
    try:
        return np.array(text.split(), np.float64).reshape(len(lines), n_columns)
    except ValueError as error:
        raise MeshError(f"{path}: a statement {keyword.decode()} is damaged ({error}); export it again") from error


def _same_faces(
    path: Path, lines: list[bytes], n_corners: int, meant: MeshData, chosen: npt.NDArray[np.intp], material: int
) -> bool:
    parts = [meant.faces, meant.face_uv, None if meant.normals is None else meant.faces]
    indices = [part[chosen] for part in parts if part is not None]
    if not 3 <= n_corners <= 4 or ((indices[0][:, 3] >= 0) != (n_corners == 4)).any():
        return False
    read = _numbers(path, b"f", lines, n_corners * len(indices)).reshape(len(lines), n_corners, -1) - 1
    same = all(np.array_equal(read[..., i], index[:, :n_corners]) for i, index in enumerate(indices))
    return same and bool((meant.material[chosen] == material).all())


def _ply_header(path: Path, stream: BinaryIO) -> tuple[list[int], int]:
    """Numbers of vertices and faces, and floats per vertex."""
    counts, n_columns = list[int](), 0
    for _ in range(_MAX_HEADER_LINES):
        words = stream.readline(_BLOCK_BYTES).split()
        if words[:1] == [b"element"]:
            counts.append(int(words[2]) if words[2:] and words[2].isdigit() else -1)
        elif words[:2] == [b"property", b"float"]:
            n_columns += 1
        elif words[:1] == [b"end_header"]:
            return counts, n_columns
    raise MeshError(f"{path}: no PLY header; export it again")


def _exactly(path: Path, stream: BinaryIO, row: np.dtype[Any], count: int) -> npt.NDArray[Any]:
    data = stream.read(row.itemsize * count)
    if len(data) != row.itemsize * count:
        raise MeshError(f"{path}: the file ends too early; export it again")
    return np.frombuffer(data, row)

"""Every export proves itself: what was written is read again and compared with what was meant."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rhytid.core.head.head import Float32
from rhytid.core.io.blender_writing import BLENDER_SUFFIXES
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.errors import MapError, MeshError
from rhytid.core.io.export_options import Check
from rhytid.core.io.gltf_file import METRES_PER_MM, read_glb
from rhytid.core.io.mesh_comparison import Difference, obj_difference, ply_difference
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.placing import Placing
from rhytid.core.io.usd_file import USD_SUFFIXES, read_usd

# Half a unit of the last decimal of an OBJ, float32 in metres for a GLB.
_MESH_TOLERANCE_MM = 1e-4
_STRIP_ROWS = 256
_IN_MM = Placing()
_TRIANGLES_AT_ONCE = 1 << 18


def checked(check: Callable[..., list[Check]], path: Path, *meant: Any) -> list[Check]:
    """What `check` finds in a file; a file that cannot be read is a failed check."""
    try:
        return check(path, *meant)
    except (OSError, MapError, MeshError) as error:
        return [Check(path.name, "can be read", False, str(error))]


def displacement_check(path: Path, meant: Float32, allowed_mm: float) -> list[Check]:
    """A map in mm that may differ by `allowed_mm`."""
    read = read_displacement(path)
    if read.shape != meant.shape:
        return [Check(path.name, "displacement", False, f"{read.shape} instead of {meant.shape}")]
    worst_mm = max(float(np.abs(read[rows] - meant[rows]).max()) for rows in _strips(len(read)))
    found = f"differs by at most {worst_mm:.3g} mm, allowed {allowed_mm:.3g} mm"
    return [Check(path.name, "displacement", worst_mm <= allowed_mm, found)]


def picture_check(path: Path, meant: np.ndarray) -> list[Check]:
    """A PNG of grey, RGB or RGBA texels, which must be the very ones."""
    read = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    if read is None or read.shape != meant.shape or read.dtype != meant.dtype:
        return [Check(path.name, "texels", False, "not the picture that was written")]
    picture = read if read.ndim == 2 else read[..., [2, 1, 0, 3][: read.shape[2]]]
    same = all(np.array_equal(picture[rows], meant[rows]) for rows in _strips(len(read)))
    return [Check(path.name, "texels", same, "identical" if same else "differ")]


def content_check(path: Path, sha256: str) -> list[Check]:
    """A small file whose bytes must be those of the given digest."""
    same = hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    return [Check(path.name, "content is what was written", same, "same sha256" if same else "changed")]


def mesh_checks(
    path: Path, meant: MeshData, target_names: Sequence[str] = (), placing: Placing = _IN_MM
) -> list[Check]:
    """The surface of an OBJ, PLY, GLB or USD that was written here, and the names of its morph targets.

    FBX and Alembic were read again when they were written. `meant` is in mm with Y up; an OBJ or PLY has the unit and
    up axis of `placing`.
    """
    if path.suffix == ".glb":
        return _glb(path, meant, target_names)
    if path.suffix in BLENDER_SUFFIXES:
        return []
    if path.suffix in USD_SUFFIXES:
        return _usd(path, meant, target_names)
    difference: Difference = (obj_difference if path.suffix == ".obj" else ply_difference)(path, meant, placing)
    if difference.count:
        return [Check(path.name, "surface", False, difference.count)]
    faces = "identical" if difference.same_faces else "differ"
    found = f"vertices differ by at most {difference.worst_mm:.3g} mm, faces {faces}"
    passed = difference.same_faces and difference.worst_mm <= _MESH_TOLERANCE_MM
    return [Check(path.name, "surface", passed, found)]


def _usd(path: Path, meant: MeshData, names: Sequence[str]) -> list[Check]:
    read = read_usd(path)
    valid = meant.faces >= 0
    same = np.array_equal(read.face_sizes, valid.sum(axis=1)) and np.array_equal(read.corners, meant.faces[valid])
    used = np.unique(meant.material)
    same = same and np.array_equal(used[read.materials], meant.material)
    if not same or read.vertices.shape != meant.vertices.shape:
        return [Check(path.name, "surface", False, "faces differ")]
    worst_mm = float(np.abs(read.vertices - meant.vertices).max())
    found = f"vertices differ by at most {worst_mm:.3g} mm, faces identical"
    checks = [Check(path.name, "surface", worst_mm <= _MESH_TOLERANCE_MM, found)]
    if names:
        moved = sum(bool(offsets.any()) for offsets in read.shapes.values())
        found = f"{len(read.shapes)} names, {moved} that move"
        checks.append(Check(path.name, "morph targets", list(read.shapes) == list(names) and moved > 0, found))
    return checks


def _strips(n_rows: int) -> list[slice]:
    return [slice(y, y + _STRIP_ROWS) for y in range(0, n_rows, _STRIP_ROWS)]


def _glb(path: Path, meant: MeshData, names: Sequence[str]) -> list[Check]:
    primitives, found_names = read_glb(path)
    used = [number for number in range(len(meant.material_names)) if (meant.material == number).any()]
    if len(primitives) != len(used):
        found = f"{len(primitives)} primitives instead of {len(used)}"
        return [Check(path.name, "surface", False, found)]
    worst_mm, same_count = 0.0, True
    for number, primitive in zip(used, primitives, strict=True):
        faces = meant.faces[meant.material == number]
        quads = faces[faces[:, 3] >= 0]
        triangles = np.concatenate([faces[:, :3], quads[:, [0, 2, 3]]])
        same_count = same_count and primitive.triangles.shape == triangles.shape
        for start in range(0, len(triangles) if same_count else 0, _TRIANGLES_AT_ONCE):
            part = slice(start, start + _TRIANGLES_AT_ONCE)
            read = primitive.positions[primitive.triangles[part]] / np.float32(METRES_PER_MM)
            worst_mm = max(worst_mm, float(np.abs(read - meant.vertices[triangles[part]]).max()))
    found = (
        f"corners differ by at most {worst_mm:.3g} mm, {'all' if same_count else 'not all'} triangles there"
    )
    checks = [Check(path.name, "surface", same_count and worst_mm <= _MESH_TOLERANCE_MM, found)]
    if names:
        complete = all(len(primitive.target_offsets) == len(names) for primitive in primitives)
        found = f"{len(found_names)} names, {'all' if complete else 'not all'} with offsets"
        checks.append(Check(path.name, "morph targets", complete and found_names == tuple(names), found))
    return checks

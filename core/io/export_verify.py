"""Every export proves itself: what was written is read again and compared with what was meant."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Int32, split_faces
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.errors import MapError, MeshError
from rhytid.core.io.export_options import Check, Expected, ExportedFile
from rhytid.core.io.gltf_file import METRES_PER_MM, read_glb
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.mesh_file import load_mesh

# Half a unit of the last decimal of an OBJ, float32 in metres for a GLB.
_MESH_TOLERANCE_MM = 1e-4


def verify_files(folder: Path, files: Sequence[ExportedFile], expected: Expected) -> tuple[Check, ...]:
    """One `Check` per comparison, failed ones included; a file that cannot be read is a failed check."""
    checks: list[Check] = []
    for file in files:
        if file.kind == "about":
            continue
        try:
            checks += _checks_of(folder / file.name, file, expected)
        except (OSError, MapError, MeshError) as error:
            checks.append(Check(file.name, "can be read", False, str(error)))
    return tuple(checks)


def _checks_of(path: Path, file: ExportedFile, expected: Expected) -> list[Check]:
    suffix = path.suffix
    if file.kind == "displacement" and suffix != ".json" and expected.displacement is not None:
        return [_displacement(path, file, expected.displacement)]
    if file.kind == "normal_map" and expected.normals is not None:
        return [_picture(path, expected.normals)]
    if file.kind == "line_map" and expected.line_map is not None:
        return [_picture(path, expected.line_map.astype(np.uint8) * np.uint8(255))]
    if file.kind == "displaced_mesh" and suffix == ".glb" and expected.displaced is not None:
        return _glb(path, expected.displaced, ())
    if file.kind == "displaced_mesh" and suffix in (".obj", ".ply") and expected.displaced is not None:
        return [_mesh(path, expected.displaced)]
    if file.kind == "base_mesh" and expected.base is not None:
        return _glb(path, expected.base, expected.target_names)
    same = hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    return [Check(path.name, "content is what was written", same, "same sha256" if same else "changed")]


def _displacement(path: Path, file: ExportedFile, meant: Float32) -> Check:
    read = read_displacement(path)
    # Half a step of 16 bits, with room for the rounding of float32; float files are exact.
    allowed_mm = 0.51 * float(file.details["scale_mm"]) / 65535 if path.suffix == ".png" else 0.0
    if read.shape != meant.shape:
        return Check(path.name, "displacement", False, f"{read.shape} instead of {meant.shape}")
    worst_mm = float(np.abs(read - meant).max())
    found = f"differs by at most {worst_mm:.3g} mm, allowed {allowed_mm:.3g} mm"
    return Check(path.name, "displacement", worst_mm <= allowed_mm, found)


def _picture(path: Path, meant: np.ndarray) -> Check:
    read = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if read is None or read.shape != meant.shape or read.dtype != meant.dtype:
        return Check(path.name, "texels", False, "not the picture that was written")
    same = bool(np.array_equal(read if read.ndim == 2 else read[..., ::-1], meant))
    return Check(path.name, "texels", same, "identical" if same else "differ")


def _mesh(path: Path, meant: MeshData) -> Check:
    read = load_mesh(path)
    vertex = np.arange(len(meant.vertices))
    faces = meant.faces
    if path.suffix == ".ply":
        faces, vertex, _ = meant.split_at_seams()
    if len(read.vertices) != len(vertex):
        found = f"{len(read.vertices)} vertices instead of {len(vertex)}"
        return Check(path.name, "surface", False, found)
    worst_mm = float(np.abs(read.vertices - meant.vertices[vertex]).max())
    same_faces = np.array_equal(_triangle_keys(read.faces), _triangle_keys(faces))
    found = f"vertices differ by at most {worst_mm:.3g} mm, faces {'identical' if same_faces else 'differ'}"
    return Check(path.name, "surface", same_faces and worst_mm <= _MESH_TOLERANCE_MM, found)


def _triangle_keys(faces: Int32) -> npt.NDArray[np.int64]:
    """Corners of all triangles in an order that does not depend on how a format sorts faces."""
    triangles = split_faces(faces)[0].astype(np.int64)
    first = triangles.argmin(axis=1)  # turned so that the smallest index comes first; the winding stays
    turned = np.take_along_axis(triangles, (first[:, None] + np.arange(3)) % 3, axis=1)
    return turned[np.lexsort(turned.T)]


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
        corners = meant.vertices[np.concatenate([faces[:, :3], quads[:, [0, 2, 3]]])]
        read = primitive.positions[primitive.triangles] / np.float32(METRES_PER_MM)
        same_count = same_count and read.shape == corners.shape
        if same_count:
            worst_mm = max(worst_mm, float(np.abs(read - corners).max()))
    found = (
        f"corners differ by at most {worst_mm:.3g} mm, {'all' if same_count else 'not all'} triangles there"
    )
    checks = [Check(path.name, "surface", same_count and worst_mm <= _MESH_TOLERANCE_MM, found)]
    if names:
        complete = all(len(primitive.target_offsets) == len(names) for primitive in primitives)
        found = f"{len(found_names)} names, {'all' if complete else 'not all'} with offsets"
        checks.append(Check(path.name, "morph targets", complete and found_names == tuple(names), found))
    return checks

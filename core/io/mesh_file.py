"""Meshes from files of any of the formats that the export writes, to compare them.

PLY and GLB are read by trimesh. OBJ is not: `core.files.obj` says why.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import trimesh

from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.obj_file import MAX_FILE_BYTES, read_obj

_MM_PER_METRE = 1000.0


def load_mesh(path: Path | str) -> MeshData:
    """Read an OBJ (quads kept), PLY or GLB (triangles) in mm.

    Raises
    ------
    MeshError
        Unknown format, no faces, indices out of range, coordinates that are not finite, or a damaged file.
    OSError
        The file cannot be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".obj":
        return read_obj(path)
    if suffix not in (".ply", ".glb"):
        raise MeshError(f"{path}: meshes are read from .obj, .ply and .glb; export it as one of these")
    n_bytes = path.stat().st_size
    if n_bytes > MAX_FILE_BYTES:
        raise MeshError(f"{path}: larger than {MAX_FILE_BYTES >> 30} GB; export it with fewer faces")
    if suffix == ".glb":
        with path.open("rb") as stream:
            if stream.read(4) != b"glTF":
                raise MeshError(f"{path}: not a GLB file; export it as binary glTF")
    try:
        with np.errstate(all="ignore"):  # what overflows is not finite, and found to be so
            mesh = trimesh.load_mesh(path, process=False)
            return _checked(path, mesh, _MM_PER_METRE if suffix == ".glb" else 1.0)
    except MeshError:
        raise
    except Exception as error:  # trimesh meets hostile bytes: whatever it raises, the file is bad
        raise MeshError(f"{path}: damaged or incomplete ({type(error).__name__}); export it again") from error


def _checked(path: Path, mesh: object, unit_mm: float) -> MeshData:
    vertices = (np.asarray(getattr(mesh, "vertices", ()), np.float64) * unit_mm).astype(np.float32)
    triangles = np.asarray(getattr(mesh, "faces", ()))
    if vertices.ndim != 2 or not len(vertices):
        raise MeshError(f"{path}: no vertices; export a mesh")
    if triangles.ndim != 2 or triangles.shape[1] != 3 or not len(triangles):
        raise MeshError(f"{path}: the mesh has no faces; export it with polygons")
    if triangles.min() < 0 or triangles.max() >= len(vertices):
        raise MeshError(f"{path}: faces name vertices that do not exist; export it again")
    if not np.isfinite(vertices).all():
        raise MeshError(f"{path}: vertex coordinates are NaN or infinite; export it again")
    faces = np.concatenate([triangles, np.full((len(triangles), 1), -1)], axis=1).astype(np.int32)
    uv = _array_of(getattr(getattr(mesh, "visual", None), "uv", None), (len(vertices), 2))
    return MeshData(
        vertices=vertices,
        faces=faces,
        normals=_array_of(getattr(mesh, "vertex_normals", None), (len(vertices), 3)),
        uv=uv,
        face_uv=None if uv is None else faces,
        material=np.zeros(len(faces), np.int32),
    )


def _array_of(values: object, shape: tuple[int, ...]) -> npt.NDArray[np.float32] | None:
    if values is None:
        return None
    array = np.asarray(values, np.float32)
    return array if array.shape == shape and bool(np.isfinite(array).all()) else None

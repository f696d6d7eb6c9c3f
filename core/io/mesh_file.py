"""Meshes from files of any of the formats that the export writes, to compare them.

PLY and GLB are read by trimesh. OBJ is not: `core.files.obj` says why.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import trimesh

from rhytid.core.io.errors import MeshError
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.obj_file import MAX_FILE_BYTES, read_obj
from rhytid.core.io.placing import Placing

_OF_GLTF = Placing("m")
_FIRST_BYTES = 1 << 12  # in which a file says how it stands


def load_mesh(path: Path | str, placing: Placing | None = None) -> MeshData:
    """Read an OBJ (quads kept), PLY or GLB (triangles) in mm with Y up.

    Parameters
    ----------
    path : path
    placing : Placing, optional
        Unit and up axis of an OBJ or PLY; those that its first lines state where it was written here, else mm and Y.
        A GLB is in metres with Y up.

    Raises
    ------
    MeshError
        Unknown format, no faces, indices out of range, coordinates that are not finite, or a damaged file.
    OSError
        The file cannot be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in (".obj", ".ply") and placing is None:
        with path.open("rb") as stream:
            placing = Placing.stated(stream.read(_FIRST_BYTES).decode("latin-1"))
    placing = _OF_GLTF if suffix == ".glb" else placing or Placing()
    if suffix == ".obj":
        return _placed(path, read_obj(path), placing)
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
            return _placed(path, _checked(path, mesh), placing)
    except MeshError:
        raise
    except Exception as error:  # trimesh meets hostile bytes: whatever it raises, the file is bad
        raise MeshError(f"{path}: damaged or incomplete ({type(error).__name__}); export it again") from error


def _placed(path: Path, mesh: MeshData, placing: Placing) -> MeshData:
    """A mesh as it is in its file, in mm with Y up."""
    turned = Placing(up=placing.up).in_mm
    with np.errstate(over="ignore"):
        vertices = placing.in_mm(mesh.vertices.astype(np.float64)).astype(np.float32)
    if not np.isfinite(vertices).all():
        raise MeshError(f"{path}: vertex coordinates are NaN or infinite; export it again")
    normals = None if mesh.normals is None else turned(mesh.normals).astype(np.float32)
    return replace(mesh, vertices=vertices, normals=normals)


def _checked(path: Path, mesh: object) -> MeshData:
    vertices = np.asarray(getattr(mesh, "vertices", ()), np.float32)
    triangles = np.asarray(getattr(mesh, "faces", ()))
    if vertices.ndim != 2 or not len(vertices):
        raise MeshError(f"{path}: no vertices; export a mesh")
    if triangles.ndim != 2 or triangles.shape[1] != 3 or not len(triangles):
        raise MeshError(f"{path}: the mesh has no faces; export it with polygons")
    if triangles.min() < 0 or triangles.max() >= len(vertices):
        raise MeshError(f"{path}: faces name vertices that do not exist; export it again")
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

"""A scan as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.obj import ObjLimits, read_obj_mesh
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.head import Float32, Int32, split_faces
from rhytid.core.scan.glb_scan import read_glb_scan
from rhytid.core.scan.mtl import texture_of_obj
from rhytid.core.scan.pictures import Pictures
from rhytid.core.scan.ply import PlyMesh, read_ply
from rhytid.core.scan.texture import ScanColor, VertexColors, joined, texture_of

SCAN_SUFFIXES = (".ply", ".obj", ".glb", ".gltf")
MAX_TRIANGLES = 5_000_000
MAX_VERTICES = 5_000_000
_MAX_BYTES = 1 << 30
_FEWEST = 1000


@dataclass(frozen=True, eq=False)
class ScanMesh:
    """A scan, in the file's own unit and axes.

    Attributes
    ----------
    vertices : float32 (V, 3)
    triangles : int32 (T, 3)
    color : ScanColor or None
    remarks : tuple of str
        What of the file could not be read.
    """

    vertices: Float32
    triangles: Int32
    color: ScanColor | None
    remarks: tuple[str, ...] = ()


def read_scan(path: Path, with_color: bool = True) -> ScanMesh:
    """Read an OBJ, PLY or GLB of up to 5 million triangles.

    Parameters
    ----------
    path : Path
        Materials and pictures that it names are read where they lie in its own folder.
    with_color : bool
        Also its colour, where it has one.

    Raises
    ------
    FileRefused
        Of another kind, damaged or too large; the message names the file and what to do.
    OSError
        The file cannot be read.
    """
    pictures = Pictures(path)
    suffix = path.suffix.lower()
    if suffix == ".ply":
        ply = read_ply(path, _MAX_BYTES, MAX_VERTICES, MAX_TRIANGLES)
        vertices, triangles = ply.vertices, _triangles(ply.faces)
        color = _color_of_ply(ply, pictures) if with_color else None
    elif suffix == ".obj":
        obj = read_obj_mesh(path, ObjLimits(_MAX_BYTES, 4 * MAX_TRIANGLES, MAX_VERTICES, MAX_TRIANGLES))
        vertices, triangles = obj.vertices.astype(np.float32), _triangles(obj.quads()[0][..., 0])
        color = texture_of_obj(path, obj, pictures) if with_color else None
    elif suffix in SCAN_SUFFIXES:
        limits = _MAX_BYTES, 3 * MAX_VERTICES, MAX_TRIANGLES
        vertices, triangles, color = read_glb_scan(path, limits, pictures, with_color)
    else:
        raise FileRefused(f"{path}: a scan is read from PLY, OBJ or GLB; export it as one of these")
    if not _FEWEST <= len(triangles) <= MAX_TRIANGLES:
        raise FileRefused(
            f"{path}: has {len(triangles)} triangles; a scan has {_FEWEST} to {MAX_TRIANGLES}, "
            "export it with more or fewer"
        )
    if not len(vertices) or not np.isfinite(vertices).all():
        raise FileRefused(f"{path}: has places that are too far away for a face; export it again")
    kept, index = joined(vertices)
    if len(kept) < len(vertices):
        vertices, triangles = vertices[kept], index[triangles]
        color = VertexColors(color.colors[kept]) if isinstance(color, VertexColors) else color
    return ScanMesh(vertices, triangles, color, tuple(pictures.remarks))


def _triangles(faces: npt.NDArray[np.integer]) -> Int32:
    whole = faces.astype(np.int32)
    return whole if whole.shape[1] == 3 else split_faces(whole)[0]


def _color_of_ply(ply: PlyMesh, pictures: Pictures) -> ScanColor | None:
    if ply.uv is not None and ply.pictures:
        found = [pictures.beside(name) for name in ply.pictures]
        whole = ply.face_uv.astype(np.int32)
        corners, face = (whole, np.arange(len(whole))) if whole.shape[1] == 3 else split_faces(whole)
        texture = texture_of(ply.uv, corners, ply.picture[face], found)
        if texture is not None:
            return texture
    return None if ply.colors is None else VertexColors(ply.colors)

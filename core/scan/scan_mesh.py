"""A scan as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.obj import ObjLimits, read_obj_mesh
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.head import Float32, Int32, split_faces
from rhytid.core.scan.ply import read_ply

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
    colors : uint8 (V, 3) or None
        sRGB.
    """

    vertices: Float32
    triangles: Int32
    colors: npt.NDArray[np.uint8] | None


def read_scan(path: Path) -> ScanMesh:
    """Read an OBJ or PLY of up to 5 million triangles.

    Raises
    ------
    FileRefused
        Of another kind, damaged or too large; the message names the file and what to do.
    OSError
        The file cannot be read.
    """
    colors = None
    if path.suffix.lower() == ".ply":
        ply = read_ply(path, _MAX_BYTES, MAX_VERTICES, MAX_TRIANGLES)
        vertices, colors, faces = ply.vertices, ply.colors, ply.faces
    elif path.suffix.lower() == ".obj":
        obj = read_obj_mesh(path, ObjLimits(_MAX_BYTES, 4 * MAX_TRIANGLES, MAX_VERTICES, MAX_TRIANGLES))
        vertices, faces = obj.vertices.astype(np.float32), obj.quads()[0][..., 0]
    else:
        raise FileRefused(f"{path}: a scan is read from PLY or OBJ; export it as one of these")
    whole = faces.astype(np.int32)
    triangles = whole if whole.shape[1] == 3 else split_faces(whole)[0]
    if not _FEWEST <= len(triangles) <= MAX_TRIANGLES:
        raise FileRefused(
            f"{path}: has {len(triangles)} triangles; a scan has {_FEWEST} to {MAX_TRIANGLES}, "
            "export it with more or fewer"
        )
    return ScanMesh(vertices, triangles, colors)

"""Colours of an OBJ's materials: the MTL files that it names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.mtl import read_materials
from rhytid.core.files.obj import ObjMesh
from rhytid.core.head.head import split_faces
from rhytid.core.scan.pictures import Pictures
from rhytid.core.scan.texture import Texture, texture_of

UInt8 = npt.NDArray[np.uint8]


def texture_of_obj(path: Path, mesh: ObjMesh, pictures: Pictures) -> Texture | None:
    """Pictures and plain colours of an OBJ's materials on its triangles, None where there are none.

    Triangles are those of `split_faces` of the mesh's quads.
    """
    named = read_materials(path, mesh.libraries, pictures.remarks.append)
    if not any(isinstance(one, str) for one in named.values()) or not len(mesh.uv):
        return None
    quads, face = mesh.quads()
    missing = len(mesh.uv)
    stated = np.where(quads[..., 1] < 0, missing, quads[..., 1])
    triangles, quad = split_faces(np.where(quads[..., 0] < 0, -1, stated).astype(np.int32))
    of_name: dict[str | UInt8 | None, UInt8 | None] = {}
    found: list[UInt8 | None] = []
    for name in mesh.material_names:
        colored = named.get(name)
        if isinstance(colored, str):
            if colored not in of_name:
                of_name[colored] = pictures.beside(colored)
            found.append(of_name[colored])
        else:
            found.append(colored)
    number = mesh.material[face[quad]]
    number = np.where((triangles < missing).all(axis=1), number, -1)
    return texture_of(mesh.uv.astype(np.float32), np.minimum(triangles, missing - 1), number, found)

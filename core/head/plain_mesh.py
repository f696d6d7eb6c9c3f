"""One mesh in an OBJ as a head: the skin, and eyes and teeth where materials or pieces of the mesh tell them.

It has no expression shapes; those are made once it is registered.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from rhytid.core.files.obj import ObjLimits, read_obj_mesh
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part
from rhytid.core.head.model import DROPPED, HeadModel, RawModel, assemble
from rhytid.core.head.obj_material import materials_of
from rhytid.core.head.part_names import part_of_material
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES

_OBJ_LIMITS = ObjLimits(256 << 20, 8_000_000, MAX_VERTICES, MAX_FACES)


def read_plain_obj(path: Path, reference: Head) -> HeadModel:
    """Read a mesh that is a head without shapes.

    Parameters
    ----------
    path : Path
    reference : Head
        A head beside which this one is turned upright and scaled.

    Raises
    ------
    HeadFileError
        Damaged, too large, or like no human face.
    OSError
        The file cannot be read.
    """
    try:
        obj = read_obj_mesh(path, _OBJ_LIMITS)
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    corners, face = obj.quads()
    faces, face_uv = corners[..., 0], corners[..., 1].copy()
    # Faces without texture coordinates share the first.
    face_uv[(face_uv < 0) & (faces >= 0)] = 0
    named = np.array([part_of_material(name) for name in obj.material_names], np.uint8)
    parts = named[obj.material[face]]
    # Materials of a stranger have any name; what none of ours says is skin.
    parts[parts == DROPPED] = Part.SKIN
    if not (parts == Part.SKIN).any():
        parts[:] = Part.SKIN
    uv = obj.uv if len(obj.uv) else np.zeros((1, 2))
    materials, notes = materials_of(path, obj)
    of_face = (obj.material[face] if materials else np.zeros(0)).astype(np.int16)
    raw = RawModel(path, obj.vertices, faces, face_uv, uv, parts, face_material=of_face, materials=materials)
    raw, standing = raw.stood(reference)
    model = assemble(raw, standing, {})
    return replace(model, notes=model.notes + notes)

"""Heads out of USD: meshes with blend shapes of UsdSkel, as `.usd`, `.usda`, `.usdc` and `.usdz`.

Meshes with shapes are the head; eyes and teeth are found by the names of materials and meshes, or because they are
round. What else is in the file is left aside. Skeletons are ignored: a mesh is taken as it is bound.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.apart import read_apart
from rhytid.core.files.obj import ObjMesh
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.arrays import Arrays, read_npz
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part
from rhytid.core.head.model import DROPPED, HeadModel, RawModel, assemble
from rhytid.core.head.obj_folder import with_eyes
from rhytid.core.head.part_names import part_of
from rhytid.core.head.shape_names import shape_meaning
from rhytid.core.head.store import MAX_FACES, MAX_VERTICES
from rhytid.core.resources import resource

_MAX_FILE_BYTES = 1 << 29
_REMEDY = "export it again as USD, as one file with its blend shapes"
TABLE = {
    "vertices": ("f8", ("V", 3)),
    "sizes": ("i8", ("F",)),
    "corners": ("i8", ("C",)),
    "uv": ("f8", ("C", 2)),
    "label": ("i8", ("F",)),
    "labels": ("U", ("L",)),
    "shape_names": ("U", ("S",)),
    "shape_start": ("i8", ("B",)),
    "shape_vertex": ("i8", ("M",)),
    "shape_offset": ("f4", ("M", 3)),
}
_LIMITS = {"V": MAX_VERTICES, "F": MAX_FACES, "C": 4 * MAX_FACES, "L": 20_000, "S": 1000, "B": 1001, "M": 20_000_000}


def read_usd(path: Path, reference: Head) -> HeadModel:
    """Read a USD.

    Parameters
    ----------
    path : Path
    reference : Head
        A head beside which this one is turned upright and scaled.

    Raises
    ------
    HeadFileError
        No head, damaged, too large, or a scene that needs files outside of its folder.
    OSError
        The file cannot be read.
    """
    try:
        with read_apart(resource("readers", "read_usd.py"), path, "pxr", _MAX_FILE_BYTES, _REMEDY) as (file, _):
            arrays = read_npz(file, TABLE, _LIMITS)
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    count = len(arrays["corners"])
    corners = np.stack([arrays["corners"], np.arange(count), np.full(count, -1)], axis=1)
    labels = tuple(arrays["labels"].tolist())
    mesh = ObjMesh(
        arrays["vertices"], arrays["uv"], np.zeros((0, 3)), corners, arrays["sizes"], arrays["label"], labels
    )
    quads, face = mesh.quads()
    shapes = _shapes(arrays)
    parts = np.array([_part(label, bool(shapes)) for label in labels], np.uint8)
    raw = RawModel(path, mesh.vertices, quads[..., 0], quads[..., 1], mesh.uv, parts[mesh.material[face]])
    raw, standing = raw.stood(reference)
    raw = with_eyes(raw, standing)
    turned = {name: standing.offsets(offsets) for name, offsets in shapes.items()}
    return assemble(raw, standing, turned)


def _shapes(arrays: Arrays) -> dict[str, npt.NDArray[np.float32]]:
    found = {}
    start = arrays["shape_start"].tolist()
    for number, name in enumerate(arrays["shape_names"].tolist()):
        if shape_meaning(name):
            rows = slice(start[number], start[number + 1])
            found[name] = np.zeros(arrays["vertices"].shape, np.float32)
            found[name][arrays["shape_vertex"][rows]] = arrays["shape_offset"][rows]
    return found


def _part(label: str, has_shapes: bool) -> int:
    """What a face is, by its material, its mesh and whether that has shapes; without any shape all is skin."""
    material, mesh, own_shapes = label.split("\n")
    told = part_of(material, mesh)
    if told is not None:
        return told
    return int(Part.SKIN) if own_shapes == "1" or not has_shapes else DROPPED

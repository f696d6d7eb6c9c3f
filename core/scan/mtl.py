"""Colours of an OBJ's materials: the MTL files that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.obj import ObjMesh
from rhytid.core.files.reading import read_file
from rhytid.core.files.text import shown
from rhytid.core.head.head import split_faces
from rhytid.core.scan.pictures import Pictures
from rhytid.core.scan.texture import Texture, texture_of

UInt8 = npt.NDArray[np.uint8]

_MAX_BYTES = 1 << 22
_MOST_FILES = 16
# How many numbers or words follow an option before the file's name.
_OPTION = re.compile(
    r"-(?:blendu|blendv|cc|clamp|imfchan|type|texres|boost|bm)\s+\S+\s+|-mm\s+\S+\s+\S+\s+"
    r"|-[ost]\s+(?:[-+.\d]\S*\s+){1,3}"
)


def texture_of_obj(path: Path, mesh: ObjMesh, pictures: Pictures) -> Texture | None:
    """Pictures and plain colours of an OBJ's materials on its triangles, None where there are none.

    Triangles are those of `split_faces` of the mesh's quads.
    """
    named = materials(path, mesh.libraries, pictures)
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


def materials(path: Path, libraries: Sequence[str], pictures: Pictures) -> dict[str, str | UInt8]:
    """Of each material the name of its picture, or its plain colour, uint8 (1, 1, 3)."""
    found: dict[str, str | UInt8] = {}
    for library in libraries[:_MOST_FILES]:
        place = path.parent / Path(library.replace("\\", "/").replace("\0", "")).name
        try:
            text = read_file(place, _MAX_BYTES, "export it again").decode("utf-8", "replace")
        except (OSError, ValueError):
            pictures.remarks.append(f"its materials {shown(library):.80} are not beside it")
            continue
        name = ""
        for line in text.splitlines():
            keyword, _, rest = line.strip().partition(" ")
            if keyword == "newmtl":
                name = rest.strip()
            elif keyword == "map_Kd" and rest.strip():
                found[name] = _OPTION.sub("", rest.strip() + " ").strip()
            elif keyword == "Kd" and name not in found:
                color = _color(rest)
                if color is not None:
                    found[name] = color
    return found


def _color(text: str) -> UInt8 | None:
    try:
        values = np.array([float(word) for word in text.split()[:3]])
    except ValueError:
        return None
    if values.shape != (3,) or not np.isfinite(values).all():
        return None
    return np.rint(values.clip(0, 1) * 255).astype(np.uint8).reshape(1, 1, 3)

"""Materials of an OBJ with the pictures of their colour, out of the MTL files beside it."""

from __future__ import annotations

from pathlib import Path

from rhytid.core.files.mtl import picture_beside, read_materials
from rhytid.core.files.obj import ObjMesh
from rhytid.core.files.text import shown
from rhytid.core.head.material import MAX_PICTURE_BYTES, MAX_PICTURES_BYTES, Material, picture_type
from rhytid.core.maps.srgb import linear_from_srgb

_WHITE = (1.0, 1.0, 1.0, 1.0)


def materials_of(path: Path, obj: ObjMesh) -> tuple[tuple[Material, ...], tuple[str, ...]]:
    """Materials of an OBJ, and what could not be read of them.

    Returns
    -------
    tuple of Material
        One for each of `obj.material_names`; none at all where no picture was found. White without a picture is one
        that no MTL describes.
    tuple of str
    """
    notes: list[str] = []
    described = read_materials(path, obj.libraries, notes.append)
    left_bytes = MAX_PICTURES_BYTES
    read: dict[str, bytes] = {}
    materials = []
    for name in obj.material_names:
        said = described.get(name)
        called = name[:80] or "material"
        if isinstance(said, str):
            if said not in read:
                read[said] = _picture(path, said, min(left_bytes, MAX_PICTURE_BYTES), notes)
                left_bytes -= len(read[said])
            data = read[said]
            materials.append(Material(called, _WHITE, picture=0 if data else -1, pictures=(data,) if data else ()))
        elif said is not None:
            red, green, blue = linear_from_srgb(said[0, 0] / 255).tolist()
            materials.append(Material(called, (red, green, blue, 1.0)))
        else:
            materials.append(Material(called, _WHITE))
    has_one = any(read.values())
    return tuple(materials) if has_one else (), tuple(dict.fromkeys(notes))


def _picture(path: Path, name: str, max_bytes: int, notes: list[str]) -> bytes:
    """PNG or JPEG beside the OBJ; empty for none that can be kept, with a note."""
    try:
        data = picture_beside(path, name, max(max_bytes, 1))
    except (OSError, ValueError):
        notes.append(f"its texture {shown(name):.80} is not beside it, or too large")
        return b""
    if not picture_type(data):
        notes.append(f"its texture {shown(name):.80} is neither PNG nor JPEG and is left out")
        return b""
    return data

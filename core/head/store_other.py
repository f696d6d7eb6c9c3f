"""What a head keeps of its file, in our own format: parts beside it, and materials.

================== ============ ==========================================================================
array              type         content
================== ============ ==========================================================================
kept_about         uint8 (n,)   JSON: the parts' names, sizes and shapes, and all materials but for pictures
kept_vertices      float32      (P, 6) mm and normals, all parts one after the other
kept_uv            float32      (P, 2)
kept_triangles     int32        (Q, 3), each part's own indices
kept_offsets       float16      (R, 3) mm, all shapes of all parts one after the other
kept_pictures      uint8 (b,)   PNG and JPEG one after the other
face_material      int32        (F,), or (0,)
================== ============ ==========================================================================
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.files.reading import FileRefused, parse_json
from rhytid.core.head.arrays import REMEDY, Arrays, Table
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head
from rhytid.core.head.material import ALPHA_MODES, MAX_PICTURES_BYTES, Material, picture_type
from rhytid.core.head.other_parts import MAX_OTHER_TRIANGLES, MAX_OTHER_VERTICES, OtherPart

KEPT: Table = {
    "kept_about": ("u1", ("O",)),
    "kept_vertices": ("f4", ("P", 6)),
    "kept_uv": ("f4", ("P", 2)),
    "kept_triangles": ("i4", ("Q", 3)),
    "kept_offsets": ("f2", ("R", 3)),
    "kept_pictures": ("u1", ("B",)),
    "face_material": ("i4", ("G",)),
}
KEPT_LIMITS = {
    "O": 8 << 20,
    "P": MAX_OTHER_VERTICES,
    "Q": MAX_OTHER_TRIANGLES,
    "R": len(ARKIT_INDEX) * MAX_OTHER_VERTICES,
    "B": MAX_PICTURES_BYTES,
    "G": 1 << 20,
}


def kept_arrays(head: Head) -> Arrays:
    """Arrays of all that a head keeps; none where it keeps nothing."""
    parts = head.other_parts
    if not parts and not head.materials:
        return {}
    materials = tuple(dict.fromkeys((*head.materials, *(part.material for part in parts))))
    pictures = tuple(dict.fromkeys(data for material in materials for data in material.pictures))
    about = {
        "materials": [
            {**asdict(one), "pictures": [pictures.index(data) for data in one.pictures]} for one in materials
        ],
        "of_head": [materials.index(one) for one in head.materials],
        "picture_bytes": [len(data) for data in pictures],
        "parts": [
            {
                "name": part.name,
                "vertices": len(part.vertices),
                "triangles": len(part.triangles),
                "shapes": part.names,
                "material": materials.index(part.material),
                "is_film": part.is_film,
            }
            for part in parts
        ],
    }
    return {
        "kept_about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        "kept_vertices": _joined([np.hstack([part.vertices, part.normals]) for part in parts], 6, "f4"),
        "kept_uv": _joined([part.uv for part in parts], 2, "f4"),
        "kept_triangles": _joined([part.triangles for part in parts], 3, "i4"),
        "kept_offsets": _joined([part.offsets.reshape(-1, 3) for part in parts], 3, "f2"),
        "kept_pictures": np.frombuffer(b"".join(pictures), np.uint8),
        "face_material": head.face_material.astype(np.int32),
    }


def kept_of(arrays: Arrays, n_faces: int, path: Path) -> dict[str, Any]:
    """`other_parts`, `materials` and `face_material` of a head with so many faces.

    Raises
    ------
    HeadFileError
        Damaged.
    """
    try:
        about = parse_json(arrays["kept_about"].tobytes(), str(path))
        pictures = _pictures(arrays["kept_pictures"].tobytes(), about["picture_bytes"])
        materials = [_material(entry, pictures) for entry in about["materials"]]
        parts = _parts(arrays, about["parts"], materials)
        of_head = tuple(_at(materials, index) for index in about["of_head"])
        face_material = arrays["face_material"]
        _need(len(face_material) in (0, n_faces), "face_material")
        _need(bool(((face_material >= 0) & (face_material < len(of_head))).all()), "face_material")
    except (FileRefused, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeadFileError(f"{path}: what the head keeps of its file is damaged ({error!s:.200}); {REMEDY}") from error
    return {"other_parts": parts, "materials": of_head, "face_material": face_material.astype(np.int16)}


def _parts(arrays: Arrays, entries: Any, materials: list[Material]) -> tuple[OtherPart, ...]:
    parts = []
    row = corner = moved = 0
    for entry in entries:
        n, t, names = _count(entry["vertices"]), _count(entry["triangles"]), tuple(entry["shapes"])
        _need(set(names) <= set(ARKIT_INDEX) and len(set(names)) == len(names), "shapes of a part")
        rows = arrays["kept_vertices"][row : row + n]
        triangles = arrays["kept_triangles"][corner : corner + t]
        offsets = arrays["kept_offsets"][moved : moved + n * len(names)]
        _need(len(rows) == n and len(triangles) == t and len(offsets) == n * len(names), "sizes of a part")
        _need(not t or bool(triangles.min() >= 0 and triangles.max() < n), "triangles of a part")
        uv = arrays["kept_uv"][row : row + n]
        _need(all(np.isfinite(values).all() for values in (rows, uv, offsets)), "numbers of a part")
        parts.append(
            OtherPart(
                str(entry["name"])[:80], rows[:, :3].copy(), rows[:, 3:].copy(), triangles.copy(), uv.copy(),
                _at(materials, entry["material"]), names, offsets.reshape(len(names), n, 3).copy(),
                entry["is_film"] is True,
            )
        )  # fmt: skip
        row, corner, moved = row + n, corner + t, moved + n * len(names)
    return tuple(parts)


def _material(entry: Any, pictures: list[bytes]) -> Material:
    of_material = tuple(_at(pictures, index) for index in entry["pictures"])
    color = [min(max(float(value), 0.0), 1.0) for value in entry["color"]]
    _need(len(color) == 4 and entry["alpha"] in ALPHA_MODES, "material")
    if entry["gltf"]:
        _need(isinstance(parse_json(str(entry["gltf"]).encode(), "material"), dict), "material")
    return Material(
        name=str(entry["name"])[:80], color=(color[0], color[1], color[2], color[3]),
        roughness=float(entry["roughness"]), metallic=float(entry["metallic"]), alpha=entry["alpha"],
        cutoff=float(entry["cutoff"]), is_two_sided=entry["is_two_sided"] is True,
        picture=int(entry["picture"]), pictures=of_material, gltf=str(entry["gltf"]),
    )  # fmt: skip


def _pictures(data: bytes, sizes: Any) -> list[bytes]:
    pictures, start = [], 0
    for size in sizes:
        pictures.append(data[start : start + _count(size)])
        start += size
    _need(start == len(data) and all(map(picture_type, pictures)), "pictures")
    return pictures


def _at(values: list[Any], index: Any) -> Any:
    _need(type(index) is int and 0 <= index < len(values), "index")
    return values[index]


def _count(value: Any) -> int:
    _need(type(value) is int and value >= 0, "count")
    return int(value)


def _need(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _joined(values: list[Any], width: int, dtype: str) -> Any:
    return np.concatenate([np.zeros((0, width), dtype), *values]).astype(dtype)

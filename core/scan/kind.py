"""What may be a scan and no head, told without reading much of it."""

from __future__ import annotations

import struct
from pathlib import Path

from rhytid.core.files.reading import open_file

_LEAST_OBJ_BYTES = 16 << 20  # of about 200 000 vertices, the most that a head has
_LEAST_GLB_BYTES = 4 << 20
_MOST_JSON_BYTES = 32 << 20
_MOST_BYTES = 1 << 40


def may_be_scan(path: Path) -> bool:
    """Whether a mesh is more likely a scan than a head: a PLY, and a large OBJ or GLB without shapes.

    A file that cannot be read is none.
    """
    suffix = path.suffix.lower()
    if suffix == ".ply":
        return True
    try:
        if suffix == ".obj":
            return path.is_file() and path.stat().st_size >= _LEAST_OBJ_BYTES
        if suffix != ".glb" or path.stat().st_size < _LEAST_GLB_BYTES:
            return False
        with open_file(path, _MOST_BYTES) as stream:
            head = stream.read(20)
            if len(head) < 20 or not head.startswith(b"glTF"):
                return False
            text = stream.read(min(struct.unpack("<I", head[12:16])[0], _MOST_JSON_BYTES))
    except (OSError, ValueError):
        return False
    return b'"targets"' not in text and b'"skin"' not in text

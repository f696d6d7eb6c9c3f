"""Materials as a head's own file has them: kept whole for the export, with what a picture needs told apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

OPAQUE, MASK, BLEND = "OPAQUE", "MASK", "BLEND"
ALPHA_MODES = (OPAQUE, MASK, BLEND)
MAX_PICTURE_BYTES = 32 << 20
MAX_PICTURES_BYTES = 96 << 20
MAX_GLTF_CHARACTERS = 1 << 16
_MAX_DEPTH = 12
PICTURE_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""First bytes of the pictures that are kept, and what they are."""


@dataclass(frozen=True)
class Material:
    """A material of a stranger's file.

    Attributes
    ----------
    name : str
    color : 4 floats
        Linear red, green, blue and alpha, a factor on the picture.
    roughness, metallic : float
        0..1.
    alpha : str
        "OPAQUE", "MASK" (below `cutoff` nothing is seen) or "BLEND".
    cutoff : float
    is_two_sided : bool
    picture : int
        Which of `pictures` is the base colour, sRGB; -1 for none.
    pictures : tuple of bytes
        PNG or JPEG as the file has them, every one of which `gltf` names.
    gltf : str
        The material in glTF's JSON; its textures' `index` counts `pictures`. Empty where the file was no glTF.
    """

    name: str
    color: tuple[float, float, float, float] = (0.8, 0.8, 0.8, 1.0)
    roughness: float = 0.8
    metallic: float = 0.0
    alpha: str = OPAQUE
    cutoff: float = 0.5
    is_two_sided: bool = False
    picture: int = -1
    pictures: tuple[bytes, ...] = ()
    gltf: str = ""

    @property
    def base_picture(self) -> bytes:
        """The picture of the base colour, empty where there is none."""
        return self.pictures[self.picture] if 0 <= self.picture < len(self.pictures) else b""

    @property
    def normal_picture(self) -> bytes:
        """The normal map in tangent space, green up, empty where there is none."""
        named = json.loads(self.gltf).get("normalTexture") if self.gltf else None
        number = named.get("index") if isinstance(named, dict) else None
        return self.pictures[number] if type(number) is int and 0 <= number < len(self.pictures) else b""


def picture_type(data: bytes) -> str:
    """MIME type of a picture by its first bytes, "" for one that is not kept."""
    return next((kind for start, kind in PICTURE_TYPES.items() if data.startswith(start)), "")


def with_textures(entry: Any, place: Any, depth: int = 0) -> Any:
    """A copy of glTF's JSON with every texture's index renumbered.

    Parameters
    ----------
    entry : JSON
    place : callable
        New index of an old one, or None to leave the texture out.
    """
    if depth > _MAX_DEPTH:
        return None
    if isinstance(entry, list):
        return [with_textures(one, place, depth + 1) for one in entry]
    if not isinstance(entry, dict):
        return entry
    result = {}
    for name, value in entry.items():
        if name.lower().endswith("texture") and isinstance(value, dict) and "index" in value:
            # A second set of texture coordinates is not kept.
            index = place(value["index"]) if value.get("texCoord", 0) == 0 else None
            if index is None:
                continue
            value = {**value, "index": index}
        result[name] = with_textures(value, place, depth + 1)
    return result


def extensions_in(gltf: str) -> set[str]:
    """Names of the extensions that a material's JSON uses."""
    found: set[str] = set()
    waiting = [json.loads(gltf)] if gltf else []
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            if isinstance(entry.get("extensions"), dict):
                found |= set(entry["extensions"])
            waiting += entry.values()
        elif isinstance(entry, list):
            waiting += entry
    return found

"""Materials out of a GLB with their pictures, whole, as far as they are sound and small enough."""

from __future__ import annotations

import json
from typing import Any

from rhytid.core.files.glb import Entry, Glb
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.material import (
    ALPHA_MODES,
    MAX_GLTF_CHARACTERS,
    MAX_PICTURE_BYTES,
    MAX_PICTURES_BYTES,
    Material,
    picture_type,
    with_textures,
)


class Materials:
    """The materials of a GLB, each read when it is asked for.

    Attributes
    ----------
    notes : list of str
        What could not be kept.
    """

    def __init__(self, glb: Glb) -> None:
        self._glb = glb
        self._known: dict[object, Material] = {}
        self._pictures: dict[int, bytes] = {}
        self._left_bytes = MAX_PICTURES_BYTES
        self.notes: list[str] = []

    def of(self, primitive: Entry) -> Material:
        """The material of a primitive; a plain one for a primitive without.

        Raises
        ------
        FileRefused
            The primitive names a material that is not there.
        """
        index = primitive.get("material")
        if index not in self._known:
            named = index is not None
            self._known[index] = self._read(self._glb.entry("materials", index)) if named else Material("default")
        return self._known[index]

    def _read(self, entry: Entry) -> Material:
        pictures: list[bytes] = []

        def place(index: object) -> int | None:
            data = self._picture(index)
            if not data:
                return None
            if data not in pictures:
                pictures.append(data)
            return pictures.index(data)

        name = str(entry.get("name", "material"))[:80]
        kept = with_textures(entry, place)
        text = json.dumps(kept, separators=(",", ":"))
        if len(text) > MAX_GLTF_CHARACTERS:
            kept, text = {}, ""
            self.notes.append(f"material {name}: too long, only its colour is kept")
        rough = kept.get("pbrMetallicRoughness")
        rough = rough if isinstance(rough, dict) else {}
        shown = rough.get("baseColorTexture")
        alpha = kept.get("alphaMode", ALPHA_MODES[0])
        return Material(
            name=name,
            color=_color(rough.get("baseColorFactor")),
            roughness=_share(rough.get("roughnessFactor"), 1.0),
            metallic=_share(rough.get("metallicFactor"), 1.0),
            alpha=alpha if alpha in ALPHA_MODES else ALPHA_MODES[0],
            cutoff=_share(kept.get("alphaCutoff"), 0.5),
            is_two_sided=kept.get("doubleSided") is True,
            picture=shown["index"] if isinstance(shown, dict) and type(shown.get("index")) is int else -1,
            pictures=tuple(pictures),
            gltf=text,
        )

    def _picture(self, index: object) -> bytes:
        """PNG or JPEG of a texture; empty for one that is damaged, too large or of another kind, with a note."""
        textures = self._glb.entries(self._glb.document, "textures")
        entry = textures[index] if type(index) is int and 0 <= index < len(textures) else None
        source = entry.get("source") if isinstance(entry, dict) else None
        if type(source) is not int:
            self._note("a texture that is neither PNG nor JPEG is left out")
            return b""
        if source not in self._pictures:
            self._pictures[source] = self._bytes_of(source)
        return self._pictures[source]

    def _bytes_of(self, source: int) -> bytes:
        entry = self._glb.entry("images", source)
        if entry.get("bufferView") is None:
            try:
                data = self._glb.named_bytes(str(entry.get("uri")), MAX_PICTURE_BYTES)
            except FileRefused:
                self._note("a texture that lies in a file of its own is left out")
                return b""
        else:
            data = self._glb.view_bytes(entry["bufferView"])
        if not picture_type(data):
            self._note("a texture that is neither PNG nor JPEG is left out")
            return b""
        if len(data) > min(MAX_PICTURE_BYTES, self._left_bytes):
            self._note(f"textures of more than {MAX_PICTURES_BYTES >> 20} MB are left out")
            return b""
        self._left_bytes -= len(data)
        return data

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _share(value: Any, default: float) -> float:
    return min(max(float(value), 0.0), 1.0) if type(value) in (int, float) else default


def _color(value: Any) -> tuple[float, float, float, float]:
    if not isinstance(value, list) or len(value) != 4:
        return 1.0, 1.0, 1.0, 1.0
    red, green, blue, alpha = (_share(one, 1.0) for one in value)
    return red, green, blue, alpha

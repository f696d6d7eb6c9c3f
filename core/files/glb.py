"""Reading glTF with distrust: the chunks, the JSON, and accessors held against the bytes that there are.

pygltflib and trimesh decode what a file announces before anybody can look at it, and trimesh knows no morph targets;
here nothing is allocated that the file does not hold, but for zeros, whose number is limited.
"""

from __future__ import annotations

import base64
import os
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, open_file, parse_json, read_file
from rhytid.core.files.text import shown

MAX_COUNT = 2_400_000
_MAX_JSON_BYTES = 32 << 20
_MAX_JSON_VALUES = 600_000
_MAX_BUFFERS = 64
_REMEDY = "export it again as GLB"
_COMPONENTS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_COMPRESSED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression")

Entry = dict[str, Any]


class Glb:
    """A GLB file, or a .glTF with the buffers that it names: within itself, or files of its own folder.

    Parameters
    ----------
    path : path
    max_bytes : int
        The most that the file may hold.
    max_count : int
        The most rows of an accessor.

    Attributes
    ----------
    document : dict
        The JSON. What stands in it is a stranger's: take it apart with `entry` and `entries`.
    is_binary : bool
        It is a GLB, which holds its buffer and its pictures itself.

    Raises
    ------
    FileRefused
        No glTF of version 2, damaged, compressed, too large, or one that names files outside of its folder.
    OSError
        The file cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], max_bytes: int, max_count: int = MAX_COUNT) -> None:
        self.path = Path(path)
        self._max_count = max_count
        with open_file(path, max_bytes, "export it with fewer or smaller textures") as stream:
            n_bytes = os.fstat(stream.fileno()).st_size
            head = stream.read(20)
            self.is_binary = self.path.suffix.lower() != ".gltf"
            if not self.is_binary:
                self.document: Entry = self._content(head + stream.read(_MAX_JSON_BYTES + 1))
                self._blobs = self._named_buffers(max_bytes)
            else:
                self.document = self._content(stream.read(self._json_bytes(head, n_bytes)))
                self._blobs = (self._binary_chunk(stream.read(8), n_bytes - stream.tell(), stream),)

    def _json_bytes(self, head: bytes, n_bytes: int) -> int:
        """Length of the JSON of a GLB of `n_bytes`, by its first 20 bytes."""
        if not head.startswith(b"glTF"):
            raise self.refused("is no GLB")
        if len(head) < 20:
            raise self.refused("is cut off")
        version, length, json_bytes, kind = struct.unpack("<IIII", head[4:])
        if version != 2:
            raise self.refused(f"is glTF {version}, only glTF 2.0 is read")
        if length > n_bytes or kind != 0x4E4F534A or json_bytes > min(length - 20, _MAX_JSON_BYTES):
            raise self.refused("is cut off or damaged")
        found: int = json_bytes
        return found

    def _content(self, data: bytes) -> Entry:
        if len(data) > _MAX_JSON_BYTES:
            raise self.refused("holds too much text")
        document = parse_json(data, str(self.path), _MAX_JSON_VALUES, _REMEDY)
        if not isinstance(document, dict):
            raise self.refused("is damaged")
        self.document = document
        self._refuse_compression()
        return document

    def _named_buffers(self, max_bytes: int) -> tuple[bytes, ...]:
        """The buffers of a .gltf, together no larger than a GLB may be."""
        blobs: list[bytes] = []
        buffers = self.entries(self.document, "buffers")
        if len(buffers) > _MAX_BUFFERS:
            raise self.refused(f"names more than {_MAX_BUFFERS} buffers")
        for number, _ in enumerate(buffers):
            uri = self.entry("buffers", number).get("uri")
            if not isinstance(uri, str):
                raise self.refused(f"is damaged (buffer {number})")
            blobs.append(self.named_bytes(uri, max_bytes - sum(map(len, blobs))))
        return tuple(blobs)

    def named_bytes(self, uri: str, max_bytes: int) -> bytes:
        """What a URI of a .gltf holds, or names in the file's own folder.

        Raises
        ------
        FileRefused
            Neither, or more than `max_bytes`.
        """
        if self.is_binary:
            raise self.refused("keeps its geometry or pictures in another file")
        if uri.startswith("data:"):
            head, _, text = uri.partition(",")
            if not head.endswith(";base64"):
                raise self.refused("holds a buffer that is not base64")
            try:
                return base64.b64decode(text, validate=True)
            except ValueError:
                raise self.refused("holds a buffer that is no base64") from None
        name = unquote(uri)
        place = self.path.parent / name
        is_elsewhere = "\0" in name or "://" in name or "\\" in name or Path(name).is_absolute()
        if is_elsewhere or not place.resolve().is_relative_to(self.path.parent.resolve()):
            raise self.refused(f"names {shown(name):.60}, which lies outside of its folder")
        try:
            return read_file(place, max_bytes, _REMEDY)
        except OSError:
            raise self.refused(f"names {shown(name):.60}, which is not there: take its files along") from None

    def refused(self, what: str) -> FileRefused:
        """The error that says what is wrong with the file."""
        return FileRefused(f"{self.path}: {what}; {_REMEDY}")

    def entries(self, of: Entry, name: str) -> list[Any]:
        """The list of that name, empty where there is none."""
        found = of.get(name, [])
        if not isinstance(found, list):
            raise self.refused(f"is damaged ({name})")
        return found

    def entry(self, name: str, index: object) -> Entry:
        """An entry of one of the document's lists."""
        found = self.entries(self.document, name)
        if type(index) is not int or not 0 <= index < len(found) or not isinstance(found[index], dict):
            raise self.refused(f"is damaged ({name} {index!s:.20})")
        entry: Entry = found[index]
        return entry

    def count(self, index: object) -> int:
        """Rows of an accessor, unread."""
        return self._number(self.entry("accessors", index), "count", self._max_count)

    def values(self, index: object) -> npt.NDArray[Any]:
        """Rows of an accessor (N, width): as stored, or float32 where it says that they are normalised."""
        accessor = self.entry("accessors", index)
        count, width = self.count(index), _WIDTHS.get(str(accessor.get("type")))
        dtype = self._dtype(accessor)
        if width is None:
            raise self.refused(f"is damaged (accessor {index!s:.20})")
        values: npt.NDArray[Any]
        if accessor.get("bufferView") is None:
            values = np.zeros((count, width), dtype)
        else:
            values = self._rows(accessor, accessor, dtype, count, width).copy()
        sparse = accessor.get("sparse")
        if isinstance(sparse, dict):
            moved = self._number(sparse, "count", count)
            places, given = sparse.get("indices"), sparse.get("values")
            if not isinstance(places, dict) or not isinstance(given, dict):
                raise self.refused("is damaged (sparse)")
            where = self._rows(places, places, self._dtype(places), moved, 1)[:, 0]
            if where.dtype.kind != "u" or (moved and where.max() >= count):
                raise self.refused("is damaged (sparse)")
            values[where] = self._rows(given, accessor, dtype, moved, width)
        if accessor.get("normalized") is True and dtype.kind in "iu":
            return np.maximum(values.astype(np.float32) / np.float32(np.iinfo(dtype).max), -1)
        return values

    def view_bytes(self, index: object) -> bytes:
        """The bytes of a buffer view, as pictures lie in one."""
        blob, start, length = self._place(self.entry("bufferViews", index))
        return blob[start : start + length]

    def _rows(
        self, place: Entry, of: Entry, dtype: np.dtype[Any], count: int, width: int
    ) -> npt.NDArray[Any]:
        view = self.entry("bufferViews", place.get("bufferView"))
        blob, start, length = self._place(view)
        offset = self._number(place, "byteOffset", length, 0)
        size = dtype.itemsize * width
        stride = self._number(view, "byteStride", 252, size) if place is of else size
        if count and (stride < size or offset + stride * (count - 1) + size > length):
            raise self.refused("announces more than it holds")
        if not count:
            return np.zeros((0, width), dtype)
        return np.ndarray((count, width), dtype, blob, start + offset, (stride, dtype.itemsize))

    def _place(self, view: Entry) -> tuple[bytes, int, int]:
        """Buffer, start and length of a buffer view."""
        buffer = view.get("buffer")
        if type(buffer) is not int or not 0 <= buffer < len(self._blobs):
            raise self.refused("keeps its geometry or pictures in another file")
        if self.is_binary and "uri" in self.entry("buffers", 0):
            raise self.refused("keeps its geometry or pictures in another file")
        blob = self._blobs[buffer]
        start = self._number(view, "byteOffset", len(blob), 0)
        return blob, start, self._number(view, "byteLength", len(blob) - start)

    def _dtype(self, of: Entry) -> np.dtype[Any]:
        found = of.get("componentType")
        if type(found) is not int or found not in _COMPONENTS:
            raise self.refused(f"is damaged (component type {found!s:.20})")
        return np.dtype(_COMPONENTS[found])

    def _number(self, of: Entry, name: str, most: int, default: int | None = None) -> int:
        found = of.get(name, default)
        if type(found) is not int or not 0 <= found <= most:
            raise self.refused(f"is damaged or too large ({name} {found!s:.20})")
        return found

    def _refuse_compression(self) -> None:
        used = self.entries(self.document, "extensionsRequired") + self.entries(self.document, "extensionsUsed")
        compressed = next((name for name in _COMPRESSED if name in used), None)
        if compressed:
            raise FileRefused(f"{self.path}: its geometry is compressed ({compressed}); export it without compression")

    def _binary_chunk(self, head: bytes, left: int, stream: Any) -> bytes:
        if len(head) < 8:
            return b""
        n_bytes, kind = struct.unpack("<II", head)
        if kind != 0x004E4942 or n_bytes > left:
            raise self.refused("is cut off or damaged")
        blob: bytes = stream.read(n_bytes)
        if len(blob) < n_bytes:
            raise self.refused("is cut off")
        return blob

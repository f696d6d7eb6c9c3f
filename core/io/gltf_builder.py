"""The binary chunk of a GLB with the lists that describe it, while they grow.

Every accessor has a buffer view. What is 0 everywhere, and the still vertices of sparse accessors, read one view
of zeros that all share: glTF allows to leave that view out, but many importers fail there.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pygltflib as gltf

Float32 = npt.NDArray[np.float32]
_VECTORS = {2: gltf.VEC2, 3: gltf.VEC3, 4: gltf.VEC4}
_OFFSET_BYTES = 12
# A sparse accessor names the vertices that move; where most of them do a plain one is smaller.
_MOVING_AT_MOST = 0.6
_ALIGNMENT = 4


class GltfBuilder:
    """See the module.

    Attributes
    ----------
    views, accessors, images, textures : lists of glTF objects
        Their places are the indices that the methods return.
    """

    def __init__(self) -> None:
        self.views: list[gltf.BufferView] = []
        self.accessors: list[gltf.Accessor] = []
        self.images: list[gltf.Image] = []
        self.textures: list[gltf.Texture] = []
        self._texture_of: dict[bytes, int] = {}
        self._parts: list[bytes] = []
        self._n_bytes = 0
        self._zero_index = -1
        self._n_zeros = 0
        self._zero_offsets: dict[int, int] = {}

    def vectors(self, values: Float32, bounds: bool = False) -> int:
        """Accessor of values (N, 2), (N, 3) or (N, 4); with its `bounds`, which positions must have."""
        values = np.ascontiguousarray(values, "<f4")
        accessor = gltf.Accessor(
            bufferView=self._view(values.tobytes(), gltf.ARRAY_BUFFER),
            componentType=gltf.FLOAT,
            count=len(values),
            type=_VECTORS[values.shape[1]],
        )
        return self._add(accessor, values if bounds else None)

    def scalars(self, values: Float32, bounds: bool = False) -> int:
        """Accessor of numbers (N,) of an animation; with its `bounds`, which times must have."""
        values = np.ascontiguousarray(values, "<f4")
        accessor = gltf.Accessor(
            bufferView=self._view(values.tobytes()), componentType=gltf.FLOAT, count=len(values), type=gltf.SCALAR
        )
        return self._add(accessor, values[:, None] if bounds else None)

    def attribute(self, values: Float32) -> int:
        """Accessor of a number (N,) for each vertex."""
        values = np.ascontiguousarray(values, "<f4")
        view = self._view(values.tobytes(), gltf.ARRAY_BUFFER)
        accessor = gltf.Accessor(bufferView=view, componentType=gltf.FLOAT, count=len(values), type=gltf.SCALAR)
        return self._add(accessor, None)

    def indices(self, values: npt.NDArray[np.integer[Any]], count: int) -> int:
        """Accessor of indices (N,) into `count` vertices."""
        dtype, component = _index_type(count)
        data = values.astype(dtype)
        accessor = gltf.Accessor(
            bufferView=self._view(data.tobytes(), gltf.ELEMENT_ARRAY_BUFFER),
            componentType=component,
            count=data.size,
            type=gltf.SCALAR,
        )
        return self._add(accessor, None)

    def offsets(self, values: Float32, still: float) -> int:
        """Accessor of a morph target's offsets (N, 3) with bounds; components up to `still` count as 0."""
        values = np.where(np.abs(values).max(axis=1, keepdims=True) > still, values, 0).astype("<f4")
        moving = np.flatnonzero(values.any(axis=1))
        if not len(moving):
            return self._no_offsets(len(values))
        if len(moving) > _MOVING_AT_MOST * len(values):
            return self.vectors(values, bounds=True)
        dtype, component = _index_type(len(values))
        accessor = gltf.Accessor(
            bufferView=self._zero_view(len(values)), componentType=gltf.FLOAT, count=len(values), type=gltf.VEC3
        )
        accessor.sparse = gltf.Sparse(
            count=len(moving),
            indices=gltf.AccessorSparseIndices(
                bufferView=self._view(moving.astype(dtype).tobytes()), componentType=component
            ),
            values=gltf.AccessorSparseValues(bufferView=self._view(values[moving].tobytes())),
        )
        return self._add(accessor, values)

    def texture(self, png: bytes, name: str, kind: str = "image/png") -> int:
        """Texture of an embedded picture; the same picture is embedded once."""
        if png in self._texture_of:
            return self._texture_of[png]
        self._texture_of[png] = len(self.textures)
        self.images.append(gltf.Image(bufferView=self._view(png), mimeType=kind, name=name))
        self.textures.append(gltf.Texture(source=len(self.images) - 1, sampler=0))
        return len(self.textures) - 1

    def write(self, stream: BinaryIO, document: gltf.GLTF2) -> None:
        """Write header, the JSON of `document` with its one buffer, and the binary chunk. Done once, at the end."""
        if self._n_zeros:  # only now is known how many are needed
            self.views[self._zero_index].byteOffset = self._append(bytes(self._n_zeros))
            self.views[self._zero_index].byteLength = self._n_zeros
        document.buffers = [gltf.Buffer(byteLength=self._n_bytes)]
        content = document.gltf_to_json(separators=(",", ":"), indent=None).encode()
        content += b" " * (-len(content) % _ALIGNMENT)
        padding = bytes(-self._n_bytes % _ALIGNMENT)
        n_blob = self._n_bytes + len(padding)
        stream.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(content) + 8 + n_blob))
        stream.write(struct.pack("<I4s", len(content), b"JSON") + content)
        stream.write(struct.pack("<I4s", n_blob, b"BIN\0"))
        for part in (*self._parts, padding):
            stream.write(part)

    def _append(self, data: bytes) -> int:
        """Where `data` comes to lie in the binary chunk."""
        padding = bytes(-self._n_bytes % _ALIGNMENT)
        offset = self._n_bytes + len(padding)
        self._parts += [padding, data]
        self._n_bytes = offset + len(data)
        return offset

    def _view(self, data: bytes, target: int | None = None) -> int:
        offset = self._append(data)
        self.views.append(gltf.BufferView(buffer=0, byteOffset=offset, byteLength=len(data), target=target))
        return len(self.views) - 1

    def _zero_view(self, count: int) -> int:
        """The shared view of zeros, long enough for `count` offsets."""
        if not self._n_zeros:
            self._zero_index = len(self.views)
            # Attributes that share a view must state its stride.
            self.views.append(gltf.BufferView(buffer=0, byteStride=_OFFSET_BYTES, target=gltf.ARRAY_BUFFER))
        self._n_zeros = max(self._n_zeros, count * _OFFSET_BYTES)
        return self._zero_index

    def _no_offsets(self, count: int) -> int:
        """The one accessor of `count` offsets that are all 0."""
        if count not in self._zero_offsets:
            view = self._zero_view(count)
            accessor = gltf.Accessor(bufferView=view, componentType=gltf.FLOAT, count=count, type=gltf.VEC3)
            self._zero_offsets[count] = self._add(accessor, np.zeros((1, 3), np.float32))
        return self._zero_offsets[count]

    def _add(self, accessor: gltf.Accessor, bounded: Float32 | None) -> int:
        if bounded is not None:
            accessor.min = [float(value) for value in bounded.min(axis=0)]
            accessor.max = [float(value) for value in bounded.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def _index_type(count: int) -> tuple[str, int]:
    """Of indices into `count` vertices; 65535 itself is the primitive restart value."""
    return ("<u2", gltf.UNSIGNED_SHORT) if count <= 65535 else ("<u4", gltf.UNSIGNED_INT)

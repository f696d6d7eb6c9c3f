"""Arrays of numpy, alone (NPY) or several in a ZIP (NPZ). Nothing is unpickled: arrays of objects are refused."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.picture import MIN_SIDE, Layer, Pixels, check_extent, check_unpacked, damaged, native, shown

SIGNATURE, ZIP_SIGNATURE = b"\x93NUMPY", b"PK\x03\x04"
_MAX_CHANNELS = 8
_MAX_MEMBERS = 256
_HEADER_BYTES = 1 << 16


def open_npy(path: Path, data: bytes) -> list[Layer]:
    """The array of an NPY file whose content is `data`; raises `MapError`."""
    return [_layer(path, "", data[:_HEADER_BYTES], len(data), lambda: data)]


def open_npz(path: Path, data: bytes) -> list[Layer]:
    """The arrays of an NPZ that can be maps; raises `MapError`, the reason of the first where none can."""
    layers: list[Layer] = []
    refused: MapError | None = None
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
        if not members or len(members) > _MAX_MEMBERS:
            raise MapError(f"{path}: the archive holds no map; save one array as .npy, or as .npz of numpy")
        for member in members:
            with archive.open(member) as stream:
                head = stream.read(_HEADER_BYTES)
            prefix = member.filename.removesuffix(".npy") + "." if len(members) > 1 else ""
            try:
                layers.append(_layer(path, prefix, head, member.file_size, _reader(path, archive, member)))
            except MapError as error:
                refused = refused or error
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError, OSError) as error:
        if isinstance(error, MapError):
            raise
        raise damaged(path, error) from error
    if not layers and refused is not None:
        raise refused
    # Vertices, faces and single numbers lie beside a map.
    return [layer for layer in layers if min(layer.width, layer.height) >= MIN_SIDE] or layers


def _reader(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        check_unpacked(path, member.file_size, member.compress_size)
        with archive.open(member) as stream:
            return stream.read(member.file_size)

    return read


def _layer(path: Path, prefix: str, head: bytes, n_bytes: int, read: Callable[[], bytes]) -> Layer:
    shape, in_columns, dtype, start = _header(path, head)
    n_values = math.prod(shape)
    if dtype.hasobject or dtype.kind not in "uif":
        raise MapError(f"{path}: an array of {shown(dtype)}; save displacement in mm as float32")
    rows, columns, channel_axis = _axes(path, shape)
    height, width = shape[rows], shape[columns]
    if start + n_values * dtype.itemsize > n_bytes:
        raise damaged(path, "fewer values than its header says")
    check_extent(path, width, height)
    n_channels = 1 if channel_axis is None else shape[channel_axis]

    def decode(wanted: Sequence[int]) -> list[Pixels]:
        try:
            values = np.frombuffer(read(), dtype, n_values, start)
        except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError, OSError) as error:
            if isinstance(error, MapError):
                raise
            raise damaged(path, error) from error
        array = values.reshape(shape, order="F" if in_columns else "C")
        order = [axis for axis in (channel_axis, rows, columns) if axis is not None]
        rest = [axis for axis in range(len(shape)) if axis not in order]
        channels = array.transpose(*rest, *order).reshape(n_channels, height, width)
        return [np.ascontiguousarray(channels[i]) for i in wanted]

    names = (prefix.removesuffix(".") or "0",) if n_channels == 1 else tuple(f"{prefix}{i}" for i in range(n_channels))
    return Layer("npy", width, height, names, (native(dtype),) * n_channels, decode)


def _header(path: Path, head: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    stream = io.BytesIO(head)
    try:
        version = np.lib.format.read_magic(stream)
        read_1, read_2 = np.lib.format.read_array_header_1_0, np.lib.format.read_array_header_2_0
        shape, in_columns, dtype = (read_1 if version == (1, 0) else read_2)(stream)
    except Exception as error:  # the header is a Python literal: hostile ones raise SyntaxError and worse
        raise damaged(path, "NPY header") from error
    return tuple(int(n) for n in shape), bool(in_columns), dtype, stream.tell()


def _axes(path: Path, shape: tuple[int, ...]) -> tuple[int, int, int | None]:
    """Axes of the rows, the columns and the channels; axes of one element do not count, as networks add them."""
    real = [axis for axis, n in enumerate(shape) if n != 1]
    if len(shape) >= 2 and len(real) == 2:
        return real[0], real[1], None
    if len(real) == 3 and shape[real[2]] <= _MAX_CHANNELS:
        return real[0], real[1], real[2]
    if len(real) == 3 and shape[real[0]] <= _MAX_CHANNELS:
        return real[1], real[2], real[0]
    raise MapError(f"{path}: an array of shape {shown(shape)}; a displacement map has shape (side, side)")

"""Size and type of a map file from its first bytes, before anything is decoded.

A few bytes can announce gigabytes of pixels, so every reader asks here first.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from rhytid.core.io.errors import MapError

MIN_SIDE, MAX_SIDE = 64, 8192
MAX_FILE_BYTES = 1 << 30
_MAX_CHANNELS = 8
_MAX_EXR_HEADER_BYTES = 1 << 20
_EXR_PIXEL_BYTES = {0: 4, 1: 2, 2: 4}
_EXR_PIXEL_DTYPES = {0: "uint32", 1: "float16", 2: "float32"}


@dataclass(frozen=True)
class MapHeader:
    """What a map file says of itself.

    Attributes
    ----------
    kind : str
        "png", "tiff", "exr" or "npy".
    width, height : int
        Texels.
    dtype : str
        numpy name of the stored values, "uint16" or "float32" for instance.
    channels : tuple of str
        Names in an EXR file, otherwise "0", "1", ...
    """

    kind: str
    width: int
    height: int
    dtype: str
    channels: tuple[str, ...]

    @property
    def is_integer(self) -> bool:
        return np.dtype(self.dtype).kind in "ui"


def read_header(path: Path, data: bytes) -> MapHeader:
    """Header of the map file whose content is `data`; `path` is named in messages.

    Raises
    ------
    MapError
        The file is no PNG, TIFF, EXR or NPY, or its header is damaged.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png_header(path, data)
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _tiff_header(path, data)
    if data.startswith(b"\x76\x2f\x31\x01"):
        return _exr_header(path, data)
    if data.startswith(b"\x93NUMPY"):
        return _npy_header(path, data)
    what = "is empty" if not data else "is not an image that can hold displacement"
    raise MapError(f"{path}: the file {what}; use a 16-bit PNG or TIFF, a 32-bit EXR or TIFF, or an NPY file")


def check_size(path: Path, header: MapHeader) -> None:
    """Raise `MapError` unless the map is square and `MIN_SIDE` to `MAX_SIDE` texels wide."""
    width, height = header.width, header.height
    if not (0 < len(header.channels) <= _MAX_CHANNELS):
        raise MapError(f"{path}: {len(header.channels)} channels; keep the one that holds the displacement")
    if width != height:
        raise MapError(
            f"{path}: the map is {width} x {height} texels; it must be square, crop it to the chart"
        )
    if width < MIN_SIDE:
        raise MapError(f"{path}: the map is only {width} x {height} texels; at least {MIN_SIDE} are needed")
    if width > MAX_SIDE:
        raise MapError(
            f"{path}: the map is {width} x {height} texels; scale it down to {MAX_SIDE} x {MAX_SIDE} or less"
        )


def damaged(path: Path, reason: object) -> MapError:
    """The error for a file whose content contradicts its format."""
    return MapError(f"{path}: the file is damaged or incomplete ({reason}); copy or export it again")


def _png_header(path: Path, data: bytes) -> MapHeader:
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise damaged(path, "no PNG header")
    width, height, depth, color = struct.unpack(">IIBB", data[16:26])
    n_channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(color)
    if n_channels is None or depth not in (1, 2, 4, 8, 16):
        raise damaged(path, "impossible pixel type")
    dtype = "uint16" if depth == 16 else "uint8"
    return MapHeader("png", width, height, dtype, tuple(str(i) for i in range(n_channels)))


def check_png_chunks(path: Path, data: bytes) -> None:
    """Raise `MapError` unless every chunk of the PNG is whole.

    Decoders fill the rest of a truncated picture with black, which would be a cliff in the relief.
    """
    view, position, n_bytes = memoryview(data), 8, len(data)
    while position + 12 <= n_bytes:
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > n_bytes:
            break
        (expected,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(view[position + 4 : end - 4]) != expected:
            raise damaged(path, "checksum of a PNG chunk")
        if data[position + 4 : position + 8] == b"IEND":
            return
        position = end
    raise damaged(path, "the end of the PNG is missing")


def _tiff_header(path: Path, data: bytes) -> MapHeader:
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            page = tiff.pages.first
            width, height, n_channels = int(page.imagewidth), int(page.imagelength), int(page.samplesperpixel)
            dtype = page.dtype
            ends = [o + n for o, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
    except Exception as error:  # the parser meets hostile bytes with whatever its struct and dict calls raise
        raise damaged(path, f"TIFF: {error}") from error
    if dtype is None or not ends:
        raise MapError(f"{path}: unknown pixel type; save it as 16-bit or 32-bit float TIFF")
    if max(ends) > len(data):
        raise damaged(path, "TIFF strips lie behind its end")
    return MapHeader("tiff", width, height, str(np.dtype(dtype)), tuple(str(i) for i in range(n_channels)))


def _exr_header(path: Path, data: bytes) -> MapHeader:
    try:
        attributes, flags = _exr_attributes(data)
        x0, y0, x1, y1 = struct.unpack("<4i", attributes["dataWindow"][1])
        channels = _exr_channels(attributes["channels"][1])
    except (struct.error, KeyError, ValueError, IndexError) as error:
        raise damaged(path, f"EXR: {error}") from error
    if flags & 0x1800:
        raise MapError(f"{path}: deep or multi-part EXR; export a flat EXR with one part")
    if any(kind not in _EXR_PIXEL_BYTES for _, kind, _, _ in channels) or not channels:
        raise damaged(path, "EXR channel list")
    if any(sampling != (1, 1) for *_, sampling in ((c[0], c[1], c[2:]) for c in channels)):
        raise MapError(f"{path}: the EXR stores subsampled channels; export it at full resolution")
    dtypes = {kind for _, kind, _, _ in channels}
    dtype = _EXR_PIXEL_DTYPES[channels[0][1]] if len(dtypes) == 1 else "float32"
    return MapHeader("exr", x1 - x0 + 1, y1 - y0 + 1, dtype, tuple(name for name, *_ in channels))


def _exr_attributes(data: bytes) -> tuple[dict[str, tuple[str, bytes]], int]:
    (version,) = struct.unpack_from("<I", data, 4)
    position, attributes = 8, {}
    while data[position] != 0:
        name, position = _c_string(data, position)
        kind, position = _c_string(data, position)
        (size,) = struct.unpack_from("<i", data, position)
        position += 4
        if size < 0 or position + size > min(len(data), _MAX_EXR_HEADER_BYTES):
            raise ValueError("attribute sizes")
        attributes[name] = (kind, data[position : position + size])
        position += size
    return attributes, version & ~0xFF


def _exr_channels(data: bytes) -> list[tuple[str, int, int, int]]:
    position, channels = 0, []
    while data[position] != 0:
        name, position = _c_string(data, position)
        kind, _, x_sampling, y_sampling = struct.unpack_from("<iIii", data, position)
        channels.append((name, kind, x_sampling, y_sampling))
        position += 16
    return channels


def _c_string(data: bytes, position: int) -> tuple[str, int]:
    end = data.index(b"\0", position, position + 256)
    return data[position:end].decode("latin-1"), end + 1


def _npy_header(path: Path, data: bytes) -> MapHeader:
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read_1, read_2 = np.lib.format.read_array_header_1_0, np.lib.format.read_array_header_2_0
        shape, _, dtype = (read_1 if version == (1, 0) else read_2)(stream)
    except Exception as error:  # the header is a Python literal: hostile ones raise SyntaxError and worse
        raise damaged(path, "NPY header") from error
    if dtype.kind not in "uif" or dtype.hasobject:
        raise MapError(f"{path}: an array of {dtype}; save displacement in mm as float32")
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] > _MAX_CHANNELS):
        raise MapError(f"{path}: an array of shape {shape}; a displacement map has shape (side, side)")
    n_channels = 1 if len(shape) == 2 else int(shape[2])
    n_bytes = int(shape[0]) * int(shape[1]) * n_channels * dtype.itemsize
    if n_bytes > len(data) - stream.tell():
        raise damaged(path, "fewer values than its header says")
    names = tuple(str(i) for i in range(n_channels))
    return MapHeader("npy", int(shape[1]), int(shape[0]), str(dtype), names)

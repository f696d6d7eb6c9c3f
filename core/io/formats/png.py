"""PNG maps.

Only the chunks that hold pixels go to the decoder, after they were found to be whole: decoders fill a cut picture
with black, which would be a cliff in the relief, and turn transparency, gamma or orientation into other values.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.chatter import silence
from rhytid.core.io.formats.picture import MAX_TEXT_BYTES, Layer, Pixels, check_extent, check_unpacked, damaged

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: ("Y",), 2: ("R", "G", "B"), 3: ("P",), 4: ("Y", "A"), 6: ("R", "G", "B", "A")}
_MAX_CHUNKS = 100_000
_SLICE_BYTES, _PIECE_BYTES = 1 << 16, 1 << 20
# First column and row and the steps of the seven passes of an interlaced picture.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def open_png(path: Path, data: bytes) -> list[Layer]:
    """The picture of a PNG whose content is `data`; raises `MapError`."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise damaged(path, "no PNG header")
    width, height, depth, color, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    channels = _CHANNELS.get(color)
    if channels is None or depth not in (1, 2, 4, 8, 16):
        raise damaged(path, "impossible pixel type")
    check_extent(path, width, height)
    dtype = "uint16" if depth == 16 else "uint8"
    check_unpacked(path, 0 if len(channels) == 1 else width * height * depth // 8 * len(channels), len(data))
    chunks = png_chunks(path, data)
    facts = dict(_texts(chunks))
    has_exif = any(kind == b"eXIf" for kind, _ in chunks)
    notes = ("its EXIF data, orientation included, is ignored",) if has_exif else ()

    def decode(wanted: Sequence[int]) -> list[Pixels]:
        if depth < 8 or color == 3:
            raise MapError(f"{path}: {depth} bits with a palette or less than 8 bits; export 16 bits, or 32-bit EXR")
        starts, n_bytes = _row_starts(_ADAM7 if interlaced else ((0, 0, 1, 1),), width, height, depth * len(channels))
        _check_rows(path, chunks, starts, n_bytes)
        return _decoded(path, data[8:33], chunks, (height, width), dtype, len(channels), wanted)

    return [Layer("png", width, height, channels, (dtype,) * len(channels), decode, facts, None, notes)]


def png_chunks(path: Path, data: bytes) -> list[tuple[bytes, memoryview]]:
    """Kind and content of every chunk after the header; raises `MapError` unless each is whole."""
    view, position, n_bytes = memoryview(data), 8, len(data)
    chunks: list[tuple[bytes, memoryview]] = []
    while position + 12 <= n_bytes and len(chunks) < _MAX_CHUNKS:
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 12 + length
        if end > n_bytes:
            break
        (expected,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(view[position + 4 : end - 4]) != expected:
            raise damaged(path, "checksum of a PNG chunk")
        kind = data[position + 4 : position + 8]
        if kind == b"IEND":
            return chunks[1:]
        chunks.append((kind, view[position + 8 : end - 4]))
        position = end
    raise damaged(path, "the end of the PNG is missing")


def png_chunk(kind: bytes, content: bytes | memoryview) -> bytes:
    """A chunk as it stands in a file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)))


def _texts(chunks: list[tuple[bytes, memoryview]]) -> Iterator[tuple[str, str]]:
    """Keyword and text of tEXt, zTXt and iTXt chunks; broken or long ones are nobody's statement."""
    for kind, view in chunks:
        if kind not in (b"tEXt", b"zTXt", b"iTXt") or len(view) > MAX_TEXT_BYTES:
            continue
        keyword, _, rest = bytes(view).partition(b"\0")
        encoding, packed = "latin-1", kind == b"zTXt"
        if packed:
            rest = rest[1:]
        elif kind == b"iTXt":
            encoding, packed = "utf-8", rest[:1] == b"\1"
            rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        try:
            if packed:
                rest = zlib.decompressobj().decompress(rest, MAX_TEXT_BYTES)
            yield keyword.decode("latin-1"), rest.decode(encoding)
        except (zlib.error, UnicodeDecodeError):
            continue


def _check_rows(path: Path, chunks: list[tuple[bytes, memoryview]], starts: Pixels, n_bytes: int) -> None:
    """Raise `MapError` unless the packed rows are all there, each with a filter that exists."""
    unpacker, position = zlib.decompressobj(), 0
    rows = (view[i : i + _SLICE_BYTES] for k, view in chunks if k == b"IDAT" for i in range(0, len(view), _SLICE_BYTES))
    try:
        for packed in rows:
            rest = bytes(packed)
            while rest and not unpacker.eof:
                piece = unpacker.decompress(rest, _PIECE_BYTES)
                rest = unpacker.unconsumed_tail
                first, last = np.searchsorted(starts, (position, position + len(piece)))
                filters = np.frombuffer(piece, np.uint8)[starts[first:last] - position]
                position += len(piece)
                if position > n_bytes or filters.max(initial=0) > 4:
                    raise damaged(path, "rows of the PNG")
    except zlib.error as error:
        raise damaged(path, error) from error
    if position != n_bytes or not unpacker.eof:
        raise damaged(path, "rows of the PNG are missing")


def _row_starts(
    passes: Sequence[tuple[int, int, int, int]], width: int, height: int, bits_per_texel: int
) -> tuple[Pixels, int]:
    """Where each row begins in the unpacked bytes, and how many bytes there are."""
    starts, position = [np.empty(0, np.int64)], 0
    for x, y, step_x, step_y in passes:
        columns, rows = -(-(width - x) // step_x), -(-(height - y) // step_y)
        if columns > 0 and rows > 0:
            row_bytes = 1 + (columns * bits_per_texel + 7) // 8
            starts.append(position + row_bytes * np.arange(rows, dtype=np.int64))
            position += rows * row_bytes
    return np.concatenate(starts), position


def _decoded(
    path: Path,
    header: bytes,
    chunks: list[tuple[bytes, memoryview]],
    shape: tuple[int, int],
    dtype: str,
    n_channels: int,
    wanted: Sequence[int],
) -> list[Pixels]:
    parts = [SIGNATURE, header, *(png_chunk(k, v) for k, v in chunks if k == b"IDAT"), png_chunk(b"IEND", b"")]
    with silence():
        picture = cv2.imdecode(np.frombuffer(b"".join(parts), np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.shape[:2] != shape or picture.dtype != dtype:
        raise damaged(path, "cannot be decoded")
    found = 1 if picture.ndim == 2 else picture.shape[2]
    # OpenCV gives blue, green, red; grey with alpha comes as four channels.
    places = {(1, 1): (0,), (2, 2): (0, 1), (2, 4): (0, 3), (3, 3): (2, 1, 0), (4, 4): (2, 1, 0, 3)}
    place = places.get((n_channels, found))
    if place is None:
        raise damaged(path, f"decoded to {found} channels")
    return [np.ascontiguousarray(picture if picture.ndim == 2 else picture[..., place[i]]) for i in wanted]

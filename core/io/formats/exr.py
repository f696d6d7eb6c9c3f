"""EXR maps: every part and layer by its channels, each shown in the display window.

The headers are read here, so that nothing is decoded before it is wanted; pixels come from OpenEXR.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenEXR

from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.chatter import silence
from rhytid.core.io.formats.picture import MAX_TEXT_BYTES, Layer, Pixels, check_extent, check_unpacked, damaged

SIGNATURE = b"\x76\x2f\x31\x01"
_MAX_HEADER_BYTES = 1 << 20
_MAX_PARTS, _MAX_CHANNELS = 256, 4096
_DTYPES = {0: "uint32", 1: "float16", 2: "float32"}
_DEEP, _MULTI_PART = 0x800, 0x1000
_NO_DATA_NAMES = ("nodata", "no_data", "novalue")


@dataclass(frozen=True)
class _Channel:
    name: str
    dtype: str
    is_full: bool  # neither subsampled nor of a type of its own


@dataclass(frozen=True)
class _Part:
    index: int
    name: str
    kind: str
    channels: tuple[_Channel, ...]
    data: tuple[int, int, int, int]  # x0, y0, x1, y1, the last ones included
    display: tuple[int, int, int, int]
    facts: dict[str, object]


def open_exr(path: Path, data: bytes) -> list[Layer]:
    """The parts of an EXR whose content is `data`, deep ones left out; raises `MapError`."""
    try:
        parts, flags = _parts(data)
    except (struct.error, KeyError, ValueError, IndexError) as error:
        raise damaged(path, f"EXR: {error}") from error
    flat = [part for part in parts if not part.kind.startswith("deep")]
    if not flat or (flags & _DEEP and not flags & _MULTI_PART):
        raise MapError(f"{path}: the EXR is deep; export a flat one")
    layers = [_layer(path, data, part, flat) for part in flat if any(c.is_full for c in part.channels)]
    if not layers:
        raise MapError(f"{path}: the EXR stores subsampled channels; export it at full resolution")
    return layers


def _layer(path: Path, data: bytes, part: _Part, parts: Sequence[_Part]) -> Layer:
    width, height = _size(part.display)
    check_extent(path, *_size(part.data))
    check_extent(path, width, height)
    channels = [channel for channel in part.channels if channel.is_full]
    prefix = f"{part.name or f'part{part.index + 1}'}." if len(parts) > 1 else ""
    names = [c.name if c.name.startswith(prefix) else prefix + c.name for c in channels]
    notes = []
    if part.display != part.data:
        notes.append("its data window is not its display window: it was cut or filled up with 0 to the latter")

    def decode(wanted: Sequence[int]) -> list[Pixels]:
        stored = _stored(path, data, part, parts, [channels[i] for i in wanted])
        return [_in_display_window(path, picture, part) for picture in stored]

    no_data = next((v for k, v in part.facts.items() if k.lower() in _NO_DATA_NAMES), None)
    try:
        no_data_value = None if no_data is None else float(str(no_data))
    except ValueError:
        no_data_value = None
    dtypes = tuple(channel.dtype for channel in channels)
    return Layer("exr", width, height, tuple(names), dtypes, decode, part.facts, no_data_value, tuple(notes))


def _size(window: tuple[int, int, int, int]) -> tuple[int, int]:
    x0, y0, x1, y1 = window
    return x1 - x0 + 1, y1 - y0 + 1


def _stored(
    path: Path, data: bytes, part: _Part, parts: Sequence[_Part], channels: Sequence[_Channel]
) -> Iterator[Pixels]:
    """The channels in the data window. Of the first part only they are decoded; of others, OpenEXR decodes all."""
    width, height = _size(part.data)
    whole = None
    if part.index > 0:
        sizes = [_size(p.data)[0] * _size(p.data)[1] * 4 * len(p.channels) for p in parts]
        check_unpacked(path, sum(sizes), len(data))
    for channel in channels:
        try:
            with silence():
                if part.index == 0:
                    raw = OpenEXR.InputFile(io.BytesIO(data)).channel(channel.name)
                    picture = np.frombuffer(raw, channel.dtype)
                else:
                    whole = whole or OpenEXR.File(io.BytesIO(data), separate_channels=True).channels(part.index)
                    picture = np.asarray(whole[channel.name].pixels)
            picture = picture.reshape(height, width)
        except Exception as error:  # exceptions of C++ come as they like
            raise damaged(path, error) from error
        if picture.dtype != channel.dtype:
            raise damaged(path, f"decoded to {picture.dtype}")
        yield picture


def _in_display_window(path: Path, picture: Pixels, part: _Part) -> Pixels:
    if part.display == part.data:
        return picture
    (x0, y0, x1, y1), (left, top, right, bottom) = part.data, part.display
    width, height = _size(part.display)
    columns, rows = slice(max(x0, left), min(x1, right) + 1), slice(max(y0, top), min(y1, bottom) + 1)
    if columns.start >= columns.stop or rows.start >= rows.stop:
        raise MapError(f"{path}: the EXR's data window lies outside its display window; export it again")
    shown = np.zeros((height, width), picture.dtype)
    shown[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = picture[
        rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0
    ]
    return shown


def _parts(data: bytes) -> tuple[list[_Part], int]:
    version, position = struct.unpack_from("<I", data, 4)[0], 8
    parts: list[_Part] = []
    while len(parts) < _MAX_PARTS:
        attributes, position = _attributes(data, position)
        if not attributes:
            break
        parts.append(_part(len(parts), attributes))
        if not version & _MULTI_PART:
            break
    if not parts:
        raise ValueError("no header")
    return parts, version & ~0xFF


def _part(index: int, attributes: dict[str, tuple[str, bytes]]) -> _Part:
    def text(name: str) -> str:
        return attributes.get(name, ("", b""))[1].decode("utf-8", "replace")

    data_window = struct.unpack("<4i", attributes["dataWindow"][1])
    display_window = struct.unpack("<4i", attributes["displayWindow"][1])
    facts: dict[str, object] = {}
    for name, (kind, value) in attributes.items():
        if kind == "string" and len(value) <= MAX_TEXT_BYTES:
            facts[name] = value.decode("utf-8", "replace")
        elif kind in ("float", "double", "int"):
            (facts[name],) = struct.unpack({"float": "<f", "double": "<d", "int": "<i"}[kind], value)
    channels = tuple(_channels(attributes["channels"][1]))
    return _Part(index, text("name"), text("type"), channels, data_window, display_window, facts)


def _attributes(data: bytes, position: int) -> tuple[dict[str, tuple[str, bytes]], int]:
    attributes: dict[str, tuple[str, bytes]] = {}
    while data[position] != 0:
        name, position = _c_string(data, position)
        kind, position = _c_string(data, position)
        (size,) = struct.unpack_from("<i", data, position)
        position += 4
        if size < 0 or position + size > min(len(data), _MAX_HEADER_BYTES):
            raise ValueError("attribute sizes")
        attributes[name] = (kind, data[position : position + size])
        position += size
    return attributes, position + 1


def _channels(data: bytes) -> Iterator[_Channel]:
    position = n_channels = 0
    while data[position] != 0:
        name, position = _c_string(data, position)
        kind, _, x_sampling, y_sampling = struct.unpack_from("<iIii", data, position)
        if kind not in _DTYPES or n_channels >= _MAX_CHANNELS:
            raise ValueError("channel list")
        yield _Channel(name, _DTYPES[kind], (x_sampling, y_sampling) == (1, 1))
        position += 16
        n_channels += 1
    if not n_channels:
        raise ValueError("channel list")


def _c_string(data: bytes, position: int) -> tuple[str, int]:
    end = data.index(b"\0", position, position + 256)
    return data[position:end].decode("utf-8", "surrogateescape"), end + 1

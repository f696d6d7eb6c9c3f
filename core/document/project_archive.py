"""A project file as a zip of members: sizes are checked before memory is taken, and every failure names the file.

Nothing is unpickled or extracted to disk. Checked are the file's own size, those of its members, and what the headers
of arrays say.
"""

from __future__ import annotations

import io
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.finish import LOCK_SIDE
from rhytid.core.document.limits import (
    ALBEDO_MAX_SIZE,
    AROUND_MAX_SIZE,
    MAX_LAYERS,
    MAX_PHOTO_BYTES,
    MAX_POINTS,
    MAX_VERTICES,
    SOURCE_MAX_SIZE,
)
from rhytid.core.document.packed_map import MAX_VALUES, packed, unpacked
from rhytid.core.document.project_photo import LIGHT_ROWS
from rhytid.core.files.reading import FileRefused, open_file
from rhytid.core.lines.layer import MASK_SIDE
from rhytid.core.maps.paint import N_PLANES, PAINT_SIDE
from rhytid.core.photo.layer import MAX_PHOTOS
from rhytid.core.read_only import read_only

JSON, POINTS, SOURCE, THUMBNAIL = "project.json", "points.npy", "source.npy", "thumbnail.png"
SECOND = "second.npy"
MASKS, SMOOTHED, LOCK, HELD = "masks.npy", "smoothed.npy", "lock.npy", "locked.npy"
VALUES = {SOURCE: "source_values.npy", SECOND: "second_values.npy"}
"""List of a map's values, where it has few: see `packed_map`."""
PHOTO, OFFSETS, LIGHT = "photo.bin", "photo_offsets.npy", "photo_light.npy"
OTHER_PHOTOS = tuple((f"photo_{k}.bin", f"photo_{k}_light.npy") for k in range(2, MAX_PHOTOS + 1))
"""File and light of each further photo."""
ALBEDO, AROUND = "albedo.npy", "albedo_around.npy"
PAINT = "paint.npy"
REMEDY = "open a backup"
_NPY_HEADER_BYTES = 4096
LIMIT_BYTES = {
    JSON: 32 * 1024 * 1024,
    POINTS: MAX_POINTS * 12 + _NPY_HEADER_BYTES,
    SOURCE: SOURCE_MAX_SIZE**2 * 4 + _NPY_HEADER_BYTES,
    SECOND: SOURCE_MAX_SIZE**2 * 4 + _NPY_HEADER_BYTES,
    MASKS: MAX_LAYERS * MASK_SIDE**2 + _NPY_HEADER_BYTES,
    SMOOTHED: MASK_SIDE**2 + _NPY_HEADER_BYTES,
    LOCK: MASK_SIDE**2 + _NPY_HEADER_BYTES,
    HELD: LOCK_SIDE**2 * 4 + _NPY_HEADER_BYTES,
    PHOTO: MAX_PHOTO_BYTES,
    OFFSETS: MAX_VERTICES * 12 + _NPY_HEADER_BYTES,
    LIGHT: LIGHT_ROWS * 12 + _NPY_HEADER_BYTES,
    ALBEDO: ALBEDO_MAX_SIZE**2 * 3 + _NPY_HEADER_BYTES,
    AROUND: AROUND_MAX_SIZE**2 * 3 + _NPY_HEADER_BYTES,
    PAINT: PAINT_SIDE**2 * N_PLANES + _NPY_HEADER_BYTES,
    THUMBNAIL: 16 * 1024 * 1024,
}
for _values in VALUES.values():
    LIMIT_BYTES[_values] = MAX_VALUES * 4 + _NPY_HEADER_BYTES
for _photo, _light in OTHER_PHOTOS:
    LIMIT_BYTES |= {_photo: LIMIT_BYTES[PHOTO], _light: LIMIT_BYTES[LIGHT]}
_FLOATS, _COLOR = (np.dtype("<f4"), 2), (np.dtype("|u1"), 3)
_KINDS: dict[str, tuple[tuple[np.dtype[Any], int], ...]] = {
    **dict.fromkeys((ALBEDO, AROUND, PAINT, MASKS, SMOOTHED, LOCK), (_COLOR,)),
    **dict.fromkeys(VALUES, (_FLOATS, _COLOR)),
    **dict.fromkeys(VALUES.values(), ((np.dtype("<f4"), 1),)),
}
"""What an array may be, type and number of axes; all others are `_FLOATS`. Planes and masks are laid as colour is."""
_MAX_FILE_BYTES = sum(LIMIT_BYTES.values()) + (1 << 20)
_MAX_MEMBERS = 64
_MAX_DIRECTORY_BYTES = 64 * 1024
_TIME_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_CHUNK_BYTES = 1 << 22
_QUICK = 1  # level of deflate: of packed planes the slow levels make no less
_UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


class ProjectError(ValueError):
    """A project file cannot be read; the message names the file and what to do."""


def write(archive: zipfile.ZipFile, name: str, data: bytes, compress: bool) -> None:
    """Add a member."""
    archive.writestr(_member(name, compress), data)


def write_array(archive: zipfile.ZipFile, name: str, array: npt.NDArray[Any], compress: bool) -> None:
    """Add an array as NPY, a piece at a time; equal arrays give equal bytes."""
    little_endian = np.ascontiguousarray(array, np.uint8 if array.dtype == np.uint8 else "<f4")
    with archive.open(_member(name, compress), "w") as member:
        header = {"descr": little_endian.dtype.str, "fortran_order": False, "shape": little_endian.shape}
        np.lib.format.write_array_header_1_0(member, header)
        data = little_endian.reshape(-1).view(np.uint8).data
        for start in range(0, len(data), _CHUNK_BYTES):
            member.write(data[start : start + _CHUNK_BYTES])


def write_map(archive: zipfile.ZipFile, name: str, values: npt.NDArray[np.float32], compress: bool) -> None:
    """Add a map, `SOURCE` or `SECOND`; packed in planes, which takes a tenth of the time that its floats would."""
    if not compress:
        write_array(archive, name, values, compress)
        return
    planes, listed = packed(values)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, planes, (1, 0))
    archive.writestr(_member(name, True), buffer.getbuffer(), compresslevel=_QUICK)
    if listed is not None:
        write_array(archive, VALUES[name], listed, True)


def _member(name: str, compress: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME_STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    info.create_system = 3  # the same bytes on every system
    info.external_attr = 0o644 << 16
    return info


class ProjectArchive:
    """An opened project file whose every failure is a `ProjectError` that names the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = open_file(path, _MAX_FILE_BYTES, "open a .rhytid file")
        except FileRefused as error:
            raise ProjectError(str(error)) from None
        try:
            self._check_directory()
            self._archive = zipfile.ZipFile(self._file)
            self._members = self._checked_members()
        except ProjectError:
            self._file.close()
            raise
        except _UNPACK_ERRORS as error:
            self._file.close()
            raise self.error(f"is no Rhytid project or is damaged ({error}); {REMEDY}") from error
        except BaseException:
            self._file.close()
            raise

    @property
    def names(self) -> frozenset[str]:
        """Members that the file has."""
        return frozenset(self._members)

    def __enter__(self) -> ProjectArchive:
        return self

    def __exit__(self, *exception: object) -> None:
        self._archive.close()
        self._file.close()

    def _check_directory(self) -> None:
        """Refuse a table of contents that is too large before `zipfile` reads it into memory."""
        self._n_bytes = self._file.seek(0, os.SEEK_END)
        tail_bytes = min(self._n_bytes, 22 + 20)
        self._file.seek(self._n_bytes - tail_bytes)
        tail = self._file.read(tail_bytes)
        end = tail[-22:]
        if len(end) < 22 or not end.startswith(b"PK\x05\x06"):
            raise self.error("is no Rhytid project or was cut off; open another file or a backup")
        n_members, directory_bytes = struct.unpack("<HI", end[10:16])
        zip64 = tail[:-22].startswith(b"PK\x06\x07")
        if zip64 or n_members > _MAX_MEMBERS or directory_bytes > _MAX_DIRECTORY_BYTES:
            raise self.error("has too many members for a Rhytid project; open another file")

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            name = info.filename
            if info.orig_filename != name or name.startswith(("/", "\\")) or ":" in name or ".." in name:
                raise self.error(f"holds the unsafe name {info.orig_filename!r:.80}; do not trust this file")
            if name in members:
                raise self.error(f"holds {name!r:.80} twice; open a backup")
            if not 0 <= info.header_offset < self._n_bytes:
                raise self.error(f"is damaged: {name!r:.80} lies outside the file; open a backup")
            if info.flag_bits & 0x1:
                raise self.error(f"is encrypted ({name!r:.80}); decrypt it first")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self.error(f"packs {name!r:.80} in a way that projects do not use; open a backup")
            limit_bytes = LIMIT_BYTES.get(name)
            if limit_bytes is not None and info.file_size > limit_bytes:
                raise self.error(f"says {name} has {info.file_size} bytes, at most {limit_bytes} are allowed")
            members[name] = info
        for name in (JSON, POINTS):
            if name not in members:
                raise self.error(f"lacks {name}; it is no Rhytid project or is damaged, open a backup")
        return members

    def read(self, name: str) -> bytes:
        """A member as it is."""
        info = self._members[name]
        with self._unpacking(name), self._archive.open(info) as member:
            return bytes(self._fill(member, bytearray(info.file_size), 0))

    def map(self, name: str) -> npt.NDArray[np.float32]:
        """A map, `SOURCE` or `SECOND`, in planes or as floats; read-only float32 (H, W)."""
        values = VALUES[name]
        planes, listed = self.array(name), self.array(values) if values in self._members else None
        if planes.dtype == np.float32 and listed is None:
            return planes
        try:
            return read_only(unpacked(planes, listed))
        except ValueError as error:
            raise self.error(f"is damaged: {name}: {error}; {REMEDY}") from error

    def array(self, name: str) -> npt.NDArray[Any]:
        """An array, read-only: float32 (H, W), but of colour and masks uint8 (H, W, 3), (K, M, M); a map as packed."""
        info = self._members[name]
        with self._unpacking(name), self._archive.open(info) as member:
            head = member.read(min(_NPY_HEADER_BYTES, info.file_size))
            dtype, shape, start = self._npy_header(name, head)
            if math.prod(shape) * dtype.itemsize != info.file_size - start:
                raise self.error(f"is damaged: {name} says {shape}, which is not what it holds; {REMEDY}")
            data = bytearray(info.file_size)
            data[: len(head)] = head
            self._fill(member, data, len(head))
        values = np.frombuffer(data, dtype, offset=start).reshape(shape)
        return read_only(values.astype(dtype.newbyteorder("="), copy=False))

    def _npy_header(self, name: str, head: bytes) -> tuple[np.dtype[Any], tuple[int, ...], int]:
        """Type and shape of an array and where its values begin."""
        kinds = _KINDS.get(name, (_FLOATS,))
        wanted = np.dtype(kinds[0][0]).name
        stream = io.BytesIO(head)
        try:
            if np.lib.format.read_magic(stream) != (1, 0):
                raise ValueError("another version of NPY")
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
            if (dtype, len(shape)) not in kinds or fortran_order or min(shape) < 0:
                raise ValueError(f"{dtype} {shape} instead of a {wanted} map")
        except Exception as error:  # what a header can make numpy's parser raise is no part of its interface
            raise self.error(f"is damaged: {name} holds no {wanted} map ({error!s:.200}); {REMEDY}") from error
        return dtype, tuple(int(side) for side in shape), stream.tell()

    @staticmethod
    def _fill(member: IO[bytes], data: bytearray, at: int) -> bytearray:
        """`data` from `at` on with what is left of a member, to its end: there zipfile compares the checksum."""
        while chunk := member.read(min(_CHUNK_BYTES, len(data) - at + 1)):
            if at + len(chunk) > len(data):
                raise zipfile.BadZipFile("more bytes than stated")
            data[at : at + len(chunk)] = chunk
            at += len(chunk)
        if at != len(data):
            raise zipfile.BadZipFile("fewer bytes than stated")
        return data

    @contextmanager
    def _unpacking(self, name: str) -> Iterator[None]:
        try:
            yield
        except ProjectError:
            raise
        except _UNPACK_ERRORS as error:
            raise self.error(f"is damaged: {name} cannot be unpacked ({error!s:.200}); {REMEDY}") from error

    def error(self, what: str) -> ProjectError:
        """What is wrong with the file, with its name before it."""
        return ProjectError(f"{self.path}: {what}")

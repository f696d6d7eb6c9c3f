"""Project files: `.rhytid`, a zip of JSON, NPY and PNG.

Members, in this order: `project.json` (schema version, all scalars, strokes without points),
`points.npy` (float32 (N, 3): x, y, pressure of all strokes), `source.npy` (the imported map, bit-exact) and
`second.npy` (that of a second face) where there is one, `photo.bin` (a photo's file as it was), `photo_offsets.npy`,
`photo_light.npy` and `albedo.npy` (see `project_photo`), `thumbnail.png` where the program put one. Equal states
give equal bytes: order and time stamps are fixed, JSON keys sorted, numbers the shortest text that reads back to
the same value.

Nothing is unpickled or extracted to disk, and sizes are checked before memory is taken: the file's own, those of
its members, the number of JSON values, and what the headers of arrays say. Maps are unpacked last, when everything
else is known to be right.
"""

from __future__ import annotations

import io
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.limits import (
    ALBEDO_MAX_SIZE,
    MAX_PHOTO_BYTES,
    MAX_POINTS,
    MAX_VERTICES,
    SOURCE_MAX_SIZE,
    SOURCE_MIN_SIZE,
    check_albedo,
    check_photo,
    check_source,
    check_state,
)
from rhytid.core.document.project_json import state_from_json, state_to_json
from rhytid.core.document.project_photo import (
    LIGHT_ROWS,
    albedo_from_json,
    albedo_to_json,
    light_to_rows,
    photo_from_json,
    photo_to_json,
)
from rhytid.core.document.state import SCHEMA_VERSION, DocumentState
from rhytid.core.files.reading import FileRefused, count_values, open_file, parse_json
from rhytid.core.files.writing import replacing
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

PROJECT_SUFFIX = ".rhytid"
_FORMAT = "rhytid project"
_JSON, _POINTS, _SOURCE, _THUMBNAIL = "project.json", "points.npy", "source.npy", "thumbnail.png"
_SECOND = "second.npy"
_PHOTO, _OFFSETS, _LIGHT, _ALBEDO = "photo.bin", "photo_offsets.npy", "photo_light.npy", "albedo.npy"
_NPY_HEADER_BYTES = 4096
_LIMIT_BYTES = {
    _JSON: 32 * 1024 * 1024,
    _POINTS: MAX_POINTS * 12 + _NPY_HEADER_BYTES,
    _SOURCE: SOURCE_MAX_SIZE**2 * 4 + _NPY_HEADER_BYTES,
    _SECOND: SOURCE_MAX_SIZE**2 * 4 + _NPY_HEADER_BYTES,
    _PHOTO: MAX_PHOTO_BYTES,
    _OFFSETS: MAX_VERTICES * 12 + _NPY_HEADER_BYTES,
    _LIGHT: LIGHT_ROWS * 12 + _NPY_HEADER_BYTES,
    _ALBEDO: ALBEDO_MAX_SIZE**2 * 3 + _NPY_HEADER_BYTES,
    _THUMBNAIL: 16 * 1024 * 1024,
}
_DTYPES = {_ALBEDO: "|u1"}  # all other arrays are float32
_MAX_FILE_BYTES = sum(_LIMIT_BYTES.values()) + (1 << 20)
_MAX_JSON_VALUES = 1_500_000
_MAX_MEMBERS = 64
_MAX_DIRECTORY_BYTES = 64 * 1024
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TIME_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
_CHUNK_BYTES = 1 << 22
_UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)
_REMEDY = "open a backup"


class ProjectError(ValueError):
    """A project file cannot be read; the message names the file and what to do."""


def save_project(
    path: str | PathLike[str], state: DocumentState, thumbnail: bytes | None = None, *, compress: bool = True
) -> None:
    """Write a project file; an older file of that name stays as it was unless all went well.

    Parameters
    ----------
    path : path
    state : DocumentState
    thumbnail : bytes, optional
        PNG to carry along.
    compress : bool
        False writes large maps much faster, as autosave wants.

    Raises
    ------
    ValueError
        The state holds something out of range, or the thumbnail is no PNG; nothing is written.
    OSError
        The file cannot be written.
    """
    check_state(state)
    if thumbnail is not None and not thumbnail.startswith(_PNG_SIGNATURE):
        raise ValueError("the thumbnail must be a PNG")
    document, points = state_to_json(state)
    content: dict[str, Any] = {"format": _FORMAT, "schema": SCHEMA_VERSION, "state": document}
    if state.photo is not None:
        content["photo"] = photo_to_json(state.photo)
    if state.albedo is not None:
        content["albedo"] = albedo_to_json(state.albedo)
    text = json.dumps(
        content,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    if len(text) > _LIMIT_BYTES[_JSON] or count_values(text.encode("ascii")) > _MAX_JSON_VALUES:
        raise ValueError(f"{path}: more strokes and bindings than a project can hold; delete some, then save")
    with (
        replacing(path, durable=True) as temporary,
        temporary.open("wb") as file,
        zipfile.ZipFile(file, "w") as archive,
    ):
        _write(archive, _JSON, text.encode("ascii"), compress)
        _write_array(archive, _POINTS, points, compress)
        if state.source is not None:
            _write_array(archive, _SOURCE, state.source.displacement, compress)
        if state.second is not None:
            _write_array(archive, _SECOND, state.second.detail.displacement, compress)
        if state.photo is not None:
            _write(archive, _PHOTO, state.photo.data, False)  # packed already, as photos are
            if state.photo.fit.offsets is not None:
                _write_array(archive, _OFFSETS, state.photo.fit.offsets, compress)
            if state.photo.light is not None:
                _write_array(archive, _LIGHT, light_to_rows(state.photo.light), compress)
        if state.albedo is not None:
            _write_array(archive, _ALBEDO, state.albedo.srgb, compress)
        if thumbnail is not None:
            _write(archive, _THUMBNAIL, thumbnail, False)


def load_project(path: str | PathLike[str]) -> DocumentState:
    """Read a project file.

    Raises
    ------
    ProjectError
        The file is no project, is damaged, was written by a newer version, or holds values out of range.
    OSError
        The file cannot be opened.
    """
    return load_project_with_thumbnail(path)[0]


def load_project_with_thumbnail(path: str | PathLike[str]) -> tuple[DocumentState, bytes | None]:
    """Read a project file and the PNG it carries, None where there is none; raises as `load_project`."""
    with _Reader(Path(path)) as reader:
        return reader.state(), reader.thumbnail()


def _write(archive: zipfile.ZipFile, name: str, data: bytes, compress: bool) -> None:
    archive.writestr(_member(name, compress), data)


def _write_array(archive: zipfile.ZipFile, name: str, array: npt.NDArray[Any], compress: bool) -> None:
    little_endian = np.ascontiguousarray(array, _DTYPES.get(name, "<f4"))
    with archive.open(_member(name, compress), "w") as member:
        header = {"descr": little_endian.dtype.str, "fortran_order": False, "shape": little_endian.shape}
        np.lib.format.write_array_header_1_0(member, header)
        data = little_endian.reshape(-1).view(np.uint8).data
        for start in range(0, len(data), _CHUNK_BYTES):
            member.write(data[start : start + _CHUNK_BYTES])


def _member(name: str, compress: bool) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME_STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    info.create_system = 3  # the same bytes on every system
    info.external_attr = 0o644 << 16
    return info


class _Reader:
    """An opened project file whose every failure is a `ProjectError` that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
            raise self._error(f"is no Rhytid project or is damaged ({error}); {_REMEDY}") from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *exception: object) -> None:
        self._archive.close()
        self._file.close()

    def state(self) -> DocumentState:
        content = self._content()
        document = content.get("state")
        unknown = sorted(set(self._members) - set(_LIMIT_BYTES))
        if unknown:
            raise self._error(f"holds an unknown member {unknown[0]!r:.80}; save it again with the program")
        points = self._array(_POINTS)
        # Maps may be a quarter of a gigabyte each: they are unpacked once all else is right.
        stand_in = np.zeros((SOURCE_MIN_SIZE, SOURCE_MIN_SIZE), np.float32)
        try:
            state = state_from_json(
                document, points, *(stand_in if name in self._members else None for name in (_SOURCE, _SECOND))
            )
            check_state(state)
            if state.source is not None:
                state = replace(state, source=self._with_map(state.source, _SOURCE))
            if state.second is not None:
                detail = self._with_map(state.second.detail, _SECOND)
                state = replace(state, second=replace(state.second, detail=detail))
            state = replace(state, photo=self._photo(content.get("photo")), albedo=self._albedo(content.get("albedo")))
        except ProjectError:
            raise
        except (ValueError, OverflowError) as error:
            raise self._error(f"holds a wrong value: {error}") from error
        return state

    def _photo(self, value: Any) -> PhotoLayer | None:
        if (value is None) != (_PHOTO not in self._members):
            raise ValueError("photo: its file and its description must be there both or not at all")
        if value is None:
            return None
        offsets, light = (self._array(name) if name in self._members else None for name in (_OFFSETS, _LIGHT))
        photo = photo_from_json(value, self._read(_PHOTO), offsets, light)
        check_photo(photo)
        return photo

    def _albedo(self, value: Any) -> AlbedoMap | None:
        if (value is None) != (_ALBEDO not in self._members):
            raise ValueError("albedo: its texels and its description must be there both or not at all")
        if value is None:
            return None
        albedo = albedo_from_json(value, self._array(_ALBEDO))
        check_albedo(albedo)
        return albedo

    def _with_map(self, detail: SourceDetail, name: str) -> SourceDetail:
        detail = replace(detail, displacement=self._array(name))
        check_source(detail)
        return detail

    def thumbnail(self) -> bytes | None:
        if _THUMBNAIL not in self._members:
            return None
        data = self._read(_THUMBNAIL)
        if not data.startswith(_PNG_SIGNATURE):
            raise self._error(f"is damaged: {_THUMBNAIL} is no PNG; open a backup")
        return data

    def _content(self) -> dict[str, Any]:
        try:
            document = parse_json(self._read(_JSON), f"{self._path}: is damaged: {_JSON}", _MAX_JSON_VALUES, _REMEDY)
        except FileRefused as error:
            raise ProjectError(str(error)) from None
        if not isinstance(document, dict) or document.get("format") != _FORMAT:
            raise self._error("is no Rhytid project; open a .rhytid file")
        schema = document.get("schema")
        if type(schema) is not int or schema < 1:
            raise self._error(f"has the schema version {schema!r:.40}, which is none; open a backup")
        if schema > SCHEMA_VERSION:
            raise self._error(
                f"was written by a newer version of Rhytid (schema {schema}, "
                f"this one reads up to {SCHEMA_VERSION}); update Rhytid to open it"
            )
        return document

    def _check_directory(self) -> None:
        """Refuse a table of contents that is too large before `zipfile` reads it into memory."""
        self._n_bytes = self._file.seek(0, os.SEEK_END)
        tail_bytes = min(self._n_bytes, 22 + 20)
        self._file.seek(self._n_bytes - tail_bytes)
        tail = self._file.read(tail_bytes)
        end = tail[-22:]
        if len(end) < 22 or not end.startswith(b"PK\x05\x06"):
            raise self._error("is no Rhytid project or was cut off; open another file or a backup")
        n_members, directory_bytes = struct.unpack("<HI", end[10:16])
        zip64 = tail[:-22].startswith(b"PK\x06\x07")
        if zip64 or n_members > _MAX_MEMBERS or directory_bytes > _MAX_DIRECTORY_BYTES:
            raise self._error("has too many members for a Rhytid project; open another file")

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for info in self._archive.infolist():
            name = info.filename
            if info.orig_filename != name or name.startswith(("/", "\\")) or ":" in name or ".." in name:
                raise self._error(f"holds the unsafe name {info.orig_filename!r:.80}; do not trust this file")
            if name in members:
                raise self._error(f"holds {name!r:.80} twice; open a backup")
            if not 0 <= info.header_offset < self._n_bytes:
                raise self._error(f"is damaged: {name!r:.80} lies outside the file; open a backup")
            if info.flag_bits & 0x1:
                raise self._error(f"is encrypted ({name!r:.80}); decrypt it first")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._error(f"packs {name!r:.80} in a way that projects do not use; open a backup")
            limit_bytes = _LIMIT_BYTES.get(name)
            if limit_bytes is not None and info.file_size > limit_bytes:
                raise self._error(f"says {name} has {info.file_size} bytes, at most {limit_bytes} are allowed")
            members[name] = info
        for name in (_JSON, _POINTS):
            if name not in members:
                raise self._error(f"lacks {name}; it is no Rhytid project or is damaged, open a backup")
        return members

    def _read(self, name: str) -> bytes:
        info = self._members[name]
        with self._unpacking(name), self._archive.open(info) as member:
            return bytes(self._fill(member, bytearray(info.file_size), 0))

    def _array(self, name: str) -> npt.NDArray[Any]:
        """An array, read-only: float32 (H, W), but of an albedo uint8 (H, W, 3)."""
        info = self._members[name]
        with self._unpacking(name), self._archive.open(info) as member:
            head = member.read(min(_NPY_HEADER_BYTES, info.file_size))
            shape, start = self._npy_header(name, head)
            dtype = np.dtype(_DTYPES.get(name, "<f4"))
            if math.prod(shape) * dtype.itemsize != info.file_size - start:
                raise self._error(f"is damaged: {name} says {shape}, which is not what it holds; {_REMEDY}")
            data = bytearray(info.file_size)
            data[: len(head)] = head
            self._fill(member, data, len(head))
        values = np.frombuffer(data, dtype, offset=start).reshape(shape)
        return read_only(values.astype(dtype.newbyteorder("="), copy=False))

    def _npy_header(self, name: str, head: bytes) -> tuple[tuple[int, ...], int]:
        """Shape of an array and where its values begin."""
        wanted, n_axes = np.dtype(_DTYPES.get(name, "<f4")), 3 if name == _ALBEDO else 2
        stream = io.BytesIO(head)
        try:
            if np.lib.format.read_magic(stream) != (1, 0):
                raise ValueError("another version of NPY")
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
            if dtype != wanted or fortran_order or len(shape) != n_axes or min(shape) < 0:
                raise ValueError(f"{dtype} {shape} instead of a {wanted} map")
        except Exception as error:  # what a header can make numpy's parser raise is no part of its interface
            raise self._error(f"is damaged: {name} holds no {wanted} map ({error!s:.200}); {_REMEDY}") from error
        return tuple(int(side) for side in shape), stream.tell()

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
            raise self._error(f"is damaged: {name} cannot be unpacked ({error!s:.200}); {_REMEDY}") from error

    def _error(self, what: str) -> ProjectError:
        return ProjectError(f"{self._path}: {what}")

"""Named arrays out of .npz and .safetensors files of strangers.

A table says which arrays a file must hold; what the file announces is held against the table, against the limits and
against the bytes that there are before a byte of content is decoded. Nothing is unpickled, and names in a file never
become paths.
"""

from __future__ import annotations

import math
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, open_file, parse_json
from rhytid.core.head.errors import HeadFileError

Arrays = dict[str, npt.NDArray[Any]]
# Type and shape of each array. A type is a kind of numpy ("f", "iu", "U") or one with its size ("f4"); a side of the
# shape is a number, or a letter that stands for the same number wherever it is.
Table = Mapping[str, tuple[str, tuple[int | str, ...]]]
# The most that each letter may stand for.
Limits = Mapping[str, int]

MAX_FILE_BYTES = 1 << 28
_MAX_MEMBERS = 64
_MAX_DIRECTORY_BYTES = 1 << 16
_MAX_HEADER_BYTES = 1 << 16
_MAX_TEXT_BYTES = 1024
REMEDY = "export or download the head again"

_Read = TypeVar("_Read")
_Announced = dict[str, tuple["np.dtype[Any]", tuple[int, ...]]]
_BROKEN_NPZ = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError, RuntimeError),
    # What numpy's parser of array headers lets through.
    *(SyntaxError, tokenize.TokenError, TypeError, OverflowError, MemoryError),
)
_SAFETENSORS_TYPES = {"F16": "<f2", "F32": "<f4", "I32": "<i4", "U8": "|u1"}


def npz_names(path: Path) -> frozenset[str]:
    """Names of the arrays in an .npz; raises as `read_npz`."""
    return _opened_npz(path, lambda archive: frozenset(name.removesuffix(".npy") for name in archive.namelist()))


def read_npz(path: Path, table: Table, limits: Limits, optional: bool = False) -> Arrays:
    """The arrays of a table out of an .npz; others are left alone. Where all are `optional`, none may be there.

    Raises
    ------
    HeadFileError
        Not such a file, damaged, or other than the table and the limits say.
    OSError
        It is not there.
    """
    return _opened_npz(path, lambda archive: _read_members(archive, path, table, limits, optional))


def _opened_npz(path: Path, read: Callable[[zipfile.ZipFile], _Read]) -> _Read:
    try:
        with open_file(path, MAX_FILE_BYTES, "choose a head") as stream:
            try:
                _check_directory(stream)
                with zipfile.ZipFile(stream) as archive:
                    return read(archive)
            except OSError as error:
                # A member that begins before the file does.
                raise ValueError(str(error)) from error
    except HeadFileError:
        raise
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    except _BROKEN_NPZ as error:
        said = " ".join(str(error).split())
        raise HeadFileError(f"{path}: not a readable .npz file ({said:.200}); {REMEDY}") from error


def read_safetensors(path: Path, table: Table, limits: Limits, optional: bool = False) -> Arrays:
    """The arrays of a table out of a .safetensors file (types F16, F32, I32, U8); all else as of `read_npz`."""
    # 8 bytes of header length, a JSON header and raw data.
    try:
        with open_file(path, MAX_FILE_BYTES, "choose a head") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > _MAX_HEADER_BYTES:
                raise ValueError(f"a header of {length} bytes")
            header = parse_json(stream.read(length), str(path))
            n_bytes = os.fstat(stream.fileno()).st_size - 8 - length
            announced, places = _header(header, n_bytes)
            if optional and not table.keys() & announced.keys():
                return {}
            _check(path, announced, table, limits)
            body = stream.read(n_bytes)
            return {
                name: np.frombuffer(body[slice(*places[name])], dtype).reshape(shape)
                for name, (dtype, shape) in announced.items()
                if name in table
            }
    except HeadFileError:
        raise
    except FileRefused as error:
        raise HeadFileError(str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeadFileError(f"{path}: not a readable .safetensors file ({error!s:.200}); {REMEDY}") from error


def safetensors_header(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Any]:
    """The JSON header of a .safetensors file that holds the arrays one after the other."""
    names = {np.dtype(code): name for name, code in _SAFETENSORS_TYPES.items()}
    header: dict[str, Any] = {}
    position = 0
    for key, value in arrays.items():
        place = [position, position + value.nbytes]
        header[key] = {"dtype": names[value.dtype], "shape": list(value.shape), "data_offsets": place}
        position += value.nbytes
    return header


def _check_directory(stream: BinaryIO) -> None:
    """A directory of millions of members would be read before anything else."""
    size = stream.seek(0, os.SEEK_END)
    start = max(size - (1 << 16) - 22, 0)
    stream.seek(start)
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise ValueError("it has no directory: is it complete?")
    members, n_bytes = struct.unpack("<HI", tail[at + 10 : at + 16])
    if members > _MAX_MEMBERS or n_bytes > _MAX_DIRECTORY_BYTES or tail[max(at - 20, 0) : at].startswith(b"PK\x06\x07"):
        raise ValueError(f"more than {_MAX_MEMBERS} arrays")


def _read_members(
    archive: zipfile.ZipFile, path: Path, table: Table, limits: Limits, optional: bool
) -> Arrays:
    members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise ValueError("an array is there twice")
    if optional and not table.keys() & members.keys():
        return {}
    announced: _Announced = {}
    fortran: dict[str, bool] = {}
    for name in table.keys() & members.keys():
        member = members[name]
        with archive.open(member) as stream:
            if np.lib.format.read_magic(stream) != (1, 0):
                raise ValueError(f"{name} is of another version of NPY")
            shape, fortran[name], dtype = np.lib.format.read_array_header_1_0(stream)
            n_bytes = member.file_size - stream.tell()
        announced[name] = (dtype, shape)
        if dtype.hasobject:
            raise ValueError(f"{name} is a pickle, which is not opened")
        if math.prod(shape) * dtype.itemsize != n_bytes or min(shape, default=0) < 0:
            raise ValueError(f"{name} announces {dtype} {shape} in {n_bytes} bytes")
    _check(path, announced, table, limits)
    arrays: Arrays = {}
    for name, (dtype, shape) in announced.items():
        n_bytes = math.prod(shape) * dtype.itemsize
        with archive.open(members[name]) as stream:
            np.lib.format.read_magic(stream)
            np.lib.format.read_array_header_1_0(stream)
            # One byte more, so that the archive's checksum is looked at.
            data = stream.read(n_bytes + 1)
        if len(data) != n_bytes:
            raise ValueError(f"{name} is cut off")
        flat = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="), copy=False)
        arrays[name] = flat.reshape(shape, order="F" if fortran[name] else "C")
    return arrays


def _header(header: Any, n_bytes: int) -> tuple[_Announced, dict[str, tuple[int, int]]]:
    """Type, shape and place of each array; they lie one behind the other and fill the file."""
    announced: _Announced = {}
    places: dict[str, tuple[int, int]] = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype = np.dtype(_SAFETENSORS_TYPES[entry["dtype"]])
        begin, end = entry["data_offsets"]
        shape = tuple(entry["shape"])
        if not all(type(number) is int and number >= 0 for number in (begin, end, *shape)):
            raise ValueError(f"{name} has a place or a shape that is no number")
        if end > n_bytes:
            raise ValueError(f"{name} lies outside the file")
        if end - begin != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"{name} announces {dtype} {shape} in {end - begin} bytes")
        announced[name], places[name] = (dtype, shape), (begin, end)
    reached = 0
    for begin, end in sorted(places.values()):
        if begin != reached:
            raise ValueError("arrays lie upon each other or leave gaps")
        reached = end
    if reached != n_bytes:
        raise ValueError(f"{n_bytes - reached} bytes belong to no array")
    return announced, places


def _check(path: Path, announced: _Announced, table: Table, limits: Limits) -> None:
    known: dict[str, int] = {}
    total = 0
    for name, (kind, sides) in table.items():
        if name not in announced:
            raise HeadFileError(f"{path}: {name} is missing; this is no such head, or it is damaged: {REMEDY}")
        dtype, shape = announced[name]
        expected = tuple(known.get(side, side) if isinstance(side, str) else side for side in sides)
        fits = len(shape) == len(expected)
        for side, found in zip(expected, shape, strict=False):
            if isinstance(side, str):
                if found > limits[side]:
                    raise HeadFileError(f"{path}: {name} {shape} is larger than a head may be; reduce the mesh")
                # The same letter twice in one shape is told by the array after it.
                known[side] = found
            else:
                fits &= found == side
        own = f"{dtype.kind}{dtype.itemsize}"
        if not fits or not (own == kind or (dtype.kind in kind and kind.isalpha())) or dtype.subdtype or dtype.names:
            raise HeadFileError(f"{path}: {name} is {dtype} {shape}, expected {kind} {expected}; {REMEDY}")
        if dtype.kind == "U" and dtype.itemsize > _MAX_TEXT_BYTES:
            raise HeadFileError(f"{path}: {name} holds names that are too long; {REMEDY}")
        total += math.prod(shape) * dtype.itemsize
    if total > MAX_FILE_BYTES:
        raise HeadFileError(f"{path}: unpacks to more than {MAX_FILE_BYTES >> 20} MB; reduce the mesh")

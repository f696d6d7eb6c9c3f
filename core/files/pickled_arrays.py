"""Arrays out of a pickle, which is read as data and never run.

Published models are dictionaries of numpy arrays, some of them sparse matrices of scipy or arrays of chumpy; these are
taken apart into the arrays that they keep.
"""

from __future__ import annotations

import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.pickled import SPARSE, PickleReader, PickleRefused, Thing
from rhytid.core.files.reading import FileRefused, read_file
from rhytid.core.files.text import shown

_REMEDY = "take the model as it was published, or save its arrays with numpy.savez"
_MAX_SIDES = 8
_MAX_DENSE = 20_000_000
_TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")


def read_pickled_arrays(
    path: str | os.PathLike[str], max_bytes: int, names: tuple[str, ...]
) -> dict[str, npt.NDArray[Any]]:
    """Arrays of a dictionary that was pickled.

    Parameters
    ----------
    path : path
    max_bytes : int
        The most that the file may hold.
    names : tuple of str
        Keys of the dictionary; others are left alone. A key that is not there is not in the result either.

    Returns
    -------
    dict of str to numpy array
        Numbers only, in this machine's byte order; sparse matrices are filled up.

    Raises
    ------
    FileRefused
        Not such a pickle, damaged, too large, or one that would call something else; the message names it.
    OSError
        The file cannot be read.
    """
    file = Path(path)
    data = read_file(file, max_bytes, _REMEDY)
    try:
        found = PickleReader(data).read()
        if not isinstance(found, dict):
            raise PickleRefused("it holds no dictionary of arrays")
        return {
            name: _numbers(name, found[key]) for name in names for key in (name, name.encode()) if key in found
        }
    except PickleRefused as error:
        raise FileRefused(f"{file}: {shown(str(error))}; {_REMEDY}") from None
    except (ValueError, TypeError, LookupError, OverflowError, struct.error, MemoryError, RecursionError) as error:
        raise FileRefused(f"{file}: a damaged pickle ({shown(str(error)):.100}); {_REMEDY}") from None


def _numbers(name: str, value: Any) -> npt.NDArray[Any]:
    """The array that a value of the dictionary keeps."""
    for _ in range(4):  # an array of chumpy may hold another
        if not isinstance(value, Thing) or value.kind != "chumpy":
            break
        value = _entry(value.state, "x")
    if isinstance(value, Thing) and value.kind in SPARSE:
        return _dense(name, value)
    return _array(name, value)


def _entry(state: Any, key: str) -> Any:
    if not isinstance(state, dict):
        raise PickleRefused("an object keeps nothing")
    return state[key] if key in state else state[key.encode()]


def _array(name: str, value: Any) -> npt.NDArray[Any]:
    if isinstance(value, list):
        if not all(type(item) in (int, float) for item in value):
            raise PickleRefused(f"{name} is a list of other things than numbers")
        return np.array(value)
    if not isinstance(value, Thing) or value.kind != "array" or not isinstance(value.state, tuple):
        raise PickleRefused(f"{name} is no array")
    shape, dtype, is_fortran, data = value.state[-4:]
    if not isinstance(shape, tuple) or len(shape) > _MAX_SIDES or not all(type(s) is int and s >= 0 for s in shape):
        raise PickleRefused(f"{name} has no shape")
    kind = _dtype(name, dtype)
    if not isinstance(data, bytes) or math.prod(shape) * kind.itemsize != len(data):
        raise PickleRefused(f"{name} announces {kind} {shape} and holds something else")
    flat = np.frombuffer(data, kind).astype(kind.newbyteorder("="), copy=False)
    return flat.reshape(shape, order="F" if is_fortran else "C")


def _dtype(name: str, value: Any) -> np.dtype[Any]:
    if not isinstance(value, Thing) or value.kind != "dtype" or not value.arguments:
        raise PickleRefused(f"{name} has no type")
    code = value.arguments[0]
    code = code.decode("ascii", "replace") if isinstance(code, bytes) else code
    if code not in _TYPES:
        raise PickleRefused(f"{name} holds {code!s:.20} instead of numbers")
    state = value.state if isinstance(value.state, tuple) and len(value.state) > 1 else (3, "<")
    return np.dtype((">" if state[1] in (">", b">") else "<") + code)


def _dense(name: str, value: Thing) -> npt.NDArray[Any]:
    """A sparse matrix of compressed columns or rows, filled up."""
    shape = _entry(value.state, "_shape") if _has(value.state, "_shape") else _entry(value.state, "shape")
    if not isinstance(shape, tuple) or len(shape) != 2 or not all(type(side) is int and side > 0 for side in shape):
        raise PickleRefused(f"{name} has no shape")
    if shape[0] * shape[1] > _MAX_DENSE:
        raise PickleRefused(f"{name} {shape} is larger than a head's")
    data, places, begins = (_array(name, _entry(value.state, key)) for key in ("data", "indices", "indptr"))
    by_column = value.kind.startswith("csc")
    lines, others = shape[::-1] if by_column else shape
    counts = np.diff(begins) if begins.ndim == 1 and begins.dtype.kind in "iu" else np.array([-1])
    fits = len(begins) == lines + 1 and data.ndim == places.ndim == 1 and len(data) == len(places) == begins[-1]
    if not fits or begins[0] != 0 or (counts < 0).any() or data.dtype.kind != "f" or places.dtype.kind not in "iu":
        raise PickleRefused(f"{name} is no sparse matrix")
    if len(places) and not 0 <= places.min() <= places.max() < others:
        raise PickleRefused(f"{name} has values outside of it")
    dense = np.zeros((lines, others), data.dtype)
    np.add.at(dense, (np.repeat(np.arange(lines), counts), places), data)
    return dense.T if by_column else dense


def _has(state: Any, key: str) -> bool:
    return isinstance(state, dict) and (key in state or key.encode() in state)

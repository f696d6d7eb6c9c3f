"""Networks in the format of TensorFlow Lite, read without TensorFlow: a FlatBuffer of tensors and operators.

Read are floating point networks of one graph that know the operators of `OPERATORS`, which are those of MediaPipe's
face detector, face mesh and iris network. Every offset of the file is checked before it is followed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

MAX_TENSORS = 4096
MAX_VALUES = 1 << 24
"""The most values of one tensor."""
_MAX_DIMENSIONS = 4
_IDENTIFIER = b"TFL3"
_TYPES = {0: "<f4", 1: "<f2", 2: "<i4"}
# Numbers of the schema: operators, and per operator the fields of its options with their places and defaults.
_CONVOLUTION = {"padding": 0, "stride_x": 1, "stride_y": 2, "activation": 3, "dilation_x": 4, "dilation_y": 5}
_DEPTHWISE = {"padding": 0, "stride_x": 1, "stride_y": 2, "multiplier": 3, "activation": 4, "dilation_x": 5,
              "dilation_y": 6}  # fmt: skip
_POOL = {"padding": 0, "stride_x": 1, "stride_y": 2, "size_x": 3, "size_y": 4, "activation": 5}
OPERATORS: Mapping[int, tuple[str, Mapping[str, int]]] = {
    0: ("add", {"activation": 0}),
    2: ("concatenation", {"axis": 0, "activation": 1}),
    3: ("convolution", _CONVOLUTION),
    4: ("depthwise", _DEPTHWISE),
    6: ("dequantize", {}),
    17: ("max_pool", _POOL),
    19: ("relu", {}),
    22: ("reshape", {}),
    34: ("pad", {}),
    54: ("prelu", {}),
}
_BYTE_FIELDS = ("padding", "activation")
_DEFAULT_ONE = ("dilation_x", "dilation_y")


class NetworkFileError(ValueError):
    """A network that is damaged, or of a kind that is not read; the message says where."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of a graph.

    Attributes
    ----------
    shape : tuple of int
        Of four dimensions: batch, rows, columns, channels.
    values : array of `shape` or None
        float32, float16 or int32; None where the graph computes it.
    """

    shape: tuple[int, ...]
    values: Array | None


@dataclass(frozen=True)
class Operator:
    """One step of a graph.

    Attributes
    ----------
    name : str
        One of the names of `OPERATORS`.
    inputs, outputs : tuple of int
        Numbers of tensors; an input of -1 is left out.
    options : mapping
        Numbers by the names of `OPERATORS`. A padding of 0 is "same", of 1 "valid"; an activation of 0 is none,
        of 1 ReLU, of 3 ReLU up to 6.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, int]


@dataclass(frozen=True)
class Graph:
    """A network: tensors, the operators in their order, and numbers of the tensors that go in and come out."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_tflite(data: bytes) -> Graph:
    """The graph of a TFLite file.

    Raises
    ------
    NetworkFileError
        It is damaged, or holds other operators, types or sizes than are read.
    """
    if len(data) < 8 or data[4:8] != _IDENTIFIER:
        raise NetworkFileError("it is no TFLite file")
    model = _Table(data, _offset(data, 0))
    codes = [max(code.number(0, "<b"), code.number(3)) for code in model.tables(1)]
    buffers = model.tables(4)
    graphs = model.tables(2)
    if len(graphs) != 1:
        raise NetworkFileError(f"it holds {len(graphs)} graphs, one is read")
    tables = graphs[0].tables(0)
    tensors = tuple(_tensor(table, buffers, i) for i, table in enumerate(tables))
    operators = tuple(_operator(table, codes, len(tensors)) for table in graphs[0].tables(3))
    inputs, outputs = (_numbers(graphs[0], field, len(tensors), 0) for field in (1, 2))
    if not inputs or not outputs or not operators:
        raise NetworkFileError("the graph has nothing that goes in, or nothing that comes out")
    return Graph(tensors, operators, inputs, outputs)


def _tensor(table: _Table, buffers: list[_Table], number: int) -> Tensor:
    shape = table.integers(0)
    n_values = 1
    for length in shape:
        n_values *= length
        if length < 1 or n_values > MAX_VALUES:
            raise NetworkFileError(f"tensor {number} is of the shape {shape}")
    if len(shape) > _MAX_DIMENSIONS:
        raise NetworkFileError(f"tensor {number} has {len(shape)} dimensions, {_MAX_DIMENSIONS} are read")
    buffer = table.number(2, "<I")
    if buffer >= len(buffers):
        raise NetworkFileError(f"tensor {number} is of a buffer that is not there")
    raw = buffers[buffer].raw(0)
    if not raw:
        return Tensor(shape, None)
    kind = table.number(1, "<b")
    if kind not in _TYPES:
        raise NetworkFileError(f"tensor {number} is of the type {kind}; float32, float16 and int32 are read")
    dtype = np.dtype(_TYPES[kind])
    if len(raw) != n_values * dtype.itemsize:
        raise NetworkFileError(f"tensor {number} of the shape {shape} has {len(raw)} bytes")
    return Tensor(shape, np.frombuffer(raw, dtype).reshape(shape))


def _operator(table: _Table, codes: list[int], n_tensors: int) -> Operator:
    index = table.number(0, "<I")
    code = codes[index] if index < len(codes) else -1
    if code not in OPERATORS:
        raise NetworkFileError(f"operator {code} is none of those that are read")
    name, fields = OPERATORS[code]
    options = table.table(4)
    values = {}
    for field, place in fields.items():
        default = 1 if field in _DEFAULT_ONE else 0
        kind = "<b" if field in _BYTE_FIELDS else "<i"
        values[field] = default if options is None else options.number(place, kind, default)
    inputs, outputs = _numbers(table, 1, n_tensors, -1), _numbers(table, 2, n_tensors, 0)
    if not inputs or len(outputs) != 1:
        raise NetworkFileError(f"a {name} has {len(inputs)} inputs and {len(outputs)} outputs")
    return Operator(name, inputs, outputs, values)


def _numbers(table: _Table, field: int, n_tensors: int, least: int) -> tuple[int, ...]:
    """A list of numbers of tensors."""
    numbers = table.integers(field)
    if any(not least <= number < n_tensors for number in numbers):
        raise NetworkFileError("a tensor is named that is not there")
    return numbers


class _Table:
    """A table of a FlatBuffer: fields by their numbers in the schema; one that is left out has its default."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        self._fields = at - _unpack(data, "<i", at)
        self._n_bytes = _unpack(data, "<H", self._fields)

    def _place(self, field: int) -> int | None:
        entry = 4 + 2 * field
        offset = _unpack(self._data, "<H", self._fields + entry) if entry < self._n_bytes else 0
        return self._at + offset if offset else None

    def number(self, field: int, kind: str = "<i", default: int = 0) -> int:
        place = self._place(field)
        return default if place is None else _unpack(self._data, kind, place)

    def _vector(self, field: int, item_bytes: int) -> tuple[int, int]:
        """Where a vector's items begin and how many there are."""
        place = self._place(field)
        if place is None:
            return 0, 0
        at = _offset(self._data, place)
        n_items = _unpack(self._data, "<I", at)
        if n_items * item_bytes > len(self._data) - at - 4:
            raise NetworkFileError("a list goes beyond the end of the file")
        return at + 4, n_items

    def integers(self, field: int) -> tuple[int, ...]:
        at, n_items = self._vector(field, 4)
        _check_count(n_items)
        return struct.unpack_from(f"<{n_items}i", self._data, at)

    def raw(self, field: int) -> bytes:
        at, n_items = self._vector(field, 1)
        return self._data[at : at + n_items]

    def tables(self, field: int) -> list[_Table]:
        at, n_items = self._vector(field, 4)
        _check_count(n_items)
        return [_Table(self._data, _offset(self._data, at + 4 * i)) for i in range(n_items)]

    def table(self, field: int) -> _Table | None:
        place = self._place(field)
        return None if place is None else _Table(self._data, _offset(self._data, place))


def _check_count(n_items: int) -> None:
    if n_items > MAX_TENSORS:
        raise NetworkFileError(f"a list of {n_items} items, {MAX_TENSORS} are read")


def _offset(data: bytes, at: int) -> int:
    """Where an offset that stands at a place points to."""
    return at + _unpack(data, "<I", at)


def _unpack(data: bytes, kind: str, at: int) -> int:
    if not 0 <= at <= len(data) - struct.calcsize(kind):
        raise NetworkFileError("it points beyond its end")
    number: int = struct.unpack_from(kind, data, at)[0]
    return number

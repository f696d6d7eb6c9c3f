"""TFLite files of random weights for tests, written with Google's own FlatBuffers library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import flatbuffers
import numpy as np

_CODES = {"add": 0, "concatenation": 2, "convolution": 3, "depthwise": 4, "dequantize": 6, "max_pool": 17, "relu": 19,
          "reshape": 22, "pad": 34, "prelu": 54}  # fmt: skip
# Of the schema: kind of the options' union, then the fields in their order, by width in bytes.
_OPTIONS = {
    "add": (11, {"activation": 1}),
    "concatenation": (10, {"axis": 4, "activation": 1}),
    "convolution": (1, {"padding": 1, "stride_x": 4, "stride_y": 4, "activation": 1}),
    "depthwise": (2, {"padding": 1, "stride_x": 4, "stride_y": 4, "multiplier": 4, "activation": 1}),
    "max_pool": (5, {"padding": 1, "stride_x": 4, "stride_y": 4, "size_x": 4, "size_y": 4, "activation": 1}),
}
_TYPES = {"float32": 0, "float16": 1, "int32": 2}


@dataclass
class TfliteWriter:
    """A graph that grows by `tensor` and `add`; tensor 0 is what goes in."""

    tensors: list[tuple[tuple[int, ...], np.ndarray | None]] = field(default_factory=list)
    operators: list[tuple[str, Sequence[int], int, dict[str, int]]] = field(default_factory=list)

    def tensor(self, *shape: int) -> int:
        """The number of a tensor that is computed."""
        self.tensors.append((shape, None))
        return len(self.tensors) - 1

    def constant(self, values: np.ndarray) -> int:
        """The number of a tensor that is stored."""
        self.tensors.append((values.shape, values))
        return len(self.tensors) - 1

    def add(self, name: str, inputs: Sequence[int], output: int, **options: int) -> int:
        """An operator; gives the number of its output."""
        self.operators.append((name, inputs, output, options))
        return output

    def bytes(self, outputs: Sequence[int]) -> bytes:
        """The file."""
        b = flatbuffers.Builder(1024)
        buffers = [_table(b, {})]
        tensors = []
        for shape, values in self.tensors:
            kind, buffer = 0, 0
            if values is not None:
                kind, buffer = _TYPES[values.dtype.name], len(buffers)
                raw = b.CreateNumpyVector(np.frombuffer(values.tobytes(), np.uint8))
                buffers.append(_table(b, {0: raw}))
            tensors.append(_table(b, {0: _integers(b, shape)}, {1: (1, kind), 2: (4, buffer)}))
        names = sorted({name for name, *_ in self.operators})
        operators = []
        for name, inputs, output, options in self.operators:
            offsets = {1: _integers(b, inputs), 2: _integers(b, [output])}
            numbers = {0: (4, names.index(name))}
            if name in _OPTIONS:
                union, fields = _OPTIONS[name]
                offsets[4] = _table(
                    b, {}, {i: (width, options.get(key, 0)) for i, (key, width) in enumerate(fields.items())}
                )
                numbers[3] = (1, union)
            operators.append(_table(b, offsets, numbers))
        codes = [_table(b, {}, {0: (1, _CODES[name]), 3: (4, _CODES[name])}) for name in names]
        graph = _table(b, {0: _tables(b, tensors), 1: _integers(b, [0]), 2: _integers(b, outputs),
                           3: _tables(b, operators)})  # fmt: skip
        model = _table(b, {1: _tables(b, codes), 2: _tables(b, [graph]), 4: _tables(b, buffers)}, {0: (4, 3)})
        b.Finish(model, b"TFL3")
        return bytes(b.Output())


def _table(b: flatbuffers.Builder, offsets: dict[int, int], numbers: dict[int, tuple[int, int]] | None = None) -> int:
    b.StartObject(8)
    for place, offset in offsets.items():
        b.PrependUOffsetTRelativeSlot(place, offset, 0)
    for place, (width, value) in (numbers or {}).items():
        (b.PrependInt8Slot if width == 1 else b.PrependInt32Slot)(place, value, 0)
    return b.EndObject()


def _integers(b: flatbuffers.Builder, values: Sequence[int]) -> int:
    return b.CreateNumpyVector(np.array(values, np.int32))


def _tables(b: flatbuffers.Builder, tables: Sequence[int]) -> int:
    b.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        b.PrependUOffsetTRelative(table)
    return b.EndVector()

"""Networks as ONNX: a graph as `core.photo.tflite` reads it, written for ONNX Runtime.

ONNX is a message of protocol buffers, of which a network needs few kinds, so that they are written here without a
library. Tensors of four dimensions lie as batch, channels, rows, columns inside; those that go in and come out keep
TFLite's order of batch, rows, columns, channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.photo.tflite import Graph, NetworkFileError, Operator

Array = npt.NDArray[Any]

_OPERATOR_SET = 13
_FORMAT_VERSION = 8
_FLOAT, _INT64 = 1, 7
_INT, _INTS = 2, 7  # types of attributes
_NO_ACTIVATION, _RELU, _RELU6 = 0, 1, 3
_SAME = 0
_MAX_BYTES = 1 << 28
_TO_INSIDE, _TO_OUTSIDE = (0, 3, 1, 2), (0, 2, 3, 1)


def onnx_of(graph: Graph) -> bytes:
    """The ONNX model of a graph; its inputs are called ``in0``, ``in1``, ..., its outputs ``out0``, ``out1``, ...

    Raises
    ------
    NetworkFileError
        An operator is used in a way that is not known.
    """
    return _Writer(graph).model()


class _Writer:
    """Nodes and constants of the model that comes about, operator by operator."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = {i: t.values for i, t in enumerate(graph.tensors) if t.values is not None}
        self._nodes: list[bytes] = []
        self._written: list[bytes] = []
        self._n_bytes = 0

    def model(self) -> bytes:
        inputs, outputs = [], []
        for i, number in enumerate(self._graph.inputs):
            inputs.append(_described(f"in{i}", self._shape(number)))
            perm = _TO_INSIDE if len(self._shape(number)) == 4 else range(len(self._shape(number)))
            self._node("Transpose", [f"in{i}"], _name(number), perm=list(perm))
        for operator in self._graph.operators:
            self._add(operator)
        for i, number in enumerate(self._graph.outputs):
            self._node("Identity", [self._outside(number)], f"out{i}")
            outputs.append(_described(f"out{i}", self._shape(number)))
        graph = b"".join(
            [_message(1, node) for node in self._nodes]
            + [_text(2, "network")]
            + [_message(5, constant) for constant in self._written]
            + [_message(11, one) for one in inputs]
            + [_message(12, one) for one in outputs]
        )
        operator_set = _text(1, "") + _integer(2, _OPERATOR_SET)
        return _integer(1, _FORMAT_VERSION) + _message(7, graph) + _message(8, operator_set)

    def _add(self, operator: Operator) -> None:
        (output,) = operator.outputs
        if operator.name == "dequantize":
            self._constants[output] = self._constant(operator, 0).astype(np.float32)
        elif operator.name in ("convolution", "depthwise"):
            self._convolution(operator)
        elif operator.name == "add":
            self._active(operator, "Add", [self._inside(number) for number in operator.inputs])
        elif operator.name == "relu":
            self._node("Relu", [self._computed(operator)], _name(output))
        elif operator.name == "prelu":
            slopes = self._constant(operator, 1, 3).transpose(2, 0, 1)
            self._node("PRelu", [self._computed(operator), self._stored(slopes)], _name(output))
        elif operator.name == "max_pool":
            size = (operator.options["size_y"], operator.options["size_x"])
            window = self._window(operator, size)
            self._active(operator, "MaxPool", [self._computed(operator)], kernel_shape=list(size), **window)
        elif operator.name == "pad":
            widths = self._constant(operator, 1, 2)
            if widths.shape != (4, 2):
                raise NetworkFileError("a pad of other than four dimensions")
            pads = widths[list(_TO_INSIDE)].T.reshape(-1).astype(np.int64)
            self._node("Pad", [self._computed(operator), self._stored(pads)], _name(output))
        elif operator.name == "reshape":
            self._reshape(operator)
        else:
            self._concatenation(operator)

    def _convolution(self, operator: Operator) -> None:
        depthwise = operator.name == "depthwise"
        options = operator.options
        if options["dilation_x"] != 1 or options["dilation_y"] != 1:
            raise NetworkFileError("a convolution with gaps")
        weights = self._constant(operator, 1, 4)
        weights = weights.transpose((3, 0, 1, 2) if depthwise else _TO_INSIDE).astype(np.float32)
        inputs = [self._computed(operator), self._stored(weights)]
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            inputs.append(self._stored(self._constant(operator, 2, 1).astype(np.float32)))
        group = self._shape(operator.inputs[0])[3] if depthwise else 1
        size = weights.shape[2:]
        window = self._window(operator, size)
        self._active(operator, "Conv", inputs, group=group, kernel_shape=list(size), **window)

    def _window(self, operator: Operator, size: Sequence[int]) -> dict[str, list[int]]:
        """Steps of a window of (rows, columns) over the first input, and what is laid round that input."""
        strides = [operator.options["stride_y"], operator.options["stride_x"]]
        shape = self._shape(operator.inputs[0])
        if len(shape) != 4 or min(strides) < 1 or min(size) < 1:
            raise NetworkFileError(f"a window of {tuple(size)} that moves by {strides} over the shape {shape}")
        before, after = [0, 0], [0, 0]
        if operator.options["padding"] == _SAME:
            for i, (length, stride, extent) in enumerate(zip(shape[1:3], strides, size, strict=True)):
                missing = max((-(-length // stride) - 1) * stride + extent - length, 0)
                before[i], after[i] = missing // 2, missing - missing // 2
        return {"strides": strides, "pads": before + after}

    def _reshape(self, operator: Operator) -> None:
        (output,) = operator.outputs
        self._computed(operator)
        shape = self._shape(output)
        if np.prod(shape) != np.prod(self._shape(operator.inputs[0])):
            raise NetworkFileError(f"{self._shape(operator.inputs[0])} cannot be laid out as {shape}")
        flat = self._outside(operator.inputs[0])
        laid_out = self._stored(np.array(shape, np.int64))
        if len(shape) == 4:
            self._node("Reshape", [flat, laid_out], f"{_name(output)}_outside")
            self._node("Transpose", [f"{_name(output)}_outside"], _name(output), perm=list(_TO_INSIDE))
        else:
            self._node("Reshape", [flat, laid_out], _name(output))

    def _concatenation(self, operator: Operator) -> None:
        n_dimensions = len(self._shape(operator.outputs[0]))
        axis = operator.options["axis"] % max(n_dimensions, 1)
        if n_dimensions == 4:
            axis = _TO_INSIDE.index(axis)
        self._active(operator, "Concat", [self._inside(number) for number in operator.inputs], axis=axis)

    def _active(self, operator: Operator, kind: str, inputs: Sequence[str], **attributes: int | list[int]) -> None:
        """A node, and after it the activation that TFLite counts to the operator."""
        name = _name(operator.outputs[0])
        activation = operator.options["activation"]
        if activation == _NO_ACTIVATION:
            self._node(kind, inputs, name, **attributes)
            return
        before = f"{name}_before"
        self._node(kind, inputs, before, **attributes)
        if activation == _RELU:
            self._node("Relu", [before], name)
        elif activation == _RELU6:
            limits = [self._stored(np.array(limit, np.float32)) for limit in (0, 6)]
            self._node("Clip", [before, *limits], name)
        else:
            raise NetworkFileError(f"activation {activation} is none of those that are read")

    def _shape(self, number: int) -> tuple[int, ...]:
        return self._graph.tensors[number].shape

    def _constant(self, operator: Operator, place: int, n_dimensions: int | None = None) -> Array:
        number = operator.inputs[place] if place < len(operator.inputs) else -1
        values = self._constants.get(number)
        if values is None or n_dimensions not in (None, values.ndim):
            raise NetworkFileError(f"a {operator.name} whose input {place} is not stored as it should be")
        return values

    def _computed(self, operator: Operator) -> str:
        """The first input of an operator, which goes over something that is computed."""
        if operator.inputs[0] in self._constants or operator.inputs[0] < 0:
            raise NetworkFileError(f"a {operator.name} of what is stored")
        return _name(operator.inputs[0])

    def _inside(self, number: int) -> str:
        """Name of a tensor in the order of the inside, stored where it is a constant."""
        values = self._constants.get(number)
        if values is None:
            return _name(number)
        return self._stored((values.transpose(_TO_INSIDE) if values.ndim == 4 else values).astype(np.float32))

    def _outside(self, number: int) -> str:
        """Name of a tensor in TFLite's own order."""
        if len(self._shape(number)) != 4:
            return _name(number)
        name = f"{_name(number)}_turned{len(self._nodes)}"
        self._node("Transpose", [_name(number)], name, perm=list(_TO_OUTSIDE))
        return name

    def _stored(self, values: Array) -> str:
        name = f"constant{len(self._written)}"
        kind = _INT64 if values.dtype == np.int64 else _FLOAT
        raw = np.ascontiguousarray(values).tobytes()
        self._n_bytes += len(raw)
        if self._n_bytes > _MAX_BYTES:
            raise NetworkFileError("the weights are too many")
        lengths = b"".join(_integer(1, length) for length in values.shape)
        self._written.append(lengths + _integer(2, kind) + _text(8, name) + _message(9, raw))
        return name

    def _node(self, kind: str, inputs: Sequence[str], output: str, **attributes: int | list[int]) -> None:
        parts = [_text(1, name) for name in inputs] + [_text(2, output), _text(4, kind)]
        parts += [_message(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(parts))


def _name(number: int) -> str:
    return f"tensor{number}"


def _described(name: str, shape: Sequence[int]) -> bytes:
    """What goes in or comes out: name, type and shape."""
    lengths = b"".join(_message(1, _integer(1, length)) for length in shape)
    return _text(1, name) + _message(2, _message(1, _integer(1, _FLOAT) + _message(2, lengths)))


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _integer(3, value) + _integer(20, _INT)
    return _text(1, name) + b"".join(_integer(8, one) for one in value) + _integer(20, _INTS)


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as 64 bits."""
    value &= (1 << 64) - 1
    content = bytearray()
    while value > 127:
        content.append(value & 127 | 128)
        value >>= 7
    content.append(value)
    return bytes(content)

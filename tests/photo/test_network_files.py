"""TFLite read and ONNX written, against the same arithmetic done by hand in numpy."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tflite_writer import TfliteWriter

from rhytid.core.learned.runtime import RUNTIME
from rhytid.core.photo.onnx_file import onnx_of
from rhytid.core.photo.tflite import NetworkFileError, read_tflite

SAME, VALID = 0, 1
RELU, RELU6 = 1, 3


def windows(x, size, stride, padding, fill=0.0):
    """(rows, columns, size, size, channels) of one picture (H, W, C), laid out as TFLite's "same" and "valid" are."""
    if padding == SAME:
        missing = [max((-(-n // stride) - 1) * stride + size - n, 0) for n in x.shape[:2]]
        x = np.pad(x, [(m // 2, m - m // 2) for m in missing] + [(0, 0)], constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, (size, size), (0, 1))
    return view[::stride, ::stride].transpose(0, 1, 3, 4, 2)


def onnx_outputs(data, x):
    return RUNTIME.session(onnx_of(read_tflite(data))).run(None, {"in0": x})


@pytest.fixture
def network():
    """A network that uses every operator, its input, and what its two outputs must be."""
    draw = np.random.default_rng(5)
    values = lambda *shape: draw.normal(size=shape).astype(np.float32)  # noqa: E731
    w = TfliteWriter()
    x = values(1, 9, 7, 3)
    start = w.tensor(1, 9, 7, 3)
    # 3 -> 4 channels, halved, float16 weights.
    weights, bias = values(4, 3, 3, 3).astype(np.float16), values(4)
    full = w.add("dequantize", [w.constant(weights)], w.tensor(4, 3, 3, 3))
    a = w.add("convolution", [start, full, w.constant(bias)], w.tensor(1, 5, 4, 4),
              padding=SAME, stride_x=2, stride_y=2)  # fmt: skip
    slopes = values(1, 1, 4)
    b = w.add("prelu", [a, w.constant(slopes)], w.tensor(1, 5, 4, 4))
    depth, depth_bias = values(1, 3, 3, 4), values(4)
    c = w.add("depthwise", [b, w.constant(depth), w.constant(depth_bias)], w.tensor(1, 5, 4, 4),
              padding=SAME, stride_x=1, stride_y=1, multiplier=1, activation=RELU6)  # fmt: skip
    d = w.add("add", [b, c], w.tensor(1, 5, 4, 4), activation=RELU)
    e = w.add("max_pool", [d], w.tensor(1, 3, 2, 4), padding=SAME, stride_x=2, stride_y=2, size_x=2, size_y=2)
    widths = np.array([[0, 0], [0, 0], [1, 0], [0, 2]], np.int32)
    f = w.add("pad", [e, w.constant(widths)], w.tensor(1, 3, 3, 6))
    g = w.add("relu", [f], w.tensor(1, 3, 3, 6))
    flat = w.add("reshape", [g, w.constant(np.array([1, 27, 2], np.int32))], w.tensor(1, 27, 2))
    more = w.add("reshape", [d, w.constant(np.array([1, 40, 2], np.int32))], w.tensor(1, 40, 2))
    joined = w.add("concatenation", [flat, more], w.tensor(1, 67, 2), axis=1)
    last = values(2, 3, 3, 6)
    h = w.add("convolution", [g, w.constant(last)], w.tensor(1, 1, 1, 2), padding=VALID, stride_x=1, stride_y=1)

    pa = np.einsum("yxijc,oijc->yxo", windows(x[0], 3, 2, SAME), weights.astype(np.float64)) + bias
    pb = np.where(pa > 0, pa, pa * slopes)
    pc = np.clip(np.einsum("yxijc,ijc->yxc", windows(pb, 3, 1, SAME), depth[0].astype(np.float64)) + depth_bias, 0, 6)
    pd = np.maximum(pb + pc, 0)
    pe = windows(pd, 2, 2, SAME, -np.inf).max(axis=(2, 3))
    pg = np.maximum(np.pad(pe, widths[1:]), 0)
    expected = [
        np.concatenate([pg.reshape(1, 27, 2), pd.reshape(1, 40, 2)], axis=1),
        np.einsum("yxijc,oijc->yxo", windows(pg, 3, 1, VALID), last.astype(np.float64))[None],
    ]
    return w.bytes([joined, h]), x, expected


def test_every_operator_computes_what_it_should(network):
    data, x, expected = network
    found = onnx_outputs(data, x)
    assert [one.shape for one in found] == [(1, 67, 2), (1, 1, 1, 2)]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_written_network_is_the_same_every_time(network):
    data, _, _ = network
    assert onnx_of(read_tflite(data)) == onnx_of(read_tflite(data))


def test_the_onnx_checker_finds_nothing_wrong(network):
    onnx = pytest.importorskip("onnx", reason="the package onnx checks what is written")
    onnx.checker.check_model(onnx.load_from_string(onnx_of(read_tflite(network[0]))), full_check=True)


@pytest.mark.parametrize("data", [b"", b"TFL3", bytes(64), b"\xff\xff\xff\xffTFL3" + bytes(40), b"PK\3\4" * 20])
def test_what_is_no_network_is_refused(data):
    with pytest.raises(NetworkFileError):
        read_tflite(data)


def test_damage_is_told_and_never_hangs(network):
    data = network[0]
    draw = np.random.default_rng(3)
    refused = 0
    start = time.thread_time()
    for i in range(1500):
        broken = bytearray(data)
        if i % 3 == 0:
            del broken[draw.integers(8, len(data)) :]
        for _ in range(draw.integers(1, 6)):
            place = draw.integers(0, len(broken))
            broken[place : place + 4] = draw.integers(0, 256, 4, np.uint8).tobytes()
        try:
            onnx_of(read_tflite(bytes(broken)))
        except NetworkFileError:
            refused += 1
    assert refused > 500
    assert time.thread_time() - start < 60


def test_other_operators_are_named():
    w = TfliteWriter()
    start = w.tensor(1, 4, 4, 2)
    end = w.add("convolution", [start, w.constant(np.zeros((2, 1, 1, 2), np.float32))], w.tensor(1, 4, 4, 2),
                padding=SAME, stride_x=1, stride_y=1, activation=4)  # fmt: skip
    with pytest.raises(NetworkFileError, match="activation 4"):
        onnx_of(read_tflite(w.bytes([end])))

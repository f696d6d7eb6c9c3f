"""Pickles as data: arrays come out as they went in, and nothing of a hostile file is run, imported or waited for."""

from __future__ import annotations

import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from pickles import write_pickles

from rhytid.core.files.pickled_arrays import read_pickled_arrays
from rhytid.core.files.reading import FileRefused

MOST = 1 << 24
ARRAYS = {
    "template": np.random.default_rng(0).normal(size=(7, 3)),
    "single": np.arange(6, dtype=np.float32).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    "faces": np.arange(9, dtype=np.uint32).reshape(3, 3),
    "foreign": np.arange(5, dtype=">i2"),
    "regressor": np.eye(4, 6) * [0, 1, 2, 3, 0, 0],
    "empty": np.zeros((0, 3)),
}


@pytest.mark.parametrize("sparse_kind", ["csc_matrix", "csr_matrix"])
def test_arrays_of_every_protocol_come_out(tmp_path: Path, sparse_kind: str) -> None:
    files = write_pickles(tmp_path, ARRAYS, (0, 1, 2, 3, 4), ("regressor",), ("template", "single"), sparse_kind)
    for path in files.values():
        found = read_pickled_arrays(path, MOST, (*ARRAYS, "nothing-here", "weights_prior"))
        assert found.keys() == ARRAYS.keys() | {"weights_prior"}
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(found[name], array)
            assert found[name].dtype.isnative


def text(value: bytes) -> bytes:
    """A text as Python 2 wrote it."""
    return b"U" + bytes([len(value)]) + value


def array_of_python_2(values: np.ndarray, module: bytes = b"numpy.core.multiarray") -> bytes:
    """An array as Python 2 wrote it: its bytes are a `str`."""
    code = values.dtype.str[1:].encode()
    dtype = b"cnumpy\ndtype\n" + text(code) + b"K\x00K\x01\x87R(K\x03" + text(b"<") + b"NNNJ\xff\xff\xff\xff"
    dtype += b"J\xff\xff\xff\xffK\x00tb"
    shape = b"(" + b"".join(b"K" + bytes([side]) for side in values.shape) + b"t"
    data = b"T" + struct.pack("<I", values.nbytes) + values.tobytes()
    return (
        b"c" + module + b"\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text(b"b") + b"\x87R(K\x01" + shape + dtype
        + b"\x89" + data + b"tb"
    )  # fmt: skip


def of_python_2(**entries: bytes) -> bytes:
    body = b"".join(text(name.encode()) + value for name, value in entries.items())
    return b"\x80\x02}(" + body + b"u."


def test_a_pickle_of_python_2(tmp_path: Path) -> None:
    values = np.arange(12, dtype="<f8").reshape(4, 3)
    path = tmp_path / "old.pkl"
    path.write_bytes(of_python_2(v_template=array_of_python_2(values), style=text("Größe".encode("latin-1"))))
    np.testing.assert_array_equal(read_pickled_arrays(path, MOST, ("v_template",))["v_template"], values)


def nested(levels: int) -> bytes:
    """A list of two lists of two lists and so on: small to write, endless to walk through."""
    steps = (b"](h%ch%ceq%c" % (level, level, level + 1) for level in range(levels))
    return b"\x80\x02]q\x00" + b"".join(steps) + b"."


COMMAND = b"S'touch %s'\n"
CALLS = {
    "os.system": b"cos\nsystem\n(" + COMMAND + b"tR.",
    "posix.system": b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R.",
    "builtins.eval": b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
    "__builtin__.eval": b"c__builtin__\neval\n(S'1'\ntR.",
    "numpy.load": b"\x80\x02cnumpy\nload\nU\x01a\x85R.",
    "numpy.f2py": b"\x80\x04\x8c\x0anumpy.f2py\x8c\x07compile\x93)R.",
    "subprocess.Popen": b"\x80\x02csubprocess\nPopen\n)\x81.",
    "builtins.getattr": b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93.",
    "numpy.core.multiarray._reconstruct.__globals__": b"\x80\x04\x8c\x15numpy.core.multiarray"
    b"\x8c\x18_reconstruct.__globals__\x93.",
}


@pytest.mark.parametrize(("name", "data"), CALLS.items())
def test_calls_are_refused_and_not_made(tmp_path: Path, name: str, data: bytes) -> None:
    mark = tmp_path / "run"
    path = tmp_path / "hostile.pkl"
    path.write_bytes(data.replace(b"%s", str(mark).encode()))
    with pytest.raises(FileRefused, match=r"hostile\.pkl: .*(would call|cut off)"):
        read_pickled_arrays(path, MOST, ("a",))
    assert not mark.exists()


DAMAGED = {
    "nothing": (b"", "cut off"),
    "no pickle": (b"Kaydara FBX", "none that arrays"),
    "no dictionary": (b"\x80\x02].", "no dictionary"),
    "protocol 5": (b"\x80\x05}.", "protocol 5"),
    "an instance of protocol 0": (b"(i__main__\nX\n.", "none that arrays"),
    "a persistent id": (b"Pa\n.", "none that arrays"),
    "an extension": (b"\x80\x02\x82\x01.", "none that arrays"),
    "a length beyond the file": (b"\x80\x04\x8e" + b"\xff" * 8, "cut off"),
    "a number of gigabytes": (b"\x80\x02\x8b" + struct.pack("<I", 1 << 30), "none that arrays"),
    "a number of many digits": (b"I" + b"9" * 100_000 + b"\n.", "cut off"),
    "a memo that is not there": (b"\x80\x02h\x07.", "damaged"),
    "a stack that is empty": (b"\x80\x02\x87.", "not there"),
    "a mark that is not there": (b"\x80\x02t.", "not there"),
    "a key that is a list": (b"\x80\x02}]Ns.", "no name"),
    "a state of a number": (b"\x80\x02K\x01}b.", "state"),
    "a call of a text": (b"\x80\x02U\x01a)R.", "no function"),
    "endless instructions": (b"\x80\x02" + b"N0" * 300_000 + b".", "more than 100000"),
    "lists within lists": (nested(60), "no dictionary"),
    "an array of objects": (
        of_python_2(a=array_of_python_2(np.arange(3.0)).replace(b"U\x02f8", b"U\x02O8")), "instead of numbers"
    ),
    "a shape beyond its bytes": (
        of_python_2(a=array_of_python_2(np.arange(3.0)).replace(b"(K\x03t", b"(J\xff\xff\xff\x7ft")), "announces"
    ),
    "a shape below nothing": (
        of_python_2(a=array_of_python_2(np.arange(3.0)).replace(b"(K\x03t", b"(J\xff\xff\xff\xfft")), "no shape"
    ),
    "no array": (of_python_2(a=b"K\x01"), "a is no array"),
    "a list of texts": (of_python_2(a=b"](" + text(b"x") + b"e"), "other things"),
    "a matrix beyond measure": (
        of_python_2(
            a=b"cscipy.sparse.csc\ncsc_matrix\n)\x81}(" + text(b"_shape") + b"J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86ub"
        ),
        "larger than a head's",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_damaged_or_a_bomb_is_refused_at_once(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    began = time.process_time()
    tracemalloc.start()
    with pytest.raises(FileRefused, match=message) as caught:
        read_pickled_arrays(path, MOST, ("a",))
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert time.process_time() - began < 5
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.pkl"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(FileRefused, match="larger than"):
        read_pickled_arrays(path, MOST, ("a",))

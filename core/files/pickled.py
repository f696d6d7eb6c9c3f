"""A pickle read as data: what it would make, without making it.

Python's own reader calls whatever a pickle names. This one knows the instructions that a dictionary of numpy arrays is
written with (protocols 0 to 4, Python 2 and 3) and, of the functions that they name, those of a short table; a call
becomes a `Thing` that says what would have been called: nothing of the file is imported or run. Everything else is
refused by its name.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# A published model has some hundred instructions; a bomb has to be one within these.
_MAX_STEPS = 100_000
_MAX_LINE = 1 << 28
_MAX_NUMBER_TEXT = 40
_MAX_NAME = 200

_ARRAY_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
SPARSE = ("csc_matrix", "csr_matrix", "csc_array", "csr_array")
# What may be called, under every name that it had, and what stands for it here.
_KNOWN: dict[tuple[str, str], str] = {
    **{(module, "_reconstruct"): "array" for module in _ARRAY_MODULES},
    **{(module, "scalar"): "scalar" for module in _ARRAY_MODULES},
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): "dtype",
    ("_codecs", "encode"): "encode",
    ("copy_reg", "_reconstructor"): "object",
    ("copyreg", "_reconstructor"): "object",
    ("__builtin__", "object"): "base",
    ("builtins", "object"): "base",
    # Protocols before 3 write no bytes as a call without arguments.
    ("__builtin__", "bytes"): "bytes",
    ("builtins", "bytes"): "bytes",
    ("__builtin__", "set"): "set",
    ("builtins", "set"): "set",
    ("chumpy.ch", "Ch"): "chumpy",
    **{(f"scipy.sparse.{name[:3]}", name): name for name in SPARSE},
    **{(f"scipy.sparse._{name[:3]}", name): name for name in SPARSE},
}


@dataclass(frozen=True)
class _Name:
    """A function or class that the pickle names: one of the table."""

    kind: str


@dataclass(eq=False)
class Thing:
    """What the pickle would have made.

    Attributes
    ----------
    kind : str
        "array", "dtype", "scalar", "chumpy", "set" or one of `SPARSE`.
    arguments : tuple
        What it would be called with.
    state
        What it would be told afterwards.
    """

    kind: str
    arguments: tuple[Any, ...] = ()
    state: Any = None


class _Mark:
    pass


_MARK = _Mark()
_SIMPLE = (str, bytes, int, float, bool, type(None))


class PickleRefused(ValueError):
    """The pickle is not believed; the words say why."""


class PickleReader:
    """The instructions of a pickle, one after the other, on a stack of plain data.

    Parameters
    ----------
    data : bytes
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._left_to_encode = len(data)

    def read(self) -> Any:
        """Texts, bytes, numbers, lists, tuples, dictionaries and `Thing`s.

        Raises
        ------
        PickleRefused
            It would call something that is not in the table, or is damaged.
        ValueError, LookupError, TypeError, OverflowError
            It is damaged.
        """
        for _ in range(_MAX_STEPS):
            code = self._take(1)
            if code == b".":
                return self._pop()
            step = _STEPS.get(code)
            if step is None:
                raise PickleRefused(f"instruction {code!r} at byte {self._at - 1} is none that arrays are written with")
            step(self)
        raise PickleRefused(f"more than {_MAX_STEPS} instructions")

    # ---- bytes of the file ---------------------------------------------------------------------------

    def _take(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise PickleRefused("it is cut off")
        self._at += count
        return self._data[self._at - count : self._at]

    def _size(self, width: int) -> int:
        return int.from_bytes(self._take(width), "little")

    def _line(self, most: int = _MAX_LINE) -> bytes:
        end = self._data.find(b"\n", self._at, self._at + most + 1)
        if end < 0:
            raise PickleRefused("it is cut off")
        line = self._data[self._at : end]
        self._at = end + 1
        return line

    # ---- the stack -----------------------------------------------------------------------------------

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop(self) -> Any:
        value = self._stack.pop() if self._stack else _MARK
        if value is _MARK:
            raise PickleRefused("it takes what is not there")
        return value

    def _top(self) -> Any:
        self._push(value := self._pop())
        return value

    def _above_mark(self) -> list[Any]:
        for place in range(len(self._stack) - 1, -1, -1):
            if self._stack[place] is _MARK:
                values = self._stack[place + 1 :]
                del self._stack[place:]
                return values
        raise PickleRefused("it takes what is not there")

    # ---- instructions --------------------------------------------------------------------------------

    def _text_number(self) -> None:
        text = self._line(_MAX_NUMBER_TEXT).strip().removesuffix(b"L")
        self._push({b"00": False, b"01": True}[text] if text in (b"00", b"01") else int(text))

    def _text_float(self) -> None:
        self._push(float(self._line(_MAX_NUMBER_TEXT)))

    def _text_bytes(self) -> None:
        line = self._line().strip()
        if len(line) < 2 or line[:1] not in b"'\"" or line[-1:] != line[:1]:
            raise PickleRefused("it has text without quotes")
        self._push(codecs.escape_decode(line[1:-1])[0])

    def _text_unicode(self) -> None:
        self._push(self._line().decode("raw-unicode-escape"))

    def _long(self, width: int) -> None:
        length = self._size(width)
        if length > 16:
            raise PickleRefused("it has a number beyond measure")
        self._push(int.from_bytes(self._take(length), "little", signed=True))

    def _text(self, width: int) -> None:
        self._push(self._take(self._size(width)).decode("utf-8", "surrogatepass"))

    def _raw(self, width: int) -> None:
        self._push(self._take(self._size(width)))

    def _remember(self, key: int) -> None:
        self._memo[key] = self._top()

    def _recall(self, key: int) -> None:
        self._push(self._memo[key])

    def _tuple(self, count: int) -> None:
        values = [self._pop() for _ in range(count)]
        self._push(tuple(reversed(values)))

    def _drop(self) -> None:
        if not self._stack:
            raise PickleRefused("it takes what is not there")
        self._stack.pop()

    def _drop_to_mark(self) -> None:
        self._above_mark()

    def _frame(self) -> None:
        self._take(8)

    def _add(self) -> None:
        self._above_mark()
        if not isinstance(self._top(), Thing):
            raise PickleRefused("it adds to what is no set")

    def _append(self, values: list[Any]) -> None:
        target = self._top()
        if not isinstance(target, list):
            raise PickleRefused("it appends to what is no list")
        target.extend(values)

    def _set_items(self, values: list[Any], target: dict[Any, Any] | None = None) -> None:
        into = self._top() if target is None else target
        if not isinstance(into, dict) or len(values) % 2:
            raise PickleRefused("it fills what is no dictionary")
        for key, value in zip(values[::2], values[1::2], strict=True):
            if not isinstance(key, _SIMPLE) or (isinstance(key, (str, bytes)) and len(key) > _MAX_NAME):
                raise PickleRefused("a key is no name")
            into[key] = value

    def _dictionary(self) -> None:
        made: dict[Any, Any] = {}
        self._set_items(self._above_mark(), made)
        self._push(made)

    def _name(self, module: Any, name: Any) -> None:
        kind = _KNOWN.get((module, name)) if isinstance(module, str) and isinstance(name, str) else None
        if kind is None:
            raise PickleRefused(f"it would call {module!s:.60}.{name!s:.60}, which is not done")
        self._push(_Name(kind))

    def _text_name(self) -> None:
        module, name = (self._line(_MAX_NAME).decode("ascii", "replace") for _ in range(2))
        self._name(module, name)

    def _stack_name(self) -> None:
        name = self._pop()
        self._name(self._pop(), name)

    def _call(self) -> None:
        arguments, function = self._pop(), self._pop()
        if not isinstance(function, _Name) or not isinstance(arguments, tuple):
            raise PickleRefused("it calls what is no function")
        self._push(self._made(function.kind, arguments))

    def _made(self, kind: str, arguments: tuple[Any, ...]) -> Any:
        if kind == "encode":
            text, coding = arguments
            if not isinstance(text, str) or coding not in ("latin1", "latin-1", b"latin1"):
                raise PickleRefused("it encodes what is no text of bytes")
            self._left_to_encode -= len(text)
            if self._left_to_encode < 0:
                raise PickleRefused("it holds more text than it has")
            return text.encode("latin-1")
        if kind == "bytes" and not arguments:
            return b""
        if kind == "set":
            return Thing("set")
        if kind == "object":
            wanted = arguments[0]
            if not isinstance(wanted, _Name):
                raise PickleRefused("it makes an object of no class")
            return Thing(wanted.kind)
        return Thing(kind, arguments)

    def _build(self) -> None:
        state, thing = self._pop(), self._top()
        if not isinstance(thing, Thing):
            raise PickleRefused("it sets the state of what has none")
        thing.state = state

    def _new_object(self) -> None:
        arguments, made = self._pop(), self._pop()
        if not isinstance(made, _Name) or not isinstance(arguments, tuple):
            raise PickleRefused("it makes an object of no class")
        self._push(Thing(made.kind, arguments))

    def _protocol(self) -> None:
        version = self._size(1)
        if version > 4:
            raise PickleRefused(f"it is written in protocol {version}, up to 4 are read")


def _push_value(value: Any) -> Callable[[PickleReader], None]:
    return lambda reader: reader._push(value)


# By the letter of `pickletools`: what a pickle of arrays, texts, numbers, lists and dictionaries is made of.
_STEPS: dict[bytes, Callable[[PickleReader], None]] = {
    b"\x80": PickleReader._protocol,
    b"\x95": PickleReader._frame,
    b"(": _push_value(_MARK),
    b"0": PickleReader._drop,
    b"1": PickleReader._drop_to_mark,
    b"2": lambda r: r._push(r._top()),
    b"N": _push_value(None),
    b"\x88": _push_value(True),
    b"\x89": _push_value(False),
    b"I": PickleReader._text_number,
    b"L": PickleReader._text_number,
    b"F": PickleReader._text_float,
    b"S": PickleReader._text_bytes,
    b"V": PickleReader._text_unicode,
    b"J": lambda r: r._push(int.from_bytes(r._take(4), "little", signed=True)),
    b"K": lambda r: r._push(r._size(1)),
    b"M": lambda r: r._push(r._size(2)),
    b"\x8a": lambda r: r._long(1),
    b"G": lambda r: r._push(struct.unpack(">d", r._take(8))[0]),
    b"T": lambda r: r._raw(4),
    b"U": lambda r: r._raw(1),
    b"B": lambda r: r._raw(4),
    b"C": lambda r: r._raw(1),
    b"\x8e": lambda r: r._raw(8),
    b"X": lambda r: r._text(4),
    b"\x8c": lambda r: r._text(1),
    b"\x8d": lambda r: r._text(8),
    b"p": lambda r: r._remember(int(r._line(_MAX_NUMBER_TEXT))),
    b"q": lambda r: r._remember(r._size(1)),
    b"r": lambda r: r._remember(r._size(4)),
    b"\x94": lambda r: r._remember(len(r._memo)),
    b"g": lambda r: r._recall(int(r._line(_MAX_NUMBER_TEXT))),
    b"h": lambda r: r._recall(r._size(1)),
    b"j": lambda r: r._recall(r._size(4)),
    b")": lambda r: r._push(()),
    b"t": lambda r: r._push(tuple(r._above_mark())),
    b"\x85": lambda r: r._tuple(1),
    b"\x86": lambda r: r._tuple(2),
    b"\x87": lambda r: r._tuple(3),
    b"]": lambda r: r._push([]),
    b"l": lambda r: r._push(r._above_mark()),
    b"a": lambda r: r._append([r._pop()]),
    b"e": lambda r: r._append(r._above_mark()),
    b"\x8f": lambda r: r._push(Thing("set")),
    b"\x90": PickleReader._add,
    b"}": lambda r: r._push({}),
    b"d": PickleReader._dictionary,
    b"s": lambda r: r._set_items([r._pop(), r._pop()][::-1]),
    b"u": lambda r: r._set_items(r._above_mark()),
    b"c": PickleReader._text_name,
    b"\x93": PickleReader._stack_name,
    b"R": PickleReader._call,
    b"b": PickleReader._build,
    b"\x81": PickleReader._new_object,
}

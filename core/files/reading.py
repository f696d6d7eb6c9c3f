"""Opening files that others made: regular files only, with a size limit, before a byte is read.

A project may name `/dev/zero`, a pipe that nobody writes to or a file of a terabyte; none of them may cost more
than the refusal.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

MAX_JSON_BYTES = 1 << 20
MAX_JSON_VALUES = 100_000


class FileRefused(ValueError):
    """A file that is not opened or not believed; the message names the file and the remedy."""


def open_file(path: str | os.PathLike[str], max_bytes: int, remedy: str = "choose another file") -> BinaryIO:
    """Open a file for reading, its position at the start.

    Parameters
    ----------
    path : path
        Links are followed.
    max_bytes : int
        The most that the file may hold.
    remedy : str
        What to do instead where it is too large; the end of the message.

    Raises
    ------
    FileRefused
        Not a regular file, or larger than `max_bytes`. Nothing was read.
    OSError
        It is not there or cannot be opened.
    """
    path = Path(path)
    if "\0" in str(path):
        raise FileRefused(f"{str(path)!r}: a file's name holds no NUL; {remedy}")
    # Asked before opening, for opening alone moves a tape or waits for a pipe's writer.
    _check(path, os.stat(path), max_bytes, remedy)
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags)
    try:
        _check(path, os.fstat(handle), max_bytes, remedy)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_file(path: str | os.PathLike[str], max_bytes: int, remedy: str = "choose another file") -> bytes:
    """All bytes of a file; raises as `open_file`, also when it grows beyond `max_bytes` meanwhile."""
    with open_file(path, max_bytes, remedy) as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise _too_large(Path(path), max_bytes, remedy)
    return data


def read_json(
    path: str | os.PathLike[str],
    max_bytes: int = MAX_JSON_BYTES,
    max_values: int = MAX_JSON_VALUES,
    remedy: str = "choose another file",
) -> Any:
    """Content of a JSON file; raises as `read_file` and `parse_json`."""
    return parse_json(read_file(path, max_bytes, remedy), str(path), max_values, remedy)


def parse_json(data: bytes, where: str, max_values: int = MAX_JSON_VALUES, remedy: str = "choose another file") -> Any:
    """Content of JSON as RFC 8259 has it: no NaN, no infinity (1e400 neither), no name twice, no broken text.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    where : str
        The file, for messages.
    max_values : int
        The most values that it may hold, counted before anything is decoded.

    Raises
    ------
    FileRefused
        It is no such JSON.
    """
    n_values = count_values(data)
    if n_values > max_values:
        raise FileRefused(f"{where}: holds about {n_values} values, at most {max_values} are read; {remedy}")
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_short, object_pairs_hook=_unique
        )
        if "\\u" in text:
            _check_text(content)
    except RecursionError:
        raise FileRefused(f"{where}: is nested too deeply; {remedy}") from None
    except ValueError as error:
        raise FileRefused(f"{where}: is no valid JSON ({error!s:.200}); {remedy}") from None
    return content


def count_values(data: bytes) -> int:
    """At least as many values as a JSON text holds, without decoding it."""
    # Every value but the first of a list or an object stands behind a comma, every first one behind a bracket.
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _check(path: Path, found: os.stat_result, max_bytes: int, remedy: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise FileRefused(f"{path}: is a folder, not a file; choose a file")
    if not stat.S_ISREG(found.st_mode):
        raise FileRefused(f"{path}: is a device or a pipe, not a file; choose a file")
    if found.st_size > max_bytes:
        raise _too_large(path, max_bytes, remedy)


def _too_large(path: Path, max_bytes: int, remedy: str) -> FileRefused:
    unit, size = next((u, s) for u, s in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("bytes", 1)) if max_bytes >= s)
    return FileRefused(f"{path}: is larger than {max_bytes / size:.0f} {unit}, the most that is read; {remedy}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0.0:
        raise ValueError(f"{text:.40} is no number that can be held")
    return value


def _short(text: str) -> int:
    if len(text) > 20:
        raise ValueError(f"{text:.20}... is no number that can be held")
    return int(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return content


def _check_text(content: Any) -> None:
    """Escapes can write what no text holds: half a surrogate pair, or NUL."""
    waiting = [content]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            if "\0" in item:
                raise ValueError("a text holds NUL")
            item.encode("utf-8")

"""A file in TOML as tables whose values are taken one by one; what is wrong is told with file, line and key."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from rhytid.core.files.reading import read_file
from rhytid.core.files.text import shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Value = TypeVar("Value")
_MAX_BYTES = 1 << 20
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")


class JobError(ValueError):
    """A job that cannot be done as it is written; the message names file, line and key."""


class JobTable:
    """One table of a job: keys are taken out of it, and those that nobody took are told.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        "faces", or "" for what stands above all tables.
    number : int
        Which of the tables of that name, from 1; 0 for the only one.
    content : mapping
    lines : mapping of (name, number, key) to line
    """

    def __init__(
        self, path: Path, name: str, number: int, content: Mapping[str, Any], lines: Mapping[tuple[str, int, str], int]
    ) -> None:
        self._path, self._name, self._number = path, name, number
        self._content, self._lines = dict(content), lines
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def error(self, key: str, reason: str) -> JobError:
        """The refusal of a value; of the table itself for key ""."""
        line = self._lines.get((self._name, self._number, key)) or self._lines.get((self._name, self._number, ""))
        at = f"{self._path}, line {line}" if line else str(self._path)
        table = f"{self._name} {self._number}".strip(" 0") if self._name else ""
        where = ": ".join(filter(None, (table, key)))
        return JobError(f"{at}: {where}: {reason}" if where else f"{at}: {reason}")

    def take(self, key: str, read: Callable[[Any], Value], default: Value) -> Value:
        """A value as `read` makes it; what `read` raises (ValueError) is told of the key."""
        self._known.append(key)
        if key not in self._content:
            return default
        try:
            return read(self._content[key])
        except JobError:
            raise
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise self.error(key, str(error.args[0] if error.args else error)) from None

    def tables(self, key: str) -> list[JobTable]:
        """The tables [[key]]."""
        self._known.append(key)
        found = self._content.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise self.error(key, f"must be tables, each under a line [[{key}]]")
        return [JobTable(self._path, key, number, one, self._lines) for number, one in enumerate(found, 1)]

    def rest(self) -> dict[str, Any]:
        """All that was not taken."""
        left = {key: value for key, value in self._content.items() if key not in self._known}
        self._known += left
        return left

    def finish(self) -> None:
        """Raise `JobError` for a key that nobody took."""
        for key in self._content:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self._known)}"
                raise self.error(key, f"there is no such key; {hint}")


def read_job(path: Path) -> JobTable:
    """The content of a TOML file.

    Raises
    ------
    JobError
        It is no TOML; the message names the line.
    core.files.reading.FileRefused
        It is no file, or larger than 1 MB.
    OSError
        It cannot be read.
    """
    data = read_file(path, _MAX_BYTES)
    try:
        text = data.decode("utf-8")
        content = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise JobError(f"{path}: is no TOML: {shown(str(error))[:200]}") from None
    return JobTable(path, "", 0, content, dict(_lines(text)))


def _lines(text: str) -> Iterator[tuple[tuple[str, int, str], int]]:
    """Where tables and keys are; within a value of several lines something may look like a key, and does no harm."""
    name, numbers = "", {"": 0}
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            name = header[1]
            numbers[name] = numbers.get(name, 0) + ("[[" in line)
            yield (name, numbers[name], ""), number
        elif key:
            yield (name, numbers[name], key[1]), number


def text(value: Any) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"must be text, not {shown(repr(value))[:60]}")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """A list of such texts."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"must be a list of texts, not {shown(repr(value))[:60]}")
    return tuple(map(text, value))


def number(value: Any) -> float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"must be a number, not {shown(repr(value))[:60]}")
    return float(value)


def whole(value: Any) -> int:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"must be a whole number, not {shown(repr(value))[:60]}")
    return value

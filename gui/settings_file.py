"""Settings between two runs: plain values by name in one JSON file, read through the door for foreign files.

Not QSettings: what it cannot write as text it stores as a pickle and unpickles when it is asked for the value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from rhytid.core.files.reading import read_json
from rhytid.core.files.text import storable
from rhytid.core.files.writing import write_text

Plain = str | int | float | bool | Sequence[str]
MAX_BYTES, MAX_VALUES, MAX_TEXT = 1 << 18, 4000, 1 << 16


class SettingsFile:
    """What was kept, and keeps more.

    Parameters
    ----------
    path : Path or None
        The file; None keeps the values for this run only.

    Attributes
    ----------
    problem : str
        Why values do not reach the file; "" while they do. They hold for this run all the same.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem = "" if path is not None else "there is no folder for settings; set RHYTID_STATE_DIR to one"
        self._values = self._read()

    def value(self, key: str) -> Plain | None:
        """What is kept under `key`, None for nothing."""
        return self._values.get(key)

    def names(self, prefix: str) -> list[str]:
        """Keys that begin with `prefix`, in order."""
        return sorted(key for key in self._values if key.startswith(prefix))

    def put(self, values: Mapping[str, Plain]) -> None:
        """Keep values; what no JSON text can hold, such as a name of bytes that are no text, is left out."""
        changes = {key: value for key, value in values.items() if _plain(value)}
        if all(key in self._values and self._values[key] == value for key, value in changes.items()):
            return
        self._values.update(changes)
        if self.path is None:
            return
        # Another window of the program may have kept something since.
        text = json.dumps({**self._read(), **changes}, sort_keys=True, indent=1)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.path, text)
        except OSError as error:
            self.problem = f"{self.path}: settings hold for this run only ({error.strerror or error})"
        else:
            self.problem = ""

    def _read(self) -> dict[str, Plain]:
        """Values of the file; none where it is missing, damaged or no file, which must not keep us from starting."""
        if self.path is None:
            return {}
        try:
            content = read_json(self.path, MAX_BYTES, MAX_VALUES)
        except (OSError, ValueError):
            return {}
        return {key: value for key, value in content.items() if _plain(value)} if isinstance(content, dict) else {}


def _plain(value: object) -> bool:
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, (list, tuple)):
        return len(value) <= MAX_VALUES and all(isinstance(item, str) and _is_text(item) for item in value)
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _is_text(value: str) -> bool:
    return len(value) <= MAX_TEXT and storable(value) == value

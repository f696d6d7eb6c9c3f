"""Files of presets that come with the program and may be edited: small JSON objects of a known version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rhytid.core.files.reading import FileRefused, read_json

_MAX_BYTES = 1_000_000
_REMEDY = "install the program again"


def read_preset_file(path: Path, error_type: type[ValueError] = ValueError, remedy: str = _REMEDY) -> dict[str, Any]:
    """A preset file of version 1 as a dictionary; any failure is an `error_type` that names the file."""
    try:
        document = read_json(path, _MAX_BYTES, remedy=remedy)
    except OSError as error:
        raise error_type(f"{path}: cannot be read ({error.strerror or error}); {remedy}") from None
    except FileRefused as error:
        raise error_type(str(error)) from None
    if not isinstance(document, dict) or document.get("version") != 1:
        raise error_type(f'{path}: needs an object with "version": 1; {remedy}')
    return document

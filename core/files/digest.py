"""Whether a file is still the one that was read or written before: by its content, for clocks and dates can lie."""

from __future__ import annotations

import hashlib
import os

from rhytid.core.files.reading import open_file

MAX_BYTES = 4 << 30
_CHUNK_BYTES = 1 << 20


def file_digest(path: str | os.PathLike[str]) -> str | None:
    """SHA-256 of a file's bytes; None where there is no file.

    Raises
    ------
    FileRefused
        It is no regular file, or larger than 4 GB.
    OSError
        It is there and cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open_file(path, MAX_BYTES) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        return None
    return digest.hexdigest()

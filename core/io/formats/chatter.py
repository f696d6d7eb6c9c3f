"""What libraries print about broken files goes nowhere: the reader's own line says what is wrong."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from threading import Lock

_STDERR = 2
_lock = Lock()


@contextmanager
def silence() -> Iterator[None]:
    """Let nothing through to the process's stderr or to Python's stdout.

    One thread at a time, and only as long as a decoder works: others' lines would be lost as well.
    """
    with _lock, redirect_stdout(io.StringIO()):
        try:
            sys.stderr.flush()
            kept = os.dup(_STDERR)
        except (OSError, ValueError, AttributeError):  # a program without a console has none
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, _STDERR)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            os.close(nowhere)

"""A lock on a file that the system releases when its owner ends, however it ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Exclusive lock on `path`, held from construction to `release`.

    Process numbers would do worse: systems give them out again, and asking after one differs between systems.

    Raises
    ------
    OSError
        Another process (or another `FileLock` of this one) holds it, or the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        try:
            _lock(self._file)
        except OSError:
            self._file.close()
            raise

    def release(self) -> None:
        """Give the lock up; a second time does nothing."""
        self._file.close()

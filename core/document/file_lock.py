"""A lock on a file that the system releases when its owner ends, however it ends.

Not the package filelock, for its file has to go with its owner without a moment in which two hold it, and a file
system without locks has to be told apart from a lock that is held.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO

# What the systems say when another one holds the lock; all else means that locks do not work there.
_HELD = {errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK}

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class LockHeldError(OSError):
    """Another process, or another `FileLock` of this one, holds the lock."""


class FileLock:
    """Exclusive lock on `path`, held from construction to `release` or `remove`, or until nobody knows it any more.

    Process numbers would do worse: systems give them out again, and asking after one differs between systems.

    Raises
    ------
    LockHeldError
        It is held already.
    OSError
        The file cannot be made, or its file system knows no locks.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        while True:
            self._file = path.open("ab")
            try:
                _lock(self._file)
                if self._is_still_there():
                    return
            except OSError as error:
                self._file.close()
                if error.errno in _HELD:
                    raise LockHeldError(error.errno, "is held by another window", str(path)) from None
                raise
            self._file.close()  # the one who held it removed it between our two steps

    def release(self) -> None:
        """Give the lock up; a second time does nothing."""
        self._file.close()

    def remove(self) -> None:
        """Give the lock up and leave no file behind; a second time does nothing."""
        if self._file.closed:
            return
        if sys.platform == "win32":  # an open file cannot be removed there
            self._file.close()
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            return  # another one has opened it since, who will remove it
        finally:
            self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):  # else the file could not be opened
            self._file.close()

    def _is_still_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), os.stat(self.path))
        except FileNotFoundError:
            return False

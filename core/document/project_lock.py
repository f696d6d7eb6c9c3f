"""One window for one project: who opened it first may write it.

The locks are files in the user's state folder, named after the project's place, and not beside the project: a kill
leaves nothing in the artist's folder, a folder that cannot be written can be worked in, and a folder of a network,
where locks often do not work, is treated as any other. Windows of other persons and machines are not seen by them;
what those write is noticed before it is replaced (`core.files.digest`).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from rhytid.core.document.file_lock import FileLock, LockHeldError
from rhytid.core.files.state_folder import state_dir

_SUFFIX = ".lock"


class ProjectInUseError(OSError):
    """The project is open in another window of the program."""


class ProjectLock:
    """The right to write `project`, from construction to `release`; the end of the process gives it up as well.

    Raises
    ------
    ProjectInUseError
        Another window has it.
    OSError
        No lock can be had here; work goes on without one.
    """

    def __init__(self, project: Path) -> None:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._place = _place(project)
        try:
            self._lock = FileLock(folder / (hashlib.sha256(os.fsencode(self._place)).hexdigest()[:32] + _SUFFIX))
        except LockHeldError:
            raise ProjectInUseError(f"{project}: is open in another window of Rhytid; choose another name") from None

    def is_for(self, project: Path) -> bool:
        """Whether this is the lock of `project`, by whatever name."""
        return self._place == _place(project)

    def release(self) -> None:
        """Give the right up; a second time does nothing."""
        self._lock.remove()


def clear_locks() -> None:
    """Remove the files that killed windows left in the state folder."""
    folder = _folder()
    for path in sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else ():
        try:
            FileLock(path).remove()
        except OSError:
            continue


def _folder() -> Path:
    return state_dir() / "open"


def _place(project: Path) -> str:
    return os.path.normcase(os.path.realpath(project))

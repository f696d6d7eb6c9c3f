"""What the disk refused, as one line that names the folder, the reason and the remedy."""

from __future__ import annotations

import errno
from pathlib import Path

from rhytid.core.files.text import shown

_FULL = "the disk is full; make room or choose another folder"
_FORBIDDEN = "the folder cannot be written; choose another one or allow writing there"
_NAME = "the disk does not take this name; choose another one"
_REASONS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the space that you may use there is full; make room or choose another folder",
    errno.EFBIG: "the file is larger than the disk or the system allows; choose another folder",
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: "the disk can only be read; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "there is no such folder; make it or choose another one",
    errno.ENOTDIR: "a part of the path is a file, not a folder; choose another folder",
    errno.EISDIR: "it is a folder; choose another name",
    errno.ELOOP: "symbolic links lead in a circle; choose another file",
    errno.EINVAL: _NAME,
    errno.EILSEQ: _NAME,
    errno.EBUSY: "another program holds it; close it there first",
    errno.ETXTBSY: "another program holds it; close it there first",
    errno.EIO: "the disk failed; choose another one",
}
_WINDOWS_REASONS = {
    32: "another program has it open; close it there first",  # ERROR_SHARING_VIOLATION
    33: "another program has it open; close it there first",  # ERROR_LOCK_VIOLATION
    112: _FULL,  # ERROR_DISK_FULL
    123: _NAME,  # ERROR_INVALID_NAME
}


class WriteError(OSError):
    """A file that was not written; the text is one line that names the folder, the reason and the remedy."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(number, message)
        self.message = message

    def __str__(self) -> str:
        return self.message


def explained(error: OSError, target: Path) -> WriteError:
    """The error of a system call as the one line about `target`; says nothing of temporary files."""
    number = error.errno or errno.EIO
    reason = _WINDOWS_REASONS.get(getattr(error, "winerror", None) or 0) or _REASONS.get(number)
    if reason is None:
        reason = f"{(error.strerror or type(error).__name__).lower()}; choose another folder"
    return refused(number, target, reason)


def refused(number: int, target: Path, reason: str) -> WriteError:
    """An error about `target` for a reason of our own."""
    folder = shown(str(target.parent if target.parent != Path() else Path.cwd()))
    return WriteError(number, f"{shown(target.name)} cannot be written into {folder}: {reason}")

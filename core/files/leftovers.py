"""Temporary files of ours: their names, who still writes them, and what killed writers left behind.

A temporary file is locked by its writer for as long as it lives. A file of such a name, of this user, that nobody
locks is what a killed writer left; the next write in its folder clears it away, and the next start, which finds
the folder by a note in the user's state folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import time
from pathlib import Path
from typing import BinaryIO

from rhytid.core.files.state_folder import state_dir

_ENDING = r"(?:\.[A-Za-z0-9]{1,11})?"
_PREFIX, _TOKEN_LENGTH = ".rhytid-", 16
_TEMPORARY = re.compile(
    rf"{re.escape(_PREFIX)}[0-9a-f]{{{_TOKEN_LENGTH}}}(?:{_ENDING}|\.into-(?P<inode>[0-9]{{1,20}}))"
)
_BLOCK_BYTES = 1 << 22
# A batch writes into a folder again and again; one of many names, which take long to list, is left alone meanwhile.
# Folder -> monotonic time before which it is not looked through again.
_MANY_NAMES, _REST_S_PER_NAME = 2000, 1e-4
_next_look_s: dict[str, float] = {}
# How much later than the unfinished copy its target may say it was changed and still be what the copy left.
_SAME_MOMENT_NS = 5_000_000_000

if sys.platform == "win32":

    def _lock(handle: int, wait: bool) -> None:
        """An open file cannot be deleted there: the open handle is the lock."""
else:
    import fcntl

    def _lock(handle: int, wait: bool) -> None:
        """Raises OSError where another writer has it, or the file system knows no locks."""
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def is_temporary(name: str) -> bool:
    """Whether a file of this name is one that the program is writing, or was."""
    return _TEMPORARY.fullmatch(name) is not None


def create_temporary(target: Path, mode: int) -> tuple[Path, BinaryIO]:
    """A new, empty file beside `target` and what keeps it locked while it is open.

    Its name cannot be guessed and is short whatever the target is called. It keeps the target's ending, because
    encoders choose the format by it.
    """
    ending = target.suffix if re.fullmatch(_ENDING, target.suffix) else ""
    while True:
        path = target.with_name(f"{_PREFIX}{secrets.token_hex(_TOKEN_LENGTH // 2)}{ending}")
        _note(path)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        except OSError:
            remove_temporary(path)
            raise
        lock = os.fdopen(handle, "rb")
        with contextlib.suppress(OSError):  # a file system without locks: nobody will clear it away either
            _lock(handle, wait=True)
        # Between the two steps somebody who clears away may have taken it for a leftover.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.stat(path), os.fstat(handle)):
                return path, lock
        lock.close()


def remove_temporary(path: Path) -> None:
    """Remove a temporary file of this process if it is still there, and the note of it."""
    with contextlib.suppress(OSError):
        path.unlink()
    with contextlib.suppress(OSError):
        _note_of(path.name).unlink()


def clear_noted() -> None:
    """Clear the folders in which programs of this user were killed while they wrote: what a start does."""
    try:
        notes = list(_notes().iterdir())
    except OSError:
        return
    for note in notes:
        with contextlib.suppress(OSError):
            folder = Path(os.fsdecode(note.read_bytes()))
            clear_leftovers(folder)
            if not folder.is_dir() or not any(note.name in name for name in os.listdir(folder)):
                note.unlink()


def _notes() -> Path:
    return state_dir() / "writing"


def _note_of(name: str) -> Path:
    return _notes() / name[len(_PREFIX) : len(_PREFIX) + _TOKEN_LENGTH]


def _note(path: Path) -> None:
    """Note in the user's state folder that something is being written; without a place for that, it is not."""
    with contextlib.suppress(OSError):
        note = _note_of(path.name)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_bytes(os.fsencode(path.absolute().parent))


def lock_file(path: Path, needed: bool = True) -> BinaryIO:
    """Open a file and hold its lock until it is closed.

    Raises
    ------
    OSError
        A living program holds it; or, where the lock is `needed`, the file system knows no locks.
    """
    if sys.platform == "win32":
        # Renaming fails there while somebody has the file open.
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        os.rename(path, aside)
        os.rename(aside, path)
    stream = path.open("rb")
    try:
        _lock(stream.fileno(), wait=False)
    except OSError as error:
        if needed or isinstance(error, BlockingIOError):
            stream.close()
            raise
    return stream


def clear_leftovers(folder: Path) -> None:
    """Remove what killed writers left in `folder`; a copy into a linked file that was cut short is finished first.

    Whatever cannot be looked at or removed stays; no error.
    """
    began_s = time.monotonic()
    if began_s < _next_look_s.get(str(folder), 0.0):
        return
    try:
        names = os.listdir(folder)
    except OSError:
        return
    if len(names) > _MANY_NAMES:
        _next_look_s[str(folder)] = began_s + _REST_S_PER_NAME * len(names)
    for name in filter(is_temporary, names):
        with contextlib.suppress(OSError):
            _clear(folder / name)


def _clear(path: Path) -> None:
    found = path.lstat()
    ours = not hasattr(os, "geteuid") or found.st_uid == os.geteuid()
    if not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and ours):
        return
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        _lock(handle, wait=False)
        if os.path.samestat(path.lstat(), os.fstat(handle)):
            _finish_copy(path, found)
            if sys.platform != "win32":
                path.unlink()
    finally:
        os.close(handle)
    if sys.platform == "win32":
        path.unlink()


def start_copy(temporary: Path, target: os.stat_result) -> Path:
    """Rename a complete temporary file to what says that it is being copied over `target`."""
    copying = temporary.with_name(f"{temporary.name[: len(_PREFIX) + _TOKEN_LENGTH]}.into-{target.st_ino}")
    os.rename(temporary, copying)
    return copying


def copy_over(copying: Path, target: Path) -> None:
    """Give a file the content of another without making a new file: its links, owner and rights stay.

    First it grows to its new size, for that is what a full disk refuses; then nothing more is asked of the disk.

    Raises
    ------
    OSError
        Not copied; `target` is as it was if `copying` is gone, and unfinished if it is still there.
    """
    with copying.open("rb") as source, target.open("r+b", buffering=0) as file:
        n_bytes, n_before = os.fstat(source.fileno()).st_size, os.fstat(file.fileno()).st_size
        try:
            _copy(source.fileno(), file.fileno(), min(n_before, n_bytes), n_bytes, copying)
        except BaseException:
            os.ftruncate(file.fileno(), n_before)
            copying.unlink(missing_ok=True)
            raise
        _copy(source.fileno(), file.fileno(), 0, min(n_before, n_bytes), copying)
        os.ftruncate(file.fileno(), n_bytes)
        os.fsync(file.fileno())
    copying.unlink(missing_ok=True)


def _copy(source: int, file: int, start: int, end: int, copying: Path) -> None:
    os.lseek(source, start, os.SEEK_SET)
    os.lseek(file, start, os.SEEK_SET)
    while start < end:
        block = os.read(source, min(_BLOCK_BYTES, end - start))
        if not block:
            raise OSError(errno.EIO, "the temporary file was cut short")
        start += len(block)
        while block:
            block = block[os.write(file, block) :]
        os.utime(copying)  # as old as what it left of the target, should it be cut short here


def _finish_copy(path: Path, found: os.stat_result) -> None:
    match = _TEMPORARY.fullmatch(path.name)
    inode = match and match["inode"]
    if not inode:
        return
    with os.scandir(path.parent) as entries:
        targets = [Path(e.path) for e in entries if str(e.inode()) == inode and e.is_file(follow_symlinks=False)]
    # Whoever wrote the target since then meant it.
    if targets and targets[0].stat().st_mtime_ns <= found.st_mtime_ns + _SAME_MOMENT_NS:
        copy_over(path, targets[0])

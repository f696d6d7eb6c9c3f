"""Files that are either written completely or not at all, however the writing ends.

A new file replaces the old one in one step of the file system, which also survives a kill. Three kinds of target
keep their own inode instead and get the new content copied over: files with several hard links, files of an owner
that the new one could not be given, and mounted files. A kill in the middle of that copy leaves them half new; the
complete new content stays beside them, and the next write in the folder finishes the copy.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rhytid.core.files.failures import WriteError, explained, refused
from rhytid.core.files.leftovers import clear_leftovers, copy_over, create_temporary, remove_temporary, start_copy
from rhytid.core.files.names import name_problem
from rhytid.core.files.text import shown

_PROBE_BYTES = 1 << 16


@contextmanager
def replacing(path: str | os.PathLike[str], *, durable: bool = False) -> Iterator[Path]:
    """Yield an empty temporary file beside `path`; when the block ends well it becomes `path`, otherwise it goes.

    Symbolic links are written through; mode, owner and hard links of the file that is replaced stay.

    Parameters
    ----------
    path : path
    durable : bool
        Wait until the disk has the file: it then survives a loss of power, too.

    Raises
    ------
    WriteError
        The disk refused, or `path` is no regular file or is read-only. The text names the folder and the reason.
        The file is as it was.
    """
    target = real_target(path)
    clear_leftovers(target.parent)
    with _explaining(target):
        before = _existing(target)
        # What replaces a private file is private from its first byte on.
        temporary, lock = create_temporary(target, 0o666 if before is None else 0o600)
    try:
        with _explaining(target, temporary):
            yield temporary
        with _explaining(target):
            if durable:
                _sync(temporary)
            _put(temporary, lock, target)
            if durable and os.name != "nt":
                _sync(target.parent)
    finally:
        lock.close()
        remove_temporary(temporary)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file, UTF-8 with line feeds; raises as `replacing`."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def real_target(path: str | os.PathLike[str]) -> Path:
    """The file that writing to `path` changes, links followed.

    Raises
    ------
    WriteError
        There can be no such file, or what is there is no regular file that may be written.
    """
    path = Path(path)
    try:
        encodable = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        encodable = False
    if not encodable:
        raise refused(errno.EINVAL, path, "the disk does not take this name; choose another one")
    problem = name_problem(path.name) if os.name == "nt" else ""
    if problem:
        raise refused(errno.EINVAL, path, f"{problem}; choose another name")
    # Asked through the links first: the real path of a pipe or of a circle of links is no path.
    with _explaining(path):
        _existing(path)
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _existing(path: Path) -> os.stat_result | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise refused(errno.EISDIR, path, "a folder has this name; choose another one")
    if not stat.S_ISREG(found.st_mode):
        raise refused(errno.EINVAL, path, "a device or a pipe has this name; choose another one")
    # Root may write everything; a file that nobody may write is not meant to be written all the same.
    if not os.access(path, os.W_OK) or not found.st_mode & 0o222:
        raise refused(errno.EACCES, path, "the file is read-only; allow writing it or choose another name")
    return found


def _put(temporary: Path, lock: BinaryIO, target: Path) -> None:
    """Bring the temporary file to its place."""
    before = _existing(target)
    in_place = before is not None and (before.st_nlink > 1 or not give_owner_and_mode(temporary, target, before))
    if os.name == "nt":  # open files can be neither renamed nor deleted there
        lock.close()
    if not in_place:
        try:
            os.replace(temporary, target)
            return
        except OSError as error:
            if before is None or error.errno not in (errno.EBUSY, errno.EXDEV):
                raise
    assert before is not None
    _sync(temporary)
    copy_over(start_copy(temporary, before), target)


def give_owner_and_mode(temporary: Path, target: Path, before: os.stat_result) -> bool:
    """Give the temporary file owner, attributes and mode of what it replaces; whether the owner could be given."""
    if hasattr(os, "chown"):
        made = os.stat(temporary)
        if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
            try:
                os.chown(temporary, before.st_uid, before.st_gid)
            except OSError:
                return False
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                os.setxattr(temporary, name, os.getxattr(target, name))
    with contextlib.suppress(OSError):  # disks without modes
        os.chmod(temporary, stat.S_IMODE(before.st_mode))
    return True


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as error:
        if not path.is_dir() or error.errno not in (errno.EINVAL, errno.EBADF):  # disks that cannot sync folders
            raise
    finally:
        os.close(handle)


@contextmanager
def _explaining(target: Path, temporary: Path | None = None) -> Iterator[None]:
    """Turn errors of the disk into one line about `target`; other errors go through as they are."""
    try:
        yield
    except WriteError as error:
        if temporary is None or temporary.name not in str(error):
            raise
        raise explained(error, target) from error
    except OSError as error:
        named = error.filename
        if temporary is not None and named is not None and os.fspath(named) != os.fspath(temporary):
            raise  # another file that the block reads
        if error.errno is None:  # said by a library in its own words
            reason = None if temporary is None else _probe(temporary)
            if reason is None:
                raise
            raise explained(reason, target) from error
        raise explained(error, target) from error
    except RuntimeError as error:
        # Libraries say that they could not write and not why: ask the disk.
        if temporary is None or type(error) is not RuntimeError:
            raise
        reason = _probe(temporary)
        if reason is None and temporary.name not in str(error):
            raise
        if reason is None:
            text = shown(" ".join(str(error).replace(str(temporary), target.name).split()))
            raise refused(errno.EIO, target, f"{text:.200}; choose another folder") from error
        raise explained(reason, target) from error


def _probe(temporary: Path) -> OSError | None:
    """The error that the disk gives for some more bytes in a file."""
    try:
        with temporary.open("ab", buffering=0) as stream:
            n_bytes = _PROBE_BYTES
            while n_bytes:  # what no longer fits whole says why at the next byte
                n_bytes -= stream.write(bytes(n_bytes)) or 0
    except OSError as error:
        return error
    return None

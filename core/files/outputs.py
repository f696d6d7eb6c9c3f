"""Files that the program makes for the artist, and how it knows them again.

Only what the program wrote itself is replaced without asking. It knows such a file by a digest of its place and
its content, kept in the user's state folder: a file that was changed, moved or copied since is the artist's. A mark
inside the file would survive an edit in another program, and not every format has a place for one.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rhytid.core.files.failures import WriteError, refused
from rhytid.core.files.state_folder import state_dir
from rhytid.core.files.text import shown
from rhytid.core.files.writing import real_target, replacing

# Lines of the record; the older half goes when there are more.
MAX_RECORDED = 200_000
_LINE_BYTES = 65
# How a person says yes on the command line, and in Python.
ADD_OVERWRITE = "add --overwrite (overwrite=True in Python)"
_BLOCK_BYTES = 1 << 22


@contextmanager
def outputs(
    paths: Iterable[str | os.PathLike[str]],
    overwrite: bool = False,
    inputs: Iterable[str | os.PathLike[str] | None] = (),
) -> Iterator[None]:
    """Check the files that the block is going to write, and remember them when it has.

    Parameters
    ----------
    paths : iterable of path
        What will be written.
    overwrite : bool
        Whether files that the program did not write may be replaced.
    inputs : iterable of path
        What the block reads; None is skipped.

    Raises
    ------
    WriteError
        Before the block: a file cannot be written or is one of the inputs, or the program did not write it and was
        not told to replace it.
    """
    paths, record = list(paths), _record_path()
    check_outputs(paths, overwrite, inputs)
    before = [_stamp(path) for path in paths]
    yield
    # A file that the block left as it was stays whose it was.
    remember((path for path, was in zip(paths, before, strict=True) if _stamp(path) != was), record)


def check_outputs(
    paths: Iterable[str | os.PathLike[str]],
    overwrite: bool,
    inputs: Iterable[str | os.PathLike[str] | None] = (),
) -> None:
    """The check of `outputs` alone, for files that are remembered in another way; parameters and errors as there."""
    paths = list(paths)
    if not overwrite:
        read = {identity for given in inputs if given is not None and (identity := _identity(given)) is not None}
        for path in paths:
            if read and _identity(path) in read:
                raise refused(errno.EEXIST, Path(path), f"it is what is read; name another file, or {ADD_OVERWRITE}")
    found = foreign(paths)
    if found and not overwrite:
        raise not_ours(found)


def foreign(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Those of the files that are there and that the program did not write as they are now.

    Raises
    ------
    WriteError
        One of them cannot be written at all.
    """
    there = [(Path(path), target) for path in paths if (target := real_target(path)).exists()]
    if not there:
        return []
    try:
        record = _record_path().read_bytes()
    except OSError:
        record = b""
    return [path for path, target in there if _line(target) not in record]


def not_ours(paths: list[Path]) -> WriteError:
    """The refusal of replacing files that are not the program's."""
    first = paths[0]
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    reason = "was" if len(paths) == 1 else "were"
    return WriteError(
        errno.EEXIST,
        f"{shown(str(first))}{more} {reason} not written by Rhytid or changed since; {ADD_OVERWRITE} to replace "
        f"{'it' if len(paths) == 1 else 'them'}, or choose another name or folder",
    )


def remember(paths: Iterable[str | os.PathLike[str]], record: Path | None = None) -> None:
    """Remember that the program wrote these files as they are now; without a place for that, they are foreign."""
    record = record or _record_path()
    with contextlib.suppress(OSError):
        lines = b"".join(_line(real_target(path)) for path in paths if Path(path).is_file())
        if not lines:
            return
        record.parent.mkdir(parents=True, exist_ok=True)
        # One write in the mode that appends: programs that run side by side do not mix their lines.
        handle = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        try:
            os.write(handle, lines)
            too_long = os.fstat(handle).st_size > MAX_RECORDED * _LINE_BYTES
        finally:
            os.close(handle)
        if too_long:
            kept = record.read_bytes()[-MAX_RECORDED // 2 * _LINE_BYTES :]
            with replacing(record) as temporary:
                temporary.write_bytes(kept)


def _record_path() -> Path:
    return state_dir() / "written"


def _line(target: Path) -> bytes:
    digest = hashlib.sha256(os.fsencode(target) + b"\0")
    try:
        with target.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError:
        return b"unreadable"  # in no record
    return digest.hexdigest().encode("ascii") + b"\n"


def _stamp(path: str | os.PathLike[str]) -> tuple[int, int, int] | None:
    """What changes when a file is written; None when it is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _identity(path: str | os.PathLike[str]) -> tuple[int, int] | None:
    """What a file is on its disk, whatever its name; None when it is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino

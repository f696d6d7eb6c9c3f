"""Files that come into a folder together: all of them, or none and the folder as it was.

They are written into a hidden folder on the same disk and moved when the last one is complete. What they replace is
set aside first, and a journal in the user's state folder says what was moved: when the move fails it is undone at
once, when it is killed the next start or the next set does it. The journal lies there and not beside the files,
because a folder that came from somebody else must not be able to say what is to be moved where.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rhytid.core.files.failures import WriteError, explained, refused
from rhytid.core.files.leftovers import clear_noted, copy_over, lock_file
from rhytid.core.files.outputs import check_outputs, remember
from rhytid.core.files.state_folder import state_dir
from rhytid.core.files.writing import give_owner_and_mode, real_target, write_text

_STAGING = re.compile(r"\.rhytid-set-[0-9a-f]{16}")
_LOCK, _NEW, _OLD = "lock", "new", "old"
# How much later than the journal a file that keeps its inode may say it was changed and still be what we left.
_SAME_MOMENT_S = 60.0


@dataclass(frozen=True)
class _Move:
    """One file on its way: from `source` to `target`, whose old content lies in `aside` (None: there was none)."""

    source: str
    target: str
    aside: str | None
    inode: int
    in_place: bool


class FileSet:
    """The hidden folder of one set, and its move.

    Attributes
    ----------
    folder : Path
        Write the files here.
    """

    def __init__(self, outdir: Path, staging: Path) -> None:
        self.folder = staging / _NEW
        self._outdir, self._staging = outdir, staging
        self._device = os.stat(staging).st_dev

    def put(self, names: Iterable[str], overwrite: bool) -> None:
        """Move the files of these names to their place.

        Raises
        ------
        WriteError
            One of them cannot be put there, or would replace a file that is not the program's. Nothing was changed.
        """
        names = list(names)
        if not self._appeared_whole():
            targets = [real_target(self._outdir / name) for name in names]
            check_outputs((self._outdir / name for name in names), overwrite)
            self._replace(names, targets)
        remember(self._outdir / name for name in names)

    def _appeared_whole(self) -> bool:
        """A folder that was not there comes with its files in one step."""
        if self._outdir.exists():
            return False
        made = [folder for folder in (self._outdir.parent, *self._outdir.parent.parents) if not folder.exists()]
        try:
            self._outdir.parent.mkdir(parents=True, exist_ok=True)
            os.rename(self.folder, self._outdir)
        except FileExistsError:
            return False  # it appeared meanwhile
        except OSError as error:
            for folder in made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
            if error.errno == errno.ENOTEMPTY:
                return False
            raise explained(error, self._outdir) from error
        return True

    def _replace(self, names: list[str], targets: list[Path]) -> None:
        (self._staging / _OLD).mkdir()
        moves: list[_Move] = []
        for number, (name, target) in enumerate(zip(names, targets, strict=True)):
            try:
                moves.append(self._prepared(self.folder / name, target, self._staging / _OLD / str(number)))
            except OSError as error:
                raise explained(error, target) from error
        _write_journal(self._staging, moves)
        done: list[_Move] = []
        try:
            for move in moves:
                done.append(move)
                _apply(move)
        except BaseException as error:
            for move in reversed(done):
                with contextlib.suppress(OSError):
                    _undo(move, None)
            if isinstance(error, OSError) and not isinstance(error, WriteError):
                raise explained(error, Path(done[-1].target)) from error
            raise
        finally:
            _write_journal(self._staging, [])

    def _prepared(self, source: Path, target: Path, aside: Path) -> _Move:
        """Set the old content aside; the target still stands as it was."""
        inode = os.stat(source).st_ino
        elsewhere = os.stat(target.parent).st_dev != self._device
        try:
            before = os.stat(target)
        except FileNotFoundError:
            return _Move(str(source), str(target), None, inode, elsewhere)
        in_place = elsewhere or before.st_nlink > 1 or not give_owner_and_mode(source, target, before)
        if in_place:
            shutil.copyfile(target, aside)
        else:
            try:
                os.link(target, aside)
            except OSError:  # disks without hard links
                shutil.copy2(target, aside)
        return _Move(str(source), str(target), str(aside), inode, in_place)


@contextmanager
def file_set(outdir: Path) -> Iterator[FileSet]:
    """A set of files for `outdir`, which need not exist; whatever goes wrong, nothing of it stays.

    Raises
    ------
    WriteError
        The folder cannot be written.
    """
    finish_sets()
    outdir = Path(os.path.abspath(os.path.realpath(outdir)))
    try:
        home = next(folder for folder in (outdir, *outdir.parents) if os.path.lexists(folder))
        if not home.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        _clear_staging(home)
        staging, lock = _made(home)
    except OSError as error:
        raise explained(error, outdir / "the export") from error
    try:
        yield FileSet(outdir, staging)
    finally:
        _remove(staging, lock)
        _drop(_journal(staging))


def is_hidden(text: str) -> bool:
    """Whether a message names the hidden folder of a set."""
    return _STAGING.search(text) is not None


def clear_after_kills() -> None:
    """What every start does: clear away what killed programs of this user left, wherever they wrote."""
    finish_sets()
    clear_noted()


def finish_sets() -> None:
    """Undo the moves of sets that were killed and remove what is left; what cannot be undone now stays noted."""
    try:
        journals = [path for path in _journal_folder().iterdir() if path.suffix == ".json"]
    except OSError:
        return
    for journal in journals:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            _finish(journal)


def _finish(journal: Path) -> None:
    content: Any = json.loads(journal.read_text("utf-8"))
    staging = Path(content["staging"])
    if not staging.is_dir():
        if staging.parent.is_dir():  # otherwise its disk is not there now
            journal.unlink()
        return
    if not (staging / _LOCK).exists():
        staging.rmdir()  # killed before there was anything in it
        journal.unlink()
        return
    with lock_file(staging / _LOCK) as lock:
        written_s = journal.stat().st_mtime
        for entry in reversed(content["moves"]):
            _undo(_Move(**entry), written_s)
        _write_journal(staging, [])
        _remove(staging, lock)
    journal.unlink()


def _made(home: Path) -> tuple[Path, BinaryIO]:
    while True:
        staging = home / f".rhytid-set-{secrets.token_hex(8)}"
        _write_journal(staging, [])
        try:
            staging.mkdir(0o700)
        except OSError:
            _drop(_journal(staging))
            raise
        # Between these steps somebody who clears away may have taken it for a leftover.
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            (staging / _LOCK).touch(exist_ok=False)
            lock = lock_file(staging / _LOCK, needed=False)
            (staging / _NEW).mkdir()
            return staging, lock
        _drop(_journal(staging))


def _clear_staging(home: Path) -> None:
    """Remove what killed sets left in a folder."""
    for entry in os.scandir(home):
        if _STAGING.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False) and _is_mine(entry):
            staging = Path(entry.path)
            if _journal(staging).exists():
                continue  # its move could not be undone yet
            with contextlib.suppress(OSError):
                if (staging / _LOCK).exists():
                    _remove(staging, lock_file(staging / _LOCK))
                else:
                    staging.rmdir()


def _is_mine(entry: os.DirEntry[str]) -> bool:
    return not hasattr(os, "geteuid") or entry.stat(follow_symlinks=False).st_uid == os.geteuid()


def _remove(staging: Path, lock: BinaryIO) -> None:
    """The lock goes last: as long as something is left, it says whose it is."""
    for name in (_NEW, _OLD):
        shutil.rmtree(staging / name, ignore_errors=True)
    lock.close()
    with contextlib.suppress(OSError):
        (staging / _LOCK).unlink()
        staging.rmdir()


def _journal_folder() -> Path:
    return state_dir() / "moves"


def _journal(staging: Path) -> Path:
    return _journal_folder() / f"{staging.name[-16:]}.json"


def _write_journal(staging: Path, moves: list[_Move]) -> None:
    """Where there is no place for it, a kill during the move leaves it half done."""
    journal = _journal(staging)
    content = json.dumps({"staging": str(staging), "moves": [asdict(move) for move in moves]})
    with contextlib.suppress(OSError):
        journal.parent.mkdir(parents=True, exist_ok=True)
        write_text(journal, content)


def _drop(journal: Path) -> None:
    with contextlib.suppress(OSError):
        journal.unlink()


def _apply(move: _Move) -> None:
    source, target = Path(move.source), Path(move.target)
    if move.aside is None:
        if move.in_place:
            target.touch(exist_ok=False)
            try:
                copy_over(source, target)
            except BaseException:
                target.unlink()
                raise
            return
        _rename_to_new(source, target)
    elif move.in_place:
        copy_over(source, target)
    else:
        os.replace(source, target)


def _rename_to_new(source: Path, target: Path) -> None:
    """Rename without replacing: renaming itself would take what another program made a moment ago."""
    try:
        os.link(source, target)
    except OSError:  # it is there, or the disk knows no hard links
        if os.path.lexists(target):
            reason = "another program made a file of this name just now; try again"
            raise refused(errno.EEXIST, target, reason) from None
        os.rename(source, target)
    else:
        source.unlink()


def _undo(move: _Move, journal_s: float | None) -> None:
    """Bring back what was there; what another program put there since stays."""
    target = Path(move.target)
    now = os.lstat(target) if os.path.lexists(target) else None
    if not move.in_place:
        if now is None or now.st_ino == move.inode:
            _bring_back(move.aside, target)
        return
    if now is None or (journal_s is not None and now.st_mtime > journal_s + _SAME_MOMENT_S):
        return
    if move.aside is None:
        # A copy that is not complete still has its source, and was removed where it failed.
        if journal_s is not None or not os.path.exists(move.source):
            target.unlink()
        return
    with open(move.aside, "rb") as content, target.open("r+b") as file:
        shutil.copyfileobj(content, file, 1 << 22)
        file.truncate()


def _bring_back(aside: str | None, target: Path) -> None:
    if aside is None:
        target.unlink(missing_ok=True)
    elif os.path.exists(aside):
        os.replace(aside, target)

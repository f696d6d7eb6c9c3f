"""Work of runs that crashed: found again, set beside the file that it belongs to, and taken up once.

What autosave keeps is in a folder per running program; see `core.document.autosave`. Work that is taken up stays where
it is, held by the window that works on it, until it is saved or thrown away: there is always one copy on the disk.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import numpy as np
import numpy.typing as npt

from rhytid.core.document.file_lock import FileLock, LockHeldError
from rhytid.core.document.project import PROJECT_SUFFIX, load_project
from rhytid.core.document.project_json import state_to_json
from rhytid.core.document.state import DocumentState
from rhytid.core.files.digest import file_digest
from rhytid.core.files.reading import read_json
from rhytid.core.files.state_folder import state_dir

Float32 = npt.NDArray[np.float32]
LOCK, NOTE, PROJECT = "lock", "session.json", f"project{PROJECT_SUFFIX}"
_NEW_S = 600.0  # a session without a lock may be one that is just being made
_MAX_NOTE_BYTES = 1 << 16


class Standing(Enum):
    """How kept work stands to the file that it belongs to."""

    NO_FILE = "no file"  # it never had one
    GONE = "gone"  # the file is not there any more, or cannot be read
    NEWER = "newer"  # the file is as it was when this work began
    SAME = "same"  # the file holds this very work
    CHANGED = "changed"  # the file was written by another one since this work began


@dataclass(frozen=True)
class Comparison:
    """Kept work beside its file.

    Attributes
    ----------
    standing : Standing
    later_s : float
        Seconds by which the kept work was written after the file, negative for before; 0 without a file. By the
        clocks of those who wrote them.
    """

    standing: Standing
    later_s: float = 0.0


class Recovery:
    """Work of a session that crashed.

    Attributes
    ----------
    project : Path
        The project as autosave wrote it.
    original : Path or None
        The file that the document had.
    digest : str or None
        SHA-256 of that file when the work on it began.
    saved_at_s : float
        Seconds since the epoch.
    """

    def __init__(self, project: Path, original: Path | None, digest: str | None, saved_at_s: float) -> None:
        self.project = project
        self.original = original
        self.digest = digest
        self.saved_at_s = saved_at_s
        self._lock: FileLock | None = None

    def load(self) -> DocumentState:
        """The state at the time of the last autosave, held from now on for this window alone.

        Raises
        ------
        ProjectError, OSError
            It is damaged or gone, or another window has taken it up. It stays on the disk, and free.
        """
        self._claim()
        try:
            return load_project(self.project)
        except BaseException:
            self.release()
            raise

    def compared(self) -> Comparison:
        """How the work stands to the file that it belongs to; reads both."""
        if self.original is None:
            return Comparison(Standing.NO_FILE)
        try:
            digest, written_s = file_digest(self.original), os.stat(self.original).st_mtime
        except (OSError, ValueError):
            return Comparison(Standing.GONE)
        later_s = self.saved_at_s - written_s
        if digest == self.digest:
            return Comparison(Standing.NEWER, later_s)
        try:
            same = _same_work(load_project(self.project), load_project(self.original))
        except (OSError, ValueError):
            same = False
        return Comparison(Standing.SAME if same else Standing.CHANGED, later_s)

    def release(self) -> None:
        """Leave the work for a later run; a second time does nothing."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def discard(self) -> None:
        """Delete the work, after it was saved or refused; what another window has taken up stays."""
        try:
            self._claim()
        except OSError:
            return
        self.project.unlink(missing_ok=True)
        self.release()  # before its file goes, for some systems keep open files
        shutil.rmtree(self.project.parent, ignore_errors=True)

    def _claim(self) -> None:
        if self._lock is None:
            try:
                self._lock = FileLock(self.project.parent / LOCK)
            except LockHeldError:
                raise OSError("another window has taken up this work") from None


def recoverable(folder: Path | None = None) -> list[Recovery]:
    """Work of crashed sessions, newest first; old sessions that crashed with nothing saved are cleared away.

    Parameters
    ----------
    folder : Path, optional
        Where sessions are kept; `state_dir() / "autosave"` by default.
    """
    found: list[Recovery] = []
    base = folder if folder is not None else state_dir() / "autosave"
    for session in sorted(base.iterdir()) if base.is_dir() else ():
        try:
            if not session.is_dir() or not _abandoned(session):
                continue
            project = session / PROJECT
            if project.is_file():
                original, digest = _read_note(session)
                found.append(Recovery(project, original, digest, project.stat().st_mtime))
            elif not _is_new(session):
                shutil.rmtree(session, ignore_errors=True)
        except OSError:
            continue  # another window was quicker, or the folder is not ours to read
    return sorted(found, key=lambda recovery: -recovery.saved_at_s)


def _same_work(kept: DocumentState, saved: DocumentState) -> bool:
    """Whether two states would be written alike, wherever they are looked at from."""
    document, points = state_to_json(replace(kept, camera=saved.camera))
    other, other_points = state_to_json(saved)
    pairs = zip(_arrays(kept, points), _arrays(saved, other_points), strict=True)
    return document == other and all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def _arrays(state: DocumentState, points: Float32) -> list[Float32]:
    none = np.zeros((0, 0), np.float32)
    source = none if state.source is None else state.source.displacement
    return [points, source, none if state.second is None else state.second.detail.displacement]


def note_for(original: Path | None, digest: str | None) -> dict[str, str | None]:
    """What a session notes about the file that its document has; any name of a file, also one that is no text."""
    place = None if original is None else quote_from_bytes(os.fsencode(original.resolve()))
    return {"original": place, "digest": digest}


def _read_note(session: Path) -> tuple[Path | None, str | None]:
    try:
        note = read_json(session / NOTE, _MAX_NOTE_BYTES)
        place, digest = note["original"], note.get("digest")
        path = Path(os.fsdecode(unquote_to_bytes(place))) if isinstance(place, str) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, None
    return path, digest if isinstance(digest, str) else None


def _abandoned(session: Path) -> bool:
    if not (session / LOCK).exists() and _is_new(session):
        return False
    try:
        FileLock(session / LOCK).release()
    except OSError:
        return False
    return True


def _is_new(session: Path) -> bool:
    # Either way: a clock that was set back makes files of the future.
    return abs(time.time() - session.stat().st_mtime) < _NEW_S

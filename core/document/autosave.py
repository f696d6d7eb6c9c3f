"""Autosave: the work of each running program in a folder of its own, offered again after a crash.

A session is a folder `autosave/<name>` in the user's state folder with a lock that is held while the program
runs, the project, and a note on where it came from. A session without a holder of its lock has crashed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rhytid.core.document.file_lock import FileLock
from rhytid.core.document.project import PROJECT_SUFFIX, load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.files.state_folder import state_dir

INTERVAL_S = 60.0
EDITS = 20
_STARTING_S = 600.0  # a session without a lock may be one that is just being made
_LOCK, _NOTE, _PROJECT = "lock", "session.json", f"project{PROJECT_SUFFIX}"


@dataclass(frozen=True)
class Recovery:
    """Work of a session that crashed.

    Attributes
    ----------
    project : Path
        The project as autosave wrote it.
    original : Path or None
        The file that the document had.
    saved_at_s : float
        Seconds since the epoch.
    """

    project: Path
    original: Path | None
    saved_at_s: float

    def load(self) -> DocumentState:
        """The state at the time of the last autosave; raises as `load_project`."""
        return load_project(self.project)

    def discard(self) -> None:
        """Forget the session, after it was recovered and saved or refused."""
        shutil.rmtree(self.project.parent, ignore_errors=True)


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
        if not session.is_dir() or not _abandoned(session):
            continue
        project = session / _PROJECT
        if project.is_file():
            found.append(Recovery(project, _original(session), project.stat().st_mtime))
        elif time.time() - session.stat().st_mtime > _STARTING_S:
            shutil.rmtree(session, ignore_errors=True)
    return sorted(found, key=lambda recovery: -recovery.saved_at_s)


class Autosave:
    """Writes the document of one running program every so often, on a thread of its own.

    The caller asks `due` from a timer and calls `save`; nothing here knows about windows.

    Parameters
    ----------
    folder : Path, optional
        Where sessions are kept; `state_dir() / "autosave"` by default.
    failed : callable, optional
        Called with the error when a file could not be written, on the writing thread.
    interval_s : float
        How old an edit may get before it is `due`; may be changed later.

    Raises
    ------
    OSError
        The folder cannot be made.
    """

    def __init__(
        self,
        folder: Path | None = None,
        failed: Callable[[Exception], None] | None = None,
        interval_s: float = INTERVAL_S,
    ) -> None:
        base = folder if folder is not None else state_dir() / "autosave"
        self._session = base / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{secrets.token_hex(3)}"
        self._session.mkdir(parents=True)
        self._lock = FileLock(self._session / _LOCK)
        self._failed = failed
        self.interval_s = interval_s
        self._edits = 0
        self._first_edit_s: float | None = None
        self._changed = threading.Condition()
        self._waiting: tuple[DocumentState, Path | None] | None = None
        self._writing = False
        self._closed = False

    def note_edit(self, now_s: float | None = None) -> None:
        """Count an edit, at the time of `time.monotonic` unless said otherwise."""
        if self._first_edit_s is None:
            self._first_edit_s = time.monotonic() if now_s is None else now_s
        self._edits += 1

    def due(self, now_s: float | None = None) -> bool:
        """Whether there are 20 edits that are not saved, or one that is `interval_s` old."""
        if self._first_edit_s is None:
            return False
        now_s = time.monotonic() if now_s is None else now_s
        return self._edits >= EDITS or now_s - self._first_edit_s >= self.interval_s

    def save(self, state: DocumentState, original: Path | None = None) -> None:
        """Write `state` in the background; returns at once. A state that still waits is replaced.

        Parameters
        ----------
        state : DocumentState
            `Document.committed_state`.
        original : Path, optional
            The file that the document has.
        """
        self._edits, self._first_edit_s = 0, None
        with self._changed:
            if self._closed:
                return
            self._waiting = (state, original)
            if not self._writing:
                self._writing = True
                threading.Thread(target=self._write_waiting, name="autosave", daemon=True).start()

    def forget(self) -> None:
        """Drop what was autosaved: the document was saved, closed or replaced and nothing would be lost."""
        self._edits, self._first_edit_s = 0, None
        with self._changed:
            self._waiting = None
        self.wait()
        (self._session / _PROJECT).unlink(missing_ok=True)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for a write that is going on; whether it ended in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._writing, timeout_s)

    def close(self) -> None:
        """Clean exit: wait for a write that is going on and remove the session."""
        with self._changed:
            self._closed = True
            self._waiting = None
        self.wait()
        self._lock.release()
        shutil.rmtree(self._session, ignore_errors=True)

    def _write_waiting(self) -> None:
        while True:
            with self._changed:
                job, self._waiting = self._waiting, None
                if job is None:
                    self._writing = False
                    self._changed.notify_all()
                    return
            try:
                self._write(*job)
            except (OSError, ValueError) as error:
                if self._failed is not None:
                    self._failed(error)

    def _write(self, state: DocumentState, original: Path | None) -> None:
        note = {"original": None if original is None else str(original.resolve())}
        (self._session / _NOTE).write_text(json.dumps(note), encoding="utf-8")
        save_project(self._session / _PROJECT, state, compress=False)


def _abandoned(session: Path) -> bool:
    try:
        FileLock(session / _LOCK).release()
    except OSError:
        return False
    return True


def _original(session: Path) -> Path | None:
    try:
        named = json.loads((session / _NOTE).read_text(encoding="utf-8"))["original"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Path(named) if isinstance(named, str) else None

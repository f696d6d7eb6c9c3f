"""Autosave: the work of each running program in a folder of its own, offered again after a crash.

A session is a folder `autosave/<name>` in the user's state folder with a lock that is held while the program
runs, the project, and a note on where it came from. A session without a holder of its lock has crashed, and
`core.document.recovery` finds it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rhytid.core.document.file_lock import FileLock
from rhytid.core.document.project import save_project
from rhytid.core.document.recovery import LOCK, NOTE, PROJECT, note_for
from rhytid.core.document.state import DocumentState
from rhytid.core.files.state_folder import state_dir
from rhytid.core.files.writing import write_text

INTERVAL_S = 60.0
EDITS = 20
_Work = tuple[DocumentState, Path | None, str | None]


class Autosave:
    """Writes the document of one running program every so often, on a thread of its own.

    The caller asks `due` from a timer and calls `save`; nothing here knows about windows. What could not be
    written is due again after `interval_s`.

    Parameters
    ----------
    folder : Path, optional
        Where sessions are kept; `state_dir() / "autosave"` by default.
    failed : callable, optional
        Called with the error when a file could not be written, on the writing thread; once until one can be again.
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
        self._lock = FileLock(self._session / LOCK)
        self._failed = failed
        self.interval_s = interval_s
        self._edits = 0
        self._first_edit_s: float | None = None
        self._changed = threading.Condition()
        self._waiting: _Work | None = None
        self._forgetting = False
        self._writing = False
        self._failing = False
        self._closed = False

    def note_edit(self, now_s: float | None = None) -> None:
        """Count an edit, at the time of `time.monotonic` unless said otherwise."""
        with self._changed:
            if self._first_edit_s is None:
                self._first_edit_s = time.monotonic() if now_s is None else now_s
            self._edits += 1

    def due(self, now_s: float | None = None) -> bool:
        """Whether there are 20 edits that are not saved, or one that is `interval_s` old."""
        with self._changed:
            if self._first_edit_s is None:
                return False
            now_s = time.monotonic() if now_s is None else now_s
            return self._edits >= EDITS or now_s - self._first_edit_s >= self.interval_s

    def save(self, state: DocumentState, original: Path | None = None, digest: str | None = None) -> None:
        """Write `state` in the background; returns at once. A state that still waits is replaced.

        Parameters
        ----------
        state : DocumentState
            `Document.committed_state`.
        original : Path, optional
            The file that the document has.
        digest : str, optional
            SHA-256 of that file as the document knows it.
        """
        with self._changed:
            self._edits, self._first_edit_s = 0, None
            if self._closed:
                return
            self._waiting, self._forgetting = (state, original, digest), False
            if not self._writing:
                self._writing = True
                threading.Thread(target=self._write_waiting, name="autosave", daemon=True).start()

    def forget(self) -> None:
        """Drop what was autosaved: the document was saved, closed or replaced and nothing would be lost.

        Returns at once; a write that is going on ends first.
        """
        with self._changed:
            self._edits, self._first_edit_s = 0, None
            self._waiting = None
            if self._writing:
                self._forgetting = True
            else:
                self._remove()

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
        self._remove()
        self._lock.release()
        shutil.rmtree(self._session, ignore_errors=True)

    def _write_waiting(self) -> None:
        while True:
            with self._changed:
                work, self._waiting = self._waiting, None
                if work is None:
                    if self._forgetting:
                        self._remove()
                    self._writing = self._forgetting = False
                    self._changed.notify_all()
                    return
            try:
                self._write(*work)
            except Exception as error:  # whatever it is: the next write must still be tried
                self._note_failure(error)
            else:
                self._failing = False

    def _write(self, state: DocumentState, original: Path | None, digest: str | None) -> None:
        if not (self._session / LOCK).exists():  # somebody tidied up; without the lock others would take our work
            self._session.mkdir(parents=True, exist_ok=True)
            self._lock.release()
            self._lock = FileLock(self._session / LOCK)
        write_text(self._session / NOTE, json.dumps(note_for(original, digest)))
        save_project(self._session / PROJECT, state, compress=False)

    def _note_failure(self, error: Exception) -> None:
        with self._changed:
            if self._first_edit_s is None and not self._forgetting:
                self._first_edit_s = time.monotonic()
        told, self._failing = self._failing, True
        if self._failed is not None and not told:
            with contextlib.suppress(Exception):  # the window that listened may be gone; this thread must go on
                self._failed(error)

    def _remove(self) -> None:
        try:
            (self._session / PROJECT).unlink(missing_ok=True)
        except OSError:
            return  # offered again after a crash, and then it is said to be what the file holds

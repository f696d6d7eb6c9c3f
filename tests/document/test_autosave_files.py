"""Autosave: when it is due, what it leaves, and what a crash leaves to be offered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from document_samples import stroke

from rhytid.core.document import autosave
from rhytid.core.document.autosave import Autosave
from rhytid.core.document.file_lock import FileLock
from rhytid.core.document.recovery import recoverable
from rhytid.core.document.state import DocumentState
from rhytid.core.files.state_folder import state_dir

ROOT = Path(__file__).resolve().parents[2]
CRASH = """
import os, sys
from pathlib import Path
from rhytid.core.document.autosave import Autosave
from rhytid.core.document.state import DocumentState
saver = Autosave(Path(sys.argv[1]))
saver.save(DocumentState(age=float(sys.argv[2])), Path("face.rhytid"))
saver.wait()
os._exit(1)
"""


def crash(folder: Path, age: float) -> None:
    """A program that autosaves and ends without saying goodbye."""
    result = subprocess.run([sys.executable, "-c", CRASH, str(folder), str(age)], cwd=ROOT, check=False)
    assert result.returncode == 1


def test_due_after_twenty_edits_or_a_minute(tmp_path: Path) -> None:
    saver = Autosave(tmp_path)
    assert not saver.due(1e9)
    for i in range(19):
        saver.note_edit(100.0 + i)
    assert not saver.due(120.0)
    assert saver.due(160.0)
    saver.note_edit(119.0)
    assert saver.due(119.0)
    saver.save(DocumentState())
    assert not saver.due(1e9)
    saver.note_edit(500.0)
    assert not saver.due(559.0)
    assert saver.due(560.0)
    saver.forget()
    assert not saver.due(1e9)
    saver.close()


def test_running_and_cleanly_ended_sessions_offer_nothing(tmp_path: Path) -> None:
    saver = Autosave(tmp_path)
    saver.save(DocumentState(age=50.0))
    assert saver.wait(30)
    assert len(list(tmp_path.glob("*/project.rhytid"))) == 1
    assert recoverable(tmp_path) == []
    saver.close()
    assert list(tmp_path.iterdir()) == []
    saver.save(DocumentState())
    saver.wait()
    assert list(tmp_path.iterdir()) == []


def test_crashed_sessions_are_offered_newest_first(tmp_path: Path) -> None:
    crash(tmp_path, 41)
    (older,) = recoverable(tmp_path)
    os.utime(older.project, (1e9, 1e9))
    crash(tmp_path, 42)
    newest, oldest = recoverable(tmp_path)
    assert (newest.load().age, oldest.load().age) == (42, 41)
    assert newest.original == ROOT / "face.rhytid"
    assert oldest.saved_at_s == 1e9
    assert recoverable(tmp_path) == [], "work that a window has taken up is offered to no other"
    newest.release()
    oldest.discard()
    assert [item.load().age for item in recoverable(tmp_path)] == [42]


def test_saved_work_is_not_offered_after_a_crash(tmp_path: Path) -> None:
    saver = Autosave(tmp_path)
    saver.save(DocumentState(age=50.0))
    saver.forget()
    assert list(tmp_path.glob("*/project.rhytid")) == []
    saver.close()


def test_session_that_is_just_being_made_is_left_alone(tmp_path: Path) -> None:
    fresh, old = tmp_path / "fresh", tmp_path / "old"
    for session in (fresh, old):
        session.mkdir()
        (session / "lock").touch()
    os.utime(old, (1e9, 1e9))
    assert recoverable(tmp_path) == []
    assert fresh.exists()
    assert not old.exists()


def test_newest_state_wins_and_writing_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[float] = []
    save = autosave.save_project

    def slow(path: Path, state: DocumentState, *, compress: bool) -> None:
        time.sleep(0.05)
        written.append(state.age)
        save(path, state, compress=compress)

    monkeypatch.setattr(autosave, "save_project", slow)
    saver = Autosave(tmp_path)
    for age in range(20, 60):
        saver.save(DocumentState(age=float(age)))
    assert written == [], "saving waited for the disk"
    saver.wait()
    assert written[-1] == 59
    assert len(written) <= 3
    saver.close()


def test_failure_is_told_and_the_next_write_works(tmp_path: Path) -> None:
    errors: list[Exception] = []
    saver = Autosave(tmp_path, errors.append)
    saver.save(DocumentState(strokes=(stroke("a"), stroke("a"))))
    saver.wait()
    assert "'a'" in str(errors[0])
    assert saver.due(time.monotonic() + saver.interval_s), "what was not written is due again"
    saver.save(DocumentState(strokes=(stroke("a"), stroke("a"))))
    saver.wait()
    assert len(errors) == 1, "said once"
    saver.save(DocumentState())
    saver.wait()
    assert not saver.due(1e9)
    assert len(errors) == 1
    assert len(list(tmp_path.glob("*/project.rhytid"))) == 1
    saver.close()


def test_lock_is_exclusive_and_can_be_had_again(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with pytest.raises(OSError):  # noqa: PT011  the text is the system's
        FileLock(tmp_path / "lock")
    lock.release()
    lock.release()
    FileLock(tmp_path / "lock").release()


def test_state_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path))
    assert state_dir() == tmp_path
    monkeypatch.delenv("RHYTID_STATE_DIR")
    assert state_dir().name == "rhytid"
    assert recoverable(tmp_path / "none") == []


def test_a_listener_that_fails_and_an_error_of_any_kind_do_not_end_autosave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise MemoryError

    def gone(_error: Exception) -> None:
        raise RuntimeError("the window is gone")

    saver = Autosave(tmp_path, gone)
    with monkeypatch.context() as patch:
        patch.setattr(autosave, "save_project", broken)
        saver.save(DocumentState())
        assert saver.wait(10)
    saver.save(DocumentState(age=50.0))
    assert saver.wait(10)
    assert len(list(tmp_path.glob("*/project.rhytid"))) == 1
    saver.close()


def test_a_folder_that_was_tidied_away_is_made_and_locked_again(tmp_path: Path) -> None:
    saver = Autosave(tmp_path)
    (session,) = tmp_path.iterdir()
    shutil.rmtree(session)
    saver.save(DocumentState(age=50.0))
    assert saver.wait(10)
    assert (session / "project.rhytid").exists()
    assert recoverable(tmp_path) == [], "the work of a running program is its own"
    saver.close()


def test_what_is_forgotten_during_a_write_goes_when_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save, go_on, began = autosave.save_project, threading.Event(), threading.Event()

    def slow(path: Path, state: DocumentState, *, compress: bool) -> None:
        began.set()
        go_on.wait(10)
        save(path, state, compress=compress)

    monkeypatch.setattr(autosave, "save_project", slow)
    saver = Autosave(tmp_path)
    saver.save(DocumentState())
    assert began.wait(10)
    saver.forget()  # does not wait for the disk
    go_on.set()
    assert saver.wait(10)
    assert list(tmp_path.glob("*/project.rhytid")) == []
    saver.save(DocumentState())
    assert saver.wait(10)
    assert len(list(tmp_path.glob("*/project.rhytid"))) == 1
    saver.close()

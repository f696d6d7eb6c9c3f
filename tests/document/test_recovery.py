"""Kept work beside the file that it belongs to: what is said of it, and that one copy is always on the disk."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from document_samples import full_state

from rhytid.core.document.autosave import Autosave
from rhytid.core.document.project import ProjectError, load_project, save_project
from rhytid.core.document.recovery import Recovery, Standing, recoverable
from rhytid.core.document.state import DocumentState
from rhytid.core.files.digest import file_digest


def crashed(folder: Path, state: DocumentState, original: Path | None = None) -> None:
    """What a program leaves that autosaved `state` of the file as it is now, and ended without a goodbye."""
    saver = Autosave(folder)
    saver.save(state, original, None if original is None else file_digest(original))
    assert saver.wait(10)
    saver._lock.release()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "autosave"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save_project(tmp_path / "face.rhytid", DocumentState(age=30.0))
    return tmp_path / "face.rhytid"


def only(folder: Path) -> Recovery:
    (found,) = recoverable(folder)
    return found


def test_work_is_newer_than_an_unchanged_file_whatever_the_clocks_say(folder: Path, file: Path) -> None:
    crashed(folder, DocumentState(age=60.0), file)
    for clock_s in (time.time() - 3600, time.time() + 1e6):  # the file comes out of the past, and of the future
        os.utime(file, (clock_s, clock_s))
        assert only(folder).compared().standing is Standing.NEWER
    assert only(folder).compared().later_s < 0


def test_a_file_that_was_written_again_is_said_to_be_newer(folder: Path, file: Path) -> None:
    crashed(folder, full_state(), file)
    save_project(file, DocumentState(age=61.0))
    later_s = time.time() + 100.0
    os.utime(file, (later_s, later_s))
    comparison = only(folder).compared()
    assert comparison.standing is Standing.CHANGED
    assert -110.0 < comparison.later_s < -80.0
    os.utime(file, (later_s - 200.0, later_s - 200.0))
    assert only(folder).compared().later_s > 80.0


def test_a_file_that_holds_the_same_work_is_said_to(folder: Path, file: Path) -> None:
    crashed(folder, full_state(), file)
    save_project(file, full_state())
    assert only(folder).compared().standing is Standing.SAME


@pytest.mark.parametrize("what", ["gone", "a folder", "damaged"])
def test_a_file_that_cannot_be_compared_costs_nothing(what: str, folder: Path, file: Path) -> None:
    crashed(folder, DocumentState(age=60.0), file)
    file.unlink()
    if what == "a folder":
        file.mkdir()
    elif what == "damaged":
        file.write_bytes(b"nothing")
    expected = Standing.CHANGED if what == "damaged" else Standing.GONE
    assert only(folder).compared().standing is expected
    assert only(folder).load().age == 60.0


def test_work_without_a_file(folder: Path) -> None:
    crashed(folder, DocumentState(age=60.0))
    assert only(folder).compared().standing is Standing.NO_FILE


def test_taken_up_work_stays_until_it_is_discarded(folder: Path) -> None:
    crashed(folder, DocumentState(age=60.0))
    first, second = only(folder), only(folder)
    assert first.load().age == 60.0
    with pytest.raises(OSError, match="another window"):
        second.load()
    second.discard()
    assert first.project.exists(), "another window cannot throw it away"
    assert recoverable(folder) == []
    first.release()
    assert only(folder).load().age == 60.0


def test_two_crashed_runs_and_a_damaged_one(folder: Path) -> None:
    for age in (41.0, 42.0, 43.0):
        crashed(folder, DocumentState(age=age))
    newest = recoverable(folder)[0]
    newest.project.write_bytes(b"PK half of it")
    damaged, *good = recoverable(folder)
    with pytest.raises(ProjectError):
        damaged.load()
    assert damaged.project.exists()
    assert sorted(item.load().age for item in good) == [41.0, 42.0]
    good[0].discard()
    assert {item.project for item in recoverable(folder)} == {damaged.project}


@pytest.mark.parametrize("note", [b"", b"\xff\xfe", b"[" * 100_000, b"7", b'{"original": 5}', b'{"original": "%00"}'])
def test_a_damaged_note_costs_the_name_and_not_the_work(note: bytes, folder: Path, file: Path) -> None:
    crashed(folder, DocumentState(age=60.0), file)
    (only(folder).project.parent / "session.json").write_bytes(note)
    found = only(folder)
    found.compared()
    assert found.load().age == 60.0


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_file_whose_name_is_no_text_is_found_again(folder: Path, tmp_path: Path) -> None:
    name = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe %41.rhytid"))
    save_project(name, DocumentState())
    crashed(folder, DocumentState(age=60.0), name)
    assert only(folder).original == name.resolve()
    assert only(folder).compared().standing is Standing.NEWER


def test_a_session_that_cannot_be_read_hides_no_other(folder: Path) -> None:
    crashed(folder, DocumentState(age=60.0))
    (folder / "a file").write_bytes(b"")
    (folder / "link").symlink_to(folder / "nowhere")
    session = folder / "no lock"
    session.mkdir()
    (session / "lock").mkdir()  # cannot be opened
    assert only(folder).load().age == 60.0


def test_clocks_that_jump_clear_nothing_that_is_being_made(folder: Path) -> None:
    session = folder / "new"
    session.mkdir(parents=True)
    os.utime(session, (time.time() + 60.0,) * 2)
    recoverable(folder)
    assert session.exists()


def test_a_full_disk_keeps_the_copy_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[Exception] = []
    saver = Autosave(folder, errors.append)
    saver.save(DocumentState(age=40.0))
    assert saver.wait(10)
    (project,) = folder.glob("*/project.rhytid")

    def full(_handle: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        saver.save(DocumentState(age=41.0))
        assert saver.wait(10)
    assert "full" in str(errors[0])
    assert load_project(project).age == 40.0
    assert sorted(path.name for path in project.parent.iterdir()) == ["lock", "project.rhytid", "session.json"]
    saver.save(DocumentState(age=42.0))
    assert saver.wait(10)
    assert load_project(project).age == 42.0
    saver.close()


def test_the_note_is_plain_text(folder: Path, file: Path) -> None:
    crashed(folder, DocumentState(), file)
    note = json.loads((only(folder).project.parent / "session.json").read_text())
    assert note["digest"] == file_digest(file)
    assert note["original"].endswith("/face.rhytid")

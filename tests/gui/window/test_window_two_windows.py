"""One project in two windows, files that others change meanwhile, and kept work that is taken up."""

from __future__ import annotations

import os
import threading

import pytest
from PySide6.QtWidgets import QFileDialog

from rhytid.core.document.autosave import Autosave
from rhytid.core.document.commands import SetAge
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.project_lock import ProjectLock
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.files.digest import file_digest
from rhytid.gui.dialogs import replace_question
from rhytid.gui.dialogs.replace_question import Answer


def done(driver):
    driver.wait(lambda: not driver.session.jobs.busy)
    driver.settle()


@pytest.fixture
def files(driver):
    yield driver.window.files
    driver.window.files.close()


@pytest.fixture
def answers(monkeypatch):
    """Questions about replacing are answered with what is in this list; what was asked is appended to `asked`."""
    given, asked = [], []

    def answer(path, was_ours, _parent):
        asked.append((path.name, was_ours))
        return given.pop(0)

    monkeypatch.setattr(replace_question, "ask_replace", answer)
    return given, asked


@pytest.fixture
def project(tmp_path):
    save_project(tmp_path / "face.rhytid", DocumentState(age=41.0))
    return tmp_path / "face.rhytid"


def test_a_project_of_another_window_comes_as_a_copy(driver, files, project):
    other = ProjectLock(project)
    files.open_project(project)
    done(driver)
    assert driver.document.state.age == 41.0
    assert driver.document.path is None
    assert "another window" in driver.window.messages.text
    before = project.read_bytes()
    files.save_project(project, replace=True)
    done(driver)
    assert "choose another name" in driver.window.messages.text
    assert project.read_bytes() == before
    other.release()
    files.save_project(project, replace=True)
    done(driver)
    assert driver.document.path == project


def test_a_window_keeps_others_out_until_it_opens_something_else(driver, files, project):
    files.open_project(project)
    done(driver)
    with pytest.raises(OSError, match="another window"):
        ProjectLock(project)
    files.open_project(project)  # its own project again
    done(driver)
    assert driver.document.path == project
    files.new_project()
    ProjectLock(project).release()


def test_a_project_that_cannot_be_opened_stays_free(driver, files, project):
    project.write_bytes(b"nothing")
    files.open_project(project)
    done(driver)
    assert "face.rhytid" in driver.window.messages.text
    ProjectLock(project).release()


def test_a_file_that_was_changed_meanwhile_is_asked_about(driver, files, project, answers, tmp_path, monkeypatch):
    given, asked = answers
    files.open_project(project)
    done(driver)
    driver.document.execute(SetAge(50.0))
    files.save_project(project)
    done(driver)
    assert asked == [], "nobody else wrote it"
    clock = os.stat(project)
    save_project(project, DocumentState(age=66.0))
    os.utime(project, ns=(clock.st_atime_ns, clock.st_mtime_ns))  # dates say nothing
    driver.document.execute(SetAge(51.0))
    given.append(Answer.CANCEL)
    files.save_project(project)
    done(driver)
    assert asked == [("face.rhytid", True)]
    assert load_project(project).age == 66.0
    assert driver.document.is_modified
    given.append(Answer.SAVE_AS)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_: (str(tmp_path / "mine.rhytid"), "")))
    ended = []
    files.save_project(project, then=lambda: ended.append(True))
    done(driver)
    assert load_project(tmp_path / "mine.rhytid").age == 51.0
    assert ended == [True]
    given.append(Answer.REPLACE)
    files.save_project(project)
    done(driver)
    assert load_project(project).age == 51.0
    assert asked[-1] == ("face.rhytid", False)


def test_a_name_that_grew_a_suffix_is_asked_about(driver, files, project, answers, monkeypatch):
    """The file dialog asked about "face", and not about the "face.rhytid" that would be lost."""
    given, asked = answers
    given.append(Answer.CANCEL)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_: (str(project.with_suffix("")), "")))
    driver.window.projects.save_as()
    done(driver)
    assert asked == [("face.rhytid", False)]
    assert load_project(project).age == 41.0


def test_an_edit_during_a_save_stays_unsaved_and_is_autosaved(driver, files, project, private_state, monkeypatch):
    from rhytid.core.document import project as writer

    files.set_autosave(True, 3600.0)
    driver.document.execute(SetAge(50.0))
    save, edited = writer.save_project, threading.Event()

    def slow(*args, **options):
        assert edited.wait(20)
        save(*args, **options)

    monkeypatch.setattr(writer, "save_project", slow)
    files.save_project(project, replace=True)
    driver.document.execute(SetAge(51.0))
    edited.set()
    done(driver)
    assert load_project(project).age == 50.0
    assert driver.document.is_modified
    files._autosave.interval_s = 0.0
    files.autosave_if_due()
    assert files._autosave.wait(10)
    (kept,) = private_state.glob("autosave/*/project.rhytid")
    assert load_project(kept).age == 51.0


def crashed(state, original):
    saver = Autosave()
    saver.save(state, original, file_digest(original))
    assert saver.wait(10)
    saver._lock.release()


def test_recovered_work_is_on_the_disk_until_it_is_saved(driver, files, project, private_state, answers):
    _, asked = answers
    crashed(DocumentState(age=64.0), project)
    (recovery,) = files.recoveries()
    files.recover(recovery)
    done(driver)
    assert driver.document.state.age == 64.0
    assert driver.document.path == project
    assert recovery.project.exists()
    assert files.recoveries() == [], "it is this window's"
    files.save_project(project)
    done(driver)
    assert asked == []
    assert load_project(project).age == 64.0
    assert not recovery.project.exists()


def test_older_work_does_not_replace_the_newer_file_unasked(driver, files, project, private_state, answers):
    given, asked = answers
    crashed(DocumentState(age=64.0), project)
    save_project(project, DocumentState(age=33.0))
    (recovery,) = files.recoveries()
    files.recover(recovery)
    done(driver)
    given.append(Answer.CANCEL)
    files.save_project(project)
    done(driver)
    assert asked == [("face.rhytid", True)]
    assert load_project(project).age == 33.0
    assert recovery.project.exists()


def test_a_damaged_copy_says_so_stays_and_leaves_the_others_to_choose(driver, files, project, private_state):
    crashed(DocumentState(age=64.0), project)
    (recovery,) = files.recoveries()
    recovery.project.write_bytes(b"PK half")
    told = []
    files.recover(recovery, lambda: told.append(True))
    done(driver)
    assert told == [True]
    assert "project.rhytid" in driver.window.messages.text
    assert recovery.project.exists()
    assert [item.project for item in files.recoveries()] == [recovery.project]


def test_without_autosave_recovered_work_stays_as_well(driver, files, project, private_state):
    files.set_autosave(True, 3600.0)
    crashed(DocumentState(age=64.0), project)
    (recovery,) = files.recoveries()
    files.recover(recovery)
    done(driver)
    files.set_autosave(False)
    assert recovery.project.exists()


def test_a_head_that_is_refused_leaves_the_work_on_the_default_head(driver, files, tmp_path):
    project = tmp_path / "headless.rhytid"
    head = HeadReference(os.devnull, "ab" * 32)
    save_project(project, DocumentState(head=head, age=55.0))
    for _ in range(2):
        files.open_project(project)
        driver.wait(lambda: "default head is shown" in driver.window.messages.text)
        done(driver)
        assert driver.document.state.age == 55.0
        assert driver.viewport.pose.head is driver.head
        driver.window.messages.hide()
        files.new_project()
        done(driver)
    files.open_project(project)
    done(driver)
    driver.document.execute(SetAge(56.0))
    files.save_project(project)
    done(driver)
    assert load_project(project).head == head

"""The document: edits, gestures, history, file and what it tells its listeners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import source, stroke

from rhytid.core.document.commands import (
    AddStroke,
    CommandError,
    ImportSource,
    RemoveStrokes,
    SetAge,
    SetCamera,
    SetEngine,
)
from rhytid.core.document.document import Document, GestureError
from rhytid.core.document.state import DocumentState


class Listener:
    """Everything a document says, in order."""

    def __init__(self, document: Document) -> None:
        self.heard: list[tuple[Any, ...]] = []
        document.state_changed.connect(lambda new, old: self.heard.append(("state", new, old)))
        document.history_changed.connect(lambda: self.heard.append(("history",)))
        document.path_changed.connect(lambda path: self.heard.append(("path", path)))
        document.modified_changed.connect(lambda modified: self.heard.append(("modified", modified)))

    def take(self) -> list[str]:
        heard, self.heard = self.heard, []
        return [item[0] for item in heard]


def test_execute_undo_redo() -> None:
    document = Document()
    listener = Listener(document)
    start = document.state
    document.execute(SetAge(50))
    assert listener.heard[0] == ("state", document.state, start)
    assert listener.take() == ["state", "modified", "history"]
    assert document.labels == ("New", "Set age")
    document.undo()
    assert document.state is start
    assert listener.take() == ["state", "modified", "history"]
    document.redo()
    assert document.state.age == 50
    document.redo()
    document.go_to(0)
    document.undo()
    assert (document.position, document.can_undo, document.can_redo) == (0, False, True)


def test_no_edit_leaves_the_stack_alone() -> None:
    document = Document()
    document.execute(SetAge(50))
    document.undo()
    listener = Listener(document)
    document.execute(SetAge(30))
    assert listener.take() == []
    assert document.can_redo


def test_command_that_raises_changes_nothing() -> None:
    document = Document()
    document.execute(SetAge(50))
    document.undo()
    state, listener = document.state, Listener(document)
    with pytest.raises(CommandError):
        document.execute(RemoveStrokes(("x",)))
    assert document.state is state
    assert document.can_redo
    assert listener.take() == []


def test_gesture_is_one_step_from_where_it_began() -> None:
    document = Document()
    document.begin_gesture("Age")
    for age in (40, 50, 60):
        document.preview(SetAge(age))
        assert document.state.age == age
    assert document.labels == ("New",)
    assert document.committed_state.age == 30
    assert not document.is_modified
    document.commit_gesture()
    assert document.labels == ("New", "Age")
    document.undo()
    assert document.state.age == 30


def test_preview_replaces_the_previous_one() -> None:
    document = Document()
    document.begin_gesture()
    document.preview(AddStroke(stroke("a", 1)))
    document.preview(AddStroke(stroke("a", 2)))
    with pytest.raises(CommandError):
        document.preview(RemoveStrokes(("a",)))
    assert document.state.strokes == (stroke("a", 2),)
    document.commit_gesture()
    assert document.labels[-1] == "Draw stroke"


def test_gesture_back_to_the_beginning_makes_no_step() -> None:
    document = Document()
    base = document.state
    document.begin_gesture("Age")
    document.preview(SetAge(40))
    document.preview(SetAge(30))
    document.commit_gesture()
    assert document.state is base
    assert document.labels == ("New",)


def test_cancel_and_undo_end_a_gesture() -> None:
    document = Document()
    document.execute(SetAge(40))
    base = document.state
    for end in (document.cancel_gesture, document.undo, lambda: document.go_to(1)):
        document.begin_gesture("Age")
        document.preview(SetAge(60))
        end()
        assert document.state is base
        assert not document.gesture_active
        assert document.position == 1


def test_unbalanced_gestures_say_so() -> None:
    document = Document()
    for call in (document.commit_gesture, document.cancel_gesture, lambda: document.preview(SetAge(1))):
        with pytest.raises(GestureError, match="begin"):
            call()
    document.begin_gesture("first")
    with pytest.raises(GestureError, match="first"):
        document.begin_gesture("second")
    with pytest.raises(GestureError, match="first"):
        document.execute(SetAge(40))
    document.redo()
    assert document.gesture_active


def test_camera_is_no_edit() -> None:
    document = Document()
    document.execute(SetAge(50))
    document.mark_saved(document.state, "x.rhytid")
    document.execute(SetCamera(yaw_deg=30.0))
    assert not document.is_modified
    assert document.labels == ("New", "Set age")
    document.undo()
    assert (document.state.age, document.state.camera.yaw_deg) == (30, 30.0)
    document.redo()
    assert (document.state.age, document.state.camera.yaw_deg) == (50, 30.0)


def test_camera_moves_during_a_gesture() -> None:
    document = Document()
    document.begin_gesture("Age")
    document.preview(SetAge(50))
    document.execute(SetCamera(yaw_deg=30.0))
    assert (document.state.age, document.state.camera.yaw_deg) == (50, 30.0)
    document.preview(SetAge(60))
    assert document.state.camera.yaw_deg == 30.0
    document.cancel_gesture()
    assert (document.state.age, document.state.camera.yaw_deg) == (30, 30.0)


def test_modified_follows_undo(tmp_path: Path) -> None:
    document = Document()
    document.execute(SetAge(50))
    document.save(tmp_path / "a.rhytid")
    assert not document.is_modified
    document.execute(SetAge(60))
    assert document.is_modified
    document.undo()
    assert not document.is_modified
    document.undo()
    assert document.is_modified
    document.execute(SetAge(50))
    assert not document.is_modified


def test_save_and_open(tmp_path: Path) -> None:
    document = Document()
    listener = Listener(document)
    with pytest.raises(ValueError, match="name"):
        document.save()
    document.execute(ImportSource(source()))
    path = tmp_path / "a.rhytid"
    listener.take()
    document.save(path, thumbnail=b"\x89PNG\r\n\x1a\nxyz")
    assert listener.take() == ["path", "modified"]
    document.execute(SetAge(50))
    document.save()
    other = Document()
    other.open(path)
    assert other.path == path
    assert other.labels == ("Open a.rhytid",)
    assert other.thumbnail == b"\x89PNG\r\n\x1a\nxyz"
    assert (other.state.age, other.is_modified) == (50, False)
    other.new()
    assert (other.state, other.path, other.labels) == (DocumentState(), None, ("New",))


def test_save_during_a_gesture_keeps_the_preview_out(tmp_path: Path) -> None:
    document = Document()
    document.begin_gesture("Age")
    document.preview(SetAge(60))
    document.save(tmp_path / "a.rhytid")
    document.commit_gesture()
    assert document.is_modified
    other = Document()
    other.open(tmp_path / "a.rhytid")
    assert other.state.age == 30


def test_failed_open_and_save_leave_the_work_alone(tmp_path: Path) -> None:
    document = Document()
    document.execute(SetAge(50))
    bad = tmp_path / "bad.rhytid"
    bad.write_bytes(b"no project")
    listener, state = Listener(document), document.state
    with pytest.raises(ValueError, match=r"bad\.rhytid"):
        document.open(bad)
    with pytest.raises(OSError, match="missing"):
        document.open(tmp_path / "missing.rhytid")
    with pytest.raises(OSError, match="folder"):
        document.save(tmp_path / "folder" / "a.rhytid")
    assert document.state is state
    assert document.is_modified
    assert document.path is None
    assert listener.take() == []


def test_recovered_work_counts_as_modified(tmp_path: Path) -> None:
    document = Document()
    document.recover(DocumentState(age=44.0), tmp_path / "a.rhytid")
    assert document.is_modified
    document.execute(SetEngine(pores=0.0))
    document.undo()
    assert document.is_modified
    document.save()
    assert not document.is_modified

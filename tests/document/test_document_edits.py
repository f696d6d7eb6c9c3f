"""The document: edits, gestures, history, file and what it tells its listeners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from document_samples import source, stroke

from rhytid.core.document.commands import (
    AddStrokes,
    CommandError,
    ImportSource,
    RemoveStrokes,
    SetAge,
    SetCamera,
    SetEngine,
    SetExpressionWeights,
)
from rhytid.core.document.document import Document, Gesture, GestureError
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
    gesture = document.begin_gesture("Age")
    for age in (40, 50, 60):
        gesture.preview(SetAge(age))
        assert document.state.age == age
    assert document.labels == ("New",)
    assert document.committed_state.age == 30
    assert not document.is_modified
    assert gesture.commit()
    assert document.labels == ("New", "Age")
    assert gesture.entry_id == document.entry_id
    document.undo()
    assert document.state.age == 30


def test_preview_replaces_the_previous_one() -> None:
    document = Document()
    gesture = document.begin_gesture()
    gesture.preview(AddStrokes((stroke("a", 1),)))
    gesture.preview(AddStrokes((stroke("a", 2),)))
    with pytest.raises(CommandError):
        gesture.preview(RemoveStrokes(("a",)))
    assert document.state.strokes == (stroke("a", 2),)
    gesture.commit()
    assert document.labels[-1] == "Draw stroke"


def test_gesture_back_to_the_beginning_makes_no_step() -> None:
    document = Document()
    base = document.state
    gesture = document.begin_gesture("Age")
    gesture.preview(SetAge(40))
    gesture.preview(SetAge(30))
    assert not gesture.commit()
    assert gesture.entry_id is None
    assert document.state is base
    assert document.labels == ("New",)


def test_cancel_and_undo_end_a_gesture() -> None:
    document = Document()
    document.execute(SetAge(40))
    base = document.state
    for exclusive in (False, True):
        for end in (Gesture.cancel, lambda _: document.undo(), lambda _: document.go_to(1)):
            gesture = document.begin_gesture("Age", exclusive=exclusive)
            gesture.preview(SetAge(60))
            end(gesture)
            assert document.state is base
            assert not gesture.alive
            assert not document.gesture_active
            assert document.position == 1


def test_the_next_gesture_or_edit_keeps_what_the_one_before_shows() -> None:
    document = Document()
    first = document.begin_gesture("first")
    first.preview(SetAge(40))
    second = document.begin_gesture("second")
    second.preview(SetAge(50))
    document.execute(SetEngine(pores=0.5))
    assert document.labels == ("New", "first", "second", "Set pores")
    assert (document.state.age, document.state.settings.pores) == (50, 0.5)
    assert not first.alive
    assert not second.alive
    document.undo()
    assert second.entry_id == document.entry_id
    document.undo()
    assert first.entry_id == document.entry_id


def test_an_edit_that_raises_ends_no_gesture() -> None:
    document = Document()
    gesture = document.begin_gesture("Age")
    gesture.preview(SetAge(60))
    state = document.state
    with pytest.raises(CommandError):
        document.execute(RemoveStrokes(("x",)))
    assert document.state is state
    assert gesture.alive
    assert document.labels == ("New",)


def test_a_gesture_that_ended_changes_nothing_any_more(tmp_path: Path) -> None:
    document = Document()
    document.save(tmp_path / "a.rhytid")
    for end in (document.settle, document.undo, lambda: document.open(tmp_path / "a.rhytid"), document.new):
        gesture = document.begin_gesture("Age")
        gesture.preview(SetAge(60))
        end()
        listener, labels = Listener(document), document.labels
        assert not gesture.commit()
        gesture.cancel()
        with pytest.raises(GestureError, match="ended"):
            gesture.preview(SetAge(50))
        assert listener.take() == []
        assert document.labels == labels


def test_an_exclusive_gesture_lets_nothing_in_but_the_camera() -> None:
    document = Document()
    stroke_gesture = document.begin_gesture("Draw stroke", exclusive=True)
    stroke_gesture.preview(AddStrokes((stroke("a", 1),)))
    with pytest.raises(GestureError, match="Draw stroke"):
        document.begin_gesture("second")
    with pytest.raises(GestureError, match="Draw stroke"):
        document.execute(SetAge(40))
    assert not document.settle()
    document.execute(SetCamera(yaw_deg=30.0))
    document.redo()
    assert stroke_gesture.alive
    stroke_gesture.commit()
    assert document.settle()
    assert document.labels == ("New", "Draw stroke")


def test_no_two_entries_share_an_id(tmp_path: Path) -> None:
    document = Document()
    seen = [document.entry_id]
    for age in (40, 50, 60):
        document.execute(SetAge(age))
        seen.append(document.entry_id)
    document.go_to(1)
    assert document.entry_id == seen[1]
    document.execute(SetAge(20))
    seen.append(document.entry_id)
    document.new()
    seen.append(document.entry_id)
    document.execute(SetAge(40))
    assert len({*seen, document.entry_id}) == 7


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
    gesture = document.begin_gesture("Age")
    gesture.preview(SetAge(50))
    document.execute(SetCamera(yaw_deg=30.0))
    assert (document.state.age, document.state.camera.yaw_deg) == (50, 30.0)
    gesture.preview(SetAge(60))
    assert document.state.camera.yaw_deg == 30.0
    gesture.cancel()
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
    gesture = document.begin_gesture("Age")
    gesture.preview(SetAge(60))
    document.save(tmp_path / "a.rhytid")
    gesture.commit()
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


def test_a_passing_gesture_leaves_nothing_however_it_ends() -> None:
    def cancelled(document: Document, gesture: Gesture) -> None:
        gesture.cancel()

    def committed(document: Document, gesture: Gesture) -> None:
        assert not gesture.commit()

    def followed_by_a_gesture(document: Document, gesture: Gesture) -> None:
        document.begin_gesture().cancel()

    for end in (cancelled, committed, followed_by_a_gesture):
        document = Document()
        before = document.state
        gesture = document.begin_gesture("Look", passing=True)
        gesture.preview(SetAge(60.0))
        assert document.state.age == 60.0
        end(document, gesture)
        assert document.state == before
        assert document.labels == Document().labels
    document.begin_gesture("Look", passing=True).preview(SetAge(60.0))
    document.execute(SetExpressionWeights({"jawOpen": 0.5}))
    assert document.state.age == before.age
    assert len(document.labels) == 2

"""The document: the present state, how it came about and where it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path

from psygnal import Signal

from rhytid.core.document.commands.base import Command
from rhytid.core.document.history import DEFAULT_LIMIT_BYTES, History
from rhytid.core.document.project import load_project_with_thumbnail, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.files.text import shown


class GestureError(RuntimeError):
    """An edit came while an exclusive gesture was going on, or a preview to a gesture that had ended."""


class Gesture:
    """A drag or a stroke: what it previews until it ends becomes one undo step. `Document.begin_gesture` makes them.

    It ends by `commit` or `cancel`, and also from outside: the next gesture or edit commits it, undo cancels it, and
    another project drops it. What comes to a gesture that has ended does no harm; only a preview is refused.

    Attributes
    ----------
    base : DocumentState
        The state that it began with, seen through the present camera.
    label : str
        Of the undo step; "" takes that of the last preview.
    exclusive : bool
        Nothing may end it but its owner, undo and another project.
    passing : bool
        It shows something for a while: whatever ends it, the state that it began with comes back.
    entry_id : int or None
        The history entry that it became; None until then, and when it changed nothing.
    """

    def __init__(self, document: Document, label: str, exclusive: bool, passing: bool) -> None:
        self._document = document
        self._last_label = ""
        self.base = document.state
        self.label = label
        self.exclusive = exclusive
        self.passing = passing
        self.entry_id: int | None = None

    @property
    def alive(self) -> bool:
        """Whether it is still going on."""
        return self._document._gesture is self

    def preview(self, command: Command) -> None:
        """Show the state that the gesture began with, with `command` applied; replaces the previous preview.

        Raises
        ------
        CommandError
            The command cannot be applied; the previous preview stays.
        GestureError
            The gesture has ended.
        """
        if not self.alive:
            raise GestureError(f"the gesture {self.label!r} has ended; begin another one")
        state = self._document._completed(command.apply(self.base), self.base)
        self._last_label = command.label
        self._document._show(state)

    def commit(self) -> bool:
        """Make the last preview an undo step; False when it changed nothing or the gesture had ended already."""
        document = self._document
        if not self.alive:
            return False
        if self.passing:
            self.cancel()
            return False
        document._gesture = None
        if document.state == self.base:
            document._show(self.base)
            return False
        self.entry_id = document._history.push(self.label or self._last_label, document.state)
        document._tell_history()
        return True

    def cancel(self) -> None:
        """Go back to the state that the gesture began with, unless it had ended already."""
        if self.alive:
            self._document._gesture = None
            self._document._show(self.base)


class Document:
    """What every view listens to and every edit goes through. Not thread-safe; the states it hands out are.

    The camera belongs to the state and is saved, but it is no edit: moving it makes no undo step, leaves
    `is_modified` alone, and undo and redo keep the view.

    Signals
    -------
    state_changed(new, old)
        After every change, previews of a gesture included. `DocumentState` both.
    history_changed()
        Labels or position changed.
    path_changed(path)
        The file changed: `Path` or None.
    modified_changed(is_modified)

    Attributes
    ----------
    complete : callable or None
        What an edit brings with it: gets the state after an edit and the one before, and gives the one that the
        document takes. Keys that set themselves go this way; undo and other projects do not.
    """

    state_changed = Signal(object, object)
    history_changed = Signal()
    path_changed = Signal(object)
    modified_changed = Signal(bool)

    def __init__(self, state: DocumentState | None = None, history_limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self._state = state if state is not None else DocumentState()
        self._history = History("New", self._state, history_limit_bytes)
        self._saved: DocumentState | None = self._state
        self._path: Path | None = None
        self._thumbnail: bytes | None = None
        self._gesture: Gesture | None = None
        self._was_modified = False
        self.complete: Callable[[DocumentState, DocumentState], DocumentState] | None = None

    @property
    def history_limit_bytes(self) -> int:
        """Most bytes that the history keeps; see `History`."""
        return self._history.limit_bytes

    @property
    def state(self) -> DocumentState:
        """The present state, with the preview of a gesture in it."""
        return self._state

    @property
    def committed_state(self) -> DocumentState:
        """The present state without the preview of a gesture: what `save` and autosave write."""
        return self._gesture.base if self._gesture is not None else self._state

    # --- edits

    def execute(self, command: Command) -> None:
        """Apply a command as one undo step; a command that changes nothing makes none. Commits a gesture first.

        Raises
        ------
        CommandError
            The command cannot be applied; all is as before, a gesture too.
        GestureError
            An exclusive gesture is going on and the command would be an undo step.
        """
        if not command.recorded:
            self._look(command)
            return
        self._refuse_while_exclusive(command.label)
        if self._gesture is not None and self._gesture.passing:
            self._gesture.cancel()  # what it shows is nothing to build on
        state = self._completed(command.apply(self._state), self._state)
        self.settle()
        if state is not self._state and state != self._state:
            self._history.push(command.label, state)
            self._show(state)
            self._tell_history()

    def begin_gesture(self, label: str = "", *, exclusive: bool = False, passing: bool = False) -> Gesture:
        """Start a drag or a stroke; commits the one that is going on.

        Parameters
        ----------
        label : str
            Of the undo step; "" takes that of the last preview.
        exclusive : bool
            Other edits have to wait for its end, as they do while a stroke is being drawn.
        passing : bool
            See `Gesture`.

        Raises
        ------
        GestureError
            An exclusive gesture is going on.
        """
        self._refuse_while_exclusive(label)
        self.settle()
        self._gesture = Gesture(self, label, exclusive, passing)
        return self._gesture

    def settle(self) -> bool:
        """Commit the gesture that is going on, if any; False when it is exclusive, and goes on."""
        gesture = self._gesture
        if gesture is not None and not gesture.exclusive:
            gesture.commit()
        return self._gesture is None

    @property
    def gesture_active(self) -> bool:
        """Whether the present state holds a preview that is no undo step yet."""
        return self._gesture is not None

    # --- history

    @property
    def can_undo(self) -> bool:
        return self.gesture_active or self._history.position > 0

    @property
    def can_redo(self) -> bool:
        return not self.gesture_active and self._history.position < len(self._history.labels) - 1

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the history from the oldest entry ("New", "Open face.rhytid") to the newest."""
        return self._history.labels

    @property
    def entry_ids(self) -> tuple[int, ...]:
        """Ids of the history entries, in the order of `labels`; this document never gives one of them again."""
        return self._history.entry_ids

    @property
    def position(self) -> int:
        """Index in `labels` of the present state."""
        return self._history.position

    def state_at(self, index: int) -> DocumentState:
        """State of the entry `index` of `labels`; raises `IndexError` where there is none."""
        return self._history.state_at(index)

    @property
    def entry_id(self) -> int:
        """Id of the history entry of the present state; no other entry of this document ever has it."""
        return self._history.entry_id

    def undo(self) -> None:
        """One step back; during a gesture it cancels that instead. Nothing happens at the oldest entry."""
        if self._gesture is not None:
            self._gesture.cancel()
        elif self.can_undo:
            self.go_to(self.position - 1)

    def redo(self) -> None:
        """One step forward; nothing happens at the newest entry or during a gesture."""
        if self.can_redo:
            self.go_to(self.position + 1)

    def go_to(self, index: int) -> None:
        """Make the entry `index` of `labels` the present one; cancels a gesture.

        Raises
        ------
        IndexError
            There is no such entry.
        """
        if not 0 <= index < len(self.labels):
            raise IndexError(f"history has entries 0..{len(self.labels) - 1}, not {index}")
        if self._gesture is not None:
            self._gesture.cancel()
        if index != self.position:
            self._show(with_camera_of(self._history.go_to(index), self._state))
            self._tell_history()

    # --- file

    @property
    def path(self) -> Path | None:
        """The project file, None before the first save."""
        return self._path

    @property
    def thumbnail(self) -> bytes | None:
        """PNG that the project file carries, if any."""
        return self._thumbnail

    @property
    def is_modified(self) -> bool:
        """Whether closing would lose work; False again after undoing back to what was saved."""
        saved, present = self._saved, self.committed_state
        return saved is None or (saved is not present and with_camera_of(saved, present) != present)

    def new(self, state: DocumentState | None = None) -> None:
        """Start over with an empty history and no file."""
        self._replace(state if state is not None else DocumentState(), None, "New", None, saved=True)

    def open(self, path: str | PathLike[str]) -> None:
        """Open a project file.

        Raises
        ------
        ProjectError, OSError
            The file cannot be read; the document is as before.
        """
        state, thumbnail = load_project_with_thumbnail(path)
        self.adopt(state, path, thumbnail)

    def adopt(
        self, state: DocumentState, path: str | PathLike[str] | None = None, thumbnail: bytes | None = None
    ) -> None:
        """Take over what `load_project` read from `path`, for programs that read on another thread."""
        label = f"Open {shown(Path(path).name)}" if path is not None else "Open"
        self._replace(state, None if path is None else Path(path), label, thumbnail, saved=True)

    def recover(self, state: DocumentState, path: str | PathLike[str] | None = None) -> None:
        """Take over a state that autosave kept; it counts as modified until it is saved."""
        self._replace(state, None if path is None else Path(path), "Recover", None, saved=False)

    def save(self, path: str | PathLike[str] | None = None, thumbnail: bytes | None = None) -> None:
        """Save to `path`, or to the file the document has.

        Parameters
        ----------
        path : path, optional
        thumbnail : bytes, optional
            PNG to put into the file; without it the one that the file had is kept.

        Raises
        ------
        ValueError
            Neither a path nor a file.
        OSError
            The file cannot be written; an older file of that name is as before.
        """
        target = Path(path) if path is not None else self._path
        if target is None:
            raise ValueError("the document has no file yet; save it under a name")
        state = self.committed_state
        kept = thumbnail if thumbnail is not None else self._thumbnail
        save_project(target, state, kept)
        self.mark_saved(state, target, kept)

    def mark_saved(self, state: DocumentState, path: str | PathLike[str], thumbnail: bytes | None = None) -> None:
        """Note that `state` was written to `path`, for programs that write on another thread."""
        self._saved, self._thumbnail = state, thumbnail
        self._set_path(Path(path))
        self._tell_modified()

    # ---

    def _replace(
        self, state: DocumentState, path: Path | None, label: str, thumbnail: bytes | None, *, saved: bool
    ) -> None:
        self._gesture = None
        self._history.restart(label, state)
        self._saved, self._thumbnail = (state if saved else None), thumbnail
        self._set_path(path)
        self._show(state)
        self._tell_history()

    def _look(self, command: Command) -> None:
        """Move the camera, of a gesture's beginning too."""
        state = command.apply(self._state)
        if self._gesture is not None:
            self._gesture.base = command.apply(self._gesture.base)
        if state is not self._state and state != self._state:
            self._show(state)

    def _completed(self, new: DocumentState, old: DocumentState) -> DocumentState:
        return new if self.complete is None else self.complete(new, old)

    def _refuse_while_exclusive(self, label: str) -> None:
        if self._gesture is not None and self._gesture.exclusive:
            raise GestureError(f"{label!r} must wait for the gesture {self._gesture.label!r}")

    def _show(self, state: DocumentState) -> None:
        old, self._state = self._state, state
        if state is not old:
            self.state_changed.emit(state, old)
        self._tell_modified()

    def _set_path(self, path: Path | None) -> None:
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)

    def _tell_history(self) -> None:
        self.history_changed.emit()
        self._tell_modified()

    def _tell_modified(self) -> None:
        if self.is_modified != self._was_modified:
            self._was_modified = not self._was_modified
            self.modified_changed.emit(self._was_modified)


def with_camera_of(state: DocumentState, other: DocumentState) -> DocumentState:
    """`state` seen through the camera of `other`."""
    return state if state.camera == other.camera else replace(state, camera=other.camera)

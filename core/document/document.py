"""The document: the present state, how it came about and where it is saved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from psygnal import Signal

from rhytid.core.document.commands.base import Command
from rhytid.core.document.history import DEFAULT_LIMIT_BYTES, History
from rhytid.core.document.project import load_project_with_thumbnail, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.files.text import shown


class GestureError(RuntimeError):
    """Gestures were begun, ended or mixed with other edits in an order that makes no sense."""


@dataclass
class _Gesture:
    label: str
    base: DocumentState
    last_label: str = ""


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
    """

    state_changed = Signal(object, object)
    history_changed = Signal()
    path_changed = Signal(object)
    modified_changed = Signal(bool)

    def __init__(
        self, state: DocumentState | None = None, history_limit_bytes: int = DEFAULT_LIMIT_BYTES
    ) -> None:
        self._history_limit_bytes = history_limit_bytes
        self._state = state if state is not None else DocumentState()
        self._history = History("New", self._state, history_limit_bytes)
        self._saved: DocumentState | None = self._state
        self._path: Path | None = None
        self._thumbnail: bytes | None = None
        self._gesture: _Gesture | None = None
        self._was_modified = False

    @property
    def history_limit_bytes(self) -> int:
        """Most bytes that the history keeps; see `History`."""
        return self._history_limit_bytes

    @property
    def state(self) -> DocumentState:
        """The present state, with the preview of a gesture in it."""
        return self._state

    @property
    def committed_state(self) -> DocumentState:
        """The present state without the preview of a gesture: what `save` and autosave write."""
        return self._gesture.base if self._gesture else self._state

    # --- edits

    def execute(self, command: Command) -> None:
        """Apply a command as one undo step; a command that changes nothing makes none.

        Raises
        ------
        CommandError
            The command cannot be applied; the document is as before.
        GestureError
            A gesture is going on and the command would be an undo step.
        """
        if self._gesture is not None:
            if command.recorded:
                raise GestureError(f"{command.label!r} must wait for the gesture {self._gesture.label!r}")
            base, state = command.apply(self._gesture.base), command.apply(self._state)
            self._gesture.base = base
        else:
            state = command.apply(self._state)
        if state is self._state or state == self._state:
            return
        if command.recorded:
            self._history.push(command.label, state)
        self._show(state)
        if command.recorded:
            self._tell_history()

    def begin_gesture(self, label: str = "") -> None:
        """Start a drag or a stroke: what `preview` does until `commit_gesture` becomes one undo step.

        Raises
        ------
        GestureError
            A gesture is going on already.
        """
        if self._gesture is not None:
            raise GestureError(f"the gesture {self._gesture.label!r} is still going on")
        self._gesture = _Gesture(label, self._state)

    def preview(self, command: Command) -> None:
        """Show the state that the gesture began with, with `command` applied; replaces the previous preview.

        Raises
        ------
        CommandError
            The command cannot be applied; the previous preview stays.
        GestureError
            No gesture is going on.
        """
        gesture = self._running_gesture()
        state = command.apply(gesture.base)
        gesture.last_label = command.label
        self._show(state)

    def commit_gesture(self) -> None:
        """Make the last preview an undo step, unless it changed nothing.

        Raises
        ------
        GestureError
            No gesture is going on.
        """
        gesture = self._running_gesture()
        self._gesture = None
        if self._state == gesture.base:
            self._show(gesture.base)
            return
        self._history.push(gesture.label or gesture.last_label, self._state)
        self._tell_history()

    def cancel_gesture(self) -> None:
        """Go back to the state that the gesture began with.

        Raises
        ------
        GestureError
            No gesture is going on.
        """
        base = self._running_gesture().base
        self._gesture = None
        self._show(base)

    @property
    def gesture_active(self) -> bool:
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
    def position(self) -> int:
        """Index in `labels` of the present state."""
        return self._history.position

    def undo(self) -> None:
        """One step back; during a gesture it cancels that instead. Nothing happens at the oldest entry."""
        if self.gesture_active:
            self.cancel_gesture()
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
        if self.gesture_active:
            self.cancel_gesture()
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

    def mark_saved(
        self, state: DocumentState, path: str | PathLike[str], thumbnail: bytes | None = None
    ) -> None:
        """Note that `state` was written to `path`, for programs that write on another thread."""
        self._saved, self._thumbnail = state, thumbnail
        self._set_path(Path(path))
        self._tell_modified()

    # ---

    def _replace(
        self, state: DocumentState, path: Path | None, label: str, thumbnail: bytes | None, *, saved: bool
    ) -> None:
        self._gesture = None
        self._history = History(label, state, self._history_limit_bytes)
        self._saved, self._thumbnail = (state if saved else None), thumbnail
        self._set_path(path)
        self._show(state)
        self._tell_history()

    def _running_gesture(self) -> _Gesture:
        if self._gesture is None:
            raise GestureError("no gesture is going on; begin one first")
        return self._gesture

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

"""From slider rows to the document: one undo step per drag, typed value or reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from weakref import WeakKeyDictionary

from PySide6.QtCore import SignalInstance

from rhytid.core.document.commands import Command
from rhytid.core.document.document import Document

CommandOf = Callable[[float], Command]


class SliderRow(Protocol):
    """What a row tells of the hand on its slider."""

    default: float
    drag_started: SignalInstance
    value_changing: SignalInstance
    drag_finished: SignalInstance
    drag_cancelled: SignalInstance
    value_entered: SignalInstance
    reset_requested: SignalInstance

    def finish(self) -> None:
        """End a series of notches or key presses that still waits for its pause."""


# The row whose gesture is going on, by document: rows of different panels must not begin one inside another.
_running: WeakKeyDictionary[Document, SliderRow] = WeakKeyDictionary()


def finish_pending(document: Document) -> None:
    """End a series of wheel notches or key presses that still waits for its pause, keeping its value.

    Call it before an edit that has nothing to do with the slider.
    """
    row = _running.get(document)
    if row is not None:
        row.finish()


def execute(document: Document, command: Command) -> bool:
    """Execute a command after pending slider series ended; False while another gesture (a stroke) is going on."""
    finish_pending(document)
    if document.gesture_active:
        return False
    document.execute(command)
    return True


def bind_row(
    row: SliderRow, document: Document, command_of: CommandOf, default_of: Callable[[], float] | None = None
) -> None:
    """Let `row` edit `document` through the command that `command_of` makes of a value.

    The row shows what it is told by its panel; it is never set from here.
    """

    def begin() -> bool:
        other = _running.get(document)
        if other is not None and other is not row:
            other.finish()
        if document.gesture_active:
            return _running.get(document) is row
        document.begin_gesture()
        _running[document] = row
        return True

    def change(value: float) -> None:
        if begin():  # again: undo in the middle of a series cancels the gesture, what follows is a new one
            document.preview(command_of(value))

    def finish() -> None:
        if _running.get(document) is row:
            del _running[document]
            if document.gesture_active:
                document.commit_gesture()

    def cancel() -> None:
        if _running.get(document) is row:
            del _running[document]
            if document.gesture_active:
                document.cancel_gesture()

    def reset(replaces_click: bool) -> None:
        command = command_of(row.default if default_of is None else default_of())
        # The first click of a double click on the groove was a jump and made a step; the reset takes its place.
        if replaces_click and document.can_undo and document.labels[document.position] == command.label:
            document.undo()
        execute(document, command)

    row.drag_started.connect(begin)
    row.value_changing.connect(change)
    row.drag_finished.connect(finish)
    row.drag_cancelled.connect(cancel)
    row.value_entered.connect(lambda value: execute(document, command_of(value)))
    row.reset_requested.connect(reset)

"""From slider rows to the document: one undo step per drag, typed value or reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import SignalInstance

from rhytid.core.document.commands import Command
from rhytid.core.document.document import Document, Gesture

CommandOf = Callable[[float], Command]


class SliderRow(Protocol):
    """What a row tells of the hand on its slider: a drag or a series of steps, a typed value, a reset."""

    default: float
    value_changing: SignalInstance
    drag_finished: SignalInstance
    drag_cancelled: SignalInstance
    value_entered: SignalInstance
    reset_requested: SignalInstance


class Drag:
    """Values under the hand, one undo step when it lets go. None while a stroke is being drawn.

    When an edit or undo from elsewhere ended the step meanwhile, the next value begins another one.
    """

    def __init__(self, document: Document, label: str = "") -> None:
        self._document = document
        self._label = label
        self._gesture: Gesture | None = None

    @property
    def is_present(self) -> bool:
        """Whether the last step that the hand made is the document's present one."""
        return self._gesture is not None and self._gesture.entry_id == self._document.entry_id

    def preview(self, command: Command) -> None:
        """Show the value that `command` sets."""
        if (self._gesture is None or not self._gesture.alive) and self._document.settle():
            self._gesture = self._document.begin_gesture(self._label)
        if self._gesture is not None and self._gesture.alive:
            self._gesture.preview(command)

    def finish(self) -> None:
        """The hand let go."""
        if self._gesture is not None:
            self._gesture.commit()

    def cancel(self) -> None:
        """The hand gave up."""
        if self._gesture is not None:
            self._gesture.cancel()


def execute(document: Document, command: Command) -> bool:
    """Execute a command; False while a stroke is being drawn."""
    if not document.settle():
        return False
    document.execute(command)
    return True


def bind_row(
    row: SliderRow, document: Document, command_of: CommandOf, default_of: Callable[[], float] | None = None
) -> None:
    """Let `row` edit `document` through the command that `command_of` makes of a value.

    The row shows what it is told by its panel; it is never set from here.
    """
    drag = Drag(document)

    def reset(replaces_click: bool) -> None:
        command = command_of(row.default if default_of is None else default_of())
        # The first click of a double click on the groove was a jump and made a step; the reset takes its place.
        if replaces_click and drag.is_present:
            document.undo()
        execute(document, command)

    row.value_changing.connect(lambda value: drag.preview(command_of(value)))
    row.drag_finished.connect(drag.finish)
    row.drag_cancelled.connect(drag.cancel)
    row.value_entered.connect(lambda value: execute(document, command_of(value)))
    row.reset_requested.connect(reset)

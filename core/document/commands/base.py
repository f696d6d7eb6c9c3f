"""What every command is: a frozen value with a label and a pure function from state to state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from rhytid.core.document.state import DocumentState

Pairs = tuple[tuple[str, float], ...]


class CommandError(ValueError):
    """A command cannot be applied: its values make no sense or name something that is not there."""


class Command(ABC):
    """One edit. `apply` never changes its argument; it returns the very same object when nothing changes.

    Attributes
    ----------
    recorded : bool
        Whether the command makes an undo step. Commands on the camera do not: what they change is saved with
        the project and survives undo and redo, as artists expect of a view.
    """

    recorded: ClassVar[bool] = True

    @property
    @abstractmethod
    def label(self) -> str:
        """What the history list shows, in a few words."""

    @abstractmethod
    def apply(self, state: DocumentState) -> DocumentState:
        """The state after the edit.

        Raises
        ------
        CommandError
            The values are not finite numbers or name something that is not there. Numbers out of range
            are clamped.
        """


@dataclass(frozen=True)
class Batch(Command):
    """Several commands as one undo step; all or none of them."""

    commands: tuple[Command, ...]
    text: str = ""

    @property
    def label(self) -> str:
        return self.text or (self.commands[0].label if self.commands else "Nothing")

    def apply(self, state: DocumentState) -> DocumentState:
        for command in self.commands:
            state = command.apply(state)
        return state


def as_pairs(values: Mapping[str, float] | Iterable[tuple[str, float]]) -> Pairs:
    """Mapping or pairs as a tuple of pairs, so that a frozen command can keep them."""
    items = values.items() if isinstance(values, Mapping) else values
    return tuple((str(name), value) for name, value in items)

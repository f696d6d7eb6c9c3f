"""What every command is: a frozen value with a label and a pure function from state to state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rhytid.core.document.state import DocumentState

Pairs = tuple[tuple[str, float], ...]


class CommandError(ValueError):
    """A command cannot be applied: its values make no sense or name something that is not there."""


@dataclass(frozen=True)
class Command(ABC):
    """One edit. `apply` never changes its argument; it returns the very same object when nothing changes.

    Attributes
    ----------
    label : str
        What the history list shows, in a few words: an attribute of the class where it is always the same, a field
        where whoever makes the command chooses it, a property where it depends on the values.
    recorded : bool
        Whether the command makes an undo step. Commands on the camera do not: what they change is saved with
        the project and survives undo and redo, as artists expect of a view.
    """

    recorded: ClassVar[bool] = True

    @property
    @abstractmethod
    def label(self) -> str: ...

    def __post_init__(self) -> None:
        """Keep mappings as pairs and lists as tuples, so that nothing changes the command afterwards."""
        for name, value in vars(self).items():
            if isinstance(value, Mapping):
                object.__setattr__(self, name, tuple(value.items()))
            elif isinstance(value, list):
                object.__setattr__(self, name, tuple(value))

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


def changed(state: DocumentState, **fields: Any) -> DocumentState:
    """`state` with other values of these fields; the very same object when it has them already."""
    same = all(getattr(state, name) == value for name, value in fields.items())
    return state if same else replace(state, **fields)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn the refusal of a value (ValueError, TypeError) into a `CommandError`."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise CommandError(str(error)) from error

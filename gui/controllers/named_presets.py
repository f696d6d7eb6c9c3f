"""Values of one kind under names of the artist's, kept with the other preferences."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from rhytid.core.language import tr
from rhytid.gui.preferences import Preferences

MAX_NAME, MAX_PRESETS = 40, 200
T = TypeVar("T")


class NamedPresets(Generic[T]):
    """See the module.

    Parameters
    ----------
    preferences : Preferences
        Keep them.
    group : str
        Under which they are kept.
    read, write : callable
        A value from its text, which raises `ValueError` for one that is none, and the text of a value.
    taken : collection of str
        Names of the program's own.
    kind, kinds : str
        What one of them is called, and what several are.
    """

    def __init__(
        self, preferences: Preferences, group: str, read: Callable[[str], T], write: Callable[[T], str],
        taken: Collection[str], kind: str, kinds: str,
    ) -> None:  # fmt: skip
        self._preferences, self._group, self._taken = preferences, group, taken
        self._kind, self._kinds, self._read, self._write = kind, kinds, read, write

    def own(self) -> dict[str, T]:
        """By name; what cannot be read is left out."""
        found: dict[str, T] = {}
        for name, text in self._preferences.remembered(self._group).items():
            if isinstance(text, str) and text and len(found) < MAX_PRESETS and 0 < len(name) <= MAX_NAME:
                try:
                    found[name] = self._read(text)
                except ValueError:
                    continue
        return found

    def keep(self, name: str, value: T) -> str:
        """Keep a value, in the place of another one of that name; gives the name that it has.

        Raises
        ------
        ValueError
            No name, one of the program's own, or too many.
        """
        name = " ".join(name.split())[:MAX_NAME]
        if not name or name in self._taken:
            raise ValueError(tr("Give the {0} a name of its own", self._kind))
        own = self.own()
        if name not in own and len(own) >= MAX_PRESETS:
            raise ValueError(tr("There are {0} {1}; delete some first", MAX_PRESETS, self._kinds))
        self._preferences.remember(self._group, {name: self._write(value)})
        return name

    def rename(self, old: str, new: str) -> str:
        """Another name for one; raises as `keep`, and where another one has it."""
        value = self.own()[old]
        if " ".join(new.split())[:MAX_NAME] in self.own().keys() - {old}:
            raise ValueError(tr("Another {0} has that name", self._kind))
        name = self.keep(new, value)
        if name != old:
            self.delete(old)
        return name

    def delete(self, name: str) -> None:
        """Forget one."""
        self._preferences.remember(self._group, {name: ""})

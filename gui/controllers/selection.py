"""Which strokes are selected; shared by viewport, canvas and stroke list, no part of the document."""

from __future__ import annotations

from collections.abc import Iterable

from psygnal import Signal


class Selection:
    """Ids of the selected strokes.

    Signals
    -------
    selection_changed(frozenset of str)
    """

    selection_changed = Signal(object)

    def __init__(self) -> None:
        self._ids: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self._ids

    def set(self, ids: Iterable[str]) -> None:
        """Select exactly `ids`."""
        ids = frozenset(ids)
        if ids != self._ids:
            self._ids = ids
            self.selection_changed.emit(ids)

    def toggle(self, stroke_id: str) -> None:
        """Add the stroke, or take it out when it is selected."""
        self.set(self._ids ^ {stroke_id})

    def clear(self) -> None:
        self.set(())

    def keep(self, existing: Iterable[str]) -> None:
        """Forget strokes that the document no longer has."""
        self.set(self._ids & frozenset(existing))

    def __contains__(self, stroke_id: str) -> bool:
        return stroke_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

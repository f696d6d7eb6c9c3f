"""Which strokes are selected and which one lies under the pointer: shared by list, canvas and viewport.

Selecting is no edit of the document and makes no undo step.
"""

from __future__ import annotations

from collections.abc import Iterable

from psygnal import Signal


class Selection:
    """Ids of the selected strokes in the order in which they were picked; the last one is the active one.

    Signals
    -------
    changed(tuple of str)
        After the selected ids changed.
    hover_changed(str)
        After the stroke under the pointer changed; "" = none.
    """

    changed = Signal(tuple)
    hover_changed = Signal(str)

    def __init__(self) -> None:
        self._ids: tuple[str, ...] = ()
        self._hovered = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return self._ids

    @property
    def active(self) -> str:
        """Id of the stroke that was picked last, "" when nothing is selected."""
        return self._ids[-1] if self._ids else ""

    @property
    def hovered(self) -> str:
        return self._hovered

    def __contains__(self, stroke_id: object) -> bool:
        return stroke_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def set(self, ids: Iterable[str]) -> None:
        """Select exactly `ids`."""
        unique = tuple(dict.fromkeys(ids))
        if unique != self._ids:
            self._ids = unique
            self.changed.emit(unique)

    def add(self, ids: Iterable[str]) -> None:
        """Select `ids` beside what is selected already."""
        self.set((*self._ids, *ids))

    def toggle(self, stroke_id: str) -> None:
        """Select the stroke, or take it out of the selection."""
        if stroke_id in self._ids:
            self.set(i for i in self._ids if i != stroke_id)
        else:
            self.set((*self._ids, stroke_id))

    def clear(self) -> None:
        self.set(())

    def keep(self, existing: Iterable[str]) -> None:
        """Forget ids of strokes that are no longer there."""
        alive = set(existing)
        self.set(i for i in self._ids if i in alive)
        if self._hovered and self._hovered not in alive:
            self.hover("")

    def hover(self, stroke_id: str) -> None:
        """Mark the stroke under the pointer; "" = none."""
        if stroke_id != self._hovered:
            self._hovered = stroke_id
            self.hover_changed.emit(stroke_id)

"""Which strokes are selected: shared by list, canvas and viewport.

Selecting is no edit of the document and makes no undo step.
"""

from __future__ import annotations

from collections.abc import Iterable

from psygnal import Signal

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState


class Selection:
    """Ids of the selected strokes in the order in which they were picked; the last one is the active one.

    A stroke that leaves the document leaves the selection.

    Parameters
    ----------
    document : Document

    Signals
    -------
    changed(tuple of str)
        After the selected ids changed.
    point_changed(int)
        After another point of the active stroke was taken hold of, or none any more.
    """

    changed = Signal(tuple)
    point_changed = Signal(int)

    def __init__(self, document: Document) -> None:
        self._ids: tuple[str, ...] = ()
        self._point = -1
        document.state_changed.connect(self._follow)

    @property
    def ids(self) -> tuple[str, ...]:
        return self._ids

    @property
    def active(self) -> str:
        """Id of the stroke that was picked last, "" when nothing is selected."""
        return self._ids[-1] if self._ids else ""

    @property
    def point(self) -> int:
        """The point of the active stroke that was held last, -1 for none; the stroke may have lost it since."""
        return self._point

    def hold_point(self, index: int) -> None:
        """Take hold of a point of the active stroke, -1 of none."""
        if index != self._point:
            self._point = index
            self.point_changed.emit(index)

    def __contains__(self, stroke_id: object) -> bool:
        return stroke_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def set(self, ids: Iterable[str]) -> None:
        """Select exactly `ids`."""
        unique = tuple(dict.fromkeys(ids))
        if unique != self._ids:
            self._ids = unique
            self.hold_point(-1)
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

    def _follow(self, new: DocumentState, old: DocumentState) -> None:
        if self._ids and new.strokes is not old.strokes:
            known = {stroke.id for stroke in new.strokes}
            self.set(i for i in self._ids if i in known)

"""Which texture coordinates an imported map lies in, asked for heads that have others than the chart's."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtWidgets import QComboBox, QWidget

from rhytid.core.head.head import Head
from rhytid.core.io.planned_export import layout_of
from rhytid.core.language import tr

_TILES_NAMED = 8


class Place(NamedTuple):
    """Fields of `MapReading`."""

    layout: str
    tile: int | None


class LayoutBox(QComboBox):
    """See the module; it begins with the head's own layout where the head has one.

    Attributes
    ----------
    own : OwnLayout or None
        That of the head.
    """

    def __init__(self, head: Head | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.own = None if head is None else layout_of(head)
        if self.own is not None:
            self.addItem(tr("The head's own"), Place("own", None))
            if len(self.own.tiles) > 1:
                for tile in sorted(self.own.tiles, key=self.own.share_of, reverse=True)[:_TILES_NAMED]:
                    self.addItem(tr("The head's own, tile {0}", tile), Place("own", tile))
        self.addItem(tr("Chart"), Place("chart", None))
        self.setToolTip(tr("Texture coordinates in which the map lies: the head's own, or those of the chart"))

    def place(self) -> Place:
        """What is chosen."""
        place = self.currentData()
        return Place(*place)

    def take(self, stated: str) -> None:
        """Choose what the file states of itself: "chart", "own" or nothing."""
        if self.own is not None and stated == "chart":
            self.setCurrentIndex(self.count() - 1)

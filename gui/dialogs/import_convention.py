"""What the values of an imported map mean, by the names that such maps go under."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QWidget

from rhytid.core.io.map_meaning import FACESCAPE
from rhytid.core.io.map_statement import Scaling
from rhytid.core.language import tr


class ConventionBox(QComboBox):
    """See the module."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItem(tr("As the file suggests"), "suggested")
        self.addItem(tr("FaceScape (16 bit, ±0.914 mm)"), "facescape")
        self.addItem(tr("16 bit, middle grey is zero"), "centred")
        self.addItem(tr("Millimetres (floating point)"), "mm")
        self.addItem(tr("Centimetres (floating point)"), "cm")
        self.addItem(tr("Metres (floating point)"), "m")
        self.addItem(tr("My own"), "own")

    def chosen(self, suggested: Scaling) -> Scaling | None:
        """The scaling that is meant, for a file that suggests one; None for the artist's own."""
        return {
            "suggested": suggested,
            "facescape": FACESCAPE,
            "centred": replace(suggested, mid=FACESCAPE.mid),
            "mm": Scaling(),
            "cm": Scaling(10.0),
            "m": Scaling(1000.0),
        }.get(self.currentData())

"""The head's own layout as pictures in the export dialog: where its skin lies, red where parts of it share texels."""

from __future__ import annotations

from threading import Thread

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from rhytid.core.io.errors import MapError
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.language import tr
from rhytid.gui.dialogs.map_picture import rgb_picture, with_islands
from rhytid.gui.widgets.labels_and_buttons import text_label

_SIDE_PX = 120
_SKIN_RGB, _BESIDE_RGB = (150, 150, 150), (45, 45, 45)
_MOST_TILES = 3


class _Looker(QObject):
    """Looks at a layout; the thread keeps it alive when the dialog is closed before."""

    found = Signal(object, str)  # pictures (R, R, 3) by tile, and what is to be told

    def start(self, layout: OwnLayout) -> None:
        """Look in the background."""
        Thread(target=self._look, args=(layout,), name="own layout", daemon=True).start()

    def _look(self, layout: OwnLayout) -> None:
        most = sorted(layout.tiles, key=layout.share_of, reverse=True)[:_MOST_TILES]
        pictures = {tile: _picture(layout.islands(tile, _SIDE_PX)) for tile in sorted(most)}
        try:
            told = layout.check()
        except MapError as error:
            told = str(error)
        self.found.emit(pictures, told)


class SharedSkin(QWidget):
    """See the module; the layout is looked at once, when it is first chosen.

    Parameters
    ----------
    layout : OwnLayout or None
    """

    def __init__(self, layout: OwnLayout | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout, self._is_asked = layout, False
        self.setToolTip(tr("The head's skin in its own texture coordinates, red where two parts share texels"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.pictures = [QLabel() for _ in range(_MOST_TILES)]
        for picture in self.pictures:
            picture.setFixedSize(_SIDE_PX, _SIDE_PX)
            picture.hide()
            row.addWidget(picture)
        self.words = text_label("", "soft")
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self._looker = _Looker()
        self._looker.found.connect(self._show)

    def show_for(self, chosen: str) -> None:
        """Show it where the own layout is chosen."""
        wanted = chosen == "own" and self._layout is not None
        self.setVisible(wanted)
        if wanted and not self._is_asked and self._layout is not None:
            self._is_asked = True
            self._looker.start(self._layout)

    def _show(self, pictures: dict[int, npt.NDArray[np.uint8]], told: str) -> None:
        for label, (tile, rgb) in zip(self.pictures, pictures.items(), strict=False):
            label.setPixmap(rgb_picture(rgb).scaled(_SIDE_PX, _SIDE_PX))
            label.setToolTip(tr("Tile {0}", tile))
            label.show()
        self.words.setText(told)


def _picture(islands: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    rgb = np.where((islands > 0)[..., None], np.array(_SKIN_RGB), np.array(_BESIDE_RGB)).astype(np.uint8)
    return with_islands(rgb, islands)

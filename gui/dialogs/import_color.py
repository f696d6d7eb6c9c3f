"""Dialog before a skin colour is imported: what the picture is, and in which layout it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rhytid.core.head.head import Head
from rhytid.core.io.albedo_reading import square_picture
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.own_layout_reading import tile_files
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.import_layout import LayoutBox, Place
from rhytid.gui.dialogs.map_picture import PREVIEW_PX, rgb_picture, with_islands
from rhytid.gui.widgets.labels_and_buttons import text_label

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A small picture, its texels, the skin's edges on it, and what a person should know."""

    rgb: UInt8
    side: int
    islands: UInt8 | None
    doubt: str


class _ColorReader(QObject):
    """Reads a picture as often as it is asked; the thread keeps it alive when the dialog is closed before."""

    done = Signal(int, object)
    failed = Signal(int, str)

    def __init__(self, path: Path, layout: OwnLayout | None) -> None:
        super().__init__()
        self._path, self._layout = path, layout
        self.number = 0

    def start(self, place: Place) -> None:
        """Read in the background."""
        self.number += 1
        Thread(target=self._read, args=(self.number, place), name="colour preview", daemon=True).start()

    def _read(self, number: int, place: Place) -> None:
        try:
            islands, doubt = None, ""
            if place.layout == "own" and self._layout is not None:
                files = tile_files(self._path, self._layout, place.tile, self._layout.skin_tiles)
                tile = next(tile for tile, file in files.items() if file == self._path)
                islands, doubt = self._layout.islands(tile, PREVIEW_PX), self._layout.upon_each_other
            picture = square_picture(self._path)
            small = cv2.resize(picture, (PREVIEW_PX, PREVIEW_PX), interpolation=cv2.INTER_AREA)
            self.done.emit(number, _Loaded(np.asarray(small, np.uint8), len(picture), islands, doubt))
        except (ValueError, OSError) as error:
            self.failed.emit(number, str(error))


class ImportColorDialog(Dialog):
    """Which layout the picture of a skin colour lies in; after `exec` gave Accepted, `place()` says it.

    Parameters
    ----------
    path : Path
    head : Head, optional
        In whose own layout it may lie; only the chart's can be chosen without.
    """

    def __init__(self, path: Path, head: Head | None, parent: QWidget | None = None) -> None:
        super().__init__(tr("Import skin colour"), tr("Import"), parent)
        self.path = path
        self.layout_box = LayoutBox(head)
        row = QHBoxLayout()
        row.setSpacing(18)
        self.picture = QLabel(tr("Reading…"))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(PREVIEW_PX + 2, PREVIEW_PX + 2)
        row.addWidget(self.picture)
        column = QVBoxLayout()
        column.addWidget(text_label(path.name, "title"))
        self.facts = text_label(" ", "soft")
        column.addWidget(self.facts)
        form = QFormLayout()
        form.addRow(tr("Layout"), self.layout_box)
        form.setRowVisible(self.layout_box, self.layout_box.own is not None)
        column.addLayout(form)
        self.warning = text_label("", "warning")
        self.warning.setMinimumHeight(4 * self.fontMetrics().lineSpacing())
        self.warning.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.warning)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.body.addLayout(row)
        self.finish_layout()
        self._reader = _ColorReader(path, self.layout_box.own)
        self._reader.done.connect(self._show)
        self._reader.failed.connect(self._show_failure)
        self.layout_box.activated.connect(self._read)
        self._read()

    def place(self) -> Place:
        """What is chosen."""
        return self.layout_box.place()

    def _read(self) -> None:
        self._set_ready(False)
        self._reader.start(self.place())

    def _set_ready(self, ready: bool) -> None:
        if self.accept_button is not None:
            self.accept_button.setEnabled(ready)

    def _show(self, number: int, loaded: _Loaded) -> None:
        if number != self._reader.number:
            return
        rgb = loaded.rgb if loaded.islands is None else with_islands(loaded.rgb, loaded.islands)
        self.picture.setPixmap(rgb_picture(rgb))
        self.facts.setText(tr("{0} × {0} texels", loaded.side))
        self.warning.setText(loaded.doubt)
        self._set_ready(True)

    def _show_failure(self, number: int, text: str) -> None:
        if number == self._reader.number:
            self.picture.setText(tr("No picture"))
            self.facts.setText(tr("This file cannot be imported"))
            self.warning.setText(text.replace(str(self.path), self.path.name))

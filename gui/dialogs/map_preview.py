"""A map read for an import dialog, on a thread of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.io.displacement_file import DisplacementProbe, open_layers, probe_displacement
from rhytid.core.io.errors import ChoiceNeeded
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.map_channels import channel_names
from rhytid.core.io.map_meaning import MapReading
from rhytid.core.io.own_layout_reading import tile_files, turn_of
from rhytid.gui.dialogs.map_picture import PREVIEW_PX

_OPTIONS = re.compile(r"\s*\(--[^)]*\)")


@dataclass(frozen=True, eq=False)
class LoadedMap:
    """A probe and the values of the map in at most `PREVIEW_PX` texels, as they lie in the file.

    Of a map in the head's own layout also `OwnLayout.islands` of its tile and where these lie upon each other.
    """

    probe: DisplacementProbe
    values: npt.NDArray[np.float32]
    islands: npt.NDArray[np.uint8] | None = None
    doubt: str = ""


class MapReader(QObject):
    """Reads a map as often as it is asked; the threads keep it alive when the dialog is closed before.

    Signals carry the number of the reading, so that what was overtaken can be told.
    """

    listed = Signal(object)  # names of all channels
    done = Signal(int, object)  # LoadedMap
    unclear = Signal(int, object)  # ChoiceNeeded
    failed = Signal(int, str)

    def __init__(self, path: Path, layout: OwnLayout | None = None, head: Head | None = None) -> None:
        super().__init__()
        self._path, self._layout, self._head = path, layout, head
        self.number = 0

    def start(self, reading: MapReading) -> None:
        """Read in the background."""
        self.number += 1
        Thread(target=self._read, args=(self.number, reading), name="map preview", daemon=True).start()

    def _read(self, number: int, reading: MapReading) -> None:
        try:
            if number == 1:
                self.listed.emit(channel_names(open_layers(self._path)))
            islands, doubt = None, ""
            if reading.layout == "own":
                assert self._layout is not None
                files = tile_files(self._path, self._layout, reading.tile)
                tile = next(tile for tile, file in files.items() if file == self._path)
                islands, doubt = self._layout.islands(tile, PREVIEW_PX), self._layout.upon_each_other
            turn = turn_of(self._head or default_head(), reading)
            probe = probe_displacement(self._path, replace(reading, layout="chart", tile=None), turn)
            values = probe.values
            if len(values) > PREVIEW_PX:
                values = cv2.resize(values, (PREVIEW_PX, PREVIEW_PX), interpolation=cv2.INTER_AREA)
            self.done.emit(number, LoadedMap(probe, np.asarray(values, np.float32), islands, doubt))
        except ChoiceNeeded as choice:
            self.unclear.emit(number, choice)
        except (ValueError, OSError) as error:
            self.failed.emit(number, str(error))


def without_options(text: str) -> str:
    """A message of the reader without the options of the command line that it names."""
    return _OPTIONS.sub("", text)

"""A map read for an import dialog, on a thread of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from rhytid.core.io.displacement_file import DisplacementProbe, open_layers, probe_displacement
from rhytid.core.io.errors import ChoiceNeeded
from rhytid.core.io.map_channels import channel_names
from rhytid.core.io.map_meaning import MapReading

PREVIEW_PX = 300
_OPTIONS = re.compile(r"\s*\(--[^)]*\)")


@dataclass(frozen=True, eq=False)
class LoadedMap:
    """A probe and the values of the map in at most `PREVIEW_PX` texels, as they lie in the file."""

    probe: DisplacementProbe
    values: npt.NDArray[np.float32]


class MapReader(QObject):
    """Reads a map as often as it is asked; the threads keep it alive when the dialog is closed before.

    Signals carry the number of the reading, so that what was overtaken can be told.
    """

    listed = Signal(object)  # names of all channels
    done = Signal(int, object)  # LoadedMap
    unclear = Signal(int, object)  # ChoiceNeeded
    failed = Signal(int, str)

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.number = 0

    def start(self, reading: MapReading) -> None:
        """Read in the background."""
        self.number += 1
        Thread(target=self._read, args=(self.number, reading), name="map preview", daemon=True).start()

    def _read(self, number: int, reading: MapReading) -> None:
        try:
            if number == 1:
                self.listed.emit(channel_names(open_layers(self._path)))
            probe = probe_displacement(self._path, reading)
            values = probe.values
            if len(values) > PREVIEW_PX:
                values = cv2.resize(values, (PREVIEW_PX, PREVIEW_PX), interpolation=cv2.INTER_AREA)
            self.done.emit(number, LoadedMap(probe, np.asarray(values, np.float32)))
        except ChoiceNeeded as choice:
            self.unclear.emit(number, choice)
        except (ValueError, OSError) as error:
            self.failed.emit(number, str(error))


def without_options(text: str) -> str:
    """A message of the reader without the options of the command line that it names."""
    return _OPTIONS.sub("", text)

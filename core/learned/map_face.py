"""An imported map as the SEMM sees it, at capture and in another expression or at another age.

The map itself is carried along, with all that a code cannot represent: lines, moles, the scan's own texture. Its octave
bands grow or fade, place by place, as the log energies do from capture to the pose that is wanted. Where those hardly
change the map keeps its bits. (What the decoded base changes is not added: on scans that no network has
seen it resembles the real change less than the map's own detail does.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import capped_growth
from rhytid.core.detail.source import covered
from rhytid.core.learned.code import Code
from rhytid.core.learned.expression_energy import CELLS
from rhytid.core.learned.line_fields import field_of
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.graded import extract_faint_lines, extract_strong_lines
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache, held_bytes
from rhytid.core.maps.bands import enlarged, log_energies, octave_bands, soft_threshold
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE, UNIT_MM
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_STILL = 0.01  # changes of a log amplitude up to this are none
_LEAST, _MOST = 0.35, 2.5


@dataclass(frozen=True, eq=False)
class PaintedLines:
    """Lines of a face as the painter sees them, each float32 (256, 256)."""

    relief_mm: Float32
    strong: Float32
    all: Float32


def _blank() -> Float32:
    return read_only(np.zeros((SIDE, SIDE), np.float32))


NO_LINES = PaintedLines(_blank(), _blank(), _blank())


@dataclass(frozen=True, eq=False)
class MapChange:
    """What a pose adds to a map, float32 (256, 256) in mm, and the gain of the map's own lines (256, 256)."""

    added_mm: Float32
    line_gain: Float32


class Encoder(Protocol):
    """A model that gives maps their codes."""

    def encode(self, displacement_mm: Float32, distance_field: Float32) -> Code:
        """Code of a map and the distance field of its strong lines, each float32 (256, 256)."""


class MapFace:
    """An imported map at capture: what the code says of it, and what it leaves over."""

    def __init__(self, model: Encoder, displacement: Float32, cache: ArrayCache) -> None:
        self.displacement: Float32 = resample(displacement, SIDE)
        self._strong = extract_strong_lines(self.displacement)
        self._cache = cache
        self._mine = object()
        self.log_energy = log_energies(self.displacement * np.float32(1 / UNIT_MM))
        self.code = model.encode(self.displacement, distance_field(self._strong, SIDE))

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays, but of those that the cache has under a key of their own."""
        return held_bytes((self.displacement, self._strong, self.log_energy, self.code))

    @property
    def _bands(self) -> list[Float32]:
        return self._cache.get((self._mine, "bands"), lambda: octave_bands(self.displacement))

    @property
    def covered(self) -> Float32:
        """1 where the map shows skin, 0 where it is blank."""
        return self._cache.get((self._mine, "covered"), lambda: covered(self.displacement))

    @property
    def lines(self) -> PaintedLines:
        """The map's own lines, strong and faint."""
        return self._cache.get((self._mine, "lines"), self._lines)

    def _lines(self) -> PaintedLines:
        every: tuple[Stroke, ...] = (*self._strong, *extract_faint_lines(self.displacement, self._strong))
        depth_mm = relief([(stroke, 1.0) for stroke in every], SIDE)
        return PaintedLines(depth_mm, field_of(self._strong, self._cache), field_of(every, self._cache))

    @property
    def fine_log_energy(self) -> Float32:
        """Log energies of the bands in the cells of `ExpressionEnergy`, float32 (4, 32, 32)."""
        values = self.displacement * np.float32(1 / UNIT_MM)
        return self._cache.get((self._mine, "fine"), lambda: log_energies(values, CELLS))

    def change(self, moved: Float32, years: Float32) -> MapChange:
        """The change of the map from its capture to another pose.

        Parameters
        ----------
        moved, years : float32 (4, N, N) and (4, 16, 16)
            How much the log energies grow by the expression, and by the years, whose share is capped; wrinkles come
            as strokes.
        """
        aged = np.stack([enlarged(band, moved.shape[-1]) for band in capped_growth(years / 2)])
        log_gain = soft_threshold(moved / 2 + aged, _STILL)
        log_gain = np.clip(log_gain, np.log(_LEAST), np.log(_MOST))
        added = np.zeros((SIDE, SIDE), np.float32)
        gains = [enlarged(band) for band in log_gain]
        for gain, band in zip(gains, self._bands, strict=True):
            added += np.expm1(gain) * band
        # A wrinkle's relief lies in the bands of 1-2 and 2-4 px.
        return MapChange(added * self.covered, np.exp((gains[1] + gains[2]) / 2))

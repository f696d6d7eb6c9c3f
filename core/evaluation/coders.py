"""Maps by codes alone, of either variant of SEMM: rebuilt, and brought to another expression, as its table 1 has it.

The map that comes out is decoded and nothing else. The editor never shows such a map: it keeps the map that it was
given and lets its octave bands grow as the decoded ones do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.evaluation.expression import Edited, FromScan, scored
from rhytid.core.evaluation.scans import Scan
from rhytid.core.evaluation.scores import MapScore
from rhytid.core.evaluation.tasks import Context
from rhytid.core.learned.map_face import Encoder, MapFace
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.semm_paper import PaperModel, is_by_paper
from rhytid.core.learned.weights import SEMM, open_model
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import log_energies
from rhytid.core.maps.units import UNIT_MM

Float32 = npt.NDArray[np.float32]


class Coder(ABC):
    """What both variants can do with a scan's code; keeps the scan that it was last asked about."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._last: tuple[Scan, MapFace] | None = None

    def face(self, scan: Scan) -> MapFace:
        """The scan with its code."""
        if self._last is None or self._last[0] is not scan:
            self._last = scan, MapFace(self._encoder, scan.displacement, ArrayCache())
        return self._last[1]

    @abstractmethod
    def rebuilt(self, scan: Scan) -> Float32:
        """The scan through its code and back, float32 (256, 256) mm."""

    @abstractmethod
    def edited(self, scan: Scan, to_expression: Float32) -> Float32:
        """The scan decoded in another expression, float32 (256, 256) mm."""

    def kept(self, scan: Scan, to_expression: Float32) -> Float32:
        """The scan itself, its bands grown as what is decoded says, float32 (256, 256) mm."""
        before, after = (
            log_energies(values * np.float32(1 / UNIT_MM))
            for values in (self.rebuilt(scan), self.edited(scan, to_expression))
        )
        return scan.displacement + self.face(scan).change(after - before, np.zeros_like(before)).added_mm


class StructuredCoder(Coder):
    """The structured variant by its code alone."""

    def __init__(self, model: SemmModel) -> None:
        super().__init__(model)
        self._model = model

    def rebuilt(self, scan: Scan) -> Float32:
        return self._model.reconstructed(self.face(scan).code)

    def edited(self, scan: Scan, to_expression: Float32) -> Float32:
        change, ages = to_expression - scan.weights, (scan.age, scan.age)
        return self._model.reconstructed(self._model.transform(self.face(scan).code, change, ages, to_expression))


class PaperCoder(Coder):
    """The paper's variant."""

    def __init__(self, model: PaperModel) -> None:
        super().__init__(model)
        self._model = model

    def rebuilt(self, scan: Scan) -> Float32:
        return self._model.reconstructed(self.face(scan).code, scan.weights, scan.age)

    def edited(self, scan: Scan, to_expression: Float32) -> Float32:
        return self._model.edited(self.face(scan).code, scan.weights, scan.age, to_expression)


@lru_cache(maxsize=1)
def coder(weights: Path | None) -> Coder:
    """The coder of a folder of weights.

    Raises
    ------
    WeightsError
        They are missing or damaged.
    """
    files = open_model(SEMM, weights)
    return PaperCoder(PaperModel(files)) if is_by_paper(files) else StructuredCoder(SemmModel(files))


def rebuild(context: Context, name: str) -> MapScore:
    """Score of the scan of that name, rebuilt."""
    scan = next(scan for scan in context.scans.scans if scan.name == name)
    return context.scans.reference(scan).score(coder(context.setup.weights).rebuilt(scan))


def decode_edits(context: Context, task: FromScan) -> Edited:
    """One scan decoded in all its target expressions."""
    own = coder(context.setup.weights)
    return scored(context, task, lambda scan, target: own.edited(scan, target.weights))


def keep_and_edit(context: Context, task: FromScan) -> Edited:
    """One scan brought to its targets by what a code's variant decodes, and otherwise kept."""
    own = coder(context.setup.weights)
    return scored(context, task, lambda scan, target: own.kept(scan, target.weights))

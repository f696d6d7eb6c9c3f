"""SEMM's own input and output for a scan, without the editor's machinery around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.line_fields import REACH_PX
from rhytid.core.learned.semm import SemmModel
from rhytid.core.lines.distance import TRUNCATION, distance_field
from rhytid.core.lines.graded import extract_faint_lines, extract_strong_lines
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ReadMap:
    """A map and all its valleys, strong and faint, as the networks read them.

    Attributes
    ----------
    displacement : float32 (256, 256)
        mm.
    """

    displacement: Float32

    @cached_property
    def strong(self) -> tuple[Stroke, ...]:
        return extract_strong_lines(self.displacement)

    @cached_property
    def lines(self) -> tuple[Stroke, ...]:
        return (*self.strong, *extract_faint_lines(self.displacement, self.strong))

    @cached_property
    def stamped(self) -> Float32:
        """The relief of all lines, float32 (256, 256) mm: what can be had without any network."""
        return relief([(line, 1.0) for line in self.lines], SIDE)


def from_code(model: SemmModel, read: ReadMap) -> Float32:
    """A map through the 576 numbers and back, nothing else; float32 (256, 256) mm."""
    return model.reconstructed(model.encode(read.displacement, distance_field(read.strong, SIDE)))


def from_code_and_lines(model: SemmModel, read: ReadMap) -> Float32:
    """A map from its code and its own lines; float32 (256, 256) mm."""
    strong = distance_field(read.strong, SIDE)
    decoded = model.decode(model.encode(read.displacement, strong))
    return model.paint(decoded, read.stamped, _near(strong), _near(distance_field(read.lines, SIDE)))


def _near(field: Float32) -> Float32:
    """A distance field that ends at 5 px instead of 5 % of the width."""
    return np.minimum(field * np.float32(TRUNCATION * SIDE / REACH_PX), np.float32(1))

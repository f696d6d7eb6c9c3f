"""Where a pen that jumps on the chart went over a groove, whose skin it cannot see, and where over an outline.

Beside the nose the wing hides the bottom of the groove, and a stroke over it is one stroke: its line goes on over the
hidden skin. Over the outline of the nose the pen lands far behind, and over a closed mouth at once on the other lip,
with all of the inner lips between: there a stroke ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.head.mouth_slit import is_from_lip_to_lip
from rhytid.gui.controllers.stroke_recorder import JUMP, PenSample

Chart = tuple[float, float]
_MOST_HIDDEN = 0.075  # of the chart, 15 mm
_APART_MM = (4.0, 15.0)  # less is no groove, more is an outline


def joined_over_grooves(
    samples: Sequence[PenSample], before: Chart | None, position_mm: Callable[[Chart], npt.NDArray[np.float64]]
) -> list[PenSample]:
    """Samples of a face of which those just across a groove no longer count as a jump on the surface.

    Parameters
    ----------
    samples : sequence of PenSample
        In the order of the pen's way.
    before : (float, float) or None
        Chart coordinate of the sample before the first.
    position_mm : callable
        Where a point of the chart is in space, (3,).
    """
    joined = []
    for sample in samples:
        if sample.chart is not None and before is not None and JUMP < math.dist(before, sample.chart) <= _MOST_HIDDEN:
            apart_mm = float(np.linalg.norm(position_mm(sample.chart) - position_mm(before)))
            if _APART_MM[0] <= apart_mm <= _APART_MM[1] and not is_from_lip_to_lip(before, sample.chart):
                sample = replace(sample, on_surface=False)
        joined.append(sample)
        before = sample.chart
    return joined

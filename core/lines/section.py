"""The relief across a stroke in mm, as it is drawn."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines import knots
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.units import CHART_MM

Float64 = npt.NDArray[np.float64]
_REACH_WIDTHS, _LEAST_REACH_MM = 2.0, 0.8  # to either side of the line
_SAMPLES = 161
_RESOLUTIONS = (256, 8192)


def section_of(stroke: Stroke, share: float = 0.5) -> tuple[Float64, Float64]:
    """The relief of a stroke along a straight line across it.

    Parameters
    ----------
    share : float
        Of the stroke's length, where the section is made, 0..1.

    Returns
    -------
    across_mm, height_mm : float64 (K,)
        Distance from the line, negative to the left of its direction as seen in the chart; relief, outward positive.
    """
    place = knots.place_at_length(stroke, share * float(knots.lengths(stroke)[-1]))
    at = knots.at_place(stroke, place)
    last = float(len(stroke.points) - 1)
    ahead = knots.at_place(stroke, min(place + 0.02, last)) - knots.at_place(stroke, max(place - 0.02, 0.0))
    ahead /= max(float(np.hypot(*ahead)), 1e-12)
    reach_mm = max(_REACH_WIDTHS * stroke.width * CHART_MM, _LEAST_REACH_MM)
    across_mm = np.linspace(-reach_mm, reach_mm, _SAMPLES)
    resolution = int(np.clip(CHART_MM * _SAMPLES / (2 * reach_mm), *_RESOLUTIONS))
    points = (at + across_mm[:, None] / CHART_MM * np.array([-ahead[1], ahead[0]])) * resolution - 0.5
    low = np.clip(np.floor(points.min(0)).astype(int) - 1, 0, resolution - 1)
    high = np.clip(np.ceil(points.max(0)).astype(int) + 2, low + 1, resolution)
    window = Rect(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    drawn = relief([(replace(stroke, visible=True), 1.0)], resolution, window)
    x, y = (points - low).astype(np.float32).T
    height = cv2.remap(drawn, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    return across_mm, height.astype(np.float64)

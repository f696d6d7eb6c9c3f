"""Pulling a drawn line towards the lines of relaxed skin tension."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.guide import tension_direction
from rhytid.core.lines import edit, polyline
from rhytid.core.lines.curve import samples_of, with_samples
from rhytid.core.lines.stroke import Stroke

Float64 = npt.NDArray[np.float64]
_SPACING = 1 / 256
_ROUNDS = 4  # the field changes as the line moves
_MEANT_COSINE = 0.34  # a line that is farther than 70 degrees off is drawn across on purpose


def snapped(stroke: Stroke, strength: float) -> Stroke:
    """The stroke turned towards the tension lines about its middle; its length and pressure stay.

    Parameters
    ----------
    strength : float
        0 leaves it as it is, 1 lays it along them. A line that runs across them is meant so and stays.
    """
    if strength <= 0:
        return stroke
    samples = polyline.resampled(samples_of(stroke), _SPACING)
    if len(samples) < 3:
        return stroke
    drawn = np.diff(samples[:, :2], axis=0)
    middle = samples[:, :2].mean(axis=0)
    points = samples[:, :2].copy()
    for _ in range(_ROUNDS):
        field = tension_direction((points[1:] + points[:-1]) / 2)
        sign = np.where((field * drawn).sum(axis=1) < 0, -1.0, 1.0)[:, None]
        length = np.hypot(drawn[:, 0], drawn[:, 1])[:, None]
        target = sign * field
        heading = drawn / np.maximum(length, 1e-12)
        near = (heading * target).sum(axis=1, keepdims=True)
        share = strength * np.clip((near - _MEANT_COSINE) / 0.2, 0, 1)
        turned = (1 - share) * heading + share * target
        turned /= np.maximum(np.hypot(turned[:, 0], turned[:, 1])[:, None], 1e-12)
        way = np.concatenate([[np.zeros(2)], np.cumsum(turned * length, axis=0)])
        points = way - way.mean(axis=0) + middle
    moved = with_samples(stroke, np.column_stack([np.clip(points, 0, 1), samples[:, 2:]]))
    return edit.simplify(replace(moved, from_source=False))

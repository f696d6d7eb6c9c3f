"""The smooth curve that a stroke's points stand for.

Between its points a stroke is a cubic with the tangents of a Catmull-Rom spline over chord lengths, so that
few points make no facets in the shading at 4096. A turn of more than 60 degrees at a point stays a corner.
A span depends on two points to each side only: appending a point moves the last two spans and nothing else.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.stroke import Stroke
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
_CORNER_COSINE = 0.5
_FACET_PX = 0.03  # largest distance between the curve and the pieces it is cut into
_MOST_PIECES = 24


@lru_cache(maxsize=1024)
def curve(stroke: Stroke, resolution: int) -> Float64:
    """The stroke's curve as a fine polyline for a map of `resolution` texels.

    Returns
    -------
    float64 (M, 3), read-only
        x and y in texels (texel centres at integers), pressure 0..1; passes through all points of the stroke.
    """
    samples = np.empty((len(stroke.points), 3))
    samples[:, :2] = stroke.points.astype(np.float64) * resolution - 0.5
    samples[:, 2] = np.clip(stroke.pressure, 0, 1)
    apart = np.ones(len(samples), bool)
    apart[1:] = (samples[1:, :2] != samples[:-1, :2]).any(axis=1)
    samples = samples[apart]
    if len(samples) > 2:
        samples = _subdivided(samples)
    return read_only(samples)


def _subdivided(samples: Float64) -> Float64:
    """Points on the cubics between `samples` (N, 3), as many as keep facets small."""
    start, end = samples[:-1], samples[1:]
    offset = end - start
    chord = np.sqrt(offset[:, 0] * offset[:, 0] + offset[:, 1] * offset[:, 1])
    slope = offset / chord[:, None]
    leaving, arriving = _tangents(slope, chord)
    bend = np.abs(leaving - slope)[:, :2].sum(1) + np.abs(arriving - slope)[:, :2].sum(1)
    pieces = np.clip(np.ceil(np.sqrt(chord * bend / (8 * _FACET_PX))), 1, _MOST_PIECES).astype(np.int64)
    span = np.repeat(np.arange(len(chord)), pieces)
    step = np.arange(len(span)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    t = (step / pieces[span])[:, None]
    points = start[span] + t * offset[span]
    away = chord[span, None] * t * (1 - t)
    points += away * ((1 - t) * (leaving - slope)[span] - t * (arriving - slope)[span])
    points[:, 2] = start[span, 2] + t[:, 0] * offset[span, 2]
    return np.concatenate([points, samples[-1:]])


def _tangents(slope: Float64, chord: Float64) -> tuple[Float64, Float64]:
    """Derivative by chord length at the beginning and at the end of each span."""
    before, after = chord[:-1, None], chord[1:, None]
    shared = (slope[:-1] * after + slope[1:] * before) / (before + after)
    corner = slope[:-1, 0] * slope[1:, 0] + slope[:-1, 1] * slope[1:, 1] < _CORNER_COSINE
    leaving, arriving = slope.copy(), slope.copy()
    leaving[1:][~corner] = shared[~corner]
    arriving[:-1][~corner] = shared[~corner]
    return leaving, arriving

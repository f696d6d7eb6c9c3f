"""The smooth curve that a stroke's points stand for.

Between its points a stroke is a cubic with the tangents of a Catmull-Rom spline over chord lengths, so that
few points make no facets in the shading at 4096. A turn of more than 60 degrees at a point stays a corner.
A span depends on two points to each side only: appending a point moves the last two spans and nothing else.
Where a point has tangents of its own, these count.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.stroke import Stroke
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
_CORNER_COSINE = 0.5
_FACET_PX = 0.03  # largest distance between the curve and the pieces it is cut into
_MOST_PIECES = 24
_MOST_PIECES_OF_TANGENTS = 160  # which can bend one span as far as a whole stroke
_FLAT = 1024  # texels of the map on which a curve is flat enough for tools


@lru_cache(maxsize=1024)
def curve(stroke: Stroke, resolution: int) -> Float64:
    """The stroke's curve as a fine polyline for a map of `resolution` texels.

    Returns
    -------
    float64 (M, 4), read-only
        x and y in texels (texel centres at integers), pressure and share of the width, 0..1; passes through all points
        of the stroke.
    """
    samples = _samples(stroke)
    samples[:, :2] = samples[:, :2] * resolution - 0.5
    samples[:, 2:] = np.clip(samples[:, 2:], 0, 1)
    apart = np.ones(len(samples), bool)
    apart[1:] = (samples[1:, :2] != samples[:-1, :2]).any(axis=1)
    samples = samples[apart]
    own = None if stroke.tangents is None else stroke.tangents[apart].astype(np.float64) * resolution
    if len(samples) > 2 or (own is not None and len(samples) == 2):
        samples = _subdivided(samples, own)
    return read_only(samples)


def control_points(stroke: Stroke) -> Float64:
    """The curve as cubics in chart units, float64 (N - 1, 4, 2): a point, its control points, the next point."""
    points = stroke.points.astype(np.float64)
    offset = np.diff(points, axis=0)
    chord = np.hypot(*offset.T)
    slope = offset / np.maximum(chord, 1e-12)[:, None]
    own = None if stroke.tangents is None else stroke.tangents.astype(np.float64)
    leaving, arriving = _tangents(slope, chord, own)
    third = chord[:, None] / 3
    return np.stack([points[:-1], points[:-1] + third * leaving, points[1:] - third * arriving, points[1:]], axis=1)


def samples_of(stroke: Stroke) -> Float64:
    """x, y, pressure and share of the width along a stroke, float64 (N, 4) in chart units.

    At its points; at those of its curve where tangents of its own bend it between them.
    """
    if stroke.tangents is None:
        return _samples(stroke)
    return course_of(stroke)


def course_of(stroke: Stroke) -> Float64:
    """The curve as a fine polyline in chart units with pressure and share of the width, float64 (M, 4)."""
    samples = curve(stroke, _FLAT).copy()
    samples[:, :2] = (samples[:, :2] + 0.5) / _FLAT
    return samples


def with_samples(stroke: Stroke, samples: Float64, **changes: object) -> Stroke:
    """The stroke along other points, kept inside the chart and without tangents of their own.

    Parameters
    ----------
    samples : float64 (N, 4)
        As of `samples_of`.
    """
    inside = np.clip(samples, 0, 1)
    course = {"points": inside[:, :2], "pressure": inside[:, 2], "breadth": inside[:, 3], "tangents": None}
    return replace(stroke, **(course | changes))  # type: ignore[arg-type]


def _samples(stroke: Stroke) -> Float64:
    samples = np.ones((len(stroke.points), 4))
    samples[:, :2] = stroke.points
    samples[:, 2] = stroke.pressure
    if stroke.breadth is not None:
        samples[:, 3] = stroke.breadth
    return samples


def _subdivided(samples: Float64, own: Float64 | None) -> Float64:
    """Points on the cubics between `samples` (N, 4), as many as keep facets small."""
    start, end = samples[:-1], samples[1:]
    offset = end - start
    chord = np.sqrt(offset[:, 0] * offset[:, 0] + offset[:, 1] * offset[:, 1])
    slope = offset[:, :2] / chord[:, None]
    leaving, arriving = _tangents(slope, chord, own)
    bend = np.abs(leaving - slope).sum(1) + np.abs(arriving - slope).sum(1)
    most = _MOST_PIECES if own is None else _MOST_PIECES_OF_TANGENTS
    pieces = np.clip(np.ceil(np.sqrt(chord * bend / (8 * _FACET_PX))), 1, most).astype(np.int64)
    span = np.repeat(np.arange(len(chord)), pieces)
    step = np.arange(len(span)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    t = (step / pieces[span])[:, None]
    points = start[span] + t * offset[span]
    away = chord[span, None] * t * (1 - t)
    points[:, :2] += away * ((1 - t) * (leaving - slope)[span] - t * (arriving - slope)[span])
    return np.concatenate([points, samples[-1:]])


def _tangents(slope: Float64, chord: Float64, own: Float64 | None) -> tuple[Float64, Float64]:
    """Derivative by chord length at the beginning and at the end of each span, (N - 1, 2) each.

    Parameters
    ----------
    slope, chord
        Of the spans, (N - 1, 2) and (N - 1,).
    own : float64 (N, 4) or None
        As of `Stroke.tangents`, in the unit of `chord`.
    """
    before, after = chord[:-1, None], chord[1:, None]
    shared = (slope[:-1] * after + slope[1:] * before) / np.maximum(before + after, 1e-12)
    corner = slope[:-1, 0] * slope[1:, 0] + slope[:-1, 1] * slope[1:, 1] < _CORNER_COSINE
    leaving, arriving = slope.copy(), slope.copy()
    leaving[1:][~corner] = shared[~corner]
    arriving[:-1][~corner] = shared[~corner]
    if own is not None:
        third = np.maximum(chord, 1e-12)[:, None] / 3
        for tangent, control in ((leaving, own[:-1, 2:]), (arriving, -own[1:, :2])):
            given = control.any(axis=1)
            tangent[given] = control[given] / third[given]
    return leaving, arriving

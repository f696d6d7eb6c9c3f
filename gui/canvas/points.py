"""Points of a stroke: one more where the artist points at the line, one less where it has too many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.curve import curve
from rhytid.core.lines.stroke import Stroke

CURVE_TEXELS = 1024  # how finely the canvas cuts curves: facets of a thirtieth of such a texel


def curve_points(stroke: Stroke) -> npt.NDArray[np.float64]:
    """The stroke as it is rendered, as a fine polyline in chart units, (M, 2)."""
    points: npt.NDArray[np.float64] = (curve(stroke, CURVE_TEXELS)[:, :2] + 0.5) / CURVE_TEXELS
    return points


def with_point(stroke: Stroke, at: tuple[float, float]) -> Stroke:
    """The stroke with a point more where its curve comes closest to `at`."""
    points = stroke.points.astype(np.float64)
    segment = int(_shares(points, at)[1].argmin())
    fine = curve_points(stroke)
    share, distance = _shares(fine, at)
    near = int(distance.argmin())
    place = fine[near] + share[near] * (fine[near + 1] - fine[near])
    chord = np.linalg.norm(points[segment + 1] - points[segment])
    along = float(np.clip(np.linalg.norm(place - points[segment]) / max(chord, 1e-9), 0, 1))
    low, high = stroke.pressure[segment : segment + 2].tolist()
    return replace(
        stroke,
        points=np.insert(stroke.points, segment + 1, place, axis=0),
        pressure=np.insert(stroke.pressure, segment + 1, low + along * (high - low)),
    )


def without_point(stroke: Stroke, index: int) -> Stroke | None:
    """The stroke without one of its points; None when no line would be left."""
    if len(stroke.points) <= 2:
        return None
    return replace(
        stroke, points=np.delete(stroke.points, index, axis=0), pressure=np.delete(stroke.pressure, index)
    )


def _shares(
    line: npt.NDArray[np.float64], at: tuple[float, float]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """For each piece of a polyline: share along it of the point nearest to `at`, and the distance to it."""
    start, way = line[:-1], np.diff(line, axis=0)
    length = np.maximum((way**2).sum(axis=1), 1e-18)
    share = np.clip(((np.array(at) - start) * way).sum(axis=1) / length, 0, 1)
    return share, np.hypot(*(start + share[:, None] * way - np.array(at)).T)

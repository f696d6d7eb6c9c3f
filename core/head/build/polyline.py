"""Places along polylines in space."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def arc_length(points: Float64) -> Float64:
    """Length up to each point, (N,) from 0, for points (N, 3)."""
    return np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])


def project_on_arc(polyline: Float64, along: Float64, points: Float64) -> Float64:
    """Arc length at the nearest point of a polyline."""
    a, ab = polyline[:-1], np.diff(polyline, axis=0)
    share = np.einsum("pkj,kj->pk", points[:, None] - a[None], ab) / np.maximum((ab**2).sum(axis=1), 1e-20)
    share = np.clip(share, 0, 1)
    distance = np.linalg.norm(points[:, None] - (a[None] + share[..., None] * ab[None]), axis=2)
    k = distance.argmin(axis=1)
    picked = np.arange(len(points))
    return along[k] + share[picked, k] * (along[k + 1] - along[k])


def column_of(points: Float64, ring: Float64) -> Float64:
    """Fractional index along a closed ring of vertices."""
    closed = np.concatenate([ring, ring[:1]])
    along = arc_length(closed)
    column = np.interp(project_on_arc(closed, along, points), along, np.arange(len(closed)))
    return np.unwrap(column, period=len(ring))

"""Ends of a mesh that is much longer than broad: a body's crown, hands and feet, one of which may be a head.

Nothing is asked of pose, unit or axes: an end is what lies farthest from the middle along the surface, and what comes
before the rest of the mesh from there is up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from rhytid.core.head.head import Int32
from rhytid.core.head.surface import spread_points

Float64 = npt.NDArray[np.float64]

_PLACES, _NEIGHBOURS = 3000, 8
_N_ENDS = 8
# Two ends that are nearer than this share of the mesh's length are one.
_SAME_END = 0.06
# How far a head reaches from its crown, as shares of the length: people's, figures with large heads, half a body.
_REACHES = (0.11, 0.16, 0.23, 0.33)
_BELOW = 1.3  # of a reach: what lies up to there is below the end
# Heads with neck and shoulders are up to 1.6 times as long as thick, bodies that sit twice, that stand 5 times.
_LONG = 1.8


class End(NamedTuple):
    """Triangles (T, 3) of an end of a mesh, and the direction (3,) from the rest of the mesh to it."""

    triangles: Int32
    up: Float64


def is_long(points: Float64) -> bool:
    """Whether points (N, 3) spread over a mesh may be those of a body."""
    away = points - points.mean(axis=0)
    along = away @ np.linalg.svd(away, full_matrices=False)[2].T
    low, high = np.quantile(along, (0.02, 0.98), axis=0)
    extent = np.sort(high - low)
    return bool(extent[2] > _LONG * extent[0])


def ends(points: Float64, triangles: Int32) -> Iterator[End]:
    """Ends of a mesh, each in several sizes.

    Parameters
    ----------
    points : float64 (n, 3)
    triangles : int32 (T, 3)
    """
    places = spread_points(points, triangles, _PLACES)
    length = float(np.ptp(places, axis=0).max())
    tree = cKDTree(places)
    graph = _graph(places, tree)
    owner = tree.query(points[triangles].mean(axis=1))[1]
    for away in _tips(places, graph, length):
        for reach in _REACHES:
            inside = away <= reach * length
            below = ~inside & (away <= _BELOW * reach * length)
            chosen = triangles[inside[owner]]
            if below.any() and len(chosen):
                up = places[inside].mean(axis=0) - places[below].mean(axis=0)
                yield End(chosen, up / max(float(np.linalg.norm(up)), 1e-12))


def _tips(places: Float64, graph: sparse.csr_matrix, length: float) -> Iterator[Float64]:
    """Distance of all places (N,) along the surface from each end: the outermost along the axes, then the farthest."""
    middle = int(np.linalg.norm(places - places.mean(axis=0), axis=1).argmin())
    nearest = _along(places, graph, middle)
    found: list[int] = []
    outermost = [int(index) for axis in (1, 2, 0) for index in (places[:, axis].argmax(), places[:, axis].argmin())]
    for number in range(len(outermost) + _N_ENDS):
        tip = outermost[number] if number < len(outermost) else int(nearest.argmax())
        if found and np.linalg.norm(places[found] - places[tip], axis=1).min() < _SAME_END * length:
            continue
        found.append(tip)
        away = _along(places, graph, tip)
        nearest = np.minimum(nearest, away)
        yield away


def _along(places: Float64, graph: sparse.csr_matrix, start: int) -> Float64:
    """Distance (N,) of places from one of them along the surface; straight where no way leads."""
    away: Float64 = dijkstra(graph, indices=start)
    return np.where(np.isfinite(away), away, np.linalg.norm(places - places[start], axis=1))


def _graph(places: Float64, tree: cKDTree) -> sparse.csr_matrix:
    distance, index = tree.query(places, k=_NEIGHBOURS + 1)
    rows = np.repeat(np.arange(len(places)), _NEIGHBOURS)
    graph = sparse.csr_matrix((distance[:, 1:].ravel(), (rows, index[:, 1:].ravel())), (len(places), len(places)))
    return sparse.csr_matrix(graph.maximum(graph.T))

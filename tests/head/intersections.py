"""Which triangles of one mesh cut triangles of another, by segments through triangles."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree


def cutting_triangles(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Triangles of `first`, float (n, 3, 3), that cut one of `second`, float (m, 3, 3): their numbers."""
    pairs = _near(first, second)
    if not len(pairs):
        return np.zeros(0, int)
    a, b = first[pairs[:, 0]], second[pairs[:, 1]]
    return np.unique(pairs[_pierced(a, b) | _pierced(b, a), 0])


def _near(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Pairs (k, 2) whose boxes meet."""
    middle, reach = [t.mean(axis=1) for t in (first, second)], []
    for triangles, centre in zip((first, second), middle, strict=True):
        reach.append(np.linalg.norm(triangles - centre[:, None], axis=2).max(axis=1))
    near = cKDTree(middle[1]).query_ball_point(middle[0], reach[0] + reach[1].max())
    counts = [len(others) for others in near]
    pairs = np.stack([np.repeat(np.arange(len(first)), counts), np.concatenate(near).astype(int)], axis=1)
    (low_a, high_a), (low_b, high_b) = [(t.min(axis=1), t.max(axis=1)) for t in (first, second)]
    i, j = pairs.T
    return pairs[((low_a[i] <= high_b[j]) & (low_b[j] <= high_a[i])).all(axis=1)]


def _pierced(edges_of: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Whether a side of each triangle (k, 3, 3) goes through its partner (k, 3, 3): Moeller and Trumbore 1997."""
    e1, e2 = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    hit = np.zeros(len(triangles), bool)
    for k in range(3):
        start, along = edges_of[:, k], edges_of[:, (k + 1) % 3] - edges_of[:, k]
        p = np.cross(along, e2)
        determinant = (e1 * p).sum(axis=1)
        inverse = 1 / np.where(np.abs(determinant) < 1e-12, np.inf, determinant)
        t = start - triangles[:, 0]
        q = np.cross(t, e1)
        u, v, w = (t * p).sum(axis=1) * inverse, (along * q).sum(axis=1) * inverse, (e2 * q).sum(axis=1) * inverse
        hit |= (np.abs(determinant) > 1e-12) & (u > 0) & (v > 0) & (u + v < 1) & (w > 0) & (w < 1)
    return hit

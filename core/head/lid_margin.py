"""The edge of the lids, where lashes grow: where the skin round an eye's opening turns from outward to the opening."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.pieces import pieces

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

_RINGS = 6  # of vertices from the opening that belong to a lid's edge
_EDGE_MM = 7.0  # what lies farther from the opening is brow and cheek, however few rings a coarse mesh has up to there
_FARTHEST_MM = 22.0  # from the eyeball's centre to its opening


@dataclass(frozen=True, eq=False)
class Margin:
    """The edge of both lids of one eye.

    Attributes
    ----------
    lines : tuple of (int32 (S, 3), float64 (S, 2, 3))
        One line for each level that was asked for, as segments that lie in one triangle of the skin each: its
        vertices, and their weights at both ends.
    inner_corner, outer_corner : int
        Vertices where the lids meet.
    centre : float64 (3,)
        Of the eyeball in the neutral shape, mm.
    """

    lines: tuple[tuple[Int32, Float64], ...]
    inner_corner: int
    outer_corner: int
    centre: Float64


@lru_cache(maxsize=8)  # lashes and every renderer of a head ask for it
def lid_margin(head: Head, eye: int, levels: tuple[float, ...]) -> Margin | None:
    """The edge of the lids of the left (0) or right (1) eye.

    Parameters
    ----------
    levels : tuple of float
        Cosines between the skin's normal and the direction from the eyeball at which lines lie: towards 1 on the
        lid's outside, 0 on its rim.

    Returns
    -------
    Margin or None
        None where the head has no opening at its eye.
    """
    triangles, n = head.skin_triangles, head.n_skin
    skin, centre = head.neutral[:n].astype(np.float64), head.eye_centers[eye].astype(np.float64)
    loop = _opening(skin, triangles, centre)
    if loop is None:
        return None
    near = np.zeros(n, bool)
    near[loop] = True
    for _ in range(_RINGS):
        near[triangles[near[triangles].any(axis=1)]] = True
    near[near] = _nearest_mm(skin[near], skin[loop]) <= _EDGE_MM
    around = triangles[near[triangles].all(axis=1)]
    away = skin - centre
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    facing = np.einsum("ij,ij->i", vertex_normals(head.neutral[:n], triangles), away)
    lines = tuple(_contour(around, facing, level) for level in levels)
    sideways = skin[loop, 0] * (1 if eye == 0 else -1)
    return Margin(lines, int(loop[sideways.argmin()]), int(loop[sideways.argmax()]), centre)


def _opening(skin: Float64, triangles: Int32, centre: Float64) -> npt.NDArray[np.intp] | None:
    """Vertices of the hole in the skin round an eyeball."""
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    n = len(skin)
    edges, count = np.unique(pairs[:, 0].astype(np.int64) * n + pairs[:, 1], return_counts=True)
    rim = np.stack(np.divmod(edges[count == 1], n), axis=1)
    if not len(rim):
        return None
    label = pieces(rim, n)
    vertices = np.unique(rim)
    holes = [vertices[label[vertices] == one] for one in np.unique(label[vertices])]
    nearest = min(holes, key=lambda hole: float(np.linalg.norm(skin[hole].mean(axis=0) - centre)))
    far = np.linalg.norm(skin[nearest] - centre, axis=1).max() > _FARTHEST_MM
    return None if far else nearest


def _nearest_mm(points: Float64, others: Float64) -> Float64:
    """How far each point is from the nearest of some others; the first picture asks, and a tree of scipy's is slow to
    import."""
    squares = np.full(len(points), np.inf)
    for other in others:
        np.minimum(squares, ((points - other) ** 2).sum(axis=1), out=squares)
    return np.sqrt(squares)


def _contour(triangles: Int32, values: Float64, level: float) -> tuple[Int32, Float64]:
    """Segments in which a field on vertices has a value: triangles (S, 3), weights of the ends (S, 2, 3)."""
    above = values[triangles] - level
    crossing = (above.min(axis=1) < 0) & (above.max(axis=1) > 0) & (above != 0).all(axis=1)
    triangles, above = triangles[crossing], above[crossing]
    # The corner that lies alone on its side.
    alone = np.where((above > 0).sum(axis=1) == 1, above.argmax(axis=1), above.argmin(axis=1))
    row = np.arange(len(triangles))
    ends = np.zeros((len(triangles), 2, 3))
    for end in (0, 1):
        other = (alone + 1 + end) % 3
        share = above[row, alone] / (above[row, alone] - above[row, other])
        ends[row, end, alone], ends[row, end, other] = 1 - share, share
    return triangles, ends

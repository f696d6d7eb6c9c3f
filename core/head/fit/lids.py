"""Lids that close on another skin: what its own eyes ask of the shapes that close those of the reference.

A shape moves each point by its own offset. On eyes that stand wider open than the reference's, the same offsets leave
a slit; on narrower ones the lids pass each other. Points of both lids that touch in the closed reference shall touch
in the other skin as well: the offsets of the lids grow or shrink for it, those most that are largest.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import SuperLU
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.fit.free_field import factors, laplacian
from rhytid.core.head.head import Head

Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

CLOSING = ("eyeBlinkLeft", "eyeBlinkRight")

# Points touch that are so near in the closed eye and come from so far.
_TOUCH_MM, _APART_MM = 0.6, 1.5
_LEAST_MOVE_MM = 0.05
_BENDS_MM = 4.0  # growth changes over about so many mm
_TOUCHING = 300.0  # weight of a pair that touches beside that of a mm^2 of skin
_STILL = 1e-3  # weight of a growth that nothing asks for


class _Lids(NamedTuple):
    """Vertices of the reference that a shape moves (m,), how much beside the most (m,), pairs, and the solver."""

    vertices: Index
    share: Float64
    pairs: sparse.csr_matrix
    system: SuperLU


def closing(reference: Head, name: str, skin: Float64) -> Float64:
    """Offsets that close the eyes of another skin.

    Parameters
    ----------
    reference : Head
        Its eyes close in the shape.
    name : str
        One of `CLOSING`.
    skin : float64 (n_skin, 3)
        mm; the skin of the reference laid onto another, as large as the reference.

    Returns
    -------
    float64 (V, 3)
        mm, instead of `Head.expression` of that name.
    """
    offsets = reference.expression[ARKIT_INDEX[name]].astype(np.float64)
    vertices, more = growth(reference, name, skin - reference.neutral[: reference.n_skin])
    offsets[vertices] += more
    return offsets


def growth(reference: Head, name: str, change: npt.NDArray[np.floating]) -> tuple[Index, Float64]:
    """What a changed skin asks of a shape that closes an eye.

    Parameters
    ----------
    change : float (n_skin, 3)
        mm, from the reference's skin to the other.

    Returns
    -------
    vertices : intp (m,)
        Of the skin; none where the shape closes no eye.
    offsets : float64 (m, 3)
        mm, beside those of the shape.
    """
    lids = _lids(reference, name)
    if lids is None:
        return np.zeros(0, np.intp), np.zeros((0, 3))
    apart = lids.pairs @ change[lids.vertices].astype(np.float64)
    asked = lids.share[:, None] * (lids.pairs.T @ -apart)
    return lids.vertices, lids.share[:, None] * lids.system.solve(_TOUCHING * asked)


@lru_cache(maxsize=4)
def _lids(reference: Head, name: str) -> _Lids | None:
    n = reference.n_skin
    neutral = reference.neutral[:n].astype(np.float64)
    offsets = reference.expression[ARKIT_INDEX[name], :n].astype(np.float64)
    move = np.linalg.norm(offsets, axis=1)
    vertices = np.flatnonzero(move > _LEAST_MOVE_MM)
    if not len(vertices):
        return None
    rest, closed = neutral[vertices], (neutral + offsets)[vertices]
    pairs = cKDTree(closed).query_pairs(_TOUCH_MM, output_type="ndarray")
    pairs = pairs[np.linalg.norm(rest[pairs[:, 0]] - rest[pairs[:, 1]], axis=1) > _APART_MM]
    if not len(pairs):
        return None
    m, row = len(vertices), np.arange(len(pairs))
    apart = sparse.csr_matrix(
        (np.repeat([1.0, -1.0], len(pairs)), (np.tile(row, 2), pairs.T.ravel())), (len(pairs), m)
    )
    number = np.full(n, -1)
    number[vertices] = np.arange(m)
    triangles = number[reference.skin_triangles]
    triangles = triangles[(triangles >= 0).all(axis=1)].astype(np.int32)
    stiffness, area = laplacian(rest, triangles)
    share = move[vertices] / move.max()
    touching = apart @ sparse.diags(share)
    system = (
        _BENDS_MM**4 * stiffness @ sparse.diags(1 / area) @ stiffness
        + sparse.diags(_STILL * area)
        + _TOUCHING * touching.T @ touching
    )
    return _Lids(vertices, share, apart, factors(system))

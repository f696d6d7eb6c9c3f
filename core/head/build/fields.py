"""Smooth fields of motion in space, from which shapes of the head are put together.

A field moves whatever lies at a place, whichever part of the mesh it belongs to, so that lips that touch go on
touching and lids stay on the eye.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Place = tuple[float, float, float]

# A bump ends where it has sunk to this share of its height, three standard deviations away.
_END = float(np.exp(-4.5))
# The face bulges about this upright line: x and z in mm.
_AXIS = (0.0, 10.0)


class Bump(NamedTuple):
    """A motion that is greatest at a place and fades round it as a Gaussian.

    Attributes
    ----------
    centre : (x, y, z)
        mm.
    radii : (x, y, z)
        Standard deviations in mm.
    move : (x, y, z)
        mm at the centre.
    out : float
        mm at the centre, away from the head's upright axis; negative is a hollow.
    """

    centre: Place
    radii: Place
    move: Place = (0.0, 0.0, 0.0)
    out: float = 0.0


class Crest(NamedTuple):
    """A crest or, with negative heights, a furrow along a line.

    Attributes
    ----------
    line : tuple of (x, y, z)
        mm.
    heights : tuple of float
        At the line's points, mm away from the head's upright axis.
    width : float
        Standard deviation across the line in mm.
    """

    line: tuple[Place, ...]
    heights: tuple[float, ...]
    width: float


def motion(points: Float64, pieces: Iterable[Bump | Crest]) -> Float64:
    """Offsets (n, 3) in mm of points (n, 3) by the sum of pieces."""
    total = np.zeros_like(points)
    for piece in pieces:
        total += _bump(points, piece) if isinstance(piece, Bump) else _crest(points, piece)
    return total


def on_both_sides(points: Float64, pieces: Iterable[Bump | Crest]) -> Float64:
    """`motion` of pieces that are given for the subject's left, and of their mirror images."""
    mirror = np.array([-1.0, 1.0, 1.0])
    pieces = tuple(pieces)
    return motion(points, pieces) + motion(points * mirror, pieces) * mirror


def outward(points: Float64) -> Float64:
    """Unit vectors (n, 3) away from the head's upright axis."""
    away = points - [_AXIS[0], 0, _AXIS[1]]
    away[:, 1] = 0
    return away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)


def smoothstep(x: Float64) -> Float64:
    """0 below 0, 1 above 1, eased between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _bump(points: Float64, bump: Bump) -> Float64:
    height = _gaussian((((points - bump.centre) / bump.radii) ** 2).sum(axis=1))[:, None]
    return height * (np.asarray(bump.move) + bump.out * outward(points))


def _crest(points: Float64, crest: Crest) -> Float64:
    line, heights = np.asarray(crest.line), np.asarray(crest.heights)
    a, ab = line[:-1], np.diff(line, axis=0)
    share = np.clip(np.einsum("pkj,kj->pk", points[:, None] - a, ab) / (ab**2).sum(axis=1), 0, 1)
    square = ((points[:, None] - (a + share[..., None] * ab)) ** 2).sum(axis=2)
    nearest, each = square.argmin(axis=1), np.arange(len(points))
    at = share[each, nearest]
    height = heights[nearest] * (1 - at) + heights[nearest + 1] * at
    return (height * _gaussian(square[each, nearest] / crest.width**2))[:, None] * outward(points)


def _gaussian(square: Float64) -> Float64:
    return np.clip((np.exp(-square / 2) - _END) / (1 - _END), 0, None)

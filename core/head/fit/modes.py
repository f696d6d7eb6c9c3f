"""Size, turn, place and identity modes with which the reference lies best on a skin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from rhytid.core.head.fit.target import Target
from rhytid.core.head.head import Head
from rhytid.core.head.normals import vertex_normals

Float64 = npt.NDArray[np.float64]

# Residuals of about this size are the skin's own, and about so many points tell something of their own.
_OWN_MM, _TELLING_POINTS = 1.0, 400.0
_PIN_MM = 0.7
_ALONG = 0.03  # share of a residual along the surface that counts: places may slide there
_REACH_MM = (25.0, 20.0, 15.0, 12.0, 10.0, 8.0, 6.0, 5.0, 4.0, 4.0, 3.0, 3.0)
_MODES_FROM = 3
_SIZE = 0.015  # how far a size is from 1 for another reason than the modes
_N_FACE, _N_ELSEWHERE = 1500, 500
_ELSEWHERE = 0.15  # hair, hats and bodies are no skin of a head


class Pins(NamedTuple):
    """Places that are known: vertices of the reference (P,), and where in its frame they belong (P, 3)."""

    vertices: npt.NDArray[np.intp]
    points: Float64


NO_PINS = Pins(np.zeros(0, np.intp), np.zeros((0, 3)))


class ModeFit(NamedTuple):
    """The reference's skin (n, 3) laid on the target and its weights of identity (I,).

    It is `scale * shape @ rotation.T + shift` of the reference's shape with these weights.
    """

    skin: Float64
    weights: Float64
    rotation: Float64
    scale: float
    shift: Float64


def fit_modes(target: Target, reference: Head, size: float, pins: Pins = NO_PINS) -> ModeFit:
    """Lay a reference onto a target that lies near it, by 15 mm and 20 degrees, say.

    Points are drawn to the planes of their nearest points (Chen and Medioni 1991); modes as far as they are likely.

    Parameters
    ----------
    target : Target
    reference : Head
    size : float
        Of the target beside the reference, to begin with. The modes know that people are larger and smaller: in the
        end the size stays near 1 where they can tell it.
    pins : Pins
    """
    n = reference.n_skin
    neutral = reference.neutral[:n].astype(np.float64)
    modes = reference.identity[:, :n].astype(np.float64)
    chosen, share = _chosen(reference)
    weights, rotation, scale, shift = np.zeros(len(modes)), np.eye(3), size, np.zeros(3)
    for step, reach_mm in enumerate(_REACH_MM):
        plain = neutral + np.tensordot(weights, modes, 1)
        skin = scale * plain @ rotation.T + shift
        normals = vertex_normals(skin.astype(np.float32), reference.skin_triangles).astype(np.float64)[chosen]
        found = target.nearest(skin[chosen], normals, reach_mm, 0.2)
        trust = share * found.weights
        trust *= _TELLING_POINTS / max(trust.sum(), 1e-9)
        gap = found.points - skin[chosen]
        directions = found.normals
        free = modes if step >= _MODES_FROM else modes[:0]
        middle = skin[chosen].mean(axis=0)
        columns = _columns(skin[chosen], middle, free[:, chosen], scale * rotation)
        normal, right = _plane_terms(columns, directions, gap, trust / _OWN_MM**2)
        if len(pins.vertices):
            at = _columns(skin[pins.vertices], middle, free[:, pins.vertices], scale * rotation)
            flat = at.reshape(-1, at.shape[-1])
            normal += flat.T @ flat / _PIN_MM**2
            right += flat.T @ (pins.points - skin[pins.vertices]).ravel() / _PIN_MM**2
        sizes = 1 / _SIZE**2 if len(free) else 1e-9
        prior = np.concatenate([np.full(6, 1e-9), [sizes], np.ones(len(free))])
        mean = np.concatenate([np.zeros(6), [np.log(scale)], weights[: len(free)]])
        change = np.linalg.solve(normal + np.diag(prior), right - prior * mean)
        turn = Rotation.from_rotvec(change[:3]).as_matrix()
        grow = float(np.exp(np.clip(change[6], -0.2, 0.2)))
        rotation, scale = turn @ rotation, scale * grow
        shift = grow * turn @ (shift - middle) + middle + change[3:6]
        weights[: len(free)] += change[7:]
    skin = scale * (neutral + np.tensordot(weights, modes, 1)) @ rotation.T + shift
    return ModeFit(skin, weights, rotation, scale, shift)


def _chosen(reference: Head) -> tuple[npt.NDArray[np.intp], Float64]:
    """Vertices of the skin that are asked, and how much each counts."""
    on_face = reference.detail_weight > 0.3
    face, elsewhere = np.flatnonzero(on_face), np.flatnonzero(~on_face)
    face, elsewhere = face[:: max(len(face) // _N_FACE, 1)], elsewhere[:: max(len(elsewhere) // _N_ELSEWHERE, 1)]
    share = np.concatenate([np.ones(len(face)), np.full(len(elsewhere), _ELSEWHERE)])
    return np.concatenate([face, elsewhere]), share


def _columns(points: Float64, middle: Float64, modes: Float64, turned: Float64) -> Float64:
    """How points (N, 3) move with turn about a middle, shift, growth and modes (I, N, 3), float64 (N, 3, 7 + I)."""
    x, y, z = (points - middle).T
    columns = np.zeros((len(points), 3, 7 + len(modes)))
    columns[:, 1, 0], columns[:, 2, 0] = -z, y
    columns[:, 0, 1], columns[:, 2, 1] = z, -x
    columns[:, 0, 2], columns[:, 1, 2] = -y, x
    columns[:, [0, 1, 2], [3, 4, 5]] = 1
    columns[:, :, 6] = points - middle
    if len(modes):
        columns[:, :, 7:] = (modes @ turned.T).transpose(1, 2, 0)
    return columns


def _plane_terms(columns: Float64, directions: Float64, gap: Float64, trust: Float64) -> tuple[Float64, Float64]:
    across = np.einsum("nk,nkc->nc", directions, columns)
    normal = (across * trust[:, None]).T @ across
    right = (across * trust[:, None]).T @ np.einsum("nk,nk->n", directions, gap)
    flat, weight = columns.reshape(-1, columns.shape[-1]), np.repeat(trust * _ALONG, 3)
    normal += (flat * weight[:, None]).T @ flat
    right += (flat * weight[:, None]).T @ gap.ravel()
    return normal, right

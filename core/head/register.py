"""Chart of another head: its skin laid onto the default head's, which has one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from rhytid.core.head.head import Float32, Head, Int32
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.quality import flipped_in_chart
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]

_ALIGNMENT_STEPS = 12
# Share of the nearest points that alignment trusts: shoulders and hair of another head may be missing.
_TRUSTED = 0.8
_UNTANGLING_STEPS = 60
_LANDMARK_REACH_MM = 12.0


class Registration(NamedTuple):
    """What a registered skin takes from the reference.

    Attributes
    ----------
    chart : float32 (n, 2)
    detail_weight : float32 (n,)
    landmarks : int32 (68,)
    ageing : float64 (A, n, 3)
        mm, in the skin's own directions and size.
    """

    chart: Float32
    detail_weight: Float32
    landmarks: Int32
    ageing: Float64


def register(
    skin: npt.NDArray[np.floating], triangles: Int32, landmarks: Int32 | None, reference: Head
) -> Registration:
    """Give a skin the chart of a reference head.

    The skin is aligned by a similarity (landmarks if known, else the geometry alone: Y up, facing +Z),
    refined by nearest points, and every vertex takes the chart coordinate of the nearest point that faces
    its way. Triangles of the face that come out flipped are smoothed until they do not.

    Parameters
    ----------
    skin : float (n, 3)
    triangles : int32 (T, 3)
    landmarks : int32 (68,) or None
    reference : Head
    """
    points = np.asarray(skin, np.float64)
    target = reference.neutral[: reference.n_skin].astype(np.float64)
    normals = vertex_normals(points.astype(np.float32), triangles)
    surface = Surface(target, reference.skin_triangles)
    if landmarks is not None:
        scale, rotation, shift = similarity(points[landmarks], target[reference.landmarks])
    else:
        scale, rotation, shift = _by_extent(points, target)
    for _ in range(_ALIGNMENT_STEPS):
        moved = scale * points @ rotation.T + shift
        where = surface.nearest(moved, normals @ rotation.T, n_candidates=8)
        near = where.distance <= np.quantile(where.distance, _TRUSTED)
        scale, rotation, shift = similarity(points[near], surface.at(where)[near])
    moved = scale * points @ rotation.T + shift
    if landmarks is not None:
        moved += _towards_landmarks(moved, landmarks, reference)
    where = surface.nearest(moved, normals @ rotation.T)
    ageing = np.array([surface.at(where, shape.astype(np.float64)) @ rotation / scale for shape in reference.ageing])
    chart = surface.at(where, reference.chart.astype(np.float64))
    weight = surface.at(where, reference.detail_weight.astype(np.float64))
    chart = _untangled(chart, triangles, weight)
    if landmarks is None:
        own = Surface(moved, triangles).nearest(target[reference.landmarks])
        corner = own.barycentric.argmax(axis=1)
        landmarks = triangles[own.triangle, corner].astype(np.int32)
    return Registration(chart.astype(np.float32), weight.astype(np.float32), landmarks, ageing)


def similarity(source: npt.NDArray[np.floating], target: npt.NDArray[np.floating]) -> tuple[float, Float64, Float64]:
    """Scale, rotation (3, 3) and shift (3,) with `target ~ scale * source @ rotation.T + shift`.

    Least squares over (N, 3) points, Umeyama 1991.
    """
    mean_s, mean_t = source.mean(axis=0), target.mean(axis=0)
    s, t = source - mean_s, target - mean_t
    u, singular, vt = np.linalg.svd(t.T @ s)
    sign = np.ones(3)
    sign[2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign) @ vt
    scale = float((singular * sign).sum() / np.maximum((s**2).sum(), 1e-30))
    return scale, rotation, mean_t - scale * rotation @ mean_s


def _towards_landmarks(moved: Float64, landmarks: Int32, reference: Head) -> Float64:
    """Smooth offsets (n, 3) that bring the landmarks onto the reference's surface: lips may be parted on one head.

    Only across the surface; along it, landmarks of two heads differ by up to half an edge.
    """
    normal = vertex_normals(reference.neutral, reference.skin_triangles)[reference.landmarks].astype(np.float64)
    gap = reference.neutral[reference.landmarks].astype(np.float64) - moved[landmarks]
    pull = (gap * normal).sum(axis=1, keepdims=True) * normal
    places, first = np.unique(moved[landmarks].round(3), axis=0, return_index=True)
    offsets: Float64 = RBFInterpolator(places, pull[first], kernel="linear", neighbors=8)(moved)
    reach = np.asarray(cKDTree(places).query(moved)[0], np.float64)
    return offsets * np.exp(-((reach / _LANDMARK_REACH_MM) ** 2))[:, None]


def _by_extent(points: Float64, target: Float64) -> tuple[float, Float64, Float64]:
    """Start for a skin without landmarks: same size, same middle."""
    low, high = points.min(axis=0), points.max(axis=0)
    target_low, target_high = target.min(axis=0), target.max(axis=0)
    scale = float(np.linalg.norm(target_high - target_low)) / max(float(np.linalg.norm(high - low)), 1e-9)
    return scale, np.eye(3), (target_low + target_high) / 2 - scale * (low + high) / 2


def _untangled(chart: Float64, triangles: Int32, weight: Float64) -> Float64:
    """Chart whose flipped triangles on the face were smoothed away; those without detail stay as they are."""
    n = len(chart)
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    adjacency = sparse.csr_matrix((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), (n, n))
    adjacency = ((adjacency + adjacency.T) > 0).astype(np.float64)
    mean = sparse.diags(1 / np.maximum(np.asarray(adjacency.sum(axis=1)).ravel(), 1)) @ adjacency
    for step in range(_UNTANGLING_STEPS):
        flipped = triangles[flipped_in_chart(chart.astype(np.float32), triangles)]
        flipped = flipped[(weight[flipped] > 0).any(axis=1)]
        if len(flipped) == 0:
            break
        near = np.zeros(n)
        near[flipped] = 1
        for _ in range(step // 15):
            near = adjacency @ near
        moved = near > 0
        chart[moved] = 0.3 * chart[moved] + 0.7 * (mean @ chart)[moved]
    return chart

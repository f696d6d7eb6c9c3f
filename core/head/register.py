"""Chart of another head: its skin laid onto the default head's, which has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.head.fit.coarse_chart import Asked, over_area
from rhytid.core.head.fit.modes import Pins
from rhytid.core.head.fit.skin_fit import Similarity, SkinFit, fit_skin
from rhytid.core.head.fit.unfold import unfolded
from rhytid.core.head.head import Float32, Head, Int32
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.quality import flipped_in_chart
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]

_ALIGNMENT_STEPS = 12
# Share of the nearest points that alignment trusts: shoulders and hair of another head may be missing.
_TRUSTED = 0.8
# Skin lies so near to that of the fitted reference; what is farther is something else.
_SKIN_MM, _NO_SKIN_MM = 4.0, 9.0
_CANDIDATES = 12


class Registration(NamedTuple):
    """What a registered skin takes from the reference.

    Attributes
    ----------
    chart : float32 (n, 2)
    detail_weight : float32 (n,)
    landmarks : int32 (68,)
    ageing : float64 (A, n, 3)
        mm, in the skin's own directions and size.
    fit : SkinFit
    """

    chart: Float32
    detail_weight: Float32
    landmarks: Int32
    ageing: Float64
    fit: SkinFit


def register(
    skin: npt.NDArray[np.floating],
    triangles: Int32,
    landmarks: Int32 | None,
    reference: Head,
    start: Similarity | None = None,
    progress: Callable[[float], None] = lambda _share: None,
    pins: Sequence[HeadPin] = (),
    find: bool = False,
) -> Registration:
    """Give a skin the chart of a reference head, which is bent until it lies on the skin.

    Every vertex then takes the chart coordinate of the nearest point of the reference that faces its way. Where
    triangles of the face are large it is moved so that they are right in the mean over their area, and those that come
    out turned over are opened. What lies on no skin of the reference (hair, a hat, the balls of closed eyes) takes no
    detail.

    Parameters
    ----------
    skin : float (n, 3)
        mm, Y up, facing +Z.
    triangles : int32 (T, 3)
    landmarks : int32 (68,) or None
        Known ones; without them, those of the reference say which they are.
    reference : Head
    start : (scale, rotation, shift), optional
        Lays the skin near the reference; found by the landmarks, or by the extent of the skin, otherwise.
    progress : callable
        Gets the share that is done, 0..1; may raise to stop.
    pins : sequence of HeadPin
        Landmarks that a person put in place; known ones then give the start alone.
    find : bool
        Known landmarks give the start alone.
    """
    points = np.asarray(skin, np.float64)
    fit = fit_skin(points, triangles, start or _start(points, triangles, landmarks, reference), reference,
                   _pins(pins, reference), progress)  # fmt: skip
    if pins or find:
        landmarks = None
    corners = reference.skin_triangles[fit.where.triangle]
    weights = fit.where.barycentric
    ageing = np.array([
        fit.to_target(np.einsum("nk,nkc->nc", weights, shape[corners].astype(np.float64)))
        for shape in reference.ageing
    ])  # fmt: skip
    chart = np.einsum("nk,nkc->nc", weights, reference.chart[corners].astype(np.float64))
    detail = np.einsum("nk,nk->n", weights, reference.detail_weight[corners].astype(np.float64))
    detail *= np.clip((_NO_SKIN_MM - fit.where.distance) / (_NO_SKIN_MM - _SKIN_MM), 0, 1)
    of_face = triangles[(detail[triangles] > 0).any(axis=1)]
    chart = over_area(chart, *_turned(fit, points, triangles), of_face, _true_chart(fit, reference))
    chart = unfolded(chart, triangles, detail)
    # What is still folded over shows its own neighbour's detail; none is better.
    detail[triangles[flipped_in_chart(chart.astype(np.float32), triangles)]] = 0
    if landmarks is None:
        own = Surface(fit.from_target(points), triangles).nearest(fit.skin[reference.landmarks])
        corner = own.barycentric.argmax(axis=1)
        landmarks = triangles[own.triangle, corner].astype(np.int32)
    # As coarse as our own files hold it, so that a head which was saved is the same head.
    detail = detail.astype(np.float16).astype(np.float32)
    return Registration(chart.astype(np.float32), detail, landmarks, ageing, fit)


def _turned(fit: SkinFit, points: Float64, triangles: Int32) -> tuple[Float64, Float64]:
    """Points and normals of the skin as the reference stands."""
    turned = fit.from_target(points)
    return turned, vertex_normals(turned.astype(np.float32), triangles).astype(np.float64)


def _true_chart(fit: SkinFit, reference: Head) -> Asked:
    surface = Surface(fit.skin, reference.skin_triangles)

    def asked(points: Float64, normals: Float64) -> tuple[Float64, Float64]:
        where = surface.nearest(points, normals, _CANDIDATES)
        trust = np.clip((_NO_SKIN_MM - where.distance) / (_NO_SKIN_MM - _SKIN_MM), 0, 1)
        return surface.at(where, reference.chart.astype(np.float64)), trust

    return asked


def _pins(pins: Sequence[HeadPin], reference: Head) -> Pins:
    vertices = reference.landmarks[[pin.landmark for pin in pins]].astype(np.intp)
    return Pins(vertices, np.array([pin.place_mm for pin in pins], np.float64).reshape(-1, 3))


def _start(points: Float64, triangles: Int32, landmarks: Int32 | None, reference: Head) -> Similarity:
    """A similarity that lays a skin which stands upright near the reference."""
    target = reference.neutral[: reference.n_skin].astype(np.float64)
    if landmarks is not None:
        return similarity(points[landmarks], target[reference.landmarks])
    normals = vertex_normals(points.astype(np.float32), triangles)
    surface = Surface(target, reference.skin_triangles)
    scale, rotation, shift = _by_extent(points, target)
    for _ in range(_ALIGNMENT_STEPS):
        moved = scale * points @ rotation.T + shift
        where = surface.nearest(moved, normals @ rotation.T, n_candidates=8)
        near = where.distance <= np.quantile(where.distance, _TRUSTED)
        scale, rotation, shift = similarity(points[near], surface.at(where)[near])
    return scale, rotation, shift


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


def _by_extent(points: Float64, target: Float64) -> tuple[float, Float64, Float64]:
    """Start for a skin without landmarks: same size, same middle."""
    low, high = points.min(axis=0), points.max(axis=0)
    target_low, target_high = target.min(axis=0), target.max(axis=0)
    scale = float(np.linalg.norm(target_high - target_low)) / max(float(np.linalg.norm(high - low)), 1e-9)
    return scale, np.eye(3), (target_low + target_high) / 2 - scale * (low + high) / 2

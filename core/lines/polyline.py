"""Arithmetic of polylines that carry a pressure per point: lengths, cutting, resampling, smoothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def arc_length(points: Float64) -> Float64:
    """Length from the first point to each point, (N,)."""
    step = np.hypot(*np.diff(points[:, :2], axis=0).T)
    return np.concatenate([[0.0], np.cumsum(step)])


def length(points: npt.NDArray[np.floating]) -> float:
    """Length of the whole line, summed in the precision of its points."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def points_at(samples: Float64, along: Float64, at: Float64) -> Float64:
    """The line at lengths `at` (M,), of which `along` (N,) tells the points' own; float64 (M, C)."""
    return np.stack([np.interp(at, along, column) for column in samples.T], axis=1)


def cut(samples: Float64, start: float, end: float) -> Float64:
    """Part of a polyline between two positions.

    Parameters
    ----------
    samples : float64 (N, C)
        x, y and whatever else runs along the line.
    start, end : float
        Index of a segment plus the share of it that is passed, 0..N - 1, start < end.

    Returns
    -------
    float64 (M, C), M >= 2
        Points strictly between stay exactly as they are.
    """
    inside = samples[int(np.floor(start)) + 1 : int(np.ceil(end))]
    return np.concatenate([_at(samples, start), inside, _at(samples, end)])


def _at(samples: Float64, position: float) -> Float64:
    i = min(int(np.floor(position)), len(samples) - 2)
    t = position - i
    if t == 0 or t == 1:
        return samples[i + int(t) : i + int(t) + 1]
    return (1 - t) * samples[i : i + 1] + t * samples[i + 1 : i + 2]


def resampled(samples: Float64, spacing: float) -> Float64:
    """The same line with points at equal distances of about `spacing`; both ends stay."""
    along = arc_length(samples)
    n = max(2, round(float(along[-1]) / spacing) + 1)
    return points_at(samples, along, np.linspace(0, along[-1], n))


def smoothed(samples: Float64, sigma: float) -> Float64:
    """Gaussian average along the line with `sigma` in points; both ends stay.

    The line is continued beyond its ends by point reflection, so that ends are not drawn inwards.
    """
    n = len(samples)
    if n < 3 or sigma <= 0:
        return samples.copy()
    radius = int(np.ceil(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    index = np.arange(-radius, n + radius)
    period = 2 * (n - 1)
    cycle, folded = np.divmod(index, period)
    mirrored = folded > n - 1
    folded = np.where(mirrored, period - folded, folded)
    span = samples[-1] - samples[0]
    extended = np.where(mirrored[:, None], 2 * samples[-1] - samples[folded], samples[folded])
    extended = extended + 2 * cycle[:, None] * span
    columns = [np.convolve(column, weights, mode="valid") for column in extended.T]
    result = np.stack(columns, axis=1)
    result[0], result[-1] = samples[0], samples[-1]
    return result


def simplified(samples: Float64, tolerance: float, scale: Float64) -> npt.NDArray[np.int64]:
    """Indices of the points to keep (Douglas and Peucker 1973).

    Parameters
    ----------
    samples : float64 (N, C)
        x, y first.
    tolerance : float
        Largest distance of a dropped point from the simplified line.
    scale : float64 (C,)
        Factor for each column before distances are measured; 0 leaves a column out.
    """
    scaled = samples * scale
    keep = np.zeros(len(samples), bool)
    keep[[0, -1]] = True
    pending = [(0, len(samples) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        chord = scaled[last] - scaled[first]
        offset = scaled[first + 1 : last] - scaled[first]
        t = np.clip(offset @ chord / max(float(chord @ chord), 1e-30), 0, 1)
        distance = np.linalg.norm(offset - t[:, None] * chord, axis=1)
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            pending += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)


def nearest_on(points: Float64, to: Float64) -> tuple[float, float]:
    """Distance from `to` (2,) to a polyline, and where: segment index plus share."""
    start, chord = points[:-1, :2], np.diff(points[:, :2], axis=0)
    t = np.clip(((to - start) * chord).sum(1) / np.maximum((chord**2).sum(1), 1e-30), 0, 1)
    distance = np.hypot(*(start + t[:, None] * chord - to).T)
    i = int(np.argmin(distance))
    return float(distance[i]), i + float(t[i])


def inside_capsules(points: Float64, path_pieces: Float64, radius: float) -> list[tuple[float, float]]:
    """Pieces of a polyline that lie within `radius` of a path.

    Parameters
    ----------
    points : float64 (N, 2)
    path_pieces : float64 (K, 2, 2)
        First and last point of each piece of the path, which a disc of `radius` sweeps.

    Returns
    -------
    list of (start, end)
        Disjoint, sorted positions (segment index plus share).
    """
    lowest = np.minimum(points[:-1], points[1:])[:, None] - radius
    highest = np.maximum(points[:-1], points[1:])[:, None] + radius
    meets = ((lowest <= path_pieces.max(1)) & (highest >= path_pieces.min(1))).all(-1)
    segment, piece = np.nonzero(meets)
    p, d = points[segment], points[segment + 1] - points[segment]
    c, e = path_pieces[piece, 0], path_pieces[piece, 1] - path_pieces[piece, 0]
    length = np.linalg.norm(e, axis=-1)
    unit = e / np.maximum(length, 1e-30)[..., None]
    low, high = _slab((p - c), d, unit, length, radius)
    for centre in (c, c + e):
        a, b = _disc(p - centre, d, radius)
        low, high = np.minimum(low, a), np.maximum(high, b)
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    hit = low < high
    spans = sorted(zip((segment + low)[hit].tolist(), (segment + high)[hit].tolist(), strict=True))
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + 1e-9:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _disc(offset: Float64, d: Float64, radius: float) -> tuple[Float64, Float64]:
    """Share t for which |offset + t d| <= radius; (inf, -inf) where never."""
    a = np.maximum((d * d).sum(-1), 1e-30)
    b = (offset * d).sum(-1) / a
    discriminant = b * b - ((offset * offset).sum(-1) - radius * radius) / a
    root = np.sqrt(np.maximum(discriminant, 0))
    met = discriminant > 0
    return np.where(met, -b - root, np.inf), np.where(met, -b + root, -np.inf)


def _slab(offset: Float64, d: Float64, unit: Float64, length: Float64, radius: float) -> tuple[Float64, Float64]:
    """Share t for which offset + t d lies in the rectangle beside a path segment; (inf, -inf) where never."""
    low = np.full(np.broadcast_shapes(offset.shape, d.shape)[:-1], -np.inf)
    high = -low
    normal = np.stack([-unit[..., 1], unit[..., 0]], axis=-1)
    for axis, start, end in ((unit, np.zeros_like(length), length), (normal, -radius, radius)):
        at, speed = (offset * axis).sum(-1), (d * axis).sum(-1)
        still = np.abs(speed) < 1e-15
        safe = np.where(still, 1.0, speed)
        t0, t1 = (start - at) / safe, (end - at) / safe
        t0, t1 = np.minimum(t0, t1), np.maximum(t0, t1)
        outside = (at < start) | (at > end)
        t0 = np.where(still, np.where(outside, np.inf, -np.inf), t0)
        t1 = np.where(still, np.where(outside, -np.inf, np.inf), t1)
        low, high = np.maximum(low, t0), np.minimum(high, t1)
    met = (low < high) & (length > 0)
    return np.where(met, low, np.inf), np.where(met, high, -np.inf)

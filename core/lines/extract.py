"""Wrinkle lines of a displacement map as strokes, so that a scan's own wrinkles can be erased or moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.given import given_array
from rhytid.core.lines import bundle
from rhytid.core.lines.broad_form import Parted, skin_of, without_broad_form
from rhytid.core.lines.cells import opened, parted_at_corners
from rhytid.core.lines.gaps import joined_over_gaps
from rhytid.core.lines.importance import contrasts, importance, roughness_around
from rhytid.core.lines.profile import cross_section, width_factor
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.lines.tracing import thinned, trace
from rhytid.core.lines.valleys import valley_mask, valley_strength
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
SMALLEST, LARGEST = 64, 8192
_MEASURE_SIZE = 1024
_SPUR_PX, _SHORTEST_PX = 2, 3
_LARGEST_CELL_PX = 160  # of 256 x 256, 98 mm2: larger than any cell of texture, smaller than a nostril or an eye
_SEEN_FROM = 1.0  # mm2
_SMOOTHING_PASSES = 2
_SIMPLIFY_PX = 0.05
_MOST_ROWS = 16384  # cv2.remap takes no more than 32767
_REACH = 2.4  # of a cross-section that is measured, in half widths
_HALF_WIDTHS_PX = np.array([0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0])
_SHALLOWEST_MM = 0.004


class FoundLines(NamedTuple):
    """Lines of a map, the most important first.

    Attributes
    ----------
    strokes : tuple of Stroke
        Called ``line-001`` and so on in this order, all with `from_source` set.
    importance : float64 (N,)
        See `core.lines.importance`; falling.
    """

    strokes: tuple[Stroke, ...]
    importance: Float64

    def seen(self) -> tuple[Stroke, ...]:
        """The wrinkles that one sees, without the fine net of the skin: the lines from some importance on."""
        return self.strokes[: int((self.importance >= _SEEN_FROM).sum())]


def extract_lines(displacement: npt.NDArray[np.floating]) -> tuple[Stroke, ...]:
    """Valley lines of a displacement map, all of them: also those of the finest net of the skin.

    Lines are detected at 256 texels whatever the map's size; depth and width are measured on the map itself
    (up to 1024 texels) by fitting the cross-section of a wrinkle. A furrow is one line over gaps; cells are open.

    Parameters
    ----------
    displacement : float (N, N), N in 64..8192
        mm, outward positive, chart layout.

    Returns
    -------
    tuple of Stroke
        Most important first, all with `from_source` set; the same map always gives the same strokes.

    Raises
    ------
    ValueError
        Not square, too small or too large, or not finite.
    """
    return found_lines(displacement).strokes


def found_lines(displacement: npt.NDArray[np.floating]) -> FoundLines:
    """As `extract_lines`, with what tells the wrinkles that one sees from the rest."""
    displacement = _checked(displacement)
    parted, skin = _parted(displacement)
    strength, bend = valley_strength(parted, skin)
    thin = opened(thinned(valley_mask(strength, bend) & skin), strength, _LARGEST_CELL_PX)
    paths = joined_over_gaps(parted_at_corners(trace(thin, _SPUR_PX, _SHORTEST_PX)), strength)
    measured = _resized(displacement, _MEASURE_SIZE) if len(displacement) > _MEASURE_SIZE else displacement
    strokes = strokes_along(paths, strength, measured)
    if not strokes:
        return FoundLines((), np.zeros(0))
    weight = importance(strokes, contrasts(strokes, roughness_around(parted.relief, skin)))
    order = np.argsort(-weight, kind="stable")
    ranked = tuple(replace(strokes[at], id=f"line-{number:03d}") for number, at in enumerate(order, 1))
    return FoundLines(ranked, weight[order])


def strokes_along(paths: Sequence[Float64], strength: Float32, displacement: Float32) -> tuple[Stroke, ...]:
    """Strokes along traced valleys, with the depth and width that a map shows there.

    Parameters
    ----------
    paths : sequence of float64 (N, 2)
        Pixel positions (x, y) on the detection grid of 256.
    strength : float32 (256, 256)
        Valley measure, whose ridge the strokes are moved to.
    displacement : float32 (H, H)
        mm.
    """
    if not paths:
        return ()
    lengths = np.array([len(path) for path in paths])
    inner = bundle.inner_points(lengths)
    points = _refined(np.concatenate(paths), inner, strength)
    return tuple(_strokes(points, lengths, inner, displacement))


def _checked(displacement: npt.NDArray[np.floating]) -> Float32:
    displacement = given_array(displacement, "a displacement map")
    if displacement.ndim != 2 or displacement.shape[0] != displacement.shape[1]:
        raise ValueError(f"a displacement map must be square, got {displacement.shape}")
    if not SMALLEST <= len(displacement) <= LARGEST:
        raise ValueError(f"a displacement map must be {SMALLEST}..{LARGEST} texels wide, got {len(displacement)}")
    if not np.isfinite(displacement).all():
        raise ValueError("a displacement map must be finite everywhere")
    return np.ascontiguousarray(displacement, np.float32)


def _resized(displacement: Float32, size: int) -> Float32:
    if len(displacement) == size:
        return displacement
    method = cv2.INTER_AREA if len(displacement) > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(displacement, (size, size), interpolation=method), np.float32)


def _parted(displacement: Float32) -> tuple[Parted, Bool]:
    """Relief and form of a map and where there is skin, all (256, 256)."""
    small = _resized(displacement, SIDE) if len(displacement) > SIDE else displacement
    nearest = cv2.resize(displacement, small.shape, interpolation=cv2.INTER_NEAREST)
    skin = skin_of(np.asarray(nearest, np.float32))
    parted = without_broad_form(small, skin)
    if len(small) < SIDE:  # parted first: enlarging would bend a slope at the border
        parted = Parted(*(_resized(part, SIDE) for part in parted))
        skin = cv2.resize(skin.astype(np.uint8), parted.relief.shape, interpolation=cv2.INTER_NEAREST) > 0
    return parted, skin


def _sampled(values: Float32, points: Float64) -> Float32:
    """Values (N, K) at pixel positions (N, K, 2), bilinear."""
    at = points.astype(np.float32)
    x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
    parts = [
        cv2.remap(
            values,
            x[i : i + _MOST_ROWS],
            y[i : i + _MOST_ROWS],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for i in range(0, len(x), _MOST_ROWS)
    ]
    return np.concatenate(parts)


def _refined(points: Float64, inner: Bool, strength: Float32) -> Float64:
    """Pixel paths moved to the valley's bottom and smoothed, float64 (N, 2) in detection pixels."""
    points = bundle.smoothed(points, inner, 2)
    normal = bundle.normals(points, inner)
    probes = np.array([-1.0, 0.0, 1.0])
    before, here, after = _sampled(strength, points[:, None] + probes[:, None] * normal[:, None]).T
    bend = np.minimum(before - 2 * here + after, -1e-3)
    shift = np.clip(0.5 * (before - after) / bend, -0.7, 0.7)
    return bundle.smoothed(points + shift[:, None] * normal, inner, _SMOOTHING_PASSES)


def _strokes(points: Float64, lengths: Int64, inner: Bool, displacement: Float32) -> list[Stroke]:
    """Strokes along `points` (detection pixels) with the depth and width that `displacement` shows there."""
    first = np.cumsum(lengths) - lengths
    offsets = np.arange(-_REACH, _REACH + 1e-9, 0.12) * _HALF_WIDTHS_PX[-1]
    across = points[:, None] + offsets[:, None] * bundle.normals(points, inner)[:, None]
    profiles = _sampled(displacement, (across + 0.5) * (len(displacement) / SIDE) - 0.5)
    filters, explained = _wrinkle_filters(offsets)
    mean_depth = np.add.reduceat(profiles @ filters.T, first, axis=0) / lengths[:, None]
    best = np.argmax(np.maximum(mean_depth, 0) ** 2 * explained, axis=1)
    depth_mm = np.einsum("nk,nk->n", profiles, np.repeat(filters[best], lengths, axis=0))
    depth_mm = bundle.smoothed(depth_mm[:, None], inner, 6)[:, 0]
    deepest = np.maximum(np.maximum.reduceat(depth_mm, first), _SHALLOWEST_MM)
    pressure = np.clip(depth_mm / np.repeat(deepest, lengths), 0.05, 1)
    narrowing = width_factor((np.add.reduceat(pressure, first) / lengths).astype(np.float32))
    width = 2 * _HALF_WIDTHS_PX[best] / narrowing / SIDE
    samples = np.concatenate([points, 2 * pressure[:, None]], axis=1)
    kept = bundle.thinned_out(samples, inner, _SIMPLIFY_PX, 4)
    cuts = np.searchsorted(kept, [*first.tolist(), len(points)])
    # Smoothing may carry a line at the border off the map, where no picture shows it.
    chart = ((np.clip(points, 0, SIDE - 1) + 0.5) / SIDE).astype(np.float32)
    return [
        Stroke(
            id=f"line-{i + 1:03d}",
            points=chart[kept[cuts[i] : cuts[i + 1]]],
            pressure=pressure[kept[cuts[i] : cuts[i + 1]]].astype(np.float32),
            width=float(width[i]),
            depth_mm=float(deepest[i]),
            from_source=True,
        )
        for i in range(len(lengths))
    ]


@lru_cache(maxsize=1)
def _wrinkle_filters_at(offsets: tuple[float, ...]) -> tuple[Float64, Float64]:
    distance = np.array(offsets)
    rows = []
    for half_width in _HALF_WIDTHS_PX:
        near = np.abs(distance) <= _REACH * half_width
        shape = cross_section(Profile.WRINKLE, ((distance / half_width) ** 2).astype(np.float32))
        design = np.stack([shape, np.ones_like(distance), distance], axis=1) * near[:, None]
        rows.append(np.linalg.pinv(design)[0])
    filters = np.stack(rows)
    return filters, 1 / (filters**2).sum(1)


def _wrinkle_filters(offsets: Float64) -> tuple[Float64, Float64]:
    """Least-squares fits of wrinkles of each half width, a constant and a slope to a cross-section.

    Returns
    -------
    filters : float64 (M, K)
        Inner products with a cross-section sampled at `offsets` that give the depth.
    explained : float64 (M,)
        Energy of a cross-section that a wrinkle of depth 1 explains.
    """
    return _wrinkle_filters_at(tuple(offsets.tolist()))

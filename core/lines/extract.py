"""Wrinkle lines of a displacement map as strokes, so that a scan's own wrinkles can be erased, deepened or moved."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from skimage.morphology import skeletonize

from core.lines import polyline
from core.lines.profile import TAPER_WIDTHS, cross_section, width_factor
from core.lines.raster import draw_line_map
from core.lines.stroke import Profile, Stroke
from core.lines.tracing import trace
from core.lines.valleys import DETECTION_SIZE, valley_mask, valley_strength

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
SMALLEST, LARGEST = 64, 8192
_MEASURE_SIZE = 1024
_SPUR_PX, _SHORTEST_PX = 5, 6
_SMOOTHING_PX = 1.2
_SIMPLIFY_PX = 0.12
_REACH = 2.4  # of a cross-section that is measured, in half widths
_HALF_WIDTHS_PX = np.array([0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0])
_SHALLOWEST_MM = 0.004


def extract_lines(displacement: npt.NDArray[np.floating]) -> tuple[Stroke, ...]:
    """Valley lines of a displacement map.

    Lines are detected at 256 texels whatever the map's size; depth and width are measured on the map itself
    (up to 1024 texels) by fitting the cross-section of a wrinkle.

    Parameters
    ----------
    displacement : float (N, N), N in 64..8192
        mm, outward positive, chart layout.

    Returns
    -------
    tuple of Stroke
        Longest first, all with `from_source` set; the same map always gives the same strokes.

    Raises
    ------
    ValueError
        Not square, too small or too large, or not finite.
    """
    displacement = _checked(displacement)
    small = _resized(displacement, DETECTION_SIZE)
    strength = valley_strength(small)
    thin = skeletonize(valley_mask(strength))
    paths = [_refined(path, strength) for path in trace(thin, _SPUR_PX, _SHORTEST_PX)]
    if not paths:
        return ()
    measured = _resized(displacement, _MEASURE_SIZE) if len(displacement) > _MEASURE_SIZE else displacement
    return tuple(_measured_strokes(paths, measured))


def extract_line_map(displacement: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Line map at the input's resolution, drawn from `extract_lines`, bool (N, N)."""
    return draw_line_map(extract_lines(displacement), len(displacement))


def _checked(displacement: npt.NDArray[np.floating]) -> Float32:
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
    resized: Float32 = cv2.resize(displacement, (size, size), interpolation=method)
    return resized


def _normals(points: Float64) -> Float64:
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return np.stack([-along[:, 1], along[:, 0]], axis=1)


def _sampled(values: Float32, points: Float64) -> Float32:
    """Values (...) at pixel positions (..., 2), bilinear."""
    at = points.astype(np.float32)
    sampled: Float32 = cv2.remap(values, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return sampled


def _refined(path: Float64, strength: Float32) -> Float64:
    """The pixel path moved to the valley's bottom and smoothed, float64 (N, 2) in detection pixels."""
    points = polyline.smoothed(path, 1.0)
    normal = _normals(points)
    before, here, after = (_sampled(strength, (points + k * normal)[:, None])[:, 0] for k in (-1, 0, 1))
    bend = np.minimum(before - 2 * here + after, -1e-3)
    shift = np.clip(0.5 * (before - after) / bend, -0.7, 0.7)
    return polyline.smoothed(points + shift[:, None] * normal, _SMOOTHING_PX)


def _measured_strokes(paths: list[Float64], displacement: Float32) -> list[Stroke]:
    """Strokes along `paths` (detection pixels) with the depth and width that `displacement` shows there."""
    lengths = [len(path) for path in paths]
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    points = np.concatenate(paths)
    normals = np.concatenate([_normals(path) for path in paths])
    scale = len(displacement) / DETECTION_SIZE
    reach_px = _REACH * _HALF_WIDTHS_PX[-1]
    offsets = np.arange(-reach_px, reach_px + 1e-9, 0.4)
    across = points[:, None] + offsets[:, None] * normals[:, None]
    profiles = _sampled(displacement, (across + 0.5) * scale - 0.5).astype(np.float64)
    mean_profile = np.add.reduceat(profiles, first, axis=0) / np.array(lengths)[:, None]
    filters = np.stack([_depth_filter(offsets, half) for half in _HALF_WIDTHS_PX])
    best = _best_width(mean_profile, filters, offsets)
    depth_mm = np.einsum("nk,nk->n", profiles, np.repeat(filters[best], lengths, axis=0))
    strokes = []
    for i, (path, start) in enumerate(zip(paths, first.tolist(), strict=True)):
        along_depth = polyline.smoothed(depth_mm[start : start + len(path), None], 2.0)[:, 0]
        strokes.append(_stroke(i, path, along_depth, float(_HALF_WIDTHS_PX[best[i]])))
    return strokes


def _depth_filter(offsets: Float64, half_width: float) -> Float64:
    """Weights that give the least-squares depth of a wrinkle of `half_width` plus a constant and a slope."""
    near = np.abs(offsets) <= _REACH * half_width
    shape = cross_section(Profile.WRINKLE, ((offsets / half_width) ** 2).astype(np.float32)).astype(np.float64)
    design = np.stack([shape, np.ones_like(offsets), offsets], axis=1) * near[:, None]
    return np.asarray(np.linalg.pinv(design)[0])


def _best_width(mean_profile: Float64, filters: Float64, offsets: Float64) -> npt.NDArray[np.int64]:
    """Number of the half width whose wrinkle explains most of each stroke's mean cross-section, (M,)."""
    depth = mean_profile @ filters.T
    energy = 1 / np.maximum((filters**2).sum(1), 1e-12)
    explained = np.maximum(depth, 0) ** 2 * energy
    return np.asarray(np.argmax(explained, axis=1))


def _stroke(number: int, path: Float64, depth_mm: Float64, half_width_px: float) -> Stroke:
    deepest = max(float(np.quantile(depth_mm, 0.8)), _SHALLOWEST_MM)
    pressure = np.clip(depth_mm / deepest, 0.05, 1)
    samples = np.concatenate([path, pressure[:, None]], axis=1)
    kept = polyline.simplified(samples, _SIMPLIFY_PX, np.array([1, 1, 2.0]))
    narrowing = float(width_factor(np.float32(pressure.mean())))
    return Stroke(
        id=f"line-{number + 1:03d}",
        points=np.clip((samples[kept, :2] + 0.5) / DETECTION_SIZE, 0, 1).astype(np.float32),
        pressure=samples[kept, 2].astype(np.float32),
        width=2 * half_width_px / narrowing / DETECTION_SIZE,
        depth_mm=deepest,
        from_source=True,
    )

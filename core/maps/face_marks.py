"""Where the features of a face lie in the chart: outlines, masks, soft spots and noise that skin colours are made of.

Features are those of the right half (x right, y down); the left half is the mirror image about the axis.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
Points = tuple[tuple[float, float], ...]

LIPS_BLUR, LIPS_SHARE = 0.0065, 0.82
_BROWS_DRAWN_AT = 2048

AXIS = 0.499
BROW = (
    (0.236, 0.229), (0.262, 0.213), (0.299, 0.199), (0.345, 0.192), (0.390, 0.195), (0.425, 0.203),
    (0.454, 0.215),
)  # fmt: skip
UPPER_LID = ((0.2885, 0.3105), (0.318, 0.3025), (0.355, 0.3015), (0.383, 0.3035), (0.404, 0.311))
LOWER_LID = ((0.2885, 0.3105), (0.315, 0.338), (0.347, 0.3495), (0.384, 0.341), (0.414, 0.3175))
LIPS_OUTER = (
    (0.361, 0.698), (0.398, 0.674), (0.434, 0.654), (0.475, 0.649), (0.499, 0.654), (0.523, 0.649),
    (0.564, 0.654),
    (0.600, 0.674), (0.637, 0.698), (0.595, 0.716), (0.551, 0.727), (0.518, 0.732), (0.499, 0.733),
    (0.480, 0.732),
    (0.447, 0.727), (0.403, 0.716),
)  # fmt: skip
LIPS_PARTING = (
    (0.361, 0.698), (0.42, 0.690), (0.475, 0.687), (0.499, 0.689), (0.523, 0.687), (0.578, 0.690),
    (0.637, 0.698),
)  # fmt: skip


def on_side(points: Points, mirrored: bool) -> Points:
    """Points of the right half, or their mirror image."""
    return tuple((2 * AXIS - x, y) for x, y in points) if mirrored else points


def spot(resolution: int, x: float, y: float, rx: float, ry: float) -> Float32:
    """A Gaussian spot and, off the axis, its mirror image."""
    t = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    row = np.exp(-(((t - x) / rx) ** 2))
    if x != AXIS:
        row = np.maximum(row, np.exp(-(((t - (2 * AXIS - x)) / rx) ** 2)))
    return np.asarray(np.exp(-(((t - y) / ry) ** 2))[:, None] * row, np.float32)


def noise(rng: np.random.Generator, resolution: int, cells: tuple[int, ...]) -> Float32:
    """Smooth noise of unit variance, a sum of octaves with the given numbers of cells a side."""
    total = np.zeros((resolution, resolution), np.float32)
    for n in cells:
        field = rng.standard_normal((n, n)).astype(np.float32)
        total += cv2.resize(field, (resolution, resolution), interpolation=cv2.INTER_CUBIC) / np.sqrt(len(cells))
    return total


def fixed_point(points: npt.ArrayLike, resolution: int) -> npt.NDArray[np.int32]:
    """OpenCV's fixed-point pixels (4 fractional bits, integer at texel centres)."""
    return np.round((np.asarray(points, np.float64) * resolution - 0.5) * 16).astype(np.int32).reshape(-1, 1, 2)


def blurred(mask: UInt8, sigma_texels: float) -> Float32:
    """A mask as shares 0..1, blurred."""
    soft: Float32 = np.asarray(mask / np.float32(255), np.float32)
    if sigma_texels > 0.3:
        soft = np.asarray(cv2.GaussianBlur(soft, (0, 0), sigma_texels), np.float32)
    return soft


def smooth_curve(points: npt.NDArray[np.float64], n: int) -> npt.NDArray[np.float64]:
    """Catmull-Rom curve through points, (n, 2)."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, len(points) - 1 - 1e-9, n)
    k = t.astype(int)
    u = (t - k)[:, None]
    p0, p1, p2, p3 = (padded[k + j] for j in range(4))
    curve: npt.NDArray[np.float64] = 0.5 * (
        2 * p1 + (p2 - p0) * u + (2 * p0 - 5 * p1 + 4 * p2 - p3) * u**2 + (3 * p1 - p0 - 3 * p2 + p3) * u**3
    )
    return curve


def lips(resolution: int) -> Float32:
    """Share of the lips' colour, float32 (R, R), with a soft edge."""
    return LIPS_SHARE * blurred(lips_mask(resolution), LIPS_BLUR * resolution)


def lips_mask(resolution: int) -> UInt8:
    """The lips, 255 inside, uint8 (R, R)."""
    mask = np.zeros((resolution, resolution), np.uint8)
    outline = smooth_curve(np.array((*LIPS_OUTER, LIPS_OUTER[0])), 120)
    cv2.fillPoly(mask, [fixed_point(outline, resolution)], 255, cv2.LINE_AA, shift=4)
    return mask


def beard(resolution: int) -> Float32:
    """Where a beard grows, 0..1, float32 (R, R)."""
    mask = np.zeros((resolution, resolution), np.uint8)
    area = ((0.07, 0.62), (0.16, 0.66), (0.30, 0.66), (0.38, 0.61), (0.46, 0.605))
    outline = (*area, *reversed(on_side(area, True)), (0.93, 0.99), (0.07, 0.99))
    cv2.fillPoly(mask, [fixed_point(outline, resolution)], 255, cv2.LINE_AA, shift=4)
    return np.asarray(np.clip(blurred(mask, 0.028 * resolution) - lips(resolution), 0, 1), np.float32)


def brow_hairs(rng: np.random.Generator, resolution: int) -> UInt8:
    """Hairs that stand up at the inner end and lie along the brow further out; the same at any resolution."""
    size = _BROWS_DRAWN_AT
    hairs = np.zeros((size, size), np.uint8)
    body = np.zeros((size, size), np.uint8)
    thickness = max(round(size / 1400), 1)
    for mirrored in (False, True):
        spine = smooth_curve(np.array(BROW), 200)[::-1]  # inner end first
        along = np.gradient(spine, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        if across[:, 1].mean() > 0:
            across = -across  # towards the forehead
        t = rng.beta(1.1, 1.35, 900)
        index = (t * 199).astype(int)
        half = 0.0155 * np.clip(1.15 - 0.9 * t, 0.2, 1.0) * np.clip(t / 0.05 + 0.55, 0, 1)
        offset = rng.uniform(-1, 1, len(t)) * half
        roots = spine[index] + across[index] * offset[:, None]
        rise = np.clip(1.25 - 2.0 * t, 0.12, 1.0) * np.where(offset > 0.3 * half, 0.35, 1.0)
        direction = along[index] + across[index] * (rise + rng.normal(0, 0.12, len(t)))[:, None]
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        length = rng.uniform(0.012, 0.022, len(t))[:, None]
        middle = roots + 0.5 * length * direction
        tips = roots + length * (0.8 * direction + 0.25 * along[index])
        strands = np.stack([roots, middle, tips], axis=1)
        if mirrored:
            strands[..., 0] = 2 * AXIS - strands[..., 0]
            spine = np.stack([2 * AXIS - spine[:, 0], spine[:, 1]], axis=1)
        for strand, value in zip(strands, rng.integers(120, 255, len(t)), strict=True):
            cv2.polylines(hairs, [fixed_point(strand, size)], False, int(value), thickness, cv2.LINE_AA, shift=4)
        cv2.polylines(body, [fixed_point(spine[8:150], size)], False, 255, round(0.017 * size), cv2.LINE_AA, shift=4)
    near = slice(round(0.14 * size), round(0.27 * size)), slice(round(0.20 * size), round(0.80 * size))
    alpha = np.maximum(0.85 * blurred(hairs[near], 0.0), 0.46 * blurred(body[near], 0.006 * size))
    hairs[near] = np.round(alpha * 255)
    way = cv2.INTER_AREA if resolution < size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(hairs, (resolution, resolution), interpolation=way), np.uint8)

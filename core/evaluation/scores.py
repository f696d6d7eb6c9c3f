"""How like a scan a displacement map is: lines, correlation, structural similarity, bands, energy of regions.

The project's definitions of a score against a scan, on 256 x 256 texels in mm. They do not use the program's
own line extraction on purpose: a score must not depend on what it scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.evaluation.perceptual import Distance
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

TOLERANCE_PX = 2.0
# Ellipses (x, y, radius x, radius y) in texels; `core.maps.bands.REGIONS` are the same, rounded to fractions.
REGIONS_PX: dict[str, tuple[int, int, int, int]] = {
    "forehead": (128, 22, 50, 18), "glabella": (128, 52, 14, 14), "nose": (128, 92, 18, 16),
    "crows_feet_right": (58, 84, 14, 20), "crows_feet_left": (197, 84, 14, 20),
    "infraorbital_right": (90, 100, 24, 10), "infraorbital_left": (166, 100, 24, 10),
    "nasolabial_right": (96, 152, 14, 24), "nasolabial_left": (160, 152, 14, 24),
    "cheek_right": (62, 150, 22, 34), "cheek_left": (194, 150, 22, 34),
    "upper_lip": (128, 160, 24, 8), "chin": (128, 222, 26, 18),
}  # fmt: skip
_LINE_SCALES_PX = (1.5, 2.2)
_SHORTEST_PX = 8
# Hysteresis thresholds: of the lines that scores compare, and of all valleys down to faint ones.
LINES_MM, ANY_VALLEY_MM = (0.030, 0.045), (0.012, 0.020)
_CLIP_MM = 0.25
_MS_SSIM_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@dataclass(frozen=True)
class MapScore:
    """Scores of one map against a scan.

    Attributes
    ----------
    line_f1 : float
        F1 of the valley lines at a tolerance of 2 texels, 0..1.
    correlation : float
        Pearson correlation of the displacements, -1..1.
    ms_ssim : float
        Multi-scale structural similarity (Wang et al. 2003) of the maps clipped to +-0.25 mm, 0..1.
    band_ratios : (4,) floats
        RMS of the map / RMS of the scan in the octave bands 1-2, 2-4, 4-8, 8-16 px.
    lpips : float or None
        Perceptual distance; None where it cannot be computed.
    """

    line_f1: float
    correlation: float
    ms_ssim: float
    band_ratios: tuple[float, float, float, float]
    lpips: float | None = None

    @property
    def figures(self) -> dict[str, float]:
        """The single numbers by name, `lpips` only where there is one."""
        numbers = {"line_f1": self.line_f1, "correlation": self.correlation, "ms_ssim": self.ms_ssim}
        return numbers if self.lpips is None else numbers | {"lpips": self.lpips}


class Reference:
    """A scan to compare maps with; what is needed of it is computed once.

    Parameters
    ----------
    displacement : float32 (256, 256)
        mm.
    mask : bool (256, 256)
        Texels that count.
    perceptual : callable, optional
        See `core.evaluation.perceptual`.
    """

    def __init__(self, displacement: Float32, mask: Bool, perceptual: Distance | None = None) -> None:
        if displacement.shape != (SIDE, SIDE) or mask.shape != (SIDE, SIDE):
            raise ValueError(f"scores need maps of 256 x 256 texels, got {displacement.shape} and {mask.shape}")
        if not mask.any():
            raise ValueError("the mask leaves no texel to score")
        self.displacement = displacement
        self.mask = mask
        self._perceptual = perceptual

    def score(self, displacement: Float32) -> MapScore:
        """Scores of another map, float32 (256, 256) mm, against this one."""
        bands = np.sqrt(_band_squares(displacement, self.mask) / np.maximum(self._band_squares, 1e-12))
        return MapScore(
            self.line_f1(valley_lines(displacement)),
            correlation(displacement, self.displacement, self.mask),
            ms_ssim(np.clip(displacement, -_CLIP_MM, _CLIP_MM), self._clipped, self.mask, 2 * _CLIP_MM),
            (float(bands[0]), float(bands[1]), float(bands[2]), float(bands[3])),
            self._perceptual(displacement, self.displacement, self.mask) if self._perceptual else None,
        )

    def line_f1(self, lines: Bool) -> float:
        """F1 of a skeleton of lines against the scan's own, 0 when either has none."""
        lines = lines & self.mask
        if not lines.any() or not self._lines.any():
            return 0.0
        precision = float((self._to_lines[lines] <= TOLERANCE_PX).mean())
        recall = float((distance_px(lines)[self._lines] <= TOLERANCE_PX).mean())
        return 2 * precision * recall / max(precision + recall, 1e-9)

    @cached_property
    def log_energy(self) -> Float64:
        """`log_region_energy` of the scan."""
        return log_region_energy(self.displacement, self.mask)

    @cached_property
    def _lines(self) -> Bool:
        return valley_lines(self.displacement) & self.mask

    @cached_property
    def _to_lines(self) -> Float32:
        return distance_px(self._lines)

    @cached_property
    def _clipped(self) -> Float32:
        return np.clip(self.displacement, -_CLIP_MM, _CLIP_MM)

    @cached_property
    def _band_squares(self) -> Float64:
        return _band_squares(self.displacement, self.mask)


def mean_score(scores: Sequence[MapScore]) -> MapScore:
    """Mean of each number over several scores."""
    bands = np.mean([score.band_ratios for score in scores], axis=0)
    distances = [score.lpips for score in scores if score.lpips is not None]
    return MapScore(
        float(np.mean([score.line_f1 for score in scores])),
        float(np.mean([score.correlation for score in scores])),
        float(np.mean([score.ms_ssim for score in scores])),
        (float(bands[0]), float(bands[1]), float(bands[2]), float(bands[3])),
        float(np.mean(distances)) if distances else None,
    )


def valley_lines(displacement: Float32, thresholds_mm: tuple[float, float] = LINES_MM) -> Bool:
    """Valley lines as a skeleton, bool (256, 256).

    Largest eigenvalue of the Hessian over two scales (scale-normalised, Lindeberg 1998), hysteresis threshold,
    thinning, short pieces dropped.
    """
    from skimage.morphology import skeletonize  # slow to import, and not every command scores

    low, high = thresholds_mm
    strength = np.zeros_like(displacement)
    for sigma in _LINE_SCALES_PX:
        rows, columns = np.gradient(gaussian(displacement, sigma, 4.0, cv2.BORDER_CONSTANT))
        yy, yx = np.gradient(rows)
        xx = np.gradient(columns, axis=1)
        largest = (xx + yy) / 2 + np.hypot((xx - yy) / 2, yx)
        np.maximum(strength, largest * np.float32(sigma**2), out=strength)
    count, label = cv2.connectedComponents((strength > low).astype(np.uint8), connectivity=4)
    kept = np.zeros(count, bool)
    kept[label[strength > high]] = True
    kept[0] = False
    skeleton = skeletonize(kept[label])  # type: ignore[no-untyped-call]
    _, label, stats, _ = cv2.connectedComponentsWithStats(skeleton.astype(np.uint8), connectivity=8)
    long = stats[:, cv2.CC_STAT_AREA] > _SHORTEST_PX
    long[0] = False
    lines: Bool = long[label]
    return lines


def distance_px(lines: Bool) -> Float32:
    """Distance in texels to the nearest texel of `lines`; far beyond everything when there is none."""
    if not lines.any():
        return np.full(lines.shape, np.float32(4 * SIDE))
    return np.asarray(cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def ms_ssim(a: Float32, b: Float32, mask: Bool, data_range: float) -> float:
    """Multi-scale SSIM (Wang, Simoncelli and Bovik 2003, eq. 7) over a mask; five scales, Gaussian of 1.5 px."""
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    score = 1.0
    for level, weight in enumerate(_MS_SSIM_WEIGHTS):
        mean_a, mean_b = _window(a), _window(b)
        variances = _window(a * a) - mean_a**2 + _window(b * b) - mean_b**2
        value = (2 * (_window(a * b) - mean_a * mean_b) + c2) / (variances + c2)
        if level == len(_MS_SSIM_WEIGHTS) - 1:
            value *= (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
        score *= max(float(value[mask].mean()), 1e-6) ** weight
        side = len(a) // 2
        a, b = _halved(a, side), _halved(b, side)
        mask = cv2.resize(mask.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST) > 0
    return score


def region_energy(displacement: Float32, mask: Bool) -> Float64:
    """RMS in mm of the 2-8 px band in each of the 13 regions inside `mask`, float64 (13,); NaN for one outside."""
    band = gaussian(displacement, 1.0) - gaussian(displacement, 4.0)
    squares = [band[region & mask] ** 2 for region in _regions()]
    return np.sqrt([float(values.mean()) if len(values) else np.nan for values in squares])


def log_region_energy(displacement: Float32, mask: Bool) -> Float64:
    """Logarithm of `region_energy`, that of a nanometre where a region is flat, float64 (13,)."""
    return np.log(np.maximum(region_energy(displacement, mask), 1e-6))


def region_shares(values: Float32, mask: Bool) -> Float64:
    """Mean of values (256, 256) in each of the 13 regions inside `mask`, float64 (13,); NaN for one outside."""
    inside = [values[region & mask] for region in _regions()]
    return np.array([float(part.mean()) if len(part) else np.nan for part in inside])


def energy_change_correlation(predicted: Float64, real: Float64) -> float:
    """Pearson correlation of predicted and real log energy changes over all regions and edits; 0 for no change.

    Regions that the mask leaves out are NaN and do not count.
    """
    known = np.isfinite(predicted) & np.isfinite(real)
    predicted, real = predicted[known], real[known]
    if not len(real) or predicted.std() <= 1e-9 or real.std() <= 1e-9:
        return 0.0
    return float(np.corrcoef(predicted, real)[0, 1])


def gaussian(values: Float32, sigma: float, truncate: float = 4.0, border: int = cv2.BORDER_REFLECT) -> Float32:
    """Gaussian low-pass whose kernel ends at `truncate` standard deviations."""
    kernel = _kernel(sigma, truncate)
    return np.asarray(cv2.sepFilter2D(values, cv2.CV_32F, kernel, kernel, borderType=border), np.float32)


def _halved(values: Float32, side: int) -> Float32:
    return np.asarray(cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def _window(values: Float32) -> Float32:
    return gaussian(values, 1.5, 3.5)


@lru_cache(maxsize=16)
def _kernel(sigma: float, truncate: float) -> Float64:
    radius = int(truncate * sigma + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return np.asarray(kernel / kernel.sum())


def correlation(a: Float32, b: Float32, mask: Bool) -> float:
    """Pearson correlation of two maps over a mask; 0 where one of them is even."""
    one, two = a[mask].astype(np.float64), b[mask].astype(np.float64)
    one -= one.mean()
    two -= two.mean()
    return float((one * two).sum() / max(float(np.sqrt((one * one).sum() * (two * two).sum())), 1e-12))


def _band_squares(displacement: Float32, mask: Bool) -> Float64:
    """Mean square of the octave bands 1-2, 2-4, 4-8, 8-16 px, float64 (4,)."""
    squares = []
    for sigma in (1.0, 2.0, 4.0, 8.0):
        band = gaussian(displacement, sigma / 2) - gaussian(displacement, sigma)
        squares.append(float((band[mask].astype(np.float64) ** 2).mean()))
    return np.array(squares)


@lru_cache(maxsize=1)
def _regions() -> tuple[Bool, ...]:
    y, x = np.mgrid[:SIDE, :SIDE]
    return tuple(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1 for cx, cy, rx, ry in REGIONS_PX.values())

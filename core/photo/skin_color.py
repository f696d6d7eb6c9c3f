"""Colours of skin and hair in one photo: what the light makes of them, and how likely a pixel is one of them.

The light on a face changes slowly, so it is taken out as a parabola over the picture; what is left of the brightness,
and two ratios of the colours, are alike all over the skin of one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

_DARK = 0.03  # of the skin's brightness; below it the ratios of colours are noise
_ROUNDS = 8
_CUT = 9.0  # squared distance beyond which a pixel no longer tells anything of the rest
_MEDIAN_OF_NORMAL = 0.6745  # of absolute values, in standard deviations
# The least standard deviations: of brightness (natural logarithm) towards dark and light, and of the colours' ratios.
_LEAST_DARKER, _LEAST_LIGHTER, _LEAST_RATIO = 0.35, 0.25, 0.05


@dataclass(frozen=True)
class ColorModel:
    """A Gaussian of the features of `features`, with its own spread towards dark and light.

    Attributes
    ----------
    middle : float64 (3,)
    darker, lighter : float
        Standard deviations of the brightness below and above the middle.
    ratios : float64 (2, 2)
        Covariance of the colours' ratios.
    """

    middle: Float64
    darker: float
    lighter: float
    ratios: Float64

    def distance(self, values: Float32, most_of_ratios: float = np.inf) -> Float32:
        """Squared Mahalanobis distance, float32 (H, W), of features (H, W, 3); the colours' part can be limited."""
        off = values - self.middle.astype(np.float32)
        brightness = off[..., 0] / np.where(off[..., 0] < 0, np.float32(self.darker), np.float32(self.lighter))
        inverse = np.linalg.inv(self.ratios).astype(np.float32)
        red, blue = off[..., 1], off[..., 2]
        chroma = inverse[0, 0] * red**2 + 2 * inverse[0, 1] * red * blue + inverse[1, 1] * blue**2
        return np.asarray(brightness**2 + np.minimum(chroma, np.float32(most_of_ratios)), np.float32)

    @property
    def log_volume(self) -> float:
        """Logarithm of the volume that the Gaussian fills, but for a constant."""
        return float(np.log(0.5 * (self.darker + self.lighter)) + 0.5 * np.linalg.slogdet(self.ratios)[1])


def features(linear: Float32, sure: Bool) -> Float32:
    """Brightness without the light's slow change and two ratios of colours, float32 (H, W, 3), as logarithms.

    Parameters
    ----------
    linear : float32 (H, W, 3)
        Linear RGB, 0..1.
    sure : bool (H, W)
        Where there is skin for the most part.
    """
    offset = np.float32(max(_DARK * float(np.median(linear[sure])), 1e-4))
    red, green, blue = np.moveaxis(np.log(linear + offset), -1, 0)
    brightness = (red + green + blue) / 3
    light = _slow_change(brightness, sure)
    return np.stack([brightness - light, red - green, blue - green], axis=-1).astype(np.float32)


def color_model(values: Float32, sure: Bool) -> ColorModel:
    """The Gaussian of most of the features (H, W, 3) where `sure` is set; what is far from it counts for nothing."""
    samples = values[sure].astype(np.float64)
    middle = np.median(samples, axis=0)
    # Medians first: they stand what covers up to half of the place.
    spread = np.median(np.abs(samples[:, 1:] - middle[1:]), axis=0) / _MEDIAN_OF_NORMAL
    model = _model(samples, middle, np.diag(spread**2))
    for _ in range(_ROUNDS):
        near = samples[model.distance(samples[None].astype(np.float32))[0] < _CUT]
        if len(near) < max(16, len(samples) // 4):
            break
        model = _model(near, np.median(near, axis=0), np.cov(near[:, 1:].T))
    return model


def _model(samples: Float64, middle: Float64, ratios: Float64) -> ColorModel:
    off = samples[:, 0] - middle[0]
    darker, lighter = max(_LEAST_DARKER, _half_spread(-off)), max(_LEAST_LIGHTER, _half_spread(off))
    return ColorModel(middle, darker, lighter, ratios + np.eye(2) * _LEAST_RATIO**2)


def _half_spread(values: Float64) -> float:
    """Standard deviation of the positive half, by its middle."""
    positive = values[values > 0]
    return float(np.median(positive)) / _MEDIAN_OF_NORMAL if len(positive) else 0.0


def _slow_change(brightness: Float32, sure: Bool) -> Float32:
    """A parabola over the picture through the brightness of what is sure, by least squares without what stands out."""
    height, width = brightness.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    basis = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    a, b = basis[sure], brightness[sure].astype(np.float64)
    weights = np.ones(len(b))
    solution = np.zeros(basis.shape[-1])
    # What bends the parabola pulls far from the face, where nothing is known.
    ridge = np.diag([0.0, 1, 1, 8, 8, 8]) * (0.01 * len(b))
    for _ in range(_ROUNDS):
        weighted = a * weights[:, None]
        solution = np.linalg.solve(weighted.T @ a + ridge, weighted.T @ b)
        off = b - a @ solution
        spread = max(float(np.median(np.abs(off))) / _MEDIAN_OF_NORMAL, 0.05)
        weights = 1 / (1 + (off / (2 * spread)) ** 2)
    inside = (a @ solution).min(), (a @ solution).max()
    return np.clip(basis @ solution, *inside).astype(np.float32)

"""What is known of skin's colour before a photo is seen: a space of colours over the face, and how often each occurs.

Low-frequency colour is the mean of the program's own painted skins and a sum of their principal components, in
logarithm of linear colour (the prior albedo of Yang et al., section 3.1, theirs from scans).
`core.synthesis.skin_prior` makes the file.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.bands import low_pass
from rhytid.core.read_only import read_only
from rhytid.core.resources import resource

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

PATH = resource("photo", "albedo_prior.npz")
_INDEPENDENT = 60  # places of a face whose colours, as a photo shows them, err independently
_FEATURE_CONTRAST = 6.0
_ERROR = 0.12  # of these colours, in logarithm


@dataclass(frozen=True, eq=False)
class AlbedoPrior:
    """A Gaussian over the logarithm of skin's linear colour in the chart.

    Attributes
    ----------
    mean : float32 (S, S, 3), read-only
    basis : float32 (N, S, S, 3), read-only
        One standard deviation of each component; alike on both halves of the face.
    """

    mean: Float32
    basis: Float32

    @property
    def side(self) -> int:
        """Texels a side."""
        return int(self.mean.shape[0])

    def color(self, coefficients: npt.NDArray[np.floating]) -> Float32:
        """Logarithm of the colour, float32 (S, S, 3), of coefficients (N,)."""
        return self.mean + np.tensordot(coefficients.astype(np.float32), self.basis, 1)

    def nearest(self, logarithm: Float32, weight: Float32) -> Float32:
        """The most probable colour, float32 (R, R, 3), where (R, R, 3) was seen with weight (R, R); in logarithm.

        The colour is complete: where nothing was seen it is what goes with the rest.
        """
        side = len(logarithm)
        share = _sized(weight, self.side)
        seen = _sized(logarithm * weight[..., None], self.side) / np.maximum(share, np.float32(1e-4))[..., None]
        precision = np.repeat(share.ravel(), 3) * (_INDEPENDENT / (share.size * _ERROR**2))
        basis = self.basis.reshape(len(self.basis), -1)
        weighted = basis * precision
        system = weighted @ basis.T + np.eye(len(basis))
        found = np.linalg.solve(system.astype(np.float64), weighted @ (seen - self.mean).ravel())
        return _sized(self.color(found), side)

    def dark_features(self, side: int) -> Float32:
        """Where skin is dark of itself on every face, brows, lashes and lips: float32 (side, side), 0..1."""
        brightness = self.mean.mean(axis=2)
        dark = np.clip(_FEATURE_CONTRAST * (low_pass(brightness, self.side / 11) - brightness) - 0.3, 0, 1)
        wide = np.asarray(cv2.dilate(dark, np.ones((3, 3), np.uint8)), np.float32)
        near = low_pass(wide, self.side / 64)
        return _sized(np.clip(1.5 * near, 0, 1), side)

    def tone(self) -> tuple[Float64, Float64]:
        """Mean (3,) and covariance (3, 3) of the logarithm of a face's mean colour."""
        modes = self.basis.mean(axis=(1, 2)).astype(np.float64)
        return self.mean.mean(axis=(0, 1)).astype(np.float64), modes.T @ modes


@lru_cache(maxsize=1)
def albedo_prior() -> AlbedoPrior:
    """The prior that comes with the program."""
    return read_prior(PATH)


def read_prior(path: Path) -> AlbedoPrior:
    """Read a prior.

    Raises
    ------
    ValueError
        No such prior; the message names the file.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            mean, basis = (content[name].astype(np.float32) for name in ("mean", "basis"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path}: cannot be read ({error}); reinstall the program") from None
    if mean.ndim != 3 or basis.shape[1:] != mean.shape or not (np.isfinite(mean).all() and np.isfinite(basis).all()):
        raise ValueError(f"{path}: no prior of skin's colour; reinstall the program")
    return AlbedoPrior(read_only(mean), read_only(basis))


def _sized(values: Float32, side: int) -> Float32:
    method = cv2.INTER_AREA if len(values) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(values), (side, side), interpolation=method), np.float32)

"""What landmarks alone lead one to expect of a head: identity and expression by regression on pictures of known heads.

A fit of landmarks has many answers, and the likely one is not the one with the smallest weights: what a landmark says
is told by how it moved on thousands of pictures. So a ridge regression (closed form) from where the landmarks lie
beside those of the mean face gives the mean of the unknowns, and its error on people it was not made of their
covariance. Both are the prior of the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.arrays import Table, read_npz
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.controls import N_CONTROLS
from rhytid.core.photo.detector_error import picture_axes
from rhytid.core.photo.embedding import N_FITTED
from rhytid.core.resources import resource

Float64 = npt.NDArray[np.float64]

GUESS_FILE = resource("photo", "first_guess.npz")
N_DIRECTIONS = 80
N_FEATURES = 3 * N_DIRECTIONS + 5
_NOISE_MM = 0.3  # of a landmark beside the principal directions
_OUTLIER_MM = 4.0
_ROBUST_ROUNDS = 4
_VIEW_DEG, _SHARPEST_DEG = 20.0, 45.0
_VIEW_MM = 20.0  # weight of the view among the features


@dataclass(frozen=True, eq=False)
class Guess:
    """Identity and expression as expected, I modes and 47 controls.

    Attributes
    ----------
    mean : float64 (I + 47,)
    precision : float64 (I + 47, I + 47)
        Inverse of the covariance.
    """

    mean: Float64
    precision: Float64


@dataclass(frozen=True, eq=False)
class Regression:
    """From landmarks to identity and expression.

    Attributes
    ----------
    middle : float64 (2 N,)
        Where landmarks lie beside those of the mean face, on average, mm.
    directions : float64 (80, 2 N)
        Principal directions of where they lie, orthonormal.
    spread : float64 (80,)
        Standard deviation along each, mm.
    constant : float64 (I + 47,)
    weights : float64 (245, I + 47)
    covariance : float64 (I + 47, I + 47)
        Of the error.
    """

    middle: Float64
    directions: Float64
    spread: Float64
    constant: Float64
    weights: Float64
    covariance: Float64

    def guess(self, beside: Float64, view: Float64, trust: Float64) -> Guess:
        """Expectation for landmarks (N, 2) mm `beside` those of the mean face, a `view` (2,) and `trust` 0..1 (N,)."""
        centre = trust @ beside / max(float(trust.sum()), 1e-9)
        found = self._along(beside - centre, trust)
        mean = self.constant + features(found[None], view[None])[0] @ self.weights
        return Guess(mean, self.precision)

    @cached_property
    def precision(self) -> Float64:
        """Inverse of the covariance."""
        return np.asarray(np.linalg.inv(self.covariance), np.float64)

    def _along(self, beside: Float64, trust: Float64) -> Float64:
        """Where landmarks lie along the directions, mm (80,); those far from what they can be do not count."""
        off = beside.reshape(-1) - self.middle
        weight = np.repeat(trust, 2)
        prior = np.diag((_NOISE_MM / self.spread) ** 2)
        along: Float64 = np.zeros(len(prior))
        for _ in range(_ROBUST_ROUNDS):
            rows = self.directions * weight
            along = np.asarray(np.linalg.solve(rows @ self.directions.T + prior, rows @ off), np.float64)
            away = np.linalg.norm((off - along @ self.directions).reshape(-1, 2), axis=1)
            weight = np.repeat(trust / (1 + (away / _OUTLIER_MM) ** 4), 2)
        return along


def features(along: Float64, views: Float64) -> Float64:
    """What is regressed on, (S, 245): places along the directions (S, 80), alone and by yaw and pitch (S, 2)."""
    yaw, pitch = views[:, :1], views[:, 1:]
    by_view = np.concatenate([yaw, pitch, yaw * pitch, yaw * yaw, pitch * pitch], axis=1)
    return np.concatenate([along, along * yaw, along * pitch, _VIEW_MM * by_view], axis=1)


def beside_mean_face(points: Float64, mean_face: Float64, camera: PhotoCamera) -> tuple[Float64, Float64]:
    """Landmarks (N, 2) in px beside those (N, 3) of the mean face, in mm along the head's axes, and yaw and pitch (2,).

    `camera` is about that of the picture; angles are in units of 20 degrees.
    """
    there = camera.to_camera(mean_face)
    mm_per_px = there[:, 2].mean() / camera.focal_px
    beside: Float64 = (points - camera.pixels(there)) * mm_per_px @ picture_axes(camera)
    return beside, np.clip(camera.yaw_pitch_deg, -_SHARPEST_DEG, _SHARPEST_DEG) / _VIEW_DEG


@lru_cache(maxsize=1)
def regression() -> Regression:
    """The regression that comes with the program.

    Raises
    ------
    HeadFileError
        The resource is missing or damaged; install the program again.
    """
    table: Table = {
        "middle": ("f4", (2 * N_FITTED,)), "directions": ("f2", (N_DIRECTIONS, 2 * N_FITTED)),
        "spread": ("f4", (N_DIRECTIONS,)), "constant": ("f4", ("P",)), "weights": ("f4", (N_FEATURES, "P")),
        "covariance": ("f4", ("P", "P")),
    }  # fmt: skip
    arrays = read_npz(GUESS_FILE, table, {"P": 256 + N_CONTROLS})
    return Regression(**{name: values.astype(np.float64) for name, values in arrays.items()})


def first_guess(
    points: Float64, trust: Float64, mean_face: Float64, camera: PhotoCamera, n_identity: int
) -> Guess | None:
    """What landmarks (N, 2) of a photo let one expect; None for a head of other modes.

    `mean_face` (N, 3) is where the mean face has them, and `camera` sees it about where they are.
    """
    known = regression()
    if len(known.constant) != n_identity + N_CONTROLS:
        return None
    return known.guess(*beside_mean_face(points, mean_face, camera), trust)

"""Learn from pictures of known heads what landmarks lead one to expect of a head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, mirrored_name
from rhytid.core.head.head import Head
from rhytid.core.photo.calibrate import Sample, mirror_partners, mode_signs
from rhytid.core.photo.controls import controls_of
from rhytid.core.photo.detector_error import DetectorError
from rhytid.core.photo.embedding import Places
from rhytid.core.photo.first_guess import N_DIRECTIONS, Regression, beside_mean_face, features
from rhytid.core.photo.landmark_terms import LandmarkTerms
from rhytid.core.photo.landmarks import Landmarks

Float64 = npt.NDArray[np.float64]
_RIDGE = 300.0
_LEAST_MM = 1e-3
_UNSEEN_SHARE = 0.15  # of the pictures, whose people tell how far the regression errs


def learn_guess(head: Head, places: Places, samples: Sequence[Sample], error: DetectorError) -> Regression:
    """The regression; each picture counts a second time as its mirror image. Samples of a person follow each other."""
    partner, sign = mirror_partners(head, places), mode_signs(head)
    expression_partner = [ARKIT_INDEX[mirrored_name(name)] for name in ARKIT_INDEX]
    beside: list[Float64] = []
    views: list[Float64] = []
    truth: list[Float64] = []
    for sample in samples:
        landmarks = Landmarks(sample.points, np.ones(len(sample.points), np.float32), 1.0)
        term = LandmarkTerms(landmarks, head, places, np.zeros((0, 2)), error)
        camera = term.first_state(sample.size, None).camera
        off, view = beside_mean_face(term.target, term.base, camera)
        off -= off.mean(axis=0)
        beside += [off.reshape(-1), (off[partner] * [-1, 1]).reshape(-1)]
        views += [view, view * [-1, 1]]
        who, how = sample.sitting.identity, sample.sitting.expression
        truth += [
            np.concatenate([who, controls_of(how)]),
            np.concatenate([who * sign, controls_of(how[expression_partner])]),
        ]
    return fitted_regression(np.stack(beside), np.stack(views), np.stack(truth))


def fitted_regression(beside: Float64, views: Float64, truth: Float64) -> Regression:
    """Fit it to landmarks (S, 2 N) beside the mean face's, views (S, 2) and identity and controls (S, I + 47).

    The error is that on the last of the samples, of a regression on the others.
    """
    middle = beside.mean(axis=0)
    centred = beside - middle
    value, vector = np.linalg.eigh(centred.T @ centred / len(centred))
    directions = vector[:, ::-1][:, :N_DIRECTIONS].T
    spread = np.maximum(np.sqrt(np.maximum(value[::-1][:N_DIRECTIONS], 0)), _LEAST_MM)
    known = features(centred @ directions.T, views)
    first = round(len(known) * (1 - _UNSEEN_SHARE) / 2) * 2
    constant, weights = _ridge(known[:first], truth[:first])
    rest = truth[first:] - constant - known[first:] @ weights
    covariance = rest.T @ rest / len(rest) + _LEAST_MM**2 * np.eye(truth.shape[1])
    return Regression(middle, directions, spread, *_ridge(known, truth), covariance)


def _ridge(known: Float64, truth: Float64) -> tuple[Float64, Float64]:
    mean, usual = known.mean(axis=0), truth.mean(axis=0)
    centred = known - mean
    weights = np.linalg.solve(centred.T @ centred + _RIDGE * np.eye(known.shape[1]), centred.T @ (truth - usual))
    return usual - mean @ weights, weights

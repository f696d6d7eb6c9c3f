from __future__ import annotations

import numpy as np
import pytest
from photo_samples import SIZE, SMILE, camera_at, detected, person, shape_error
from portraits import needs_models

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.head.load import default_head
from rhytid.core.photo.calibrate_guess import fitted_regression
from rhytid.core.photo.controls import N_CONTROLS
from rhytid.core.photo.detector_error import detector_error
from rhytid.core.photo.embedding import N_FITTED, landmark_places
from rhytid.core.photo.face_finder import FaceFinder
from rhytid.core.photo.first_guess import beside_mean_face, first_guess, regression
from rhytid.core.photo.fit import Person, PhotoLandmarks, fit_landmarks, photo_terms
from rhytid.core.photo.landmarks import LIPS, Landmarks
from rhytid.gui.cli.calibrate_photo import sittings
from rhytid.gui.render.offscreen import standalone_context
from rhytid.gui.render.sitting_photos import PhotoRenders

HEAD = default_head()
MEAN_FACE = landmark_places(HEAD).of(HEAD.neutral)
TRUSTED = np.ones(N_FITTED)


def guess_of(points, trust=None):
    weights = np.ones(len(points), np.float32) if trust is None else trust
    photo = PhotoLandmarks(Landmarks(points, weights, 1.0), SIZE)
    guess = photo_terms(photo, Person.known(HEAD, None), detector_error()).guess
    assert guess is not None
    return guess


@needs_models
def test_people_in_pictures_are_found_nearer_than_the_mean_face():
    finder, errors, correlations = FaceFinder.load(), [], []
    with standalone_context() as ctx:
        renders = PhotoRenders(ctx, HEAD, (640, 640))
        for person_seen in range(70_000, 70_024):  # the regression was made of none of them
            sitting, rng = next(sittings(HEAD, person_seen))
            picture = renders.picture(sitting, rng)
            fit = fit_landmarks(finder.landmarks(picture, finder.find(picture)[0]), (640, 640), HEAD)
            true = HEAD.shape(sitting.identity, np.zeros(N_EXPRESSION))
            errors.append([shape_error(shape, true, HEAD) for shape in (fit.neutral(HEAD), HEAD.neutral)])
            if sitting.expression.max() > 0.15:
                correlations.append(np.corrcoef(fit.expression, sitting.expression)[0, 1])
        renders.release()
    found, mean_face = np.mean(errors, axis=0)
    assert found < 0.95 * mean_face
    assert np.median(correlations) > 0.45


def test_landmarks_far_off_and_distrusted_ones_change_little():
    good = detected(HEAD, person(HEAD, 2), SMILE, camera_at(6)).points
    plain = guess_of(good).mean
    wild, trust = good.copy(), np.ones(len(good), np.float32)
    wild[list(LIPS[:6])], trust[list(LIPS[:6])] = 0, 0
    assert np.abs(guess_of(wild, trust).mean - plain).max() < 0.4
    wild[100:106] += 40
    assert np.abs(guess_of(wild, trust).mean - plain).max() < 0.8


def test_the_view_is_counted_in_the_axes_of_the_head():
    upright, on_its_side = camera_at(12, -4), camera_at(12, -4, 70)
    for camera in (upright, on_its_side):
        beside, view = beside_mean_face(camera.project(MEAN_FACE) + np.array([3, 0]), MEAN_FACE, camera)
        assert view == pytest.approx([12 / 20, -4 / 20], abs=1e-6)
        assert np.linalg.norm(beside, axis=1) == pytest.approx(3 * camera.to_camera(MEAN_FACE)[:, 2].mean() / 1500)
    beside, _ = beside_mean_face(on_its_side.project(MEAN_FACE) + np.array([3, 0]), MEAN_FACE, on_its_side)
    assert np.abs(np.degrees(np.arctan2(beside[:, 1], beside[:, 0]))) == pytest.approx(70, abs=3)


def test_a_head_of_other_modes_has_no_guess():
    assert first_guess(np.zeros((N_FITTED, 2)), TRUSTED, MEAN_FACE, camera_at(), HEAD.n_identity + 1) is None


def test_a_linear_world_is_learned():
    rng = np.random.default_rng(3)
    moves = rng.normal(0, 1, (4 + N_CONTROLS, 2 * N_FITTED))
    truth, views = rng.normal(0, 1, (3000, len(moves))), rng.uniform(-1, 1, (3000, 2))
    beside = truth @ moves + rng.normal(0, 0.1, (3000, moves.shape[1]))
    learned = fitted_regression(beside, views, truth)
    wanted = rng.normal(0, 1, len(moves))
    found = learned.guess((wanted @ moves).reshape(-1, 2), np.zeros(2), TRUSTED)
    assert np.abs(found.mean - wanted).max() < 0.3
    # The errors are those of people it was not made of: of the size that the noise explains, and no larger.
    assert np.sqrt(np.diag(learned.covariance)).max() < 0.1
    assert np.allclose(found.precision @ learned.covariance, np.eye(len(moves)), atol=1e-6)


def test_the_regression_that_comes_with_the_program_is_sound():
    known = regression()
    assert np.linalg.eigvalsh(known.covariance).min() > 0
    assert np.allclose(known.directions @ known.directions.T, np.eye(len(known.directions)), atol=0.01)
    # It says something of most unknowns: the people it was made of had modes of a standard deviation of 0.8.
    assert np.median(np.sqrt(np.diag(known.covariance))[: HEAD.n_identity]) < 0.8

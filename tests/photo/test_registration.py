"""Lips and lids of a fit that misses them, brought to where the photo has them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rhytid.core.arkit import expression_array
from rhytid.core.head.load import default_head
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.embedding import landmark_places
from rhytid.core.photo.fit import Pin
from rhytid.core.photo.landmarks import LIDS
from rhytid.core.photo.registration import EDGES, Registration

CAMERA = PhotoCamera(
    view_rotation(8.0, -4.0), np.array([0.0, 10.0, 800.0]), 1500.0, np.array([400.0, 400.0]), (800, 800)
)
TRUE = {"jawOpen": 0.3, "mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}
FITTED = {"jawOpen": 0.27, "mouthSmileLeft": 0.42, "mouthSmileRight": 0.45, "eyeBlinkLeft": 0.1}


def posed(**weights: float) -> np.ndarray:
    return default_head().shape((), expression_array(weights))


def edges_of(vertices: np.ndarray) -> np.ndarray:
    return CAMERA.project(landmark_places(default_head()).of(vertices)[[*EDGES]])


@lru_cache(maxsize=1)
def registration() -> Registration:
    return Registration(posed(**FITTED), CAMERA, edges_of(posed(**TRUE)), default_head())


def off_px(vertices: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.linalg.norm(edges_of(vertices) - edges_of(true), axis=1)


def test_lips_and_lids_come_to_where_the_photo_has_them():
    fitted, true = posed(**FITTED), posed(**TRUE)
    before, after = off_px(fitted, true), off_px(fitted + registration().of(fitted), true)
    lid = np.isin(EDGES, LIDS)
    assert before[~lid].mean() > 1.0
    assert before[lid].mean() > 0.2
    assert after[~lid].mean() < 0.35 * before[~lid].mean()
    assert after[lid].mean() < 0.35 * before[lid].mean()


def test_skin_far_from_lips_and_lids_stays():
    fitted = posed(**FITTED)
    moves = np.linalg.norm(registration().of(fitted), axis=1)
    edge = landmark_places(default_head()).of(fitted)[[*EDGES]]
    far = np.array([np.linalg.norm(edge - vertex, axis=1).min() for vertex in fitted]) > 45.0
    assert moves.max() > 0.5
    assert far.sum() > 500
    assert moves[far].max() < 0.01
    assert not moves[default_head().n_skin :].any()


def test_lips_that_close_meet():
    shut = posed()
    upper, lower = (landmark_places(default_head()).of(shut + registration().of(shut))[[i]] for i in (13, 14))
    fitted = landmark_places(default_head()).of(shut)
    gap = np.linalg.norm(upper - lower) - np.linalg.norm(fitted[13] - fitted[14])
    assert abs(gap) < 0.15
    # The photo's lips are further apart than the fit's, and where they are apart so are they now.
    moved = landmark_places(default_head()).of(registration().of(posed(**FITTED)))
    assert np.linalg.norm(moved[13] - moved[14]) > 0.5


def test_a_landmark_that_is_elsewhere_moves_nothing_and_a_pin_holds_what_is_round_it():
    head, fitted = default_head(), posed(**FITTED)
    lost = edges_of(fitted)
    lost[3] += 400.0
    assert np.abs(Registration(fitted, CAMERA, lost, head).of(fitted)).max() < 1e-3
    places, corner = landmark_places(head), 14
    triangle = next(
        i for i, t in enumerate(head.triangles) if np.array_equal(np.sort(t), np.sort(places.corners[corner]))
    )
    pin = Pin(triangle, (1 / 3, 1 / 3, 1 / 3), (0.0, 0.0))
    held = Registration(fitted, CAMERA, edges_of(posed(**TRUE)), head, [pin])
    free = registration().of(fitted)
    at = head.triangles[triangle]
    assert np.linalg.norm(free[at], axis=1).max() > 0.3
    assert np.linalg.norm(held.of(fitted)[at], axis=1).max() < 0.4 * np.linalg.norm(free[at], axis=1).max()

from __future__ import annotations

import numpy as np
import pytest
from photo_samples import SIZE, SMILE, camera_at, detected, person, shape_error

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION, expression_array
from rhytid.core.head.load import default_head
from rhytid.core.photo.fit import PhotoLandmarks, Pin, fit_landmarks, fit_several
from rhytid.core.photo.landmarks import NOSE_TIP, Landmarks
from rhytid.core.photo.locks import Locks

HEAD = default_head()
NEUTRAL = np.zeros(N_EXPRESSION, np.float32)


def neutral_share(fit, identity) -> float:
    """Error of the neutral shape in parts of the mean face's."""
    true = HEAD.shape(identity, NEUTRAL)
    return shape_error(fit.neutral(HEAD), true, HEAD) / shape_error(HEAD.neutral, true, HEAD)


def turned_deg(a, b) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.rotation.T @ b.rotation) - 1) / 2, -1, 1))))


# From the front much of the depth of a face cannot be seen. Landmarks are never believed to be as exact as these are.
@pytest.mark.parametrize(("yaw", "pitch", "roll", "share"), [(0, 0, 0, 0.75), (25, -10, 0, 0.65), (-12, 8, 100, 0.7)])
def test_a_head_is_found_again(yaw, pitch, roll, share):
    identity, camera = person(HEAD, 3), camera_at(yaw, pitch, roll)
    fit = fit_landmarks(detected(HEAD, identity, SMILE, camera), SIZE, HEAD)
    assert neutral_share(fit, identity) < share
    assert turned_deg(fit.camera, camera) < 3
    assert np.corrcoef(fit.expression, SMILE)[0, 1] > 0.85
    assert fit.error_percent < 0.45
    face = HEAD.detail_weight > 0.5
    seen, true = (c.project(v[: HEAD.n_skin][face]) for c, v in (
        (fit.camera, fit.vertices(HEAD)), (camera, HEAD.shape(identity, SMILE))
    ))  # fmt: skip
    assert np.median(np.linalg.norm(seen - true, axis=1)) * 900 / 1500 < 1.3


def test_a_picture_turned_on_its_side_gives_the_same_person():
    upright, side = camera_at(10, 5), camera_at(10, 5, 90)
    identity = person(HEAD, 4)
    fits = [
        fit_landmarks(detected(HEAD, identity, SMILE, camera, 0.5), SIZE, HEAD, focal_px=1500.0)
        for camera in (upright, side)
    ]
    # The noise is the same numbers along other axes, so the fits are near each other and not equal.
    apart = shape_error(fits[0].neutral(HEAD), fits[1].neutral(HEAD), HEAD)
    assert apart < 0.5 * shape_error(HEAD.neutral, HEAD.shape(identity, NEUTRAL), HEAD)


def test_a_known_focal_length_is_kept_and_an_unknown_one_is_that_of_a_portrait():
    landmarks = detected(HEAD, person(HEAD, 1), NEUTRAL, camera_at())
    assert fit_landmarks(landmarks, SIZE, HEAD, focal_px=1234.0).camera.focal_px == pytest.approx(1234.0)
    small = Landmarks(320 + (landmarks.points - 320) * 0.05, landmarks.weights, 1.0)
    assert fit_landmarks(small, SIZE, HEAD).camera.focal_px >= 0.65 * 800 - 1e-6


def test_both_eyes_look_the_same_way():
    looking = expression_array(
        {"eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5, "eyeLookUpLeft": 0.2, "eyeLookUpRight": 0.2}
    )
    weights = fit_landmarks(detected(HEAD, person(HEAD, 2), looking, camera_at()), SIZE, HEAD).expression
    assert weights[ARKIT_INDEX["eyeLookOutLeft"]] == weights[ARKIT_INDEX["eyeLookInRight"]]
    assert weights[ARKIT_INDEX["eyeLookOutLeft"]] == pytest.approx(0.5, abs=0.15)
    assert weights[ARKIT_INDEX["eyeLookInLeft"]] < 0.05


@pytest.mark.parametrize("seed", range(3))
def test_weights_stay_in_their_range_whatever_the_landmarks_are(seed):
    good = detected(HEAD, person(HEAD, 5), SMILE, camera_at())
    wild = good.points + np.random.default_rng(seed).normal(0, 40, good.points.shape).astype(np.float32)
    fit = fit_landmarks(Landmarks(wild, good.weights, 1.0), SIZE, HEAD)
    assert fit.expression.min() >= 0
    assert fit.expression.max() <= 1
    assert np.abs(fit.identity).max() <= 3
    assert np.isfinite(fit.vertices(HEAD)).all()


def test_outliers_and_distrusted_landmarks_do_not_pull():
    identity, camera = person(HEAD, 6), camera_at(8)
    good = detected(HEAD, identity, NEUTRAL, camera)
    weights = good.weights.copy()
    moved = good.points.copy()
    weights[:30], moved[:30] = 0.0, 0.0
    moved[100:110] += 60.0
    fit = fit_landmarks(Landmarks(moved, weights, 1.0), SIZE, HEAD)
    assert neutral_share(fit, identity) < 0.6
    assert turned_deg(fit.camera, camera) < 2


@pytest.fixture(scope="module")
def former():
    landmarks = detected(HEAD, person(HEAD, 7), SMILE, camera_at(5), 0.3)
    return landmarks, fit_landmarks(landmarks, SIZE, HEAD)


def place_of(fit, pin) -> np.ndarray:
    return fit.camera.project(np.array(pin.barycentric) @ fit.vertices(HEAD)[HEAD.triangles[pin.triangle]])


@pytest.mark.parametrize("landmark", [NOSE_TIP, 61, 152])
def test_a_pin_holds_its_point_under_the_pointer(former, landmark):
    from rhytid.core.photo.embedding import landmark_places

    landmarks, start = former
    corners = landmark_places(HEAD).corners[landmark]
    triangle = int(np.flatnonzero((HEAD.triangles == corners).all(axis=1))[0])
    pin = Pin(triangle, (1 / 3, 1 / 3, 1 / 3), (0.0, 0.0))
    before = place_of(start, pin)
    pin = Pin(triangle, pin.barycentric, (float(before[0] + 6), float(before[1] + 4)))
    fit = fit_landmarks(landmarks, SIZE, HEAD, pins=[pin], start=start)
    assert np.linalg.norm(place_of(fit, pin) - pin.pixel) < 1.0
    assert np.abs(fit.offsets).max() < 2
    # The eyes stay about where they were.
    eyes = HEAD.landmarks[[36, 45]]
    moved = fit.camera.project(fit.vertices(HEAD)[eyes]) - start.camera.project(start.vertices(HEAD)[eyes])
    assert np.linalg.norm(moved, axis=1).max() < 4


@pytest.mark.parametrize("locked", ["identity", "expression"])
def test_what_is_locked_stays(former, locked):
    landmarks, start = former
    moved = Landmarks(landmarks.points + np.linspace(0, 12, 478, dtype=np.float32)[:, None], landmarks.weights, 1.0)
    fit = fit_landmarks(moved, SIZE, HEAD, locks=Locks(**{locked: True}), start=start)
    other = {"identity": "expression", "expression": "identity"}[locked]
    assert np.allclose(getattr(fit, locked), getattr(start, locked), atol=1e-6)
    assert np.abs(getattr(fit, other) - getattr(start, other)).max() > 0.01


def test_offsets_of_a_former_fit_stay(former):
    from dataclasses import replace

    landmarks, start = former
    offsets = np.full_like(HEAD.neutral, 0.25)
    fit = fit_landmarks(landmarks, SIZE, HEAD, start=replace(start, offsets=offsets))
    assert np.allclose(fit.offsets, offsets, atol=1e-4)
    assert np.allclose(fit.neutral(HEAD) - HEAD.shape(fit.identity, NEUTRAL), 0.25, atol=1e-4)


def test_landmarks_alone_tell_nothing_beyond_the_modes(former):
    assert former[1].offsets is None


def test_photos_of_one_person_share_the_identity_and_know_it_better():
    identity = person(HEAD, 8)
    views = [(camera_at(-25), NEUTRAL), (camera_at(0), SMILE), (camera_at(28, 5), NEUTRAL)]
    photos = [PhotoLandmarks(detected(HEAD, identity, e, camera, 1.5), SIZE) for camera, e in views]
    together = fit_several(photos, HEAD)
    assert all(np.array_equal(fit.identity, together[0].identity) for fit in together)
    alone = [neutral_share(fit_several([photo], HEAD)[0], identity) for photo in photos]
    assert neutral_share(together[0], identity) < np.mean(alone)
    for fit, (camera, expression) in zip(together, views, strict=True):
        assert turned_deg(fit.camera, camera) < 4
        assert np.abs(fit.expression - expression).mean() < 0.08


def test_bad_input_is_refused(former):
    landmarks = former[0]
    bad = landmarks.points.copy()
    bad[3] = np.nan
    with pytest.raises(ValueError, match="no face"):
        fit_landmarks(Landmarks(bad, landmarks.weights, 1.0), SIZE, HEAD)
    with pytest.raises(ValueError, match="no face"):
        fit_landmarks(Landmarks(np.full_like(bad, 7), landmarks.weights, 1.0), SIZE, HEAD)
    with pytest.raises(ValueError, match="former fit"):
        fit_landmarks(landmarks, SIZE, HEAD, locks=Locks(identity=True))
    with pytest.raises(ValueError, match="triangle"):
        fit_landmarks(landmarks, SIZE, HEAD, pins=[Pin(10**9, (1, 0, 0), (0, 0))])
    with pytest.raises(ValueError, match="finite"):
        fit_landmarks(landmarks, SIZE, HEAD, pins=[Pin(1, (1, 0, 0), (np.nan, 0))])
    with pytest.raises(ValueError, match="focal length"):
        fit_landmarks(landmarks, SIZE, HEAD, focal_px=-1.0)
    with pytest.raises(ValueError, match="photo"):
        fit_several([], HEAD)
    with pytest.raises(ValueError, match="photo"):
        fit_landmarks(landmarks, (0, 5), HEAD)

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from photo_samples import SMILE, camera_at, detected, person, shape_error

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.cancelled import Cancelled
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.harmonics import harmonics
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.controls import controls_of
from rhytid.core.photo.dense_fit import refine
from rhytid.core.photo.fit import fit_landmarks
from rhytid.core.photo.landmark_terms import ViewState
from rhytid.core.photo.landmarks import Landmarks
from rhytid.core.photo.locks import Locks
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.observation import Observation
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.shading_terms import ShadingTerms, shading_error

HEAD = default_head()
RASTERISER = NumpyRasteriser()
LIGHT = np.array([0.8, 0.25, 0.3, 0.3, 0.1, 0.05, 0.05, 0.1, -0.05])


def photograph(vertices: np.ndarray, camera: PhotoCamera) -> np.ndarray:
    """A head with skin and shadows as usual under nine harmonics, linear RGB."""
    seen = RASTERISER.fragments(camera.to_camera(vertices), HEAD.triangles, camera.focal_px, camera.centre, camera.size)
    row, column = np.nonzero(seen.triangle >= 0)
    corners, weights = HEAD.triangles[seen.triangle[row, column]], seen.barycentric[row, column]
    normal = np.einsum("ij,ijk->ik", weights, vertex_normals(vertices, HEAD.triangles)[corners]).astype(float)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    chart = np.zeros((len(vertices), 2))
    chart[: HEAD.n_skin] = HEAD.chart
    texel = np.einsum("ij,ijk->ik", weights, chart[corners])
    x, y = np.clip(texel * 256, 0, 255).astype(int).T
    usual = np.exp(shading_error().mean.reshape(64, 64)[y // 4, x // 4])
    skin = linear_from_srgb(procedural_albedo(256)[y, x] / 255) * usual[:, None]
    picture = np.full((camera.size[1], camera.size[0], 3), 0.2, np.float32)
    picture[row, column] = skin * np.maximum(harmonics(normal) @ LIGHT, 0.02)[:, None]
    return picture


@dataclass(frozen=True)
class Case:
    observation: Observation
    identity: np.ndarray
    camera: PhotoCamera


@pytest.fixture(scope="module")
def case() -> Case:
    return case_of(HEAD)


def case_of(head: Head) -> Case:
    identity, camera = person(head, 11), camera_at(12, 4).scaled(0.6)
    linear = photograph(head.shape(identity, SMILE), camera)
    landmarks = detected(head, identity, SMILE, camera, 1.0)
    one = np.ones(linear.shape[:2], np.float32)
    pixels = np.zeros(linear.shape, np.uint8)
    return Case(Observation(pixels, linear, landmarks, Masks(one, 0 * one, 0 * one), None), identity, camera)


@pytest.fixture(scope="module")
def first(case):
    return fit_landmarks(case.observation.landmarks, case.camera.size, HEAD)


@pytest.fixture(scope="module")
def refined(case, first):
    return refine(case.observation, first, HEAD, RASTERISER)


def test_shading_tells_the_person_better_than_landmarks(case, first, refined):
    true = HEAD.shape(case.identity, np.zeros(N_EXPRESSION, np.float32))
    before, after = (shape_error(fit.neutral(HEAD), true, HEAD) for fit in (first, refined))
    assert after < 0.7 * before
    assert after < 0.5 * shape_error(HEAD.neutral, true, HEAD)
    assert 0 <= refined.expression.min() <= refined.expression.max() <= 1


def test_a_head_of_the_modes_has_little_beyond_them(refined):
    face = HEAD.detail_weight > 0.5
    assert np.median(np.linalg.norm(refined.offsets[: HEAD.n_skin][face], axis=1)) < 0.35


def test_what_a_head_has_beyond_the_modes_is_found():
    """Wider and fuller cheeks by up to 3 mm, which are no field of the fit's own."""
    x, y, _ = HEAD.neutral[: HEAD.n_skin].T
    field = np.zeros_like(HEAD.neutral)
    low = np.exp(-((y + 10) ** 2) / (2 * 25**2)) * HEAD.detail_weight
    field[: HEAD.n_skin, 0] = 3 * low * np.clip(x / 30, -1, 1)
    field[: HEAD.n_skin, 2] = 2 * low
    alien = case_of(replace(HEAD, neutral=HEAD.neutral + field))
    first = fit_landmarks(alien.observation.landmarks, alien.camera.size, HEAD)
    fit = refine(alien.observation, first, HEAD, RASTERISER)
    true = HEAD.shape(alien.identity, np.zeros(N_EXPRESSION, np.float32)) + field
    error = shape_error(fit.neutral(HEAD), true, HEAD)
    assert error < 0.85 * shape_error(replace(fit, offsets=None).neutral(HEAD), true, HEAD)
    assert error < 0.5 * shape_error(HEAD.neutral, true, HEAD)


def test_skin_that_is_covered_says_nothing(case, first):
    covered = np.zeros_like(case.observation.masks.skin)
    observation = replace(case.observation, masks=replace(case.observation.masks, skin=covered))
    blind = refine(observation, first, HEAD, RASTERISER)
    # What the landmarks say stays; a few more rounds settle it.
    assert shape_error(blind.neutral(HEAD), first.neutral(HEAD), HEAD) < 0.3


def test_what_is_locked_stays(case, first):
    fit = refine(case.observation, first, HEAD, RASTERISER, locks=Locks(identity=True))
    assert np.allclose(fit.identity, first.identity, atol=1e-6)
    assert fit.offsets is None
    assert np.abs(fit.expression - first.expression).max() > 0.005


def test_cancelling_ends_it(case, first):
    with pytest.raises(Cancelled):
        refine(case.observation, first, HEAD, RASTERISER, cancel=lambda: True)


def test_the_slopes_of_shading_are_right(case):
    """Against finite differences: identity, pose, focal length, controls and light."""
    terms = ShadingTerms(case.observation.linear, case.observation.masks.skin, case.camera, HEAD, shading_error())
    identity = case.identity.astype(float)
    state = ViewState(case.camera, controls_of(SMILE), np.zeros(0), LIGHT.copy(), np.zeros(terms.n_modes))
    terms.look(identity, state, HEAD.shape(case.identity, SMILE), RASTERISER)
    jacobian, _, weight = terms.linearised(identity, state)
    used = weight > np.percentile(weight, 60)
    n = len(identity)
    for column in (0, 3, n, n + 1, n + 2, n + 3, n + 5, n + 6, n + 7 + 20, n + 7 + 40, n + 54 + 2, n + 54 + 9):
        # The picture's own slope is that between pixels: small steps only change what is between two of them.
        h = 1e-3 if column < n or column >= n + 7 else 1e-4
        ends = []
        for sign in (-1, 1):
            step = np.zeros(jacobian.shape[1])
            step[column] = sign * h
            moved = state.moved(step[n:])
            ends.append(terms.linearised(identity + step[:n], moved)[1])
        slope = (ends[1] - ends[0]) / (2 * h)
        ours = jacobian[used, column]
        if np.abs(ours).max() > 1e-4:
            # Slopes of a picture are of it smoothed, differences of it as it is read between pixels.
            least, most = (0.8, 0.3) if n <= column < n + 7 else (0.97, 0.1)
            assert np.corrcoef(slope[used], ours)[0, 1] > least, column
            assert np.std(slope[used]) == pytest.approx(np.std(ours), rel=most), column


def test_a_picture_without_a_face_in_it_leaves_the_fit_sane(case, first):
    flat = replace(case.observation, linear=np.full_like(case.observation.linear, 0.3))
    fit = refine(flat, first, HEAD, RASTERISER)
    assert np.isfinite(fit.vertices(HEAD)).all()
    assert np.abs(fit.identity).max() <= 3


def test_a_fit_of_another_head_are_refused(first, case):
    alien = replace(first, identity=np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="identity modes"):
        refine(case.observation, alien, HEAD, RASTERISER)


def test_landmarks_of_no_face_are_refused(case, first):
    bad = Landmarks(np.full((478, 2), np.nan, np.float32), np.ones(478, np.float32), 1.0)
    with pytest.raises(ValueError, match="no face"):
        refine(replace(case.observation, landmarks=bad), first, HEAD, RASTERISER)

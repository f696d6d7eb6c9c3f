from __future__ import annotations

import numpy as np
import pytest
from photo_samples import camera_at, person

from rhytid.core.head.eye_flesh import parts_in_pictures
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.photo.calibrate import Sample, find_places, measure_errors
from rhytid.core.photo.detector_error import picture_axes, view_terms
from rhytid.core.photo.embedding import FITTED, N_FITTED, landmark_places
from rhytid.core.photo.landmarks import LEFT_LIDS, LIDS, N_MESH, OUTER_LIPS, RIGHT_LIDS
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.sitting import random_sitting

HEAD = default_head()
SIZE = (320, 320)
PLACES = landmark_places(HEAD)


def sample(number: int, shift_mm: float = 0.0) -> Sample:
    """A sitting and a detector that finds every landmark, all of them but lids off to the right and down."""
    sitting = random_sitting(HEAD, np.random.default_rng(number))
    camera = sitting.camera(SIZE)
    points = camera.to_camera(PLACES.of(HEAD.shape(sitting.identity, sitting.expression)))
    found = np.zeros((478, 2), np.float32)
    off = np.zeros((N_FITTED, 2))
    off[100:150] = shift_mm
    found[list(FITTED)] = camera.pixels(points) + off * camera.focal_px / points[:, 2].mean()
    return Sample(sitting, SIZE, found)


def test_landmarks_lie_on_the_skin_evenly_and_the_pupils_in_the_eyes():
    assert np.allclose(PLACES.barycentric.sum(axis=1), 1)
    points = PLACES.of(HEAD.neutral)
    assert (PLACES.corners[:N_MESH] < HEAD.n_skin).all()
    right, left = points[list(RIGHT_LIDS)], points[list(LEFT_LIDS)]
    assert np.abs(right * [-1, 1, 1] - left).max() < 1.5
    assert right[0, 0] < right[8, 0] < 0 < left[8, 0] < left[0, 0]
    assert right[4, 1] < right[12, 1]  # the lower lid below the upper
    for row, part in ((N_MESH, Part.EYE_RIGHT), (N_MESH + 1, Part.EYE_LEFT)):
        eye = HEAD.neutral[np.unique(HEAD.triangles[HEAD.triangle_parts == part])]
        assert points[row, 2] == pytest.approx(eye[:, 2].max(), abs=0.3)
        assert np.allclose(points[row, :2], eye[:, :2].mean(axis=0), atol=0.5)


def test_lids_are_the_edge_of_what_is_seen_of_the_eye():
    camera = camera_at()
    cam = camera.to_camera(HEAD.neutral)
    seen = NumpyRasteriser().fragments(cam, HEAD.triangles, camera.focal_px, camera.centre, camera.size)
    eye = (seen.triangle >= 0) & np.isin(parts_in_pictures(HEAD)[seen.triangle], (Part.EYE_LEFT, Part.EYE_RIGHT))
    row, column = np.nonzero(eye)
    pixels = camera.project(PLACES.of(HEAD.neutral)[list(LIDS)])
    away = np.hypot(pixels[:, :1] - column - 0.5, pixels[:, 1:] - row - 0.5).min(axis=1)
    assert away.max() < 4
    assert np.median(away) < 1.5
    inside = eye[pixels[:, 1].astype(int), pixels[:, 0].astype(int)]
    assert inside.mean() < 0.5


def test_places_are_found_again_from_where_landmarks_were_seen():
    samples = [sample(number) for number in range(10)]
    chart = find_places(HEAD, samples)
    true = np.einsum("ni,nik->nk", PLACES.barycentric[:N_MESH], HEAD.chart[PLACES.corners[:N_MESH]])
    face = (np.abs(true - 0.5) < 0.4).all(axis=1)
    apart = np.linalg.norm(chart - true, axis=1)[face]
    assert np.median(apart) < 0.01
    assert np.percentile(apart, 90) < 0.04


def test_an_error_that_the_detector_makes_is_measured():
    measured = measure_errors(HEAD, PLACES, [sample(number, 3.0) for number in range(24)])
    camera = camera_at(10, -5)
    expected = np.tensordot(view_terms(camera), measured.by_view, 1)
    others = np.setdiff1d(np.arange(100, 150), [*LIDS, *OUTER_LIPS])
    assert np.allclose(expected[others], 3.0, atol=0.5)
    assert np.abs(expected[200:250]).max() < 0.5
    assert np.allclose(picture_axes(camera), np.eye(2), atol=1e-9)
    # Nothing is left to chance, so that little is left to the modes.
    assert np.abs(measured.modes).max() < 0.5


def test_sittings_are_people_in_view():
    for number in range(8):
        sitting = random_sitting(HEAD, np.random.default_rng(number), frontal=number % 2 == 0)
        assert np.abs(sitting.identity).max() <= 2.5
        assert 0 <= sitting.expression.min() <= sitting.expression.max() <= 1
        camera = sitting.camera(SIZE)
        yaw, pitch = camera.yaw_pitch_deg
        assert abs(yaw) < (8 if number % 2 == 0 else 35) + 1e-6
        assert (yaw, pitch) == pytest.approx((sitting.yaw_deg, sitting.pitch_deg))
        pixels = camera.project(HEAD.shape(person(HEAD, number), sitting.expression)[HEAD.landmarks])
        assert (pixels > 0).all()
        assert (pixels < 320).all()

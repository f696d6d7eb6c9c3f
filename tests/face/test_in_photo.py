"""A face's edits in its photo: what changes, what stays, and what is said where there is no photo to draw into."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from photo_document import photo_camera, photo_document, photo_layer, photo_pixels

from rhytid import Face
from rhytid.core.document.state import DocumentState
from rhytid.core.face import in_photo
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.in_photo import NoPhotoError, original_state
from rhytid.core.head.load import default_head
from rhytid.core.lines.stroke import Stroke
from rhytid.core.photo.camera import FACING, PhotoCamera
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.image import PhotoError
from rhytid.core.photo.rasteriser import NumpyRasteriser


@pytest.fixture
def face() -> Face:
    return Face.of(photo_document(), default_head())


def test_without_edits_it_is_the_photo(face):
    assert np.array_equal(face.in_photo(), photo_pixels())


def test_an_expression_moves_the_face_and_leaves_the_corners(face):
    face.expression = {"jawOpen": 0.8}
    picture, photo = face.in_photo(), photo_pixels()
    changed = (picture != photo).any(axis=2)
    assert changed.sum() > 300
    assert not changed[:40].any()
    face.expression = {}
    assert np.array_equal(face.in_photo(), photo)


def test_a_line_changes_the_skin_there_alone(face):
    points = np.column_stack([np.linspace(0.35, 0.65, 9), np.full(9, 0.15)])
    face.strokes = [Stroke("line", points, np.ones(9, np.float32), depth_mm=0.6)]
    changed = (face.in_photo() != photo_pixels()).any(axis=2)
    camera, head = photo_camera(), default_head()
    on_line = np.abs(head.chart - (0.5, 0.15)) < (0.15, 0.01)
    rows = camera.project(head.neutral[: head.n_skin][on_line.all(axis=1)])[:, 1]
    assert 15 < changed.sum() < 1500
    there = np.flatnonzero(changed.any(axis=1))
    assert rows.min() - 8 < there[0]
    assert there[-1] < rows.max() + 8


def test_a_smaller_picture_has_the_size_that_was_asked_for(face):
    assert face.in_photo(longest_px=120).shape == (120, 100, 3)
    with pytest.raises(ValueError, match="longest_px"):
        face.in_photo(longest_px=5)


def test_either_renderer_draws_and_no_other(face):
    face.expression = {"jawOpen": 0.8}
    by_ratio, by_network = face.in_photo(), face.in_photo(renderer="network")
    assert (by_ratio != by_network).any()
    assert np.array_equal(face.in_photo(renderer="network"), by_network)
    assert np.array_equal(face.in_photo(renderer="ratio"), by_ratio)
    face.expression = {}
    assert np.array_equal(face.in_photo(renderer="network"), photo_pixels())
    with pytest.raises(ValueError, match="ratio and network"):
        face.in_photo(renderer="magic")


def test_the_original_state_takes_every_edit_back():
    state = photo_document()
    edited = replace(state, age=70.0, strokes=(), expression=tuple([0.5] * 52), identity=tuple([0.1] * 8))
    again = original_state(edited)
    assert again.expression == state.expression
    assert again.strokes == state.strokes
    assert again.photo is state.photo


def test_what_is_missing_is_said_with_what_to_do():
    with pytest.raises(NoPhotoError, match="New from Photo"):
        Face().in_photo()
    dark = replace(photo_document(), photo=photo_layer(light=False))
    with pytest.raises(NoPhotoError, match="refine the photo"):
        Face.of(dark, default_head()).in_photo()


def test_a_damaged_photo_names_itself():
    state = photo_document()
    torn = replace(state.photo, data=state.photo.data[:100])
    with pytest.raises(PhotoError, match="anna"):
        Face.of(replace(state, photo=torn), default_head()).in_photo()


def test_a_document_without_photo_has_no_original():
    with pytest.raises(NoPhotoError):
        original_state(DocumentState())


@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_ratios_are_as_coarse_as_the_photo(scale: float) -> None:
    # What is finer than pixels would come out as specks.
    head = default_head()
    identity, expression = np.zeros(head.n_identity, np.float32), np.zeros(52, np.float32)
    camera = PhotoCamera(FACING, np.array([0.0, 0.0, 900.0]), 1500.0, np.full(2, 320.0), (640, 640)).scaled(scale)
    texels = in_photo._texels_shown(camera, HeadFit(identity, expression, camera, None, 0.0), head)
    nose = head.landmarks[[27, 33]]  # from between the eyes to its base
    px = np.linalg.norm(np.diff(camera.project(head.neutral[nose]), axis=0))
    assert 0.5 < px / (np.linalg.norm(np.diff(head.chart[nose], axis=0)) * texels) < 2


def test_relief_finer_than_pixels_makes_no_specks(face):
    relief = face.maps(1024).displacement
    fine = np.float32(0.3) * np.where(np.indices(relief.shape).sum(axis=0) // 4 % 2, 1, -1).astype(np.float32)
    edits = in_photo.PhotoEdits(DetailMaker(face.engines), NumpyRasteriser())
    picture = edits.picture(face.state, face.head, face.pose(), relief + fine)
    difference = np.abs(picture.astype(int) - photo_pixels())
    assert difference.max() <= 2

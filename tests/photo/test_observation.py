"""A photo with its face found: linear colours, masks, and what is known of the camera."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
import pytest
from PIL import Image
from portraits import astronaut, needs_models

from rhytid.core.photo.face_finder import FaceFinder, NoFace
from rhytid.core.photo.image import photo_of
from rhytid.core.photo.landmarks import BROWS, FOREHEAD
from rhytid.core.photo.observation import observe

pytestmark = needs_models


@pytest.fixture(scope="module")
def finder():
    return FaceFinder.load()


def photo(pixels, focal_35mm=None):
    exif = Image.Exif()
    if focal_35mm:
        exif[0x0112] = 1
        exif.get_ifd(0x8769)[0xA405] = focal_35mm
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", exif=exif)
    return photo_of(stream.getvalue(), "a.png")


def test_all_is_of_one_size_and_nothing_can_be_changed(finder):
    picture = astronaut()
    seen = observe(photo(picture), finder)
    assert seen.size == (512, 512)
    assert (seen.pixels == picture).all()
    assert seen.linear.dtype == np.float32
    np.testing.assert_allclose(seen.linear[100, 220], (picture[100, 220] / 255) ** 2.2, atol=0.02)
    assert seen.masks.skin.shape == (512, 512)
    assert seen.focal_px is None
    for values in (seen.pixels, seen.linear, seen.landmarks.points, seen.masks.skin):
        assert not values.flags.writeable


def test_the_chosen_face_is_the_one_that_is_read(finder):
    head = astronaut()[20:230, 120:340]
    scene = photo(np.hstack([head, head[:, ::-1]]))
    faces = finder.find(scene.pixels)
    assert len(faces) == 2
    middles = [observe(scene, finder, face).landmarks.points[:, 0].mean() for face in faces]
    assert sorted(middle > 220 for middle in middles) == [False, True]


def test_the_focal_length_is_in_px(finder):
    seen = observe(photo(astronaut(), 85), finder)
    assert seen.focal_px == pytest.approx(85 / math.hypot(36, 24) * math.hypot(512, 512))


def test_a_cut_out_photo_does_not_know_its_focal_length(finder):
    """The face is 60 px from eye to eye of 216: at 24 mm this would be a photo from 30 cm, cut closer from 15."""
    head = np.ascontiguousarray(astronaut()[70:180, 170:280])
    assert observe(photo(head, 24), finder).focal_px is None
    assert observe(photo(head, 85), finder).focal_px is not None


def test_covered_points_lose_weight(finder):
    picture = astronaut()
    bare = observe(photo(picture), finder).landmarks
    covered = cv2.circle(picture.copy(), (224, 166), 10, (40, 90, 200), -1)
    seen = observe(photo(covered), finder).landmarks
    near = np.linalg.norm(seen.points - (224, 166), axis=1) < 8
    assert near.sum() > 3
    assert seen.weights[near].mean() < 0.5
    assert bare.weights[near].mean() > 0.8
    cheek = np.linalg.norm(seen.points - (196, 120), axis=1) < 8
    assert seen.weights[cheek].mean() > 0.8
    assert seen.weights[list(BROWS)].mean() > 0.7
    assert bare.weights[FOREHEAD] < 0.4  # under her hair


def test_no_face_is_told(finder):
    with pytest.raises(NoFace, match="no face was found"):
        observe(photo(np.full((200, 200, 3), 90, np.uint8)), finder)

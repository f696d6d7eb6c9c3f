"""What is skin, hair and neither: on the astronaut as she is, and with things painted before her face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from portraits import astronaut, needs_models, placed

from rhytid.core.photo.face_finder import FaceFinder
from rhytid.core.photo.landmarks import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_LIDS,
    OUTER_LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_LIDS,
    Landmarks,
)
from rhytid.core.photo.masks import masks_of

pytestmark = needs_models
# Places read off the picture by eye, px.
SKIN = [(195, 122), (255, 120), (222, 120), (224, 160), (222, 92), (190, 116), (262, 118)]
HAIR = [(224, 70), (170, 90), (280, 95), (200, 60), (250, 62)]
NEITHER = [(60, 60), (460, 60), (224, 300), (400, 400)]


@pytest.fixture(scope="module")
def picture():
    return astronaut()


@pytest.fixture(scope="module")
def landmarks(picture):
    finder = FaceFinder.load()
    return finder.landmarks(picture, finder.find(picture)[0])


@pytest.fixture(scope="module")
def masks(picture, landmarks):
    return masks_of(picture, landmarks)


def inside(landmarks, numbers, shape=(512, 512)):
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(landmarks.points[list(numbers)] - 0.5).astype(np.int32)], 1)
    return canvas > 0


def at(mask, places):
    return np.array([mask[y - 1 : y + 2, x - 1 : x + 2].mean() for x, y in places])


def test_masks_are_shares_of_the_whole_picture(masks, picture):
    for mask in (masks.skin, masks.hair, masks.occluder):
        assert mask.shape == picture.shape[:2]
        assert mask.dtype == np.float32
        assert not mask.flags.writeable
        assert mask.min() >= 0
        assert mask.max() <= 1
    assert (masks.skin + masks.hair + masks.occluder).max() < 1.35


def test_skin_and_hair_are_where_they_are_seen(masks):
    assert at(masks.skin, SKIN).min() > 0.8
    assert at(masks.hair, SKIN).max() < 0.2
    assert at(masks.hair, HAIR).min() > 0.7
    assert at(masks.skin, HAIR).max() < 0.1
    assert at(masks.skin + masks.hair + masks.occluder, NEITHER).max() < 0.1


def test_eyes_lips_and_brows_are_no_skin(masks, landmarks):
    for numbers in (RIGHT_LIDS, LEFT_LIDS, INNER_LIPS, RIGHT_BROW):
        assert masks.skin[inside(landmarks, numbers)].mean() < 0.2
    assert masks.hair[inside(landmarks, RIGHT_BROW)].mean() > 0.7
    assert masks.occluder.sum() < 0.03 * inside(landmarks, OVAL).sum()


def test_below_the_brows_a_bare_face_is_skin(masks, landmarks):
    parts = np.zeros((512, 512), bool)
    for numbers in (RIGHT_LIDS, LEFT_LIDS, OUTER_LIPS, RIGHT_BROW, LEFT_BROW):
        parts |= inside(landmarks, numbers)
    bare = inside(landmarks, OVAL) & (cv2.dilate(parts.astype(np.uint8), np.ones((7, 7))) == 0)
    bare[:100] = False
    bare = cv2.erode(bare.astype(np.uint8), np.ones((5, 5))) > 0
    assert bare.sum() > 2500
    assert masks.skin[bare].mean() > 0.9


def glasses(picture, landmarks, color):
    drawn = np.zeros(picture.shape[:2], np.uint8)
    middles = [landmarks.points[list(lids)].mean(axis=0) for lids in (RIGHT_LIDS, LEFT_LIDS)]
    for middle in middles:
        cv2.ellipse(drawn, ((float(middle[0]), float(middle[1]) + 4), (34.0, 28.0), 0.0), 1, 3)
    cv2.line(drawn, (220, 104), (229, 104), 1, 3)
    return np.where(drawn[..., None] > 0, np.uint8(color), picture), drawn > 0


@pytest.mark.parametrize(
    ("color", "most"),
    [((20, 20, 25), 0.2), ((40, 90, 160), 0.2), ((230, 235, 240), 0.4)],
    ids=["black", "blue", "white"],
)
def test_glasses_are_no_skin(picture, landmarks, masks, color, most):
    worn, drawn = glasses(picture, landmarks, color)
    seen = masks_of(worn, landmarks)
    drawn &= inside(landmarks, OVAL) & (masks.skin > 0.8)
    assert seen.skin[drawn].mean() < most
    assert (seen.occluder + seen.hair)[drawn].mean() > 0.6
    away = inside(landmarks, OVAL) & (masks.skin > 0.8) & (cv2.dilate(drawn.astype(np.uint8), np.ones((9, 9))) == 0)
    assert seen.skin[away].mean() > 0.9


def test_a_microphone_lies_before_the_face(picture, landmarks):
    worn = cv2.circle(picture.copy(), (224, 158), 14, (60, 62, 70), -1)
    seen = masks_of(worn, landmarks)
    drawn = (worn != picture).any(axis=2) & inside(landmarks, OVAL) & ~inside(landmarks, INNER_LIPS)
    drawn = cv2.erode(drawn.astype(np.uint8), np.ones((3, 3))) > 0
    assert seen.skin[drawn].mean() < 0.2
    assert at(seen.skin, [(195, 122), (255, 120), (222, 120)]).min() > 0.8


def test_bangs_are_hair(picture, landmarks):
    """Her own hair, laid over her forehead."""
    worn = picture.copy()
    worn[78:90, 195:255] = picture[60:72, 195:255]
    drawn = np.zeros(picture.shape[:2], bool)
    drawn[80:87, 200:250] = True
    seen = masks_of(worn, landmarks)
    assert seen.hair[drawn].mean() > 0.7
    assert seen.skin[drawn].mean() < 0.15


def test_a_mole_stays_skin(picture, landmarks):
    worn = cv2.circle(picture.copy(), (258, 126), 2, (70, 40, 30), -1)
    assert at(masks_of(worn, landmarks).skin, [(258, 126)]) > 0.8


@pytest.mark.parametrize("factor", [0.25, 0.5])
def test_dark_skin_and_dim_light_change_little(picture, landmarks, masks, factor):
    linear = (picture / 255.0) ** 2.2 * factor
    dim = np.rint(255 * linear ** (1 / 2.2)).astype(np.uint8)
    seen = masks_of(dim, landmarks)
    oval = inside(landmarks, OVAL)
    assert np.abs(seen.skin - masks.skin)[oval].mean() < 0.05


def test_light_from_one_side_changes_little(picture, landmarks, masks):
    x = np.linspace(-1, 1, 512)[None, :, None]
    gain = np.exp(3 * (x + 0.12))  # five times between the two cheeks
    lit = np.clip((picture / 255.0) ** 2.2 * 0.4 * gain, 0, 1)
    seen = masks_of(np.rint(255 * lit ** (1 / 2.2)).astype(np.uint8), landmarks)
    assert np.abs(seen.skin - masks.skin)[inside(landmarks, OVAL)].mean() < 0.12


def test_masks_grow_with_the_picture(picture, landmarks, masks):
    large = placed(picture, (1024, 1024), [[2, 0, 0], [0, 2, 0]])
    double = Landmarks(landmarks.points * 2, landmarks.weights, landmarks.presence)
    seen = masks_of(large, double)
    reduced = cv2.resize(seen.skin, (512, 512), interpolation=cv2.INTER_AREA)
    assert np.abs(reduced - masks.skin)[inside(landmarks, OVAL)].mean() < 0.06


def test_a_face_at_the_edge_and_a_flat_picture_are_no_errors(picture, landmarks):
    cut = np.ascontiguousarray(picture[90:, 205:])
    moved = Landmarks(landmarks.points - (205, 90), landmarks.weights, landmarks.presence)
    assert masks_of(cut, moved).skin.shape == cut.shape[:2]
    for value in (0, 128, 255):
        seen = masks_of(np.full_like(picture, value), landmarks)
        assert np.isfinite(seen.skin).all()


def test_hair_nearly_of_the_skins_colour_is_hair(picture, landmarks, masks):
    """Her hair made nearly as bright as her skin, and of nearly the same hue."""
    skin = np.median(picture[(masks.skin > 0.9) & inside(landmarks, OVAL)], axis=0)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None] / 255.0
    fair = skin * (0.75, 0.76, 0.68) * (grey / grey[masks.hair > 0.5].mean()) ** 0.3
    worn = np.clip(picture + masks.hair[..., None] * (fair - picture), 0, 255).astype(np.uint8)
    seen = masks_of(worn, landmarks)
    assert at(seen.hair, HAIR).min() > 0.85
    assert at(seen.skin, HAIR).max() < 0.05
    assert at(seen.skin, SKIN).min() > 0.9


@pytest.mark.parametrize("upright", [True, False])
def test_thin_lines_down_the_forehead_are_hair_and_across_it_are_wrinkles(picture, landmarks, masks, upright):
    large = placed(picture, (1536, 1536), [[3, 0, 0], [0, 3, 0]])
    triple = Landmarks(landmarks.points * 3, landmarks.weights, landmarks.presence)
    skin = np.median(picture[(masks.skin > 0.9) & inside(landmarks, OVAL)], axis=0)
    y, x = np.mgrid[:1536, :1536]
    bare = (y > 190) & (y < 250) & (x > 540) & (x < 800)  # her fringe, painted over
    large[bare] = np.clip(skin + np.random.default_rng(1).normal(0, 3, (bare.sum(), 3)), 0, 255).astype(np.uint8)
    place = (y > 200) & (y < 240) & (x > 560) & (x < 630)
    thin = ((x if upright else y) % 7 < 2) & place
    worn = np.where(thin[..., None], (0.8 * large).astype(np.uint8), large)
    before, after = masks_of(large, triple).skin, masks_of(worn, triple).skin
    assert before[place].mean() > 0.9
    assert (after[place].mean() < 0.4) if upright else (after[place].mean() > 0.85)
    assert np.abs(after - before)[330:].max() < 0.1

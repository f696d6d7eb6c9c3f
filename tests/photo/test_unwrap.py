from __future__ import annotations

import cv2
import numpy as np
import pytest

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.unwrap import unwrap

SIDE, PX = 96, 320
TARGET_MM = np.array([0.0, 15.0, 50.0])


def camera_at(yaw_deg):
    rotation = view_rotation(yaw_deg, 0.0)
    translation = np.array([0.0, 0.0, 900.0]) - rotation @ TARGET_MM
    return PhotoCamera(rotation, translation, 1150.0, np.array([PX / 2, PX / 2]), (PX, PX))


@pytest.fixture(scope="module")
def raster():
    return ChartRaster(default_head(), SIDE)


def picture_of(camera, per_vertex):
    """The head with colours (n_skin, 3), float32 (H, W, 3); 0 where no skin is seen."""
    head = default_head()
    seen = NumpyRasteriser().fragments(
        camera.to_camera(head.neutral), head.triangles, camera.focal_px, camera.centre, camera.size
    )
    corners = head.triangles[seen.triangle]
    skin = (seen.triangle >= 0) & (corners < head.n_skin).all(axis=2)
    picture = np.zeros((PX, PX, 3), np.float32)
    picture[skin] = np.einsum("ij,ijk->ik", seen.barycentric[skin], per_vertex[corners[skin]])
    return picture


def masks(hair=None, occluder=None):
    none = np.zeros((PX, PX), np.float32)
    hair = none if hair is None else hair
    occluder = none if occluder is None else occluder
    return Masks(1 - np.maximum(hair, occluder), hair, occluder)


def chart_colors():
    """Colours that name the place in the chart."""
    head = default_head()
    return np.column_stack([np.clip(head.chart, 0, 1), np.full(head.n_skin, 0.5)]).astype(np.float32)


def test_each_texel_gets_the_colour_of_its_own_place(raster):
    camera = camera_at(10.0)
    shown = unwrap(
        picture_of(camera, chart_colors()), masks(), default_head().neutral, camera, raster, NumpyRasteriser()
    )
    place = (np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1) + 0.5) / SIDE
    seen = shown.weight > 0.5
    assert seen.mean() > 0.4
    error = np.abs(shown.rgb[..., :2] - place)[seen].max(axis=1)
    assert np.median(error) < 0.003
    assert np.quantile(error, 0.98) < 1 / SIDE
    # Pixels and points belong together, and the scale is that of the picture.
    assert np.allclose(camera.project(shown.position[seen]), shown.pixel[seen], atol=1e-2)
    assert 1.0 < shown.px_per_texel < 4.0
    assert np.allclose(np.linalg.norm(shown.normal[seen], axis=1), 1, atol=1e-4)


def test_the_half_that_is_turned_away_weighs_nothing(raster):
    camera = camera_at(60.0)  # from the subject's left
    shown = unwrap(
        picture_of(camera, chart_colors()), masks(), default_head().neutral, camera, raster, NumpyRasteriser()
    )
    right, left = shown.weight[:, : SIDE // 3], shown.weight[:, -SIDE // 3 :]
    assert left.mean() > 0.5
    assert right.mean() < 0.02
    assert (shown.rgb[:, : SIDE // 6][shown.weight[:, : SIDE // 6] == 0] == 0).all()


def test_what_lies_before_the_face_weighs_nothing(raster):
    camera = camera_at(0.0)
    head = default_head()
    picture = picture_of(camera, chart_colors())
    chin = camera.project(head.neutral[head.landmarks[8]])
    occluder = np.zeros((PX, PX), np.float32)
    occluder[int(chin[1]) - 25 :] = 1
    free = unwrap(picture, masks(), head.neutral, camera, raster, NumpyRasteriser())
    hidden = unwrap(picture, masks(occluder=occluder), head.neutral, camera, raster, NumpyRasteriser())
    below = free.pixel[..., 1] > int(chin[1]) - 24
    assert free.weight[below].sum() > 20
    assert hidden.weight[below].max() == 0
    assert np.array_equal(hidden.weight[free.pixel[..., 1] < int(chin[1]) - 27],
                          free.weight[free.pixel[..., 1] < int(chin[1]) - 27])  # fmt: skip


def test_brows_belong_to_the_skins_colour_and_hair_that_hangs_does_not(raster):
    camera = camera_at(0.0)
    head = default_head()
    picture = picture_of(camera, chart_colors())
    hair = np.zeros((PX, PX), np.float32)
    brow = camera.project(head.neutral[head.landmarks[17:22]]).astype(np.float32)
    cv2.polylines(hair, [np.round(brow).astype(np.int32)], False, 1.0, 5)
    forehead = int(brow[:, 1].min()) - 22
    hair[:forehead] = 1
    shown = unwrap(picture, masks(hair=hair), head.neutral, camera, raster, NumpyRasteriser())
    middle = np.argmin(np.linalg.norm(shown.pixel - brow[2], axis=2))
    assert shown.weight.ravel()[middle] > 0.9
    assert shown.skin.ravel()[middle] < 0.3  # but its colour is not the skin's
    assert shown.weight[shown.pixel[..., 1] < forehead - 1].max() == 0


def test_beside_the_nose_and_at_the_cheeks_edge_nothing_is_sure_but_the_lips_stay(raster):
    camera = camera_at(35.0)
    head = default_head()
    shown = unwrap(picture_of(camera, chart_colors()), masks(), head.neutral, camera, raster, NumpyRasteriser())
    depth = NumpyRasteriser().fragments(
        camera.to_camera(head.neutral), head.triangles, camera.focal_px, camera.centre, camera.size
    ).depth
    ends = np.isinf(depth)
    near_end = cv2.dilate(ends.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    seen = shown.weight > 0.5
    column, row = np.clip(shown.pixel[seen].astype(int), 0, PX - 1).T
    assert near_end[row, column].mean() < 0.01
    straight, fine = camera_at(0.0), ChartRaster(head, 512)
    shown = unwrap(picture_of(straight, chart_colors()), masks(), head.neutral, straight, fine, NumpyRasteriser())
    lips = [shown.weight[int(y * 512), 256] for y in (0.655, 0.731)]
    assert min(lips) > 0.5


def test_a_large_photo_is_seen_as_a_smaller_one_is(raster):
    camera = camera_at(25.0)
    picture = picture_of(camera, chart_colors())
    shown = []
    for factor in (3.2, 6.4):
        side = round(factor * PX)
        large = cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)
        none = np.zeros((side, side), np.float32)
        seen_by = camera.scaled(factor)
        shown.append(
            unwrap(large, Masks(1 - none, none, none), default_head().neutral, seen_by, raster, NumpyRasteriser())
        )
    one, other = shown
    assert other.px_per_texel == pytest.approx(2 * one.px_per_texel, rel=1e-3)
    assert np.abs(one.weight - other.weight).mean() < 1e-3
    both = (one.weight > 0.5) & (other.weight > 0.5)
    assert np.median(np.abs(one.rgb - other.rgb)[both]) < 0.002


def test_a_head_outside_of_the_picture_is_not_seen(raster):
    camera = camera_at(0.0)
    aside = camera.translation + np.array([4000.0, 0.0, 0.0])
    away = PhotoCamera(camera.rotation, aside, camera.focal_px, camera.centre, camera.size)
    shown = unwrap(np.ones((PX, PX, 3), np.float32), masks(), default_head().neutral, away, raster, NumpyRasteriser())
    assert shown.weight.max() == 0
    assert shown.px_per_texel == 1.0

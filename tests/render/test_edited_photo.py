"""Edits in a photo against pictures of the edited head; the photos are pictures of the program's own head."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.eye_flesh import parts_in_pictures
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.maps.albedo import procedural_albedo
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.photo.camera import FACING, PhotoCamera
from rhytid.core.photo.edited_photo import EditedPhoto, PhotoScene
from rhytid.core.photo.embedding import landmark_places
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.photo_flow import PhotoFlow
from rhytid.core.photo.rasteriser import NumpyRasteriser
from rhytid.core.photo.registration import EDGES, Registration
from rhytid.core.photo.skin_levels import ShownSkin
from rhytid.gui.render.camera import view_from_head
from rhytid.gui.render.offscreen import render_image

SIDE = 384
CAMERA = Camera(yaw_deg=6.0, pitch_deg=-3.0, distance_mm=700.0, target_mm=(0.0, 10.0, 50.0), fov_deg=20.0)
SH9 = np.array([[0.6], [0.25], [0.2], [-0.45], [0.0], [0.03], [0.02], [-0.05], [0.0]], np.float32)
SH9 = (SH9 * np.array([1.0, 0.95, 0.9], np.float32)).astype(np.float32)
LIGHT = PhotoLight(SH9, np.broadcast_to(SH9, (MAP_SIDE, MAP_SIDE, 9, 3)))
LIGHTING = Lighting("photo", key_intensity=0.0)
NEUTRAL = expression_array({})
SMILE = expression_array(
    {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "cheekSquintLeft": 0.4, "cheekSquintRight": 0.4}
)


def camera() -> PhotoCamera:
    view = view_from_head(CAMERA)
    focal_px = SIDE / 2 / np.tan(np.radians(CAMERA.fov_deg) / 2)
    return PhotoCamera(FACING @ view[:3, :3], FACING @ view[:3, 3], focal_px, np.full(2, SIDE / 2), (SIDE, SIDE))


@lru_cache(maxsize=1)
def raster() -> ChartRaster:
    return ChartRaster(default_head(), 512)


def furrowed(depth_mm: float) -> np.ndarray:
    """A furrow over each cheek and one over the forehead."""
    map_ = np.zeros((512, 512), np.float32)
    for line in ([(130, 330), (170, 420)], [(382, 330), (342, 420)], [(180, 70), (330, 70)]):
        cv2.polylines(map_, [np.array(line)], False, 1.0, 5, cv2.LINE_AA)
    return -depth_mm * cv2.GaussianBlur(map_, (0, 0), 2.5)


def skin(expression: np.ndarray, depth_mm: float) -> ShownSkin:
    return ShownSkin(default_head().shape([], expression), furrowed(depth_mm), procedural_albedo(512, 3, 40.0))


def picture(ctx, shown: ShownSkin) -> np.ndarray:
    return render_image(
        default_head(), shown.vertices, shown.displacement, CAMERA, LIGHTING, size=(SIDE, SIDE), samples=4,
        albedo=SkinColors(shown.albedo, shown.albedo[:1, :1], (0.0, 0.0, 0.0)), photo_light=SH9, scale_bar=False,
        ctx=ctx,
    )  # fmt: skip


def scene(pixels: np.ndarray, occluder: np.ndarray | None = None) -> PhotoScene:
    none = np.zeros((SIDE, SIDE), np.float32)
    return PhotoScene(pixels, Masks(1 - none, none, none if occluder is None else occluder), camera(), LIGHT, (0, 0, 0))


def edits(pixels: np.ndarray, original: ShownSkin, occluder: np.ndarray | None = None) -> EditedPhoto:
    return EditedPhoto(scene(pixels, occluder), original, raster(), NumpyRasteriser())


def shows(texels: np.ndarray) -> np.ndarray:
    """Which pixels show one of these texels of the chart, or one beside it."""
    head, seen = default_head(), camera()
    fragments = NumpyRasteriser().fragments(
        seen.to_camera(head.neutral), head.triangles, seen.focal_px, seen.centre, seen.size
    )
    chart = np.pad(head.chart, ((0, len(head.neutral) - head.n_skin), (0, 0)), constant_values=-1)
    places = np.einsum("yxi,yxij->yxj", fragments.barycentric, chart[head.triangles[fragments.triangle]])
    column, row = np.clip((places * len(texels)).astype(int), 0, len(texels) - 1).transpose(2, 0, 1)
    near = cv2.dilate(texels.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return near[row, column] & (fragments.triangle >= 0)


def decibels(found: np.ndarray, true: np.ndarray, where: np.ndarray) -> float:
    return float(-10 * np.log10(np.square((found[where].astype(float) - true[where]) / 255).mean()))


@pytest.fixture(scope="module")
def photo(ctx) -> np.ndarray:
    return picture(ctx, skin(NEUTRAL, 0.5))


def test_a_photo_without_edits_stays_as_it_is_bit_for_bit(photo):
    original = skin(NEUTRAL, 0.5)
    assert np.array_equal(edits(photo, original).picture(skin(NEUTRAL, 0.5)), photo)


def test_an_erased_wrinkle_is_gone_from_the_photo_and_nothing_else_changes(ctx, photo):
    original, erased = skin(NEUTRAL, 0.5), skin(NEUTRAL, 0.0)
    true = picture(ctx, erased)
    there = np.abs(true.astype(int) - photo).max(axis=2) > 4
    assert there.sum() > 300
    found = edits(photo, original).picture(erased)
    kept, new = decibels(photo, true, there), decibels(found, true, there)
    print(f"where it changed: photo kept {kept:.1f} dB, ratio image {new:.1f} dB")
    assert new > kept + 6
    assert not ((found != photo).any(axis=2) & ~shows(furrowed(1.0) != 0)).any()


def test_a_picture_does_not_depend_on_the_edits_before_it(photo):
    """What an edit has in common with the one before is kept; that must not show."""
    original, colored = skin(NEUTRAL, 0.5), procedural_albedo(512, 3, 60.0)
    stroke = furrowed(0.5)
    stroke[300:310, 200:260] = -0.3
    shown = [
        ShownSkin(original.vertices, stroke, original.albedo),
        skin(SMILE, 0.2),
        ShownSkin(skin(SMILE, 0.0).vertices, stroke, colored),
        ShownSkin(original.vertices, stroke, colored),
        original,
    ]
    many = edits(photo, original)
    for one in shown:
        apart = edits(photo, original).picture(one)
        assert np.array_equal(many.picture(one), apart)
    assert np.array_equal(apart, photo)


def test_what_lies_before_the_face_stays(photo):
    original = skin(NEUTRAL, 0.5)
    hand = np.zeros((SIDE, SIDE), np.float32)
    hand[:, : SIDE // 2] = 1
    found = edits(photo, original, hand).picture(skin(NEUTRAL, 0.0))
    assert np.array_equal(found[:, : SIDE // 2 - 1], photo[:, : SIDE // 2 - 1])
    assert (found != photo).any()


def test_a_smile_moves_the_photo_s_own_skin(ctx, photo):
    original, smiling = skin(NEUTRAL, 0.5), skin(SMILE, 0.5)
    marked = photo.copy()
    corner = default_head().landmarks[48]
    at = camera().project(original.vertices[corner]).round().astype(int)
    cv2.circle(marked, tuple(at.tolist()), 3, (0, 0, 255), -1)
    found = edits(marked, original).picture(smiling)
    blue = (found[..., 2].astype(int) - found[..., 0]) > 60
    assert blue.sum() > 8
    place = np.argwhere(blue)[:, ::-1].mean(axis=0) + 0.5
    wanted = camera().project(smiling.vertices[corner])
    assert np.linalg.norm(wanted - at) > 4
    assert np.linalg.norm(place - wanted) < 1.5
    true = picture(ctx, smiling)
    there = np.abs(true.astype(int) - photo).max(axis=2) > 12
    assert decibels(edits(photo, original).picture(smiling), true, there) > decibels(photo, true, there) + 4
    far = np.s_[: SIDE // 12, : SIDE // 12]
    assert np.array_equal(found[far], photo[far])


def test_what_the_photo_never_showed_is_drawn_of_the_head(photo):
    original = skin(NEUTRAL, 0.5)
    open_mouth = skin(expression_array({"jawOpen": 0.7}), 0.5)
    found = edits(photo, original).picture(open_mouth)
    vertices = open_mouth.vertices
    inner = camera().project(vertices[default_head().landmarks[[62, 66]]])
    x, y = inner.mean(axis=0).astype(int)
    skin_tone = photo[y - 60, x - 60].astype(int)
    assert inner[1, 1] - inner[0, 1] > 12
    assert (found[y, x].astype(int) < skin_tone - 25).all()


def test_a_mouth_that_closes_takes_no_teeth_along_where_the_fit_missed_the_lips(ctx):
    """The photo's mouth is further open than the fit says: without its edges, a row of teeth is left on the lips."""
    head, places = default_head(), landmark_places(default_head())
    open_mouth = {"jawOpen": 0.4, "mouthSmileLeft": 0.4, "mouthSmileRight": 0.4}
    true = skin(expression_array(open_mouth), 0.0)
    fitted = skin(expression_array({**open_mouth, "jawOpen": 0.3}), 0.0)
    shut = skin(NEUTRAL, 0.0)
    photo_ = picture(ctx, true)
    edges = camera().project(places.of(true.vertices)[[*EDGES]])
    found = Registration(fitted.vertices, camera(), edges, head)
    closed = [
        EditedPhoto(replace(scene(photo_), registration=known), fitted, raster(), NumpyRasteriser()).picture(shut)
        for known in (None, found)
    ]
    wanted = picture(ctx, shut)
    left, top, right, bottom = (
        int(value) for side in (np.min, np.max)
        for value in side(camera().project(shut.vertices[head.landmarks[48:68]]), axis=0)
    )  # fmt: skip
    lips = np.zeros((SIDE, SIDE), bool)
    lips[top : bottom + 1, left : right + 1] = True
    without, registered = (decibels(one, wanted, lips) for one in closed)
    print(f"closed lips: without their edges {without:.1f} dB, with them {registered:.1f} dB")
    assert registered > without + 1.0


def test_a_lid_that_closes_has_the_complexion_of_the_photo_and_not_of_its_lashes(ctx):
    """The photo is brighter than light and colour tell, and has dark lashes in the colour round the eyes."""
    head, blink = default_head(), expression_array({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    open_eyes, shut = skin(NEUTRAL, 0.0), skin(blink, 0.0)
    photo_ = np.clip(picture(ctx, open_eyes) * 1.15, 0, 255).astype(np.uint8)
    wanted = np.clip(picture(ctx, shut) * 1.15, 0, 255).astype(np.uint8)
    lashes = open_eyes.albedo.copy()
    for eye in (head.landmarks[36:42], head.landmarks[42:48]):
        ring = np.round(head.chart[eye] * len(lashes)).astype(np.int32)
        cv2.polylines(lashes, [ring], True, (40, 30, 28), 5)
    dark, closed = (ShownSkin(one.vertices, one.displacement, lashes) for one in (open_eyes, shut))
    found = edits(photo_, dark).picture(closed)
    # What was white of the eye, and is lid now.
    fragments = [
        NumpyRasteriser().fragments(
            camera().to_camera(one.vertices), head.triangles, camera().focal_px, camera().centre, camera().size
        ).triangle
        for one in (open_eyes, shut)
    ]  # fmt: skip
    eyes = np.isin(head.triangle_parts[fragments[0]], (Part.EYE_LEFT, Part.EYE_RIGHT))
    lid = cv2.erode((eyes & (head.triangle_parts[fragments[1]] == Part.SKIN)).astype(np.uint8), np.ones((3, 3))) > 0
    assert lid.sum() > 50
    off = found[lid].astype(float).mean(axis=0) - wanted[lid].mean(axis=0)
    print(f"lids off by {off}")
    assert np.abs(off).max() < 6


def test_lips_that_move_are_read_well_beside_the_mouth():
    """A fit misses the lips' edge by a little: on it, the photo may have either side."""
    head, seen = default_head(), camera()
    before = default_head().shape([], expression_array({"jawOpen": 0.35}))
    fragments = NumpyRasteriser().fragments(
        seen.to_camera(before), head.triangles, seen.focal_px, seen.centre, seen.size
    )
    part = np.where(fragments.triangle >= 0, parts_in_pictures(head)[fragments.triangle].astype(int), -1)
    opening = np.isin(part, (Part.TEETH, Part.MOUTH))
    far = cv2.distanceTransform((~opening).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    moved = PhotoFlow(seen, head, before, NumpyRasteriser()).to(head.shape([], expression_array({"jawOpen": 0.2})))
    assert moved is not None
    inside = moved.head_box.relative_to(moved.box).slices
    lips = (np.where(moved.triangle >= 0, head.triangle_parts[moved.triangle].astype(int), -1) == Part.SKIN) & (
        moved.missing == 0
    )
    x, y = (np.round(at[inside][lips]).astype(int) for at in (moved.x, moved.y))
    sources = far[np.clip(y, 0, SIDE - 1), np.clip(x, 0, SIDE - 1)]
    assert (sources < 3).sum() > 200
    assert (sources < 1.3).sum() < 10  # 120 where the edge itself is read


def test_what_is_round_the_head_moves_with_its_edge():
    head, seen = default_head(), camera()
    before = head.shape([], NEUTRAL)
    moved = PhotoFlow(seen, head, before, NumpyRasteriser()).to(head.shape([], expression_array({"jawOpen": 0.5})))
    assert moved is not None
    inside = moved.head_box.relative_to(moved.box).slices
    columns = np.arange(moved.box.x0, moved.box.x1, dtype=np.float32)
    rows = np.arange(moved.box.y0, moved.box.y1, dtype=np.float32)[:, None]
    flow = np.stack([moved.x - columns, moved.y - rows], axis=2)[inside]
    on = moved.triangle >= 0
    beside = ~on[1:] & on[:-1]  # below the head: under the jaw
    step = np.linalg.norm(flow[1:][beside] - flow[:-1][beside], axis=1)
    moving = np.linalg.norm(flow[:-1][beside], axis=1) > 3
    assert moving.sum() > 10
    assert step[moving].mean() < 0.2  # 0.33 where the pixels of the edge show nothing
    assert moved.missing[:-1][beside].sum() == 0

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from render_samples import CAMERA, Picture, bump_map, sheet

from rhytid.core.arkit import N_EXPRESSION, expression_array
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.eye_opening import EyeOpening
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head
from rhytid.gui.render.camera import clip_from_view, view_from_head
from rhytid.gui.render.environment import environments
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.occlusion import OcclusionBake, sphere_directions
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.surface import MeshTopology, eye_frames
from rhytid.gui.render.view_mode import ViewMode


def sheet_with_roof(height_mm: float) -> Head:
    """The flat sheet and a smaller square of skin that floats before it."""
    base = sheet(0.0)
    n = len(base.neutral)
    square = np.array([(-20, 20), (-20, -20), (20, -20), (20, 20)], np.float32)
    vertices = np.concatenate([base.neutral, np.column_stack([square, np.full(4, height_mm)])]).astype(np.float32)
    extra = 4
    return replace(
        base,
        neutral=vertices,
        faces=np.concatenate([base.faces, [[n, n + 1, n + 2, n + 3]]]).astype(np.int32),
        face_uv=np.concatenate([base.face_uv, [[0, 0, 0, 0]]]).astype(np.int32),
        parts=np.append(base.parts, np.uint8(Part.SKIN)),
        n_skin=n + extra,
        chart=np.concatenate([base.chart, 2 + square / 100]).astype(np.float32),
        detail_weight=np.append(base.detail_weight, np.zeros(extra, np.float32)).astype(np.float32),
        expression=np.zeros((N_EXPRESSION, n + extra, 3), np.float16),
        identity=np.zeros((0, n + extra, 3), np.float16),
    )


def test_the_key_light_casts_a_shadow_away_from_it(ctx):
    head = sheet_with_roof(40.0)
    renderer, picture = FaceRenderer(ctx, head), Picture(ctx)
    lighting = Lighting(key_yaw_deg=45.0, key_pitch_deg=0.0, environment_intensity=0.3)
    image = picture.draw(renderer, lighting=lighting).sum(axis=2)
    renderer.release()
    picture.release()
    # The light comes from +X (right): 45 degrees shift the shadow by the roof's height to the left.
    px_per_mm = 240 / (2 * 500 * np.tan(np.radians(11)))
    shadow = image[115:125, int(160 - 42 * px_per_mm) - 4 : int(160 - 42 * px_per_mm) + 4].mean()
    lit = image[115:125, int(160 + 42 * px_per_mm) - 4 : int(160 + 42 * px_per_mm) + 4].mean()
    assert shadow < 0.75 * lit


def test_light_without_key_ignores_its_direction(ctx, bent):
    renderer, picture = FaceRenderer(ctx, bent), Picture(ctx)
    images = [picture.draw(renderer, lighting=Lighting(key_intensity=0.0, key_yaw_deg=yaw)) for yaw in (-60.0, 60.0)]
    renderer.release()
    picture.release()
    np.testing.assert_array_equal(*images)


def test_exposure_and_environment_turn(ctx, bent):
    renderer, picture = FaceRenderer(ctx, bent), Picture(ctx)

    def mean(**options) -> float:
        light = Lighting(**{"key_intensity": 0.0, "environment": "window", **options})
        return float(picture.draw(renderer, lighting=light)[80:160, 100:220].mean())

    plain, brighter = mean(), mean(exposure=1.0)
    # The window stands on the subject's right; half a turn moves it to the left: the picture is mirrored.
    right = picture.draw(renderer, lighting=Lighting(key_intensity=0.0, environment="window"))
    left = picture.draw(renderer, lighting=Lighting(key_intensity=0.0, environment="window", environment_yaw_deg=130.0))
    renderer.release()
    picture.release()
    assert brighter > plain * 1.2
    assert right[100:140, 90:130].mean() > right[100:140, 190:230].mean() + 5
    assert left[100:140, 190:230].mean() > left[100:140, 90:130].mean() + 5


def test_visibility_is_open_on_a_sheet_and_closed_under_a_roof(ctx):
    head = sheet_with_roof(12.0)
    mesh = MeshBuffers(ctx, head, MeshTopology(head))
    bake = OcclusionBake(ctx, mesh, 48)
    estimate = bake.estimate()
    assert not bake.done
    result, steps = None, 0
    while result is None:
        result, steps = bake.step(), steps + 1
    bake.release()
    mesh.release()
    n = len(sheet(0.0).neutral)
    centre = int(np.argmin((head.neutral[:n] ** 2).sum(axis=1)))
    corner = int(np.argmin(((head.neutral[:n, :2] - (-70, -70)) ** 2).sum(axis=1)))
    assert steps > 4
    assert result[corner] > 0.93
    assert result[centre] < 0.55
    assert abs(estimate - result).mean() < 0.15


@pytest.mark.parametrize("n", [8, 48, 500])
def test_directions_are_spread_evenly(n):
    directions = sphere_directions(n)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1.0)
    assert np.abs(directions.mean(axis=0)).max() < 0.06
    assert np.abs(directions[: n // 2].mean(axis=0)).max() < 0.35  # every prefix is spread as well


def test_eyes_are_found_turned():
    head = default_head()
    topology = MeshTopology(head)
    rest = eye_frames(head, topology, head.neutral)
    looking = head.shape(np.zeros(0, np.float32), expression_array({"eyeLookOutLeft": 1.0}))
    turned = eye_frames(head, topology, looking)
    for rotation, _ in rest:
        np.testing.assert_allclose(rotation, np.eye(3), atol=1e-4)
    gaze = turned[0][0] @ (0, 0, 1)
    assert gaze[0] > 0.2  # the left eye turns to the subject's left
    assert np.linalg.det(turned[0][0]) == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(turned[1][0], np.eye(3), atol=1e-4)


def test_the_iris_goes_where_the_eye_looks(ctx):
    head = default_head()
    renderer, picture = FaceRenderer(ctx, head), Picture(ctx)
    camera = Camera(target_mm=tuple(float(v) for v in head.eye_centers[0]), distance_mm=160.0)

    def iris_column() -> float:
        # The pupil is the darkest thing between the lids.
        row = picture.draw(renderer, camera=camera)[114:126, 115:196].sum(axis=2).mean(axis=0)
        return float(np.argmin(np.convolve(row, np.ones(7), "valid")))

    ahead = iris_column()
    renderer.set_shape(head.shape(np.zeros(0, np.float32), expression_array({"eyeLookOutLeft": 0.8})))
    out = iris_column()
    renderer.set_shape(head.shape(np.zeros(0, np.float32), expression_array({"eyeLookInLeft": 0.8})))
    inwards = iris_column()
    renderer.release()
    picture.release()
    assert inwards + 8 < ahead < out - 8


def test_irises_have_the_colour_that_is_given_until_it_is_taken_back(ctx):
    head = default_head()
    renderer, picture = FaceRenderer(ctx, head), Picture(ctx)
    camera = Camera(target_mm=tuple(float(v) for v in head.eye_centers[0]), distance_mm=160.0)
    brown = picture.draw(renderer, camera=camera).astype(int)
    renderer.set_iris((0.05, 0.15, 0.5))
    blue = picture.draw(renderer, camera=camera).astype(int)
    renderer.set_iris(None)
    again = picture.draw(renderer, camera=camera).astype(int)
    renderer.release()
    picture.release()
    np.testing.assert_array_equal(again, brown)
    changed = np.abs(blue - brown).max(axis=2) > 12
    assert 100 < changed.sum() < 0.5 * changed.size
    assert (blue - brown)[changed][:, 2].mean() > 20
    assert (blue - brown)[changed][:, 0].mean() < 0


def test_every_view_mode_draws_the_default_head(ctx):
    renderer, picture = FaceRenderer(ctx, default_head()), Picture(ctx)
    renderer.set_displacement(bump_map(256))
    renderer.set_tension(bump_map(256, height_mm=0.3))
    images = [picture.draw(renderer, camera=replace(CAMERA, distance_mm=700.0), mode=mode) for mode in ViewMode]
    renderer.release()
    picture.release()
    for i, image in enumerate(images):
        assert np.ptp(image) > 60
        for other in images[:i]:
            assert np.abs(image - other).mean() > 0.05


def close_up(eye: int = 0, **angles: float) -> Camera:
    return Camera(target_mm=tuple(float(v) for v in default_head().eye_centers[eye]), distance_mm=120.0, **angles)


def looking(**weights: float) -> np.ndarray:
    return default_head().shape(np.zeros(0, np.float32), expression_array(weights))


def test_the_pupil_is_black_from_the_front_and_aslant_under_every_environment(ctx):
    renderer, picture = FaceRenderer(ctx, default_head()), Picture(ctx)
    renderer.set_shape(looking(eyeWideLeft=1.0))
    for environment in environments():
        for yaw in (0.0, 25.0):
            image = picture.draw(renderer, camera=close_up(yaw_deg=yaw), lighting=Lighting(environment=environment))
            pupil = image[60:180, 80:240].max(axis=2)
            darkest = np.sort(pupil.ravel())[:150]  # the pupil covers some 400 pixels
            assert darkest.mean() < 45, environment
    renderer.release()
    picture.release()


def on_ball(camera: Camera, azimuth_deg: float, elevation_deg: float, radius_mm: float = 14.7) -> tuple[int, int]:
    """Row and column of the point of the left eyeball in a direction from its centre."""
    a, e = np.radians([azimuth_deg, elevation_deg])
    direction = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
    point = np.append(default_head().eye_centers[0] + radius_mm * direction, 1.0)
    clip = clip_from_view(camera, 320 / 240) @ view_from_head(camera) @ point
    x, y = (clip[:2] / clip[3] * 0.5 + 0.5) * (320, 240)
    return int(239 - y), int(x)


def test_the_pupil_is_seen_deep_behind_the_cornea(ctx):
    """A pupil painted on the ball would stand at the ball's radius along the axis; refraction lifts the real one."""
    renderer, picture = FaceRenderer(ctx, default_head()), Picture(ctx)
    renderer.set_shape(looking(eyeWideLeft=1.0))
    camera = close_up(yaw_deg=25.0)
    image = picture.draw(renderer, camera=camera).max(axis=2)
    renderer.release()
    picture.release()
    _, labels = cv2.connectedComponents((image < 40).astype(np.uint8))
    pupil = labels[on_ball(camera, 0.0, 0.0, 12.5)]
    assert pupil > 0
    seen = np.nonzero(labels == pupil)[1].mean()
    depths = np.linspace(8.0, 16.0, 81)
    columns = [on_ball(camera, 0.0, 0.0, depth)[1] for depth in depths]
    assert 11.0 < depths[np.abs(np.array(columns) - seen).argmin()] < 14.2


def test_the_upper_lid_shades_the_ball_beside_it(ctx):
    renderer, picture = FaceRenderer(ctx, default_head()), Picture(ctx)
    camera, lighting = close_up(yaw_deg=35.0), Lighting(key_intensity=0.0)
    at = on_ball(camera, 38.0, 3.5)
    light = []
    for weights in ({}, {"eyeWideLeft": 1.0}):
        renderer.set_shape(looking(**weights))
        light.append(picture.draw(renderer, camera=camera, lighting=lighting)[at].sum())
    renderer.release()
    picture.release()
    assert light[1] > light[0] + 60


def test_the_lower_lid_carries_a_line_of_tears(ctx):
    """Beside the lid something mirrors the light that the ball a little higher does not."""
    renderer, picture = FaceRenderer(ctx, default_head()), Picture(ctx)
    shape = looking()
    renderer.set_shape(shape)
    image = picture.draw(renderer, camera=close_up()).min(axis=2)
    renderer.release()
    picture.release()
    edges = np.degrees(EyeOpening(default_head(), 0).of(shape, default_head().eye_centers[0]).edges)
    found = 0
    for azimuth in (12.0, 15.0, 18.0, 21.0):
        lid = np.interp(azimuth, np.linspace(-75, 75, len(edges)), edges[:, 0])
        line = [image[on_ball(close_up(), azimuth, lid + d)] for d in np.arange(-0.5, 2.2, 0.3)]
        above = image[on_ball(close_up(), azimuth, lid + 5.0)]
        found += max(line) > above + 10
    assert found >= 3

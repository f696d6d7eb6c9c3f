"""The renderer on EGL: what is drawn, and what is not drawn again."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest
from render_samples import CAMERA, SIDE_MM, SIZE, Picture, bump_map, maps_of, sheet

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.maps.rect import Rect
from rhytid.gui.render import camera as cameras
from rhytid.gui.render.overlay import Overlay
from rhytid.gui.render.quality import BUDGET_MS
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

MIDDLE = (SIZE[0] / 2, SIZE[1] / 2)


def charts_under(renderer: FaceRenderer, points_px: np.ndarray) -> np.ndarray:
    """Chart coordinates (N, 2) under pixels; NaN beside the skin."""
    points = renderer.pick(points_px)
    return np.array([(np.nan, np.nan) if point is None else point.chart for point in points])


def largest_difference(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a - b).max())


def test_detail_shows_in_detailed_and_not_in_smooth(renderer, picture, bump):
    without = {mode: picture.draw(renderer, mode=mode) for mode in (ViewMode.DETAILED, ViewMode.SMOOTH)}
    renderer.set_displacement(bump)
    assert largest_difference(picture.draw(renderer, mode=ViewMode.DETAILED), without[ViewMode.DETAILED]) > 12
    assert largest_difference(picture.draw(renderer, mode=ViewMode.SMOOTH), without[ViewMode.SMOOTH]) <= 1


def test_without_detail_detailed_equals_smooth(renderer, picture):
    detailed = picture.draw(renderer, mode=ViewMode.DETAILED)
    assert largest_difference(detailed, picture.draw(renderer, mode=ViewMode.SMOOTH)) <= 1


def test_normals_are_those_of_the_displaced_surface(ctx, flat, picture, bump):
    renderer = FaceRenderer(ctx, flat)
    renderer.set_displacement(bump)
    image = picture.draw(renderer, mode=ViewMode.NORMALS)
    rows, columns = np.mgrid[60:180:7, 90:230:7]
    points = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1)
    chart = charts_under(renderer, points)
    renderer.release()
    assert np.isfinite(chart).all()
    # d = h exp(-r^2 / s^2) in the chart; x of the head grows with the chart's x, y against it.
    offset = chart - 0.5
    height = 5.0 * np.exp(-(offset**2).sum(axis=1) / 0.12**2)
    slope = -2 * offset / 0.12**2 * height[:, None] / SIDE_MM
    expected = np.stack([-slope[:, 0], slope[:, 1], np.ones(len(slope))], axis=1)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    shown = image[rows.ravel(), columns.ravel()] / 255.0 * 2 - 1
    shown /= np.linalg.norm(shown, axis=1, keepdims=True)
    angle = np.degrees(np.arccos(np.clip((shown * expected).sum(axis=1), -1, 1)))
    tilt = np.degrees(np.arccos(expected[:, 2]))
    assert tilt.max() > 8
    assert np.median(angle) < 0.5
    assert angle.max() < 2.0


def test_a_pit_shades_opposite_to_a_bump(ctx, flat, picture, bump):
    renderer = FaceRenderer(ctx, flat)
    light = Lighting(key_yaw_deg=0.0, key_pitch_deg=60.0, environment_intensity=0.2)
    plain = picture.draw(renderer, lighting=light).sum(axis=2)
    renderer.set_displacement(bump)
    above = (picture.draw(renderer, lighting=light).sum(axis=2) - plain)[95:112, 150:170].mean()
    renderer.set_displacement(-bump)
    below = (picture.draw(renderer, lighting=light).sum(axis=2) - plain)[95:112, 150:170].mean()
    renderer.release()
    # The upper flank of a bump faces a light from above.
    assert above > 5 > -5 > below


def test_picking_finds_the_chart_coordinate_that_was_projected(renderer, picture, bent):
    picture.draw(renderer, camera=Camera(yaw_deg=25, pitch_deg=-10, target_mm=(0, 0, 0), distance_mm=500, fov_deg=22))
    camera = Camera(yaw_deg=25, pitch_deg=-10, target_mm=(0, 0, 0), distance_mm=500, fov_deg=22)
    wanted = np.array([(0.5, 0.5), (0.25, 0.375), (0.75, 0.8125), (0.4375, 0.125)])
    index = [int(np.argmin(((bent.chart - c) ** 2).sum(axis=1))) for c in wanted]
    pixels = cameras.project(camera, SIZE, bent.neutral[index])
    px_mm = cameras.mm_per_px(camera, SIZE[1])
    for (x, y), vertex in zip(pixels, index, strict=True):
        (point,) = renderer.pick([(x, y)])
        assert point is not None
        assert np.abs(np.array(point.chart) - bent.chart[vertex]).max() < 1.5 * px_mm / SIDE_MM
        assert np.linalg.norm(renderer.position_mm(point.chart) - bent.neutral[vertex]) < 1.5 * px_mm
        assert point.detail_weight > 0.9
    assert renderer.pick(pixels) == [renderer.pick([pixel])[0] for pixel in pixels]


def test_however_many_points_are_picked_the_driver_is_asked_once(renderer, picture, monkeypatch):
    picture.draw(renderer)
    reads = []
    read = moderngl.Framebuffer.read
    monkeypatch.setattr(moderngl.Framebuffer, "read", lambda *a, **k: (reads.append(a), read(*a, **k))[1])
    assert None not in renderer.pick([MIDDLE, (MIDDLE[0] + 40, MIDDLE[1] - 9), (MIDDLE[0] - 3, MIDDLE[1])])
    assert len(reads) == 1


def test_picking_beside_the_skin_gives_nothing(renderer, picture):
    assert renderer.pick([(10, 10)]) == [None]  # nothing drawn yet
    picture.draw(renderer)
    beside = [(1, 1), (-5, 20), (10_000, 3), (3, 10_000)]
    assert renderer.pick(beside) == [None] * 4
    *others, middle = renderer.pick([*beside, MIDDLE])
    assert others == [None] * 4
    assert middle is not None


def test_picking_the_back_of_the_skin_gives_nothing(renderer, picture):
    picture.draw(renderer, camera=Camera(yaw_deg=180, target_mm=(0, 0, 0), distance_mm=500, fov_deg=22))
    assert renderer.pick([MIDDLE]) == [None]


@pytest.mark.parametrize("mode", [ViewMode.DETAILED, ViewMode.NORMALS, ViewMode.DISPLACEMENT])
def test_reshading_the_dirty_rectangle_equals_reshading_everything(ctx, bent, picture, mode):
    rng = np.random.default_rng(3)
    before = rng.normal(0, 0.1, (512, 512)).astype(np.float32)
    after = before.copy()
    dirty = Rect(301, 120, 340, 171)
    after[dirty.slices] -= 0.6
    part = FaceRenderer(ctx, bent)
    part.set_displacement(before)
    first = picture.draw(part, mode=mode)
    part.set_displacement(after, dirty)
    partly = picture.draw(part, mode=mode)
    rect = part.screen_rect(dirty)
    whole = FaceRenderer(ctx, bent)
    whole.set_displacement(before)
    picture.draw(whole, mode=mode)
    whole.set_displacement(after, dirty)
    whole.detail_gain = 2.0
    picture.draw(whole, mode=mode)
    whole.detail_gain = 1.0  # forces geometry and shading of the whole picture
    wholly = picture.draw(whole, mode=mode)
    part.release()
    whole.release()
    assert largest_difference(first, wholly) > 10
    assert rect is not None
    assert rect.width * rect.height < 0.25 * SIZE[0] * SIZE[1]
    # The whole one also moves the vertices by the low-passed edit: shading alone is compared inside and out.
    changed = np.abs(partly - first).max(axis=2) > 0
    rows, columns = np.nonzero(changed[::-1])
    assert rect.x0 <= columns.min()
    assert columns.max() < rect.x1
    assert rect.y0 <= rows.min()
    assert rows.max() < rect.y1
    assert np.percentile(np.abs(partly - wholly), 99.5) <= 2


def test_partial_shading_is_bit_for_bit_the_full_one(ctx, bent, picture):
    """With the same geometry buffer: the rectangle covers every pixel that reads the edit."""
    rng = np.random.default_rng(4)
    before = rng.normal(0, 0.1, (1024, 1024)).astype(np.float32)
    for dirty in (Rect(500, 480, 560, 500), Rect(100, 100, 101, 101), Rect(880, 60, 1024, 300)):
        renderer = FaceRenderer(ctx, bent)
        renderer.set_displacement(before)
        picture.draw(renderer)
        after = before.copy()
        after[dirty.slices] += 0.4
        renderer.set_displacement(after, dirty)
        partly = picture.draw(renderer)
        picture.draw(renderer, mode=ViewMode.NORMALS)
        wholly = picture.draw(renderer)  # the mode changed: all pixels, same geometry
        renderer.release()
        assert largest_difference(partly, wholly) == 0


def test_an_edit_of_detail_leaves_the_geometry_alone(renderer, picture, bump):
    renderer.set_displacement(bump)
    renderer.profile = True
    picture.draw(renderer)
    assert "gbuffer" in renderer.last_timings_ms
    after = bump.copy()
    after[100:120, 100:120] += 0.3
    renderer.set_detail(maps_of(after))
    picture.draw(renderer)
    assert "shade" in renderer.last_timings_ms
    assert "gbuffer" not in renderer.last_timings_ms
    picture.draw(renderer)
    assert "shade" not in renderer.last_timings_ms


def test_setting_the_same_shape_or_map_again_redoes_nothing(renderer, picture, bump, bent):
    renderer.set_displacement(bump)
    picture.draw(renderer)
    renderer.profile = True
    renderer.set_shape(bent.neutral.copy())
    renderer.set_displacement(bump.copy())
    renderer.set_tension(np.zeros((256, 256), np.float32))
    picture.draw(renderer)
    assert not {"gbuffer", "light", "shade"} & set(renderer.last_timings_ms)


def test_changing_the_map_shows_the_same_as_starting_with_it(ctx, bent, picture, bump):
    changed = FaceRenderer(ctx, bent)
    changed.set_displacement(bump_map(1024))
    picture.draw(changed)
    changed.set_displacement(bump)
    changed.set_detail(None)
    changed.set_displacement(bump)
    picture.draw(changed, camera=Camera())
    a = picture.draw(changed)
    fresh = FaceRenderer(ctx, bent)
    fresh.set_displacement(bump)
    b = picture.draw(fresh)
    changed.release()
    fresh.release()
    assert largest_difference(a, b) == 0


def test_displacement_moves_the_surface(ctx, flat, picture):
    renderer = FaceRenderer(ctx, flat)
    camera = Camera(yaw_deg=90, target_mm=(0, 0, 0), distance_mm=500, fov_deg=22)

    def thickness_mm() -> float:
        """Of the skin in the middle row, seen exactly from the side."""
        row = renderer.pick([(x + 0.5, SIZE[1] / 2) for x in range(SIZE[0])])
        return sum(point is not None for point in row) * cameras.mm_per_px(camera, SIZE[1])

    before = picture.draw(renderer, camera=camera, mode=ViewMode.NORMALS)
    flat_mm = thickness_mm()
    renderer.set_displacement(bump_map(256, height_mm=9.0, radius=0.2))
    after = picture.draw(renderer, camera=camera, mode=ViewMode.NORMALS, interactive=False)
    while renderer.needs_refinement:
        after = picture.draw(renderer, camera=camera, mode=ViewMode.NORMALS, interactive=False)
    bump_mm = thickness_mm()
    renderer.release()
    assert flat_mm < 1.0
    assert 8.0 < bump_mm < 10.0
    assert largest_difference(before, after) > 50


def test_no_state_of_the_context_is_assumed(ctx, renderer, picture, bump):
    renderer.set_displacement(bump)
    clean = picture.draw(renderer)
    ctx.enable(moderngl.BLEND | moderngl.CULL_FACE | moderngl.DEPTH_TEST)
    ctx.blend_func = moderngl.ZERO, moderngl.ONE
    ctx.depth_func = "0"
    ctx.cull_face = "front_and_back"
    ctx.front_face = "cw"
    other = Picture(ctx, (16, 16))
    other.framebuffer.use()
    picture.framebuffer.scissor = (3, 3, 5, 5)
    dirty = FaceRenderer(ctx, renderer.head)
    dirty.set_displacement(bump)
    again = picture.draw(dirty)
    dirty.release()
    other.release()
    ctx.front_face = "ccw"
    ctx.cull_face = "back"
    assert largest_difference(clean, again) == 0


def test_refining_ends_and_smooths_edges(renderer, picture, bump):
    renderer.set_displacement(bump)
    first = picture.draw(renderer, interactive=False)
    steps = 0
    while renderer.needs_refinement:
        last = picture.draw(renderer, interactive=False)
        steps += 1
        assert steps < 100
    assert largest_difference(first, last) > 8  # edges and ambient visibility
    assert largest_difference(picture.draw(renderer), last) == 0  # stays while nothing changes
    (point,) = renderer.pick([MIDDLE])
    assert point is not None  # the buffer for picking is left unshifted
    np.testing.assert_allclose(point.chart, (0.5, 0.5), atol=0.006)


def test_drawing_into_a_refined_picture_touches_only_its_rectangle(renderer, picture):
    base = np.zeros((512, 512), np.float32)
    renderer.set_displacement(base)
    picture.draw(renderer, interactive=False)
    while renderer.needs_refinement:
        refined = picture.draw(renderer, interactive=False)
    edited = base.copy()
    edited[200:230, 250:300] -= 0.4
    renderer.set_displacement(edited, Rect(250, 200, 300, 230))
    drawn = picture.draw(renderer)
    rows, columns = np.nonzero(np.abs(drawn - refined).max(axis=2))
    assert len(rows) > 20
    assert (rows.max() - rows.min()) * (columns.max() - columns.min()) < 0.2 * SIZE[0] * SIZE[1]


def test_low_quality_frames_fill_the_picture_and_pick_right(ctx, bent, picture):
    renderer = FaceRenderer(ctx, bent)
    full = picture.draw(renderer, interactive=False)
    renderer.quality.budget_ms = BUDGET_MS
    for _ in range(20):
        renderer.quality.measured(500.0)
    assert renderer.quality.scale < 1
    camera = Camera(yaw_deg=1, target_mm=(0, 0, 0), distance_mm=500, fov_deg=22)
    low = picture.draw(renderer, camera=camera)
    (middle,) = renderer.pick([MIDDLE])
    renderer.release()
    assert middle is not None
    assert np.abs(low - full).mean() < 6
    np.testing.assert_allclose(middle.chart, (0.5, 0.5), atol=0.01)


def test_overlays_come_and_go_without_redrawing(renderer, picture):
    plain = picture.draw(renderer)
    renderer.profile = True
    ring = picture.draw(renderer, overlay=Overlay(ring=(0.4, 0.5), ring_radius=0.1, mirrored=True, gizmo=True))
    assert "shade" not in renderer.last_timings_ms
    gone = picture.draw(renderer)
    assert largest_difference(plain, gone) == 0
    changed = np.abs(ring - plain).max(axis=2) > 30
    # A circle of radius 0.1 about chart (0.4, 0.5), seen where it crosses row and column of its centre.
    centre = cameras.project(CAMERA, SIZE, [[-0.1 * SIDE_MM, 0, -1.0], [0.0, 0.0, 0.0], [-0.1 * SIDE_MM, 16.0, -1.0]])
    for x, y in centre[1:]:
        assert changed[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].any()
    assert changed[:90, 250:].any()  # gizmo


def test_a_window_with_another_size_of_framebuffer_is_served(ctx, renderer):
    # Qt's framebuffer may be multisampled; copying does not work there.
    color = ctx.renderbuffer(SIZE, 4, samples=4)
    target = ctx.framebuffer([color])
    renderer.render(target, SIZE, CAMERA, Lighting())
    resolved = Picture(ctx)
    ctx.copy_framebuffer(resolved.framebuffer, target)
    image = resolved.read()
    direct = resolved.draw(renderer)
    resolved.release()
    target.release()
    color.release()
    assert largest_difference(image, direct) <= 1


def test_a_window_without_pixels_is_left_alone(renderer, picture):
    renderer.render(picture.framebuffer, (0, 300), CAMERA, Lighting())
    assert renderer.pick([(0, 0)]) == [None]


def test_wrong_shapes_are_refused(renderer):
    with pytest.raises(ValueError, match="shape"):
        renderer.set_shape(np.zeros((3, 3), np.float32))
    with pytest.raises(ValueError, match="square"):
        renderer.set_displacement(np.zeros((64, 32), np.float32))


class Recorder:
    """A context that remembers what was made with it."""

    MAKERS = ("texture", "depth_texture", "framebuffer", "buffer", "vertex_array", "program", "renderbuffer")

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self.made: list[object] = []

    def __getattr__(self, name: str) -> object:
        value = getattr(self._ctx, name)
        if name not in self.MAKERS:
            return value

        def make(*args: object, **kwargs: object) -> object:
            resource = value(*args, **kwargs)
            self.made.append(resource)
            return resource

        return make

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("_ctx", "made"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._ctx, name, value)


def test_release_gives_everything_back(ctx, picture, bump):
    recorder = Recorder(ctx)
    renderer = FaceRenderer(recorder, sheet(bend_mm=10.0))  # type: ignore[arg-type]
    for resolution in (64, 128, 256, 512):
        renderer.set_displacement(bump_map(resolution))
    for mode in ViewMode:
        picture.draw(renderer, mode=mode, overlay=Overlay(ring=(0.5, 0.5), gizmo=True))
    while renderer.needs_refinement:
        picture.draw(renderer, interactive=False)
    small = Picture(ctx, (100, 80))
    small.draw(renderer)
    small.release()
    renderer.release()
    assert len(recorder.made) > 40
    kept = [type(r).__name__ for r in recorder.made if not isinstance(r.mglo, moderngl.mgl.InvalidObject)]
    assert kept == []

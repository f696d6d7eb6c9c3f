"""What skin does with light: no more leaves than came, and thin parts let it through."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import moderngl
import numpy as np
import pytest
from render_samples import Picture, sheet

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.document.state import Lighting
from rhytid.core.head.head import Head, Part
from rhytid.core.maps.scattering import scattered_light
from rhytid.gui.render.occlusion import sphere_directions
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.shader_source import SHADER_DIR, build_program, set_uniforms

PROBE = """#version 410 core
#include "include/brdf.glsl"
#include "include/environment.glsl"
#include "include/skin.glsl"
uniform float u_gloss;
uniform float u_roughening;
layout(location = 0) out vec4 o_color;
void main() {
    vec3 n = vec3(0.0, 0.0, 1.0);
    float cosine = (floor(gl_FragCoord.x) + 0.5) / 16.0;
    Skin skin = Skin(n, n, n, n, n, vec3(1.0), u_gloss, 0.0, 1.0, 1.0, u_roughening, 1.0, 1e3);
    o_color = vec4(shade_skin(skin, vec3(sqrt(1.0 - cosine * cosine), 0.0, cosine)), 1.0);
}
"""


class Probe:
    """White skin seen from sixteen directions, straight on last."""

    def __init__(self, ctx: moderngl.Context, folder: Path) -> None:
        shutil.copytree(SHADER_DIR, folder, dirs_exist_ok=True)
        (folder / "probe.frag").write_text(PROBE, encoding="utf-8")
        self._program = build_program(ctx, "fullscreen.vert", "probe.frag", folder=folder)
        self._array = ctx.vertex_array(self._program, [])
        self._texture = ctx.texture((16, 1), 4, dtype="f4")
        self._target = ctx.framebuffer([self._texture])
        table = scattered_light()
        self._scattered = ctx.texture(table.shape[1::-1], 3, table, dtype="f4", alignment=1)
        self._scattered.repeat_x = self._scattered.repeat_y = False
        self._ctx = ctx

    def shade(self, **uniforms: object) -> np.ndarray:
        """Radiance (16, 3)."""
        self._target.use()
        self._ctx.enable_only(0)
        self._scattered.use(0)
        set_uniforms(self._program, {"u_scattered": 0, "u_class_depth": 0.0, **uniforms})
        self._array.render(moderngl.TRIANGLES, vertices=3)
        return np.frombuffer(self._target.read(components=4, dtype="f4"), np.float32).reshape(16, 4)[:, :3].copy()

    def release(self) -> None:
        for resource in (self._target, self._texture, self._scattered, self._array, self._program):
            resource.release()


@pytest.fixture
def probe(ctx, tmp_path):
    made = Probe(ctx, tmp_path / "shaders")
    yield made
    made.release()


@pytest.mark.parametrize("gloss", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("roughening", [0.0, 0.3])
def test_white_skin_in_a_white_furnace_gives_no_more_than_it_got(probe, gloss, roughening):
    """Under light from everywhere, as lamps of equal strength, from every view."""
    directions = sphere_directions(1200)
    directions = directions[directions[:, 2] > 0]
    given = np.zeros((16, 3))
    for direction in directions:
        given += probe.shade(
            u_gloss=gloss, u_roughening=roughening, u_key_direction=tuple(direction),
            u_key_radiance=(2 / len(directions),) * 3,
        )  # fmt: skip
    assert given.max() <= 1.01  # a hundredth: the sum over lamps is not finer
    assert given.min() > 0.85  # and loses little


def slab(thickness_mm: float) -> Head:
    """A sheet with another behind it that faces the other way."""
    front = sheet(0.0)
    n = len(front.neutral)
    back = front.neutral - np.array((0, 0, thickness_mm), np.float32)
    faces = np.concatenate([front.faces, front.faces[:, ::-1] + n]).astype(np.int32)
    return replace(
        front,
        neutral=np.concatenate([front.neutral, back]).astype(np.float32),
        faces=faces,
        face_uv=faces,
        uv=np.concatenate([front.uv, front.uv]),
        parts=np.full(len(faces), Part.SKIN, np.uint8),
        n_skin=2 * n,
        chart=np.concatenate([front.chart, 2 + front.chart]).astype(np.float32),
        detail_weight=np.concatenate([front.detail_weight, np.zeros(n, np.float32)]),
        expression=np.zeros((N_EXPRESSION, 2 * n, 3), np.float16),
        identity=np.zeros((0, 2 * n, 3), np.float16),
    )


def test_light_from_behind_comes_through_thin_skin_red(ctx):
    middle = {}
    picture = Picture(ctx)
    light = Lighting(key_yaw_deg=180.0, key_pitch_deg=0.0, key_intensity=4.0, environment_intensity=0.0)
    for thickness_mm in (3.0, 7.0, 24.0):
        renderer = FaceRenderer(ctx, slab(thickness_mm))
        middle[thickness_mm] = picture.draw(renderer, lighting=light)[100:140, 140:180].mean(axis=(0, 1))
        stored = np.frombuffer(renderer._picture.gbuffer.light.read(), np.uint8).reshape(240, 320, 2)
        assert abs(stored[120, 160, 1] / 255 * 25 - thickness_mm) < 0.4
        assert stored[120, 160, 0] == 0  # the key itself does not reach the front
        renderer.release()
    picture.release()
    assert middle[3.0][0] > middle[7.0][0] + 20 > middle[24.0][0] + 30
    assert middle[24.0].max() < 8
    for thin in (3.0, 7.0):
        assert middle[thin][0] > middle[thin][1] + 10 >= middle[thin][2] + 10


def test_an_open_edge_that_light_meets_from_within_does_not_glow(ctx):
    """One sheet without a far side: no skin lies between, and no light wanders there."""
    renderer, picture = FaceRenderer(ctx, sheet(0.0)), Picture(ctx)
    light = Lighting(key_yaw_deg=180.0, key_pitch_deg=0.0, key_intensity=4.0, environment_intensity=0.0)
    image = picture.draw(renderer, lighting=light)[100:140, 140:180]
    renderer.release()
    picture.release()
    assert image.max() < 8


def test_while_things_move_shadows_have_no_grain_and_at_rest_they_are_smooth(ctx):
    """A penumbra over a flat sheet: along the shadow's edge all pixels are alike in the first frame already."""
    from test_light_and_eyes import sheet_with_roof

    renderer, picture = FaceRenderer(ctx, sheet_with_roof(40.0)), Picture(ctx)
    lighting = Lighting(key_yaw_deg=45.0, key_pitch_deg=0.0, environment_intensity=0.3)
    renderer.set_albedo(np.full((64, 64, 3), 200, np.uint8))
    first = picture.draw(renderer, lighting=lighting)
    while renderer.needs_refinement:
        rest = picture.draw(renderer, lighting=lighting, interactive=False)
    renderer.release()
    picture.release()
    rows = np.s_[112:128]  # the edge runs from top to bottom
    for image in (first, rest):  # half a step of 8 bits is the dither of all pictures
        assert image[rows].std(axis=0).max() < 1.0
    edge = rest[120, 75:110].sum(axis=1)
    assert edge.max() - edge.min() > 150
    assert np.abs(np.diff(edge)).max() < 70  # soft: many pixels wide


def test_squeezed_skin_flushes_and_stretched_skin_blanches_where_the_detail_is(ctx):
    renderer, picture = FaceRenderer(ctx, sheet(0.0)), Picture(ctx)
    renderer.set_albedo(np.full((64, 64, 3), (201, 156, 135), np.uint8))
    tension = np.zeros((256, 256), np.float32)
    tension[:, :110], tension[:, 146:] = 0.25, -0.25
    before = picture.draw(renderer).astype(float)
    renderer.set_tension(tension)
    after = picture.draw(renderer) - before
    renderer.release()
    picture.release()
    rows = np.s_[110:130]
    middle, left, right = (after[rows, at : at + 10].mean(axis=(0, 1)) for at in (155, 100, 210))
    assert np.abs(middle).max() < 0.5
    assert left[1] < left[0] - 3 < 0
    assert right[1] > right[0] + 3 > 3


def test_a_deep_furrow_has_soft_light_without_fringes_of_colour(ctx):
    """Grey skin under white raking light: of all colours red goes farthest, yet not so far that one sees two lines."""
    renderer, picture = FaceRenderer(ctx, sheet(0.0)), Picture(ctx)
    x = (np.arange(1024) + 0.5) / 1024 - 0.5
    renderer.set_albedo(np.full((64, 64, 3), 150, np.uint8))
    renderer.set_displacement(np.tile((-0.6 * np.exp(-((x / 0.006) ** 2))).astype(np.float32), (1024, 1)))
    light = Lighting(key_yaw_deg=75.0, key_pitch_deg=0.0, key_intensity=5.0, environment_intensity=0.0)
    picture.draw(renderer, lighting=light, interactive=False)
    while renderer.needs_refinement:
        image = picture.draw(renderer, lighting=light, interactive=False)
    renderer.release()
    picture.release()
    red, green, blue = image[110:130, 60:260].astype(float).mean(axis=0).T
    assert np.ptp(green) > 120
    assert 3 < np.abs(red - green).max() < 9  # 16 where each colour had the slopes of its own
    assert np.abs(green - blue).max() < 4

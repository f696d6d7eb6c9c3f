"""The tone curve: brighter light is never darker, and skin keeps its hue."""

from __future__ import annotations

import shutil

import cv2
import moderngl
import numpy as np
import pytest

from rhytid.gui.render.shader_source import SHADER_DIR, build_program, set_uniforms

PROBE = """#version 410 core
#include "include/color.glsl"
uniform vec3 u_color;
layout(location = 0) out vec4 o_color;
void main() {
    o_color = vec4(tone_map(u_color * exp2((gl_FragCoord.x - 0.5) / 64.0 - 8.0)), 1.0);
}
"""
STOPS = np.arange(1024) / 64 - 8


@pytest.fixture
def curve(ctx, tmp_path):
    shutil.copytree(SHADER_DIR, tmp_path / "shaders")
    (tmp_path / "shaders" / "probe.frag").write_text(PROBE, encoding="utf-8")
    program = build_program(ctx, "fullscreen.vert", "probe.frag", folder=tmp_path / "shaders")
    array, texture = ctx.vertex_array(program, []), ctx.texture((1024, 1), 4, dtype="f4")
    target = ctx.framebuffer([texture])

    def of(color, filmic=1.0) -> np.ndarray:
        target.use()
        ctx.enable_only(0)
        set_uniforms(program, {"u_color": tuple(color), "u_filmic": filmic, "u_class_depth": 0.0})
        array.render(moderngl.TRIANGLES, vertices=3)
        return np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(-1, 4)[:, :3].astype(float)

    yield of
    for resource in (target, texture, array, program):
        resource.release()


@pytest.mark.parametrize("filmic", [0.0, 1.0])
@pytest.mark.parametrize("color", [(1, 1, 1), (0.58, 0.33, 0.24), (0.09, 0.035, 0.02), (1, 0.1, 0.02)])
def test_more_light_is_never_darker(curve, color, filmic):
    found = curve(color, filmic)
    assert (np.diff(found, axis=0) > -1e-5).all()
    assert found.min() >= 0
    assert found.max() <= 1.0001


def test_film_leaves_the_middle_darkens_shadows_and_rolls_off(curve):
    found, given = curve((1, 1, 1))[:, 0], 2.0**STOPS
    straight = (given > 0.23) & (given < 0.53)
    np.testing.assert_allclose(found[straight], given[straight], rtol=0.01)
    deep = (given > 0.005) & (given < 0.05)
    assert (found[deep] < 0.9 * given[deep]).all()
    assert 0.9 < np.interp(1.5, given, found) < 0.97


@pytest.mark.parametrize("skin", [(0.82, 0.60, 0.50), (0.58, 0.33, 0.24), (0.22, 0.10, 0.06), (0.06, 0.026, 0.018)])
def test_skin_goes_neither_orange_nor_grey(curve, skin):
    """Hue in CIELAB over six stops around a middling exposure, and colour that stays while it is not bright."""
    found = curve(skin)
    bright = (2.0**STOPS * skin[0] > 0.06) & (2.0**STOPS * skin[0] < 3.8)
    encoded = np.where(found <= 0.0031308, 12.92 * found, 1.055 * np.maximum(found, 0) ** (1 / 2.4) - 0.055)
    lab = cv2.cvtColor(encoded[None].astype(np.float32), cv2.COLOR_RGB2LAB)[0][bright]
    plain = np.array(skin) * 0.5 / skin[0]
    plain = np.where(plain <= 0.0031308, 12.92 * plain, 1.055 * plain ** (1 / 2.4) - 0.055)
    own = cv2.cvtColor(plain[None, None].astype(np.float32), cv2.COLOR_RGB2LAB)[0, 0]
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]) - np.arctan2(own[2], own[1]))
    assert np.abs(hue).max() < 14
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    middling = lab[:, 0] < 75
    assert (chroma[middling] > 0.35 * np.hypot(own[1], own[2])).all()
    assert chroma.max() < 1.25 * np.hypot(own[1], own[2])

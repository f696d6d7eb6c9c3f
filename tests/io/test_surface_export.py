"""Roughness, specular, cavity and occlusion: what the viewport's shader has there, and how files hold it."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import cv2
import moderngl
import numpy as np
import pytest

from rhytid.core.face.face import Face
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.visibility import ambient_visibility
from rhytid.core.io.chart_frame import chart_frame
from rhytid.core.io.surface_export import SPECULAR, embedded_maps, surface_maps
from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.surface_maps import F0, cavity, roughness
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.occlusion import OcclusionBake
from rhytid.gui.render.offscreen import NoOpenGLError, standalone_context
from rhytid.gui.render.shader_source import SHADER_DIR, build_program, set_uniforms
from rhytid.gui.render.surface import MeshTopology

PROBE = """#version 410 core
#include "include/brdf.glsl"
#include "include/environment.glsl"
#include "include/skin.glsl"
layout(location = 0) out vec4 o_color;
void main() {
    vec2 at = floor(gl_FragCoord.xy);
    vec3 n = vec3(0.0, 0.0, 1.0);
    Skin skin = Skin(n, n, n, n, n, vec3(1.0), at.x / 8.0, 0.0, 1.0, 1.0, 0.1 * at.y, 1.0, 1e3);
    vec2 alpha = lobe_alphas(skin);
    o_color = vec4(sqrt(mix(alpha.x, alpha.y, tight_share(skin))), SKIN_F0, 0.0, 1.0);
}
"""


@pytest.fixture
def ctx():
    try:
        with standalone_context() as context:
            yield context
    except NoOpenGLError as error:
        pytest.skip(str(error))


def test_roughness_and_reflectance_are_the_shaders(ctx, tmp_path):
    folder = tmp_path / "shaders"
    shutil.copytree(SHADER_DIR, folder)
    (folder / "probe.frag").write_text(PROBE, encoding="utf-8")
    program = build_program(ctx, "fullscreen.vert", "probe.frag", folder=folder)
    target = ctx.framebuffer([ctx.texture((9, 4), 4, dtype="f4")])
    target.use()
    ctx.enable_only(0)
    set_uniforms(program, {"u_class_depth": 0.0})
    ctx.vertex_array(program, []).render(moderngl.TRIANGLES, vertices=3)
    seen = np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(4, 9, 4)
    gloss, roughening = np.meshgrid(np.arange(9) / 8, 0.1 * np.arange(4))
    np.testing.assert_allclose(roughness(gloss, roughening), seen[..., 0], atol=1e-4)
    np.testing.assert_allclose(F0, seen[..., 1], atol=1e-6)


def flat_metric(mm: float) -> np.ndarray:
    return np.broadcast_to(np.array((mm * mm, 0, mm * mm), np.float32), (64, 64, 3))


def test_cavity_is_depth_below_the_skin_within_a_millimetre_and_a_half():
    """A fine furrow is a cavity; a broad hollow, whose floor light reaches as well as its sides, is none."""
    x = (np.arange(1024, dtype=np.float32) + 0.5) / 1024 - 0.5
    fine, broad = (np.tile(-0.2 * np.exp(-((x * 200 / mm) ** 2)), (1024, 1)).astype(np.float32) for mm in (0.25, 12.0))
    middle = np.s_[512, 500:524]
    assert cavity(fine, flat_metric(200))[middle].min() == pytest.approx(1 - 2.2 * 0.2 * 0.75, abs=0.06)
    assert cavity(broad, flat_metric(200))[middle].min() > 0.98
    # On skin that the chart squeezes the furrow is broader, and less of it is a cavity.
    assert cavity(fine, flat_metric(800))[middle].min() > cavity(fine, flat_metric(200))[middle].min() + 0.1


def test_visibility_is_that_of_the_viewport(ctx):
    head = default_head()
    mesh = MeshBuffers(ctx, head, MeshTopology(head))
    bake = OcclusionBake(ctx, mesh)
    wanted = None
    while wanted is None:
        wanted = bake.step(16)
    found = ambient_visibility(head.neutral, vertex_normals(head.neutral, head.triangles), head.triangles)
    bake.release()
    mesh.release()
    skin = slice(0, head.n_skin)
    assert np.corrcoef(found[skin], wanted[skin])[0, 1] > 0.93
    assert np.abs(found[skin] - wanted[skin]).mean() < 0.05


def test_lips_are_not_as_dark_as_their_inside(monkeypatch):
    monkeypatch.setattr("rhytid.core.head.visibility.N_DIRECTIONS", 12)
    head = default_head()
    seen = ambient_visibility(head.neutral, vertex_normals(head.neutral, head.triangles), head.triangles)
    flat = np.zeros((512, 512), np.float32)
    found = surface_maps(head, seen, flat, chart_frame(head, head.neutral), flat.astype(np.uint8))["occlusion"]
    red = head.chart[head.landmarks[48:60]]
    towards = red + 0.4 * (head.chart[head.landmarks[[60, 61, 61, 62, 63, 63, 64, 65, 65, 66, 67, 67]]] - red)
    column, row = (towards * 512).astype(int).T
    assert found[row, column].min() > 0.4 * 255


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("surface")
    what = {"roughness", "specular", "cavity", "occlusion", "base_mesh", "albedo"}
    Face().export(folder, what=what, resolution=1024)
    return folder


def test_exported_maps_say_what_they_stand_for(exported):
    maps = {
        name: cv2.imread(str(exported / f"face_{name}.1001.png"), cv2.IMREAD_UNCHANGED)
        for name in ("roughness", "specular", "cavity", "occlusion")
    }
    assert {texels.shape for texels in maps.values()} == {(1024, 1024)}
    gloss = procedural_gloss(1024)
    for at in ((512, 512), (100, 512), (700, 512), (450, 250)):
        assert maps["roughness"][at] / 255 == pytest.approx(float(roughness(gloss[at] / 255)), abs=0.005)
        assert maps["specular"][at] == pytest.approx(SPECULAR * maps["cavity"][at], abs=1.1)
        assert maps["occlusion"][at] <= maps["cavity"][at]
    assert maps["cavity"].min() < 245
    forehead, beside_nose = maps["occlusion"][120, 512], maps["occlusion"][540, 410]
    assert forehead > beside_nose + 20


def test_the_glb_holds_them_where_gltf_looks(exported):
    data = (exported / "face_base.glb").read_bytes()
    document = json.loads(data[20 : 20 + struct.unpack("<I", data[12:16])[0]])
    material = next(one for one in document["materials"] if one["name"] == "face")
    orm = material["pbrMetallicRoughness"]["metallicRoughnessTexture"]["index"]
    assert material["occlusionTexture"]["index"] == orm
    assert material["pbrMetallicRoughness"]["roughnessFactor"] == 1
    specular = material["extensions"]["KHR_materials_specular"]
    assert 0.04 * specular["specularFactor"] == pytest.approx(F0)
    assert document["extensionsUsed"] == ["KHR_materials_specular"]
    view = document["bufferViews"][document["images"][document["textures"][orm]["source"]]["bufferView"]]
    start = 20 + struct.unpack("<I", data[12:16])[0] + 8 + view["byteOffset"]
    picture = cv2.imdecode(np.frombuffer(data[start : start + view["byteLength"]], np.uint8), cv2.IMREAD_UNCHANGED)
    for channel, name in ((2, "occlusion"), (1, "roughness")):  # OpenCV has blue first
        beside = cv2.imread(str(exported / f"face_{name}.1001.png"), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(picture[..., channel], beside)
    assert not picture[..., 0].any()


def test_strength_of_the_mirror_lies_in_alpha():
    maps = {name: np.full((8, 8), value, np.uint8) for name, value in
            (("roughness", 90), ("specular", 80), ("cavity", 230), ("occlusion", 200))}  # fmt: skip
    held = embedded_maps(maps, 4)
    assert held["specular"][0, 0].tolist() == [255, 255, 255, 230]
    assert held["orm"][0, 0].tolist() == [200, 90, 0]

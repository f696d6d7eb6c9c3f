"""Skin outside the chart, in its border and in tile 1002: exported maps hold what the viewport's shaders have there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import moderngl
import numpy as np
import pytest

from rhytid.core.face.face import Face
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.head import split_faces
from rhytid.core.head.normals import chart_tangents, vertex_normals
from rhytid.core.io.chart_uv import export_uv
from rhytid.core.io.displaced_mesh import materials_of
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.maps.albedo import MEAN_GLOSS
from rhytid.gui.render.around_relief import AroundRelief
from rhytid.gui.render.detail_passes import DetailPasses
from rhytid.gui.render.detail_texture import DetailTexture
from rhytid.gui.render.offscreen import NoOpenGLError, standalone_context
from rhytid.gui.render.shader_source import SHADER_DIR, build_program, set_uniforms

PROBE = """#version 410 core
#include "include/brdf.glsl"
#include "include/environment.glsl"
#include "include/detail.glsl"
#include "include/around.glsl"
#include "include/skin.glsl"
uniform sampler2D u_given;   // five rows of a point each: chart, mm seen, weight; normal; dP/dx; dP/dy; gloss
layout(location = 0) out vec4 o_color;
vec4 given(int row) { return texelFetch(u_given, ivec2(int(gl_FragCoord.x), row), 0); }
void main() {
    vec4 at = given(0);
    vec3 n = normalize(given(1).xyz), p_x = given(2).xyz, p_y = given(3).xyz;
    vec4 sharp = textureLod(u_detail, at.xy, 0.0) * at.w;
    float level = max(level_of(SCATTER_BLUR_MM.x, p_x, p_y), 0.0);
    Around relief = relief_around(at.xy, n, at.z, at.w);
    float open = openness(sharp.z, textureLod(u_detail, at.xy, level).z * at.w);
    Skin skin = Skin(n, n, n, n, n, vec3(1.0), given(4).x, 0.0, 1.0, 1.0, relief.roughening, 1.0, 1e3);
    vec2 alpha = lobe_alphas(skin);
    o_color = gl_FragCoord.y < 1.0 ? vec4(normalize(displaced_normal(n, p_x, p_y, sharp.xy) - relief.slope), 1.0)
        : vec4(clamp(open + CAVITY_PER_MM * relief.height, 0.4, 1.0), sqrt(mix(alpha.x, alpha.y, tight_share(skin))),
               sharp.z + relief.height, 1.0);
}
"""
SIDE = 1024
N_POINTS = 4000


@dataclass
class Points:
    """Texels of a tile (N,): where they are in the picture, and what lies there."""

    rows: np.ndarray
    columns: np.ndarray
    chart: np.ndarray
    normals: np.ndarray
    along_u: np.ndarray
    along_v: np.ndarray
    weight: np.ndarray
    tangents: tuple[np.ndarray, np.ndarray]

    def decoded(self, texels: np.ndarray) -> np.ndarray:
        """Normals in head space of a normal map of 16 bits, in the frame of each point's own triangle."""
        x, y, z = (texels[self.rows, self.columns, ::-1] / 32767.5 - 1).T[:, :, None]
        across = self.along_u - self.normals * (self.along_u * self.normals).sum(axis=1, keepdims=True)
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        up = np.cross(self.normals, across)
        up *= np.sign((up * self.along_v).sum(axis=1, keepdims=True))
        return x * across + y * up + z * self.normals


@pytest.fixture(scope="module")
def face() -> Face:
    made = Face()
    made.age = 62
    made.expression = {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7, "jawOpen": 0.2}
    return made


@pytest.fixture(scope="module")
def exported(face: Face, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outer")
    what = {"normal_map", "displacement", "roughness", "cavity"}
    face.export(folder, what=what, resolution=SIDE, normal_bits=16, verify=False)
    return folder


def picture(folder: Path, name: str) -> np.ndarray:
    return cv2.imread(str(folder / f"face_{name}.png"), cv2.IMREAD_UNCHANGED)


def points(face: Face, column: int) -> Points:
    """Texels that skin of a tile covers."""
    head, vertices = face.head, face.pose().vertices
    uv, face_uv = export_uv(head)
    chosen = materials_of(head.parts, uv, face_uv) == column
    triangles, corners = split_faces(face_uv[chosen])[0], split_faces(head.faces[chosen])[0]
    flat = np.stack([uv[:, 0] - column, 1 - uv[:, 1]], axis=1).astype(np.float64)
    rng = np.random.default_rng(4)
    # A texel near a point of a triangle, large ones more often.
    side_1, side_2 = (flat[triangles[:, k]] - flat[triangles[:, 0]] for k in (1, 2))
    area = np.abs(side_1[:, 0] * side_2[:, 1] - side_1[:, 1] * side_2[:, 0])
    at = rng.choice(len(triangles), N_POINTS, p=area / area.sum())
    place = (flat[triangles[at]] * rng.dirichlet((1, 1, 1), N_POINTS)[:, :, None]).sum(axis=1)
    texel = np.clip((place * SIDE).astype(int), 0, SIDE - 1)
    found, shares = ChartLocator(flat, triangles).locate((texel + 0.5) / SIDE)
    sure = shares.min(axis=1) > 0.02  # within a triangle
    found, shares, texel = found[sure], shares[sure, :, None], texel[sure]
    corner, place = corners[found], flat[triangles[found]] * (1, -1)
    (u1, v1), (u2, v2) = ((place[:, k] - place[:, 0]).T[:, :, None] for k in (1, 2))
    edge_1, edge_2 = (vertices[corner[:, k]] - vertices[corner[:, 0]] for k in (1, 2))
    twice = u1 * v2 - u2 * v1
    normals = (vertex_normals(vertices, head.triangles)[corner] * shares).sum(axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    p_x, p_y = ((tangent[corner] * shares).sum(axis=1) for tangent in chart_tangents(head, vertices))
    return Points(
        texel[:, 1], texel[:, 0], (head.chart[corner] * shares).sum(axis=1), normals,
        (edge_1 * v2 - edge_2 * v1) / twice, (edge_2 * u1 - edge_1 * u2) / twice,
        (head.detail_weight[corner] * shares[..., 0]).sum(axis=1), (p_x, p_y),
    )  # fmt: skip


@pytest.fixture(scope="module")
def shaded(face: Face, tmp_path_factory: pytest.TempPathFactory):
    """What the shaders make of points: normals (N, 3), and cavity, roughness and height in mm (N, 3)."""
    try:
        with standalone_context() as ctx:
            folder = tmp_path_factory.mktemp("probe") / "shaders"
            shutil.copytree(SHADER_DIR, folder)
            (folder / "probe.frag").write_text(PROBE, encoding="utf-8")
            program = build_program(ctx, "fullscreen.vert", "probe.frag", folder=folder)
            passes, around = DetailPasses(ctx), AroundRelief(ctx, face.head)
            detail = DetailTexture(ctx, passes, SIDE)
            detail.update(face.maps(SIDE).displacement, None)

            def shade(at: Points, gloss: float) -> tuple[np.ndarray, np.ndarray]:
                n = len(at.rows)
                given = np.zeros((5, n, 4), np.float32)
                seen_mm = np.maximum(*(np.linalg.norm(along, axis=1) for along in (at.along_u, at.along_v))) / SIDE
                given[0] = np.column_stack([at.chart, seen_mm, at.weight])
                for row, values in ((1, at.normals), (2, at.tangents[0]), (3, at.tangents[1])):
                    given[row, :, :3] = values
                given[4] = gloss
                texture = ctx.texture((n, 5), 4, given, dtype="f4")
                texture.use(0)
                detail.texture.use(1)
                drawn = ctx.texture((n, 2), 4, dtype="f4")
                target, array = ctx.framebuffer([drawn]), ctx.vertex_array(program, [])
                target.use()
                ctx.enable_only(0)
                set_uniforms(program, {
                    "u_given": 0, "u_detail": 1, "u_detail_size": float(SIDE), "u_detail_gain": 1.0,
                    **around.bind(2, 3), "u_class_depth": 0.0,
                })  # fmt: skip
                array.render(moderngl.TRIANGLES, vertices=3)
                read = np.frombuffer(target.read(components=4, dtype="f4"), np.float32).reshape(2, n, 4)
                for made in (array, target, drawn, texture):
                    made.release()
                return read[0, :, :3], read[1, :, :3]

            yield shade
            for made in (detail, passes, around, program):
                made.release()
    except NoOpenGLError as error:
        pytest.skip(str(error))


def error(found: np.ndarray, wanted: np.ndarray, smooth: np.ndarray) -> float:
    """Of normals (N, 3), as a part of what relief turns them by."""
    tilted, off = (np.sqrt(((wanted - other) ** 2).sum(axis=1).mean()) for other in (smooth, found))
    assert tilted > 0.02, "there is no relief to compare"
    return float(off / tilted)


def test_tile_1002_is_what_the_shader_has_there(face: Face, exported: Path, shaded) -> None:
    at = points(face, 1)
    normals, (open_, rough, height) = (part if k == 0 else part.T for k, part in enumerate(shaded(at, MEAN_GLOSS)))
    assert error(at.decoded(picture(exported, "normal.1002")), normals, at.normals) < 0.08
    texels = at.rows, at.columns
    relief = read_displacement(exported / "face_displacement.1002.exr")[texels]
    assert np.corrcoef(relief, height)[0, 1] > 0.98
    assert relief.std() == pytest.approx(height.std(), rel=0.1)
    assert np.abs(picture(exported, "cavity.1002")[texels] / 255 - open_).mean() < 0.01
    assert np.abs(picture(exported, "roughness.1002")[texels] / 255 - rough).max() < 0.012


def test_the_chart_is_too_from_its_middle_to_its_border(face: Face, exported: Path, shaded) -> None:
    at = points(face, 0)
    normals, (open_, _, height) = (part if k == 0 else part.T for k, part in enumerate(shaded(at, MEAN_GLOSS)))
    found = at.decoded(picture(exported, "normal.1001"))
    ring, inner = (at.weight > 0) & (at.weight < 0.6), at.weight > 0.99
    texels = at.rows, at.columns
    relief = read_displacement(exported / "face_displacement.1001.exr")[texels]
    cavity = picture(exported, "cavity.1001")[texels] / 255
    # The height within the border is as coarse as the map: central differences lose some of its finest slopes.
    for part, off, like in ((ring, 0.5, 0.88), (inner, 0.08, 0.93)):
        assert part.sum() > 100
        assert error(found[part], normals[part], at.normals[part]) < off
        assert np.abs(relief - height)[part].mean() < 0.1 * np.abs(height[part]).mean()
        assert np.abs(cavity - open_)[part].mean() < 0.01
        assert np.corrcoef(cavity[part], open_[part])[0, 1] > like
    assert open_[inner].std() > 0.01

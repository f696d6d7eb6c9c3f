"""The passes that fill the geometry buffer: mesh, pixel classes, visibility of the key light."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Camera, Lighting
from rhytid.gui.render import camera as cameras
from rhytid.gui.render.detail_texture import DetailTexture
from rhytid.gui.render.gbuffer import GBuffer, PixelClass
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.shader_source import build_program, set_uniforms
from rhytid.gui.render.shadow import BIAS_MM, ShadowMap, key_direction

Float64 = npt.NDArray[np.float64]
VERTEX_SPACING_MM = 2.0
CHART_SIDE_MM = 200.0
SHADOW_TAPS, BLOCKER_TAPS = 8, 6
PENUMBRA_MM = 0.7, 7.0
LIGHT_SIZE = 0.07  # radius over distance: a softbox


class GeometryPasses:
    """Draws into a `GBuffer`.

    Attributes
    ----------
    clip_from_head : float64 (4, 4)
        Of the last drawing.
    """

    def __init__(self, ctx: moderngl.Context, mesh: MeshBuffers) -> None:
        self._ctx = ctx
        self._shadow = ShadowMap(ctx, mesh)
        self._shadow_key: object = None
        self._lowest_mm = float(mesh.vertices[:, 1].min())
        self._mesh_program = build_program(ctx, "gbuffer.vert", "gbuffer.frag")
        self._mesh_array = mesh.full_array(self._mesh_program)
        self._classes_program = build_program(ctx, "fullscreen.vert", "classes.frag")
        self._classes_array = ctx.vertex_array(self._classes_program, [])
        taps = {"SHADOW_TAPS": SHADOW_TAPS, "BLOCKER_TAPS": BLOCKER_TAPS}
        self._light_program = build_program(ctx, "fullscreen.vert", "light.frag", taps)
        self._light_array = ctx.vertex_array(self._light_program, [])
        self.clip_from_head: Float64 = np.eye(4)

    def draw(
        self, gbuffer: GBuffer, drawn_px: tuple[int, int], camera: Camera, jitter_px: tuple[float, float],
        detail: DetailTexture, detail_gain: float,
    ) -> None:  # fmt: skip
        """Draw the mesh with pixels shifted by `jitter_px`, and sort the pixels into classes."""
        target = gbuffer.framebuffer
        target.viewport = (0, 0, *drawn_px)
        target.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func = "<"
        self._ctx.front_face = "ccw"  # tells outside from inside
        target.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        jitter = (2 * jitter_px[0] / drawn_px[0], 2 * jitter_px[1] / drawn_px[1])
        projection = cameras.clip_from_view(camera, drawn_px[0] / drawn_px[1], jitter)
        self.clip_from_head = projection @ cameras.view_from_head(camera)
        detail.texture.use(6)
        texels = VERTEX_SPACING_MM / CHART_SIDE_MM * detail.resolution
        set_uniforms(self._mesh_program, {
            "u_clip_from_head": uniform_matrix(self.clip_from_head),
            "u_detail": 6,
            "u_detail_gain": detail_gain,
            "u_vertex_lod": float(np.log2(max(texels, 1.0))),
        })  # fmt: skip
        # The skin is open at the neck: its inside shows only from below. Elsewhere culling saves a third.
        if cameras.position_mm(camera)[1] > self._lowest_mm:
            self._ctx.enable(moderngl.CULL_FACE)
            self._ctx.cull_face = "back"
        self._mesh_array.render(moderngl.TRIANGLES)

        classes = gbuffer.classes_framebuffer
        classes.viewport = (0, 0, *drawn_px)
        classes.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func = "1"
        set_uniforms(self._classes_program, {**gbuffer.bind(), "u_class_depth": 0.0})
        self._classes_array.render(moderngl.TRIANGLES, vertices=3)

    def draw_light(
        self, gbuffer: GBuffer, drawn_px: tuple[int, int], view: dict[str, object], lighting: Lighting,
        shape_version: int, turns: float,
    ) -> None:  # fmt: skip
        """Update the shadow map if light or shape changed, and the visibility of every pixel, with turned samples."""
        direction = key_direction(lighting)
        shadow_key = (tuple(direction), shape_version)
        if shadow_key != self._shadow_key:
            self._shadow.draw(direction)
            self._shadow_key = shadow_key
        target = gbuffer.light_framebuffer
        target.viewport = (0, 0, *drawn_px)
        target.use()
        self._ctx.enable_only(moderngl.DEPTH_TEST)
        self._ctx.depth_func = PixelClass.ANY.depth_func
        samplers = gbuffer.bind()
        self._shadow.bind(6, 7)
        side_per_mm = 0.5 / self._shadow.half_width_mm
        set_uniforms(self._light_program, {
            **samplers,
            **view,
            "u_class_depth": PixelClass.ANY.depth,
            "u_shadow": 6,
            "u_shadow_from_head": uniform_matrix(self._shadow.clip_from_head),
            "u_shadow_depth": 7,
            "u_penumbra": tuple(radius * side_per_mm for radius in PENUMBRA_MM),
            "u_light_size": LIGHT_SIZE,
            "u_shadow_side_per_mm": side_per_mm,
            "u_key_direction": tuple(direction),
            "u_shadow_bias_mm": BIAS_MM,
            "u_shadow_depth_per_mm": self._shadow.depth_per_mm,
            "u_blocker_taps": _disc(BLOCKER_TAPS, turns),
            "u_shadow_taps": _disc(SHADOW_TAPS, turns),
        })  # fmt: skip
        self._light_array.render(moderngl.TRIANGLES, vertices=3)
        self._shadow.unbind(7)

    def view_uniforms(self, drawn_px: tuple[int, int], camera: Camera | None = None) -> dict[str, object]:
        """Uniforms that place pixels of the last drawing in head space; those of the camera where one is given."""
        uniforms: dict[str, object] = {
            "u_clip_from_head": uniform_matrix(self.clip_from_head),
            "u_head_from_clip": uniform_matrix(np.asarray(np.linalg.inv(self.clip_from_head), np.float64)),
            "u_size_px": (float(drawn_px[0]), float(drawn_px[1])),
        }
        if camera is not None:
            tangent = float(np.tan(np.radians(camera.fov_deg) / 2))
            uniforms["u_camera_mm"] = tuple(cameras.position_mm(camera))
            uniforms["u_mm_per_px"] = 2 * tangent / drawn_px[1]
        return uniforms

    def release(self) -> None:
        for resource in (
            self._mesh_array, self._mesh_program, self._classes_array, self._classes_program,
            self._light_array,
            self._light_program, self._shadow,
        ):  # fmt: skip
            resource.release()


def uniform_matrix(matrix: Float64) -> bytes:
    """Column-major float32 bytes of a matrix for a uniform."""
    return np.ascontiguousarray(matrix.T, np.float32).tobytes()


def _disc(n: int, turns: float) -> bytes:
    """Points spread over a disc of radius 1 (Vogel 1979), turned, as a uniform."""
    i = np.arange(n)
    angle = i * np.pi * (3 - np.sqrt(5)) + 2 * np.pi * turns
    points = np.sqrt((i + 0.5) / n) * np.stack([np.cos(angle), np.sin(angle)])
    return np.ascontiguousarray(points.T, np.float32).tobytes()
